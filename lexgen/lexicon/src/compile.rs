//! From documents to descriptors: the [`Catalog`].

use alloc::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::ops::Bound;

use crate::{
    document::{self, Body, Def, DefKind, Document, Kind, Node, Object, Params, RecordKeyType, Reference},
    schema::{
        ArraySchema, BlobSchema, BodySchema, BooleanSchema, Endpoint, EndpointKind, Field, IntegerSchema, JSON,
        KeyType, Lengths, List, Name, Ref, Role, Schema, Shared, StringSchema, Type, UNBOUNDED, UnionSchema,
    },
};

/// Documents compiled at run time.
///
/// Documents may be added in any order, and may refer to documents that are not there: such a
/// reference is an error only where data leads to it.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    slots: Vec<Slot>,
    places: BTreeMap<String, u32>,
    endpoints: BTreeMap<String, Endpoint>,
}

/// What a reference counts into.
#[derive(Clone, Debug)]
struct Slot {
    /// The place name, under which it is found.
    place: String,
    /// The [`Schema::id`] of what is or would be there.
    id: Name,
    /// `None` for what was referred to but not added.
    schema: Option<Schema>,
}

impl Catalog {
    /// An empty catalog; all that typed code needs, whose references are static.
    #[must_use]
    pub const fn new() -> Self {
        Self { slots: Vec::new(), places: BTreeMap::new(), endpoints: BTreeMap::new() }
    }

    /// Compiles a document into the catalog. A document with the same NSID is replaced: nothing
    /// of it stays, and references to what it defined lead to the new document.
    pub fn add(&mut self, document: &Document) {
        let nsid = document.id.as_str();
        self.clear(nsid);
        for (name, def) in &document.defs {
            self.add_def(&place_name(nsid, name), &type_name(nsid, name), def);
        }
    }

    /// The descriptor of a definition: `nsid` or `nsid#name`; of the parts of a method:
    /// `nsid#main/params`, `/input`, `/output`, `/message`. In the name of a definition `~` is
    /// written `~0` and `/` is written `~1`, see [`place_name`].
    #[must_use]
    pub fn find(&self, place: &str) -> Option<&Schema> {
        self.get(Ref::Id(*self.places.get(place)?))
    }

    /// The descriptor of a definition by the name that `$type` says; `nsid#main` is `nsid`.
    #[must_use]
    pub fn find_type(&self, type_name: &str) -> Option<&Schema> {
        let (nsid, name) = type_name.split_once('#').unwrap_or((type_name, "main"));
        self.find(&place_name(nsid, name)).filter(|schema| schema.type_name().is_some())
    }

    /// The descriptor of a method.
    #[must_use]
    pub fn endpoint(&self, nsid: &str) -> Option<&Endpoint> {
        self.endpoints.get(nsid)
    }

    /// All methods, in the order of their NSIDs.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.values()
    }

    /// Where a reference leads; `None` where the document is not there.
    #[must_use]
    pub fn get(&self, reference: Ref) -> Option<&Schema> {
        match reference {
            Ref::Static(schema) => Some(schema),
            Ref::Id(id) => self.slots.get(id as usize)?.schema.as_ref(),
        }
    }

    /// The [`Schema::id`] of what a reference leads to, also where the document is not there: for
    /// definitions that is what `$type` says.
    #[must_use]
    pub fn name(&self, reference: Ref) -> &str {
        match reference {
            Ref::Static(schema) => &schema.id,
            Ref::Id(id) => self.slots.get(id as usize).map_or("", |slot| &*slot.id),
        }
    }

    /// The name under which [`Catalog::find`] finds what a reference leads to, once it is there;
    /// `None` for what is not part of the catalog.
    #[must_use]
    pub fn place(&self, reference: Ref) -> Option<&str> {
        match reference {
            Ref::Static(_) => None,
            Ref::Id(id) => self.slots.get(id as usize).map(|slot| slot.place.as_str()),
        }
    }

    /// All descriptors under the names that [`Catalog::find`] takes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Schema)> {
        self.slots.iter().filter_map(|slot| Some((slot.place.as_str(), slot.schema.as_ref()?)))
    }

    /// Forgets a document. Its slots stay, for the references that count into them.
    fn clear(&mut self, nsid: &str) {
        self.endpoints.remove(nsid);
        // `nsid#...` and `nsid/...`, up to the character after `#` and `/`: longer NSIDs are others.
        let ranges = [["#", "$"], ["/", "0"]].map(|ends| ends.map(|end| format!("{nsid}{end}")));
        let parts = ranges.iter().flat_map(|[from, to]| {
            let range = (Bound::Included(from.as_str()), Bound::Excluded(to.as_str()));
            self.places.range::<str, _>(range).map(|(_, slot)| *slot)
        });
        for slot in self.places.get(nsid).copied().into_iter().chain(parts) {
            if let Some(slot) = self.slots.get_mut(slot as usize) {
                slot.schema = None;
            }
        }
    }

    fn add_def(&mut self, at: &str, id: &str, def: &Def) {
        match &def.kind {
            DefKind::Record(record) => {
                let ty = self.object(at, &record.record);
                self.put(at, id, Role::Record(key_type(&record.key)), ty);
            }
            DefKind::Query(query) => {
                let output = self.add_body(id, "output", Role::Output, query.output.as_ref());
                self.add_endpoint(id, EndpointKind::Query, query.parameters.as_ref(), [None, output], None);
            }
            DefKind::Procedure(procedure) => {
                let input = self.add_body(id, "input", Role::Input, procedure.input.as_ref());
                let output = self.add_body(id, "output", Role::Output, procedure.output.as_ref());
                let params = procedure.parameters.as_ref();
                self.add_endpoint(id, EndpointKind::Procedure, params, [input, output], None);
            }
            DefKind::Subscription(subscription) => {
                let ty = self.union(&subscription.message.schema);
                let message = Ref::Id(self.put(&part(id, "message"), id, Role::Message, ty));
                let params = subscription.parameters.as_ref();
                self.add_endpoint(id, EndpointKind::Subscription, params, [None, None], Some(message));
            }
            DefKind::Type(kind) => {
                let ty = self.kind(at, kind);
                self.put(at, id, Role::Definition, ty);
            }
            DefKind::PermissionSet(_) | DefKind::Token => {}
        }
    }

    fn add_endpoint(
        &mut self,
        id: &str,
        kind: EndpointKind,
        params: Option<&Params>,
        [input, output]: [Option<BodySchema>; 2],
        message: Option<Ref>,
    ) {
        let params = Some(self.add_params(id, params));
        let endpoint = Endpoint { nsid: Name::from(id), kind, params, input, output, message };
        self.endpoints.insert(id.to_string(), endpoint);
    }

    /// A method without parameters has an empty query string.
    fn add_params(&mut self, id: &str, params: Option<&Params>) -> Ref {
        let name = part(id, "params");
        let fields = match params {
            Some(params) => self.fields(&name, &params.properties, &params.required, &[]),
            None => List::Static(&[]),
        };
        Ref::Id(self.put(&name, id, Role::Params, Type::Object(fields)))
    }

    fn add_body(&mut self, id: &str, which: &str, role: Role, body: Option<&Body>) -> Option<BodySchema> {
        let body = body?;
        let schema = (body.encoding == JSON).then(|| {
            let name = part(id, which);
            let ty = match &body.schema {
                Some(schema) => self.kind(&name, &schema.kind),
                None => Type::Any,
            };
            Ref::Id(self.put(&name, id, role, ty))
        });
        Some(BodySchema { encoding: Name::from(body.encoding.as_str()), schema })
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
        let [required, nullable] = [required, nullable].map(|names| names.iter().collect::<BTreeSet<_>>());
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
        let (nsid, name) = (reference.nsid.as_str(), &reference.name);
        Ref::Id(self.slot(&place_name(nsid, name), &type_name(nsid, name)))
    }

    fn slot(&mut self, place: &str, id: &str) -> u32 {
        if let Some(slot) = self.places.get(place) {
            return *slot;
        }
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot { place: place.to_string(), id: Name::from(id), schema: None });
        self.places.insert(place.to_string(), slot);
        slot
    }

    fn put(&mut self, place: &str, id: &str, role: Role, ty: Type) -> u32 {
        let slot = self.slot(place, id);
        if let Some(found) = self.slots.get_mut(slot as usize) {
            found.schema = Some(Schema { id: found.id.clone(), role, ty });
        }
        slot
    }
}

/// What `$type` says of a definition: `nsid` for `main`, otherwise `nsid#name`.
#[must_use]
pub fn type_name(nsid: &str, name: &str) -> String {
    if name == "main" { nsid.to_string() } else { format!("{nsid}#{name}") }
}

/// The place name of a definition: as [`type_name`], but a `/` in the name is escaped the way JSON
/// pointers do it, so that definitions and what stands in others ([`inner`]) have different names.
#[must_use]
pub fn place_name(nsid: &str, name: &str) -> String {
    type_name(nsid, &escaped(name))
}

/// The place name of what stands under a key of something at `at`; the key is escaped as in
/// [`place_name`].
#[must_use]
pub fn inner(at: &str, key: &str) -> String {
    format!("{at}/{}", escaped(key))
}

fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['/', '~']) {
        return name.replace('~', "~0").replace('/', "~1").into();
    }
    name.into()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn add(catalog: &mut Catalog, text: &str) {
        catalog.add(&Document::parse(text).expect("the document is valid"));
    }

    /// The definition `a` has an object in place at `b`, beside a definition `a/b`.
    const SLASHES: &str = r##"{ "lexicon": 1, "id": "com.example.slashes", "defs": {
        "a": { "type": "object", "properties": { "b": { "type": "object", "properties": { "x": { "type": "integer" } } } } },
        "a/b": { "type": "object", "properties": { "y": { "type": "string" } } },
        "a~b": { "type": "string" },
        "user": { "type": "object", "properties": { "to": { "type": "ref", "ref": "#a/b" } } }
    } }"##;

    const METHOD: &str = r#"{ "lexicon": 1, "id": "com.example.getThing", "defs": {
        "main": { "type": "query", "parameters": { "type": "params", "properties": { "limit": { "type": "integer" } } } },
        "main/params": { "type": "string" }
    } }"#;

    fn first_key(schema: Option<&Schema>) -> Option<&str> {
        schema?.fields().first().map(|field| &*field.key)
    }

    #[test]
    fn a_definition_with_a_slash_is_not_the_property_of_another() {
        let mut catalog = Catalog::new();
        add(&mut catalog, SLASHES);
        assert_eq!(first_key(catalog.find("com.example.slashes#a/b")), Some("x"));
        let definition = catalog.find("com.example.slashes#a~1b");
        assert_eq!(first_key(definition), Some("y"));
        assert_eq!(definition.and_then(Schema::type_name), Some("com.example.slashes#a/b"));
        let tilde = catalog.find("com.example.slashes#a~0b");
        assert_eq!(tilde.and_then(Schema::type_name), Some("com.example.slashes#a~b"));
    }

    #[test]
    fn a_definition_with_a_slash_is_not_the_part_of_a_method() {
        let mut catalog = Catalog::new();
        add(&mut catalog, METHOD);
        assert_eq!(first_key(catalog.find("com.example.getThing#main/params")), Some("limit"));
        let definition = catalog.find("com.example.getThing#main~1params");
        assert_eq!(definition.and_then(Schema::type_name), Some("com.example.getThing#main/params"));
    }

    #[test]
    fn a_reference_has_the_name_that_type_says() {
        let mut catalog = Catalog::new();
        add(&mut catalog, SLASHES);
        let user = catalog.find("com.example.slashes#user").map(Schema::fields).unwrap_or_default();
        let [Field { ty: Type::Ref(reference), .. }] = user else { panic!("one property, a reference: {user:?}") };
        assert_eq!(catalog.name(*reference), "com.example.slashes#a/b");
        assert_eq!(catalog.place(*reference), Some("com.example.slashes#a~1b"));
    }

    #[test]
    fn a_document_replaces_the_one_of_its_name_and_no_other() {
        let object = r#"{ "type": "object", "properties": { "in": { "type": "object", "properties": {} } } }"#;
        let old = |nsid: &str| {
            format!(r#"{{ "lexicon": 1, "id": "{nsid}", "defs": {{ "main": {object}, "gone": {object} }} }}"#)
        };
        let others = ["com.example.thing.more", "com.example.thing-s.more", "com.example.things"];
        let mut catalog = Catalog::new();
        for nsid in others.into_iter().chain(["com.example.thing"]) {
            add(&mut catalog, &old(nsid));
        }
        add(&mut catalog, r#"{ "lexicon": 1, "id": "com.example.thing", "defs": { "new": { "type": "string" } } }"#);
        let all: BTreeSet<_> = catalog.iter().map(|(place, _)| place.to_string()).collect();
        let kept =
            others.into_iter().flat_map(|nsid| ["", "/in", "#gone", "#gone/in"].map(|end| format!("{nsid}{end}")));
        assert_eq!(all, kept.chain(["com.example.thing#new".to_string()]).collect());
    }
}
