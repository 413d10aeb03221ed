//! From documents back to JSON.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    document::{
        Array, Blob, Body, Boolean, Bytes, Def, DefKind, Document, ErrorDef, Integer, Kind, Map, Message, Node, Object,
        Params, Permission, PermissionSet, Procedure, Query, Record, Text, Union,
    },
    json::Json,
    syntax::Format,
};

impl Document {
    /// The document as JSON: the inverse of [`Document::from_json`].
    ///
    /// What loading normalised stays so: references are in full, and what counts as absent is
    /// left out.
    #[must_use]
    pub fn to_json(&self) -> Json {
        Printer::default()
            .with("lexicon", 1)
            .with("id", self.id.as_str())
            .some("revision", self.revision)
            .some("description", self.description.as_deref())
            .with("defs", entries(&self.defs, def))
            .finish(&self.extra)
    }
}

/// An object on its way; known keys come first, in a fixed order.
#[derive(Default)]
struct Printer {
    entries: Map<Json>,
}

impl Printer {
    fn typed(name: &str, description: Option<&str>) -> Printer {
        Printer::default().with("type", name).some("description", description)
    }

    fn with(mut self, key: &str, value: impl Into<Json>) -> Printer {
        self.entries.push((key.into(), value.into()));
        self
    }

    fn some(self, key: &str, value: Option<impl Into<Json>>) -> Printer {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// The list, unless it is empty.
    fn filled(self, key: &str, items: &[String]) -> Printer {
        self.some(key, (!items.is_empty()).then(|| items.to_vec()))
    }

    /// A length, which is never above what an integer of the language can be.
    fn length(self, key: &str, value: Option<u64>) -> Printer {
        self.some(key, value.map(|length| i64::try_from(length).unwrap_or(i64::MAX)))
    }

    fn finish(mut self, extra: &Map<Json>) -> Json {
        self.entries.extend(extra.iter().cloned());
        Json::Object(self.entries)
    }
}

fn entries<T>(map: &Map<T>, print: fn(&T) -> Json) -> Json {
    Json::Object(map.iter().map(|(key, value)| (key.clone(), print(value))).collect())
}

fn texts(map: &Map<String>) -> Option<Json> {
    (!map.is_empty()).then(|| entries(map, |text| Json::from(text.as_str())))
}

fn def(def: &Def) -> Json {
    let printer = Printer::typed(def.kind.type_name(), def.description.as_deref());
    match &def.kind {
        DefKind::Record(kind) => record(printer, kind),
        DefKind::Query(kind) => query(printer, kind),
        DefKind::Procedure(kind) => procedure(printer, kind),
        DefKind::Subscription(kind) => printer
            .some("parameters", kind.parameters.as_ref().map(params))
            .with("message", message(&kind.message))
            .some("errors", errors(&kind.errors)),
        DefKind::PermissionSet(kind) => permission_set(printer, kind),
        DefKind::Token => printer,
        DefKind::Type(kind) => constraints(printer, kind),
    }
    .finish(&def.extra)
}

fn record(printer: Printer, record: &Record) -> Printer {
    let schema = Printer::typed("object", record.record_description.as_deref());
    printer
        .with("key", record.key.to_string())
        .with("record", object(schema, &record.record).finish(&record.record_extra))
}

fn query(printer: Printer, query: &Query) -> Printer {
    printer
        .some("parameters", query.parameters.as_ref().map(params))
        .some("output", query.output.as_ref().map(body))
        .some("errors", errors(&query.errors))
}

fn procedure(printer: Printer, procedure: &Procedure) -> Printer {
    printer
        .some("parameters", procedure.parameters.as_ref().map(params))
        .some("input", procedure.input.as_ref().map(body))
        .some("output", procedure.output.as_ref().map(body))
        .some("errors", errors(&procedure.errors))
}

fn message(message: &Message) -> Json {
    let schema = Printer::typed("union", message.schema_description.as_deref());
    Printer::default()
        .some("description", message.description.as_deref())
        .with("schema", union(schema, &message.schema).finish(&message.schema_extra))
        .finish(&message.extra)
}

fn params(params: &Params) -> Json {
    Printer::typed("params", params.description.as_deref())
        .filled("required", &params.required)
        .with("properties", entries(&params.properties, node))
        .finish(&params.extra)
}

fn body(body: &Body) -> Json {
    Printer::default()
        .some("description", body.description.as_deref())
        .with("encoding", body.encoding.as_str())
        .some("schema", body.schema.as_ref().map(node))
        .finish(&body.extra)
}

fn errors(errors: &[ErrorDef]) -> Option<Vec<Json>> {
    (!errors.is_empty()).then(|| errors.iter().map(error).collect())
}

fn error(error: &ErrorDef) -> Json {
    Printer::default()
        .with("name", error.name.as_str())
        .some("description", error.description.as_deref())
        .finish(&error.extra)
}

fn permission_set(printer: Printer, set: &PermissionSet) -> Printer {
    let permissions: Vec<_> = set.permissions.iter().map(permission).collect();
    printer
        .some("title", set.title.as_deref())
        .some("title:lang", texts(&set.title_lang))
        .some("detail", set.detail.as_deref())
        .some("detail:lang", texts(&set.detail_lang))
        .with("permissions", permissions)
}

fn permission(permission: &Permission) -> Json {
    Printer::typed("permission", permission.description.as_deref())
        .with("resource", permission.resource.as_str())
        .finish(&permission.fields)
}

fn node(node: &Node) -> Json {
    let printer = Printer::typed(node.kind.type_name(), node.description.as_deref());
    constraints(printer, &node.kind).finish(&node.extra)
}

fn constraints(printer: Printer, kind: &Kind) -> Printer {
    match kind {
        Kind::Boolean(kind) => boolean(printer, kind),
        Kind::Integer(kind) => integer(printer, kind),
        Kind::String(kind) => text(printer, kind),
        Kind::Bytes(kind) => bytes(printer, kind),
        Kind::Blob(kind) => blob(printer, kind),
        Kind::Array(kind) => array(printer, kind),
        Kind::Object(kind) => object(printer, kind),
        Kind::CidLink | Kind::Unknown => printer,
        Kind::Ref(target) => printer.with("ref", target.to_string()),
        Kind::Union(kind) => union(printer, kind),
    }
}

fn boolean(printer: Printer, boolean: &Boolean) -> Printer {
    printer.some("default", boolean.default).some("const", boolean.constant)
}

fn integer(printer: Printer, integer: &Integer) -> Printer {
    printer
        .some("minimum", integer.minimum)
        .some("maximum", integer.maximum)
        .some("enum", integer.enumeration.clone())
        .some("default", integer.default)
        .some("const", integer.constant)
}

fn text(printer: Printer, text: &Text) -> Printer {
    printer
        .some("format", text.format.map(Format::name))
        .length("minLength", text.min_length)
        .length("maxLength", text.max_length)
        .length("minGraphemes", text.min_graphemes)
        .length("maxGraphemes", text.max_graphemes)
        .some("enum", text.enumeration.clone())
        .some("knownValues", text.known_values.clone())
        .some("default", text.default.as_deref())
        .some("const", text.constant.as_deref())
}

fn bytes(printer: Printer, bytes: &Bytes) -> Printer {
    printer.length("minLength", bytes.min_length).length("maxLength", bytes.max_length)
}

fn blob(printer: Printer, blob: &Blob) -> Printer {
    printer.some("accept", blob.accept.clone()).length("maxSize", blob.max_size)
}

fn array(printer: Printer, array: &Array) -> Printer {
    printer
        .with("items", node(&array.items))
        .length("minLength", array.min_length)
        .length("maxLength", array.max_length)
}

fn object(printer: Printer, object: &Object) -> Printer {
    printer
        .filled("required", &object.required)
        .filled("nullable", &object.nullable)
        .with("properties", entries(&object.properties, node))
}

fn union(printer: Printer, union: &Union) -> Printer {
    let refs: Vec<_> = union.refs.iter().map(ToString::to_string).collect();
    printer.with("refs", refs).some("closed", union.closed.then_some(true))
}
