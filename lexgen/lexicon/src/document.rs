//! The model of a Lexicon document: every type, every constraint, nothing resolved.
//!
//! Order is kept as it stands in the file, and so is every key that the language does not
//! know (`extra`), so that [`Document::to_json`] gives back what was read.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt::{self, Display, Formatter};

use crate::{
    json::Json,
    syntax::{Format, Nsid},
};

/// An ordered map with unique keys, in the order of the file.
pub type Map<T> = Vec<(String, T)>;

/// A Lexicon document: one file, one NSID.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The NSID under which the document is published.
    pub id: Nsid,
    /// Legacy revision number; carries no meaning.
    pub revision: Option<i64>,
    /// Prose.
    pub description: Option<String>,
    /// The definitions by name; `main` is the one that the bare NSID refers to.
    pub defs: Map<Def>,
    /// Keys that the language does not know.
    pub extra: Map<Json>,
}

/// A named definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Def {
    /// Prose.
    pub description: Option<String>,
    /// What is defined.
    pub kind: DefKind,
    /// Keys that the language does not know.
    pub extra: Map<Json>,
}

/// What a named definition can be.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "definitions are few, and most are not matched by value")]
pub enum DefKind {
    /// `record`: an object that is stored in a repository.
    Record(Record),
    /// `query`: an HTTP GET.
    Query(Query),
    /// `procedure`: an HTTP POST.
    Procedure(Procedure),
    /// `subscription`: an event stream.
    Subscription(Subscription),
    /// `permission-set`: permissions that an authorization request can include by name.
    PermissionSet(PermissionSet),
    /// `token`: a name without data.
    Token,
    /// A field type under a name: one of `boolean integer string bytes cid-link blob array object`.
    Type(Kind),
}

/// A `record` definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What the record key must be.
    pub key: RecordKeyType,
    /// The object's schema.
    pub record: Object,
    /// The `record` object's own description.
    pub record_description: Option<String>,
    /// Unknown keys of the `record` object.
    pub record_extra: Map<Json>,
}

/// The `key` of a record definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKeyType {
    /// `tid`
    Tid,
    /// `nsid`
    Nsid,
    /// `any`
    Any,
    /// `literal:<value>`
    Literal(String),
}

/// A `query` definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The query string.
    pub parameters: Option<Params>,
    /// The response body.
    pub output: Option<Body>,
    /// The errors that it declares.
    pub errors: Vec<ErrorDef>,
}

/// A `procedure` definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// The query string.
    pub parameters: Option<Params>,
    /// The request body.
    pub input: Option<Body>,
    /// The response body.
    pub output: Option<Body>,
    /// The errors that it declares.
    pub errors: Vec<ErrorDef>,
}

/// A `subscription` definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// The query string.
    pub parameters: Option<Params>,
    /// What is sent.
    pub message: Message,
    /// The errors that it declares.
    pub errors: Vec<ErrorDef>,
}

/// The `message` of a subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Prose.
    pub description: Option<String>,
    /// The union of message types.
    pub schema: Union,
    /// The union's own description.
    pub schema_description: Option<String>,
    /// Unknown keys of the message object.
    pub extra: Map<Json>,
    /// Unknown keys of the schema object.
    pub schema_extra: Map<Json>,
}

/// The schema of a query string.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Prose.
    pub description: Option<String>,
    /// Booleans, integers, strings and arrays of them.
    pub properties: Map<Node>,
    /// Names of properties that must be present; no repeats.
    pub required: Vec<String>,
    /// Keys that the language does not know.
    pub extra: Map<Json>,
}

/// A request or response body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Prose.
    pub description: Option<String>,
    /// A MIME type without parameters; `*/*` and `type/*` are allowed.
    pub encoding: String,
    /// An object, a ref or a union.
    pub schema: Option<Node>,
    /// Keys that the language does not know.
    pub extra: Map<Json>,
}

/// A declared error.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorDef {
    /// The name on the wire; not empty, no white space, unique in its method.
    pub name: String,
    /// Prose.
    pub description: Option<String>,
    /// Keys that the language does not know.
    pub extra: Map<Json>,
}

/// A `permission-set` definition.
#[derive(Clone, Debug, PartialEq)]
pub struct PermissionSet {
    /// A short name for people.
    pub title: Option<String>,
    /// The title in other languages, by language tag.
    pub title_lang: Map<String>,
    /// A longer text for people.
    pub detail: Option<String>,
    /// The detail in other languages, by language tag.
    pub detail_lang: Map<String>,
    /// The permissions.
    pub permissions: Vec<Permission>,
}

/// One permission of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// Prose.
    pub description: Option<String>,
    /// `repo`, `rpc`, or a resource that access control ignores.
    pub resource: String,
    /// The other fields: scalars or lists of scalars.
    pub fields: Map<Json>,
}

/// A field type with its description.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Prose.
    pub description: Option<String>,
    /// The type and its constraints.
    pub kind: Kind,
    /// Keys that the language does not know.
    pub extra: Map<Json>,
}

/// A field type with its constraints.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `boolean`
    Boolean(Boolean),
    /// `integer`
    Integer(Integer),
    /// `string`
    String(Text),
    /// `bytes`
    Bytes(Bytes),
    /// `cid-link`
    CidLink,
    /// `blob`
    Blob(Blob),
    /// `array`
    Array(Array),
    /// `object`, inline or named
    Object(Object),
    /// `unknown`: any map
    Unknown,
    /// `ref`
    Ref(Reference),
    /// `union`
    Union(Union),
}

/// A `boolean`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boolean {
    /// Taken where the value is absent (parse mode only).
    pub default: Option<bool>,
    /// The only value.
    pub constant: Option<bool>,
}

/// An `integer`; bounds are inclusive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Integer {
    /// The smallest value.
    pub minimum: Option<i64>,
    /// The largest value.
    pub maximum: Option<i64>,
    /// The closed set of values.
    pub enumeration: Option<Vec<i64>>,
    /// Taken where the value is absent (parse mode only).
    pub default: Option<i64>,
    /// The only value.
    pub constant: Option<i64>,
}

/// A `string`; lengths are inclusive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The string format.
    pub format: Option<Format>,
    /// Fewest UTF-8 bytes.
    pub min_length: Option<u64>,
    /// Most UTF-8 bytes.
    pub max_length: Option<u64>,
    /// Fewest extended grapheme clusters.
    pub min_graphemes: Option<u64>,
    /// Most extended grapheme clusters.
    pub max_graphemes: Option<u64>,
    /// The closed set of values.
    pub enumeration: Option<Vec<String>>,
    /// Values to expect; never rejects.
    pub known_values: Option<Vec<String>>,
    /// Taken where the value is absent (parse mode only).
    pub default: Option<String>,
    /// The only value.
    pub constant: Option<String>,
}

/// `bytes`; lengths count decoded bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bytes {
    /// Fewest bytes.
    pub min_length: Option<u64>,
    /// Most bytes.
    pub max_length: Option<u64>,
}

/// A `blob`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blob {
    /// MIME patterns; absent or empty means any.
    pub accept: Option<Vec<String>>,
    /// Most bytes; more than 0.
    pub max_size: Option<u64>,
}

/// An `array`; lengths count elements.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The type of the elements.
    pub items: Box<Node>,
    /// Fewest elements.
    pub min_length: Option<u64>,
    /// Most elements.
    pub max_length: Option<u64>,
}

/// An `object`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The properties in the order of the file.
    pub properties: Map<Node>,
    /// Names of properties that must be present, in the order of the file; no repeats.
    pub required: Vec<String>,
    /// Names of properties that may be null; no repeats.
    pub nullable: Vec<String>,
}

/// A `union`.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// The members in the order of the file; no repeats.
    pub refs: Vec<Reference>,
    /// Whether members outside `refs` are invalid.
    pub closed: bool,
}

/// A reference, normalised: `#name` took the document's NSID, `#main` is the default.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The document.
    pub nsid: Nsid,
    /// The definition in it.
    pub name: String,
}

impl Document {
    /// The definition with this name.
    #[must_use]
    pub fn def(&self, name: &str) -> Option<&Def> {
        let (_, def) = self.defs.iter().find(|(known, _)| known == name)?;
        Some(def)
    }
}

impl DefKind {
    /// The word that `type` has for it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            DefKind::Record(_) => "record",
            DefKind::Query(_) => "query",
            DefKind::Procedure(_) => "procedure",
            DefKind::Subscription(_) => "subscription",
            DefKind::PermissionSet(_) => "permission-set",
            DefKind::Token => "token",
            DefKind::Type(kind) => kind.type_name(),
        }
    }
}

impl Kind {
    /// The word that `type` has for it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Kind::Boolean(_) => "boolean",
            Kind::Integer(_) => "integer",
            Kind::String(_) => "string",
            Kind::Bytes(_) => "bytes",
            Kind::CidLink => "cid-link",
            Kind::Blob(_) => "blob",
            Kind::Array(_) => "array",
            Kind::Object(_) => "object",
            Kind::Unknown => "unknown",
            Kind::Ref(_) => "ref",
            Kind::Union(_) => "union",
        }
    }
}

impl Reference {
    /// Whether it leads to the definition that the bare NSID stands for.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.name == "main"
    }
}

/// `nsid` for the main definition, otherwise `nsid#name`.
impl Display for Reference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.is_main() { self.nsid.fmt(f) } else { write!(f, "{}#{}", self.nsid, self.name) }
    }
}

/// As `key` has it: `tid`, `nsid`, `any` or `literal:<value>`.
impl Display for RecordKeyType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            RecordKeyType::Tid => f.write_str("tid"),
            RecordKeyType::Nsid => f.write_str("nsid"),
            RecordKeyType::Any => f.write_str("any"),
            RecordKeyType::Literal(value) => write!(f, "literal:{value}"),
        }
    }
}
