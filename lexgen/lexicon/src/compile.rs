//! From documents to descriptors: the [`Catalog`].

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    document::{self, Body, Def, DefKind, Document, Kind, Node, Object, Params, RecordKeyType, Reference},
    schema::{
        ArraySchema, BlobSchema, BooleanSchema, Field, IntegerSchema, KeyType, Lengths, List, Name, Ref, Role, Schema,
        Shared, StringSchema, Type, UNBOUNDED, UnionSchema,
    },
};

/// Documents compiled at run time.
///
/// Documents may be added in any order, and may refer to documents that are not there: such a
/// reference is an error only where data leads to it.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    slots: Vec<Slot>,
    names: BTreeMap<String, u32>,
}

/// What a reference counts into.
#[derive(Clone, Debug)]
struct Slot {
    name: String,
    /// `None` for what was referred to but not added.
    schema: Option<Schema>,
}

impl Catalog {
    /// An empty catalog; all that typed code needs, whose references are static.
    #[must_use]
    pub const fn new() -> Self {
        Self { slots: Vec::new(), names: BTreeMap::new() }
    }

    /// Compiles a document into the catalog. A document with the same NSID is replaced.
    pub fn add(&mut self, document: &Document) {
        for (name, def) in &document.defs {
            let id = type_name(document.id.as_str(), name);
            self.add_def(&id, def);
        }
    }

    /// The descriptor of a definition: `nsid` or `nsid#name`; of the parts of a method:
    /// `nsid#main/params`, `/input`, `/output`, `/message`.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Schema> {
        self.get(Ref::Id(*self.names.get(id)?))
    }

    /// Where a reference leads; `None` where the document is not there.
    #[must_use]
    pub fn get(&self, reference: Ref) -> Option<&Schema> {
        match reference {
            Ref::Static(schema) => Some(schema),
            Ref::Id(id) => self.slots.get(id as usize)?.schema.as_ref(),
        }
    }

    /// The name that a reference carries, also where the document is not there.
    #[must_use]
    pub fn name(&self, reference: Ref) -> &str {
        match reference {
            Ref::Static(schema) => &schema.id,
            Ref::Id(id) => self.slots.get(id as usize).map_or("", |slot| slot.name.as_str()),
        }
    }

    /// All descriptors under their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Schema)> {
        self.slots.iter().filter_map(|slot| Some((slot.name.as_str(), slot.schema.as_ref()?)))
    }

    fn add_def(&mut self, id: &str, def: &Def) {
        match &def.kind {
            DefKind::Record(record) => {
                let ty = self.object(id, &record.record);
                self.put(id, id, Role::Record(key_type(&record.key)), ty);
            }
            DefKind::Query(query) => {
                self.add_params(id, query.parameters.as_ref());
                self.add_body(id, "output", Role::Output, query.output.as_ref());
            }
            DefKind::Procedure(procedure) => {
                self.add_params(id, procedure.parameters.as_ref());
                self.add_body(id, "input", Role::Input, procedure.input.as_ref());
                self.add_body(id, "output", Role::Output, procedure.output.as_ref());
            }
            DefKind::Subscription(subscription) => {
                self.add_params(id, subscription.parameters.as_ref());
                let ty = self.union(&subscription.message.schema);
                self.put(&part(id, "message"), id, Role::Message, ty);
            }
            DefKind::Type(kind) => {
                let ty = self.kind(id, kind);
                self.put(id, id, Role::Definition, ty);
            }
            DefKind::PermissionSet(_) | DefKind::Token => {}
        }
    }

    /// A method without parameters has an empty query string.
    fn add_params(&mut self, id: &str, params: Option<&Params>) {
        let name = part(id, "params");
        let fields = match params {
            Some(params) => self.fields(&name, &params.properties, &params.required, &[]),
            None => List::Static(&[]),
        };
        self.put(&name, id, Role::Params, Type::Object(fields));
    }

    fn add_body(&mut self, id: &str, which: &str, role: Role, body: Option<&Body>) {
        let Some(body) = body else { return };
        if body.encoding != "application/json" {
            return;
        }
        let name = part(id, which);
        let ty = match &body.schema {
            Some(schema) => self.kind(&name, &schema.kind),
            None => Type::Any,
        };
        self.put(&name, id, role, ty);
    }

    /// `at` is the name of the place, from which inline objects get theirs.
    fn kind(&mut self, at: &str, kind: &Kind) -> Type {
        match kind {
            Kind::Boolean(boolean) => {
                Type::Boolean(BooleanSchema { default: boolean.default, constant: boolean.constant })
            }
            Kind::Integer(integer) => Type::Integer(integer_schema(integer)),
            Kind::String(text) => Type::String(string_schema(text)),
            Kind::Bytes(bytes) => Type::Bytes(lengths(bytes.min_length, bytes.max_length)),
            Kind::CidLink => Type::CidLink,
            Kind::Blob(blob) => Type::Blob(BlobSchema {
                accept: names(blob.accept.as_deref().unwrap_or_default()),
                max_size: blob.max_size,
            }),
            Kind::Unknown => Type::Unknown,
            Kind::Array(array) => Type::Array(ArraySchema {
                items: Shared::Owned(self.node(&format!("{at}/items"), &array.items).into()),
                length: lengths(array.min_length, array.max_length),
            }),
            Kind::Object(object) => self.object(at, object),
            Kind::Ref(reference) => Type::Ref(self.reference(reference)),
            Kind::Union(union) => self.union(union),
        }
    }

    /// A type inside another one: an object or a union in place becomes a schema of its own.
    fn node(&mut self, at: &str, node: &Node) -> Type {
        let ty = self.kind(at, &node.kind);
        match ty {
            Type::Object(_) | Type::Union(_) => Type::Ref(Ref::Id(self.put(at, at, Role::Inline, ty))),
            ty => ty,
        }
    }

    fn object(&mut self, at: &str, object: &Object) -> Type {
        Type::Object(self.fields(at, &object.properties, &object.required, &object.nullable))
    }

    fn fields(
        &mut self,
        at: &str,
        properties: &document::Map<Node>,
        required: &[String],
        nullable: &[String],
    ) -> List<Field> {
        let mut sorted: Vec<_> = properties.iter().collect();
        sorted.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        sorted
            .into_iter()
            .map(|(key, node)| Field {
                key: Name::from(key.as_str()),
                required: required.contains(key),
                nullable: nullable.contains(key),
                ty: self.node(&inner(at, key), node),
            })
            .collect()
    }

    fn union(&mut self, union: &document::Union) -> Type {
        Type::Union(UnionSchema {
            members: union.refs.iter().map(|reference| self.reference(reference)).collect(),
            closed: union.closed,
        })
    }

    fn reference(&mut self, reference: &Reference) -> Ref {
        Ref::Id(self.slot(&type_name(reference.nsid.as_str(), &reference.name)))
    }

    fn slot(&mut self, name: &str) -> u32 {
        if let Some(id) = self.names.get(name) {
            return *id;
        }
        let id = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot { name: name.to_string(), schema: None });
        self.names.insert(name.to_string(), id);
        id
    }

    fn put(&mut self, name: &str, id: &str, role: Role, ty: Type) -> u32 {
        let slot = self.slot(name);
        if let Some(place) = self.slots.get_mut(slot as usize) {
            place.schema = Some(Schema { id: Name::from(id), role, ty });
        }
        slot
    }
}

/// What `$type` says of a definition: `nsid` for `main`, otherwise `nsid#name`.
#[must_use]
pub fn type_name(nsid: &str, name: &str) -> String {
    if name == "main" { nsid.to_string() } else { format!("{nsid}#{name}") }
}

/// The name of what stands under a key of something named `at`. A `/` in the key is escaped the way
/// JSON pointers do it, so that names stay unique.
#[must_use]
pub fn inner(at: &str, key: &str) -> String {
    if key.contains(['/', '~']) {
        return format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    }
    format!("{at}/{key}")
}

fn part(id: &str, which: &str) -> String {
    format!("{id}#main/{which}")
}

fn key_type(key: &RecordKeyType) -> KeyType {
    match key {
        RecordKeyType::Tid => KeyType::Tid,
        RecordKeyType::Nsid => KeyType::Nsid,
        RecordKeyType::Any => KeyType::Any,
        RecordKeyType::Literal(text) => KeyType::Literal(Name::from(text.as_str())),
    }
}

fn names(texts: &[String]) -> List<Name> {
    texts.iter().map(|text| Name::from(text.as_str())).collect()
}

fn name(text: Option<&String>) -> Option<Name> {
    text.map(|text| Name::from(text.as_str()))
}

fn integer_schema(integer: &document::Integer) -> IntegerSchema {
    IntegerSchema {
        min: integer.minimum.unwrap_or(i64::MIN),
        max: integer.maximum.unwrap_or(i64::MAX),
        enumeration: integer.enumeration.as_ref().map(|values| values.iter().copied().collect()),
        default: integer.default,
        constant: integer.constant,
    }
}

fn string_schema(text: &document::Text) -> StringSchema {
    StringSchema {
        format: text.format,
        length: lengths(text.min_length, text.max_length),
        graphemes: lengths(text.min_graphemes, text.max_graphemes),
        enumeration: text.enumeration.as_deref().map(names),
        default: name(text.default.as_ref()),
        constant: name(text.constant.as_ref()),
    }
}

/// Lengths that no data can have (4 GiB and more) count as no bound, respectively as the largest.
fn lengths(min: Option<u64>, max: Option<u64>) -> Lengths {
    Lengths {
        min: min.map_or(0, |min| u32::try_from(min).unwrap_or(UNBOUNDED)),
        max: max.map_or(UNBOUNDED, |max| u32::try_from(max).unwrap_or(UNBOUNDED)),
    }
}
