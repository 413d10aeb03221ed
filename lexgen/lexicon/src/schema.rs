//! Descriptors: definitions in the form that decoders, encoders and validators walk.
//!
//! A descriptor is either printed by the generator as a Rust static or compiled at run time from a
//! [`Document`](crate::document::Document) by a [`Catalog`](crate::compile::Catalog); both are the
//! same data, so typed and dynamic validation are the same code. Fields stand in canonical key
//! order (length of the key, then its bytes), which is the order of DAG-CBOR maps.

use alloc::sync::Arc;
use core::{fmt, ops::Deref};

use crate::{
    check::{self, Violation},
    syntax::{Format, Mode},
};

/// Data that is baked into the program or shared at run time; reads the same.
pub enum Shared<T: ?Sized + 'static> {
    /// Part of the program.
    Static(&'static T),
    /// Made at run time.
    Owned(Arc<T>),
}

/// A name: of a definition, a key, a value.
pub type Name = Shared<str>;

/// A list.
pub type List<T> = Shared<[T]>;

/// Marks a length without an upper bound.
pub const UNBOUNDED: u32 = u32::MAX;

/// The descriptor of one definition, or of a part of it that has a Rust type of its own
/// (parameters, bodies, inline objects).
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// `nsid` or `nsid#name`: what `$type` says. Parameters, bodies and messages have the NSID of
    /// their method; objects and unions in place have the name of their place, such as
    /// `nsid#name/key`.
    pub id: Name,
    /// What the definition is for.
    pub role: Role,
    /// Its type.
    pub ty: Type,
}

/// What a [`Schema`] describes.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// A record: `$type` is always there and equal to the id.
    Record(KeyType),
    /// Another named definition: `$type` may be there, and stands in unions.
    Definition,
    /// The query string of a method.
    Params,
    /// The request body of a procedure.
    Input,
    /// The response body of a method.
    Output,
    /// The messages of a subscription.
    Message,
    /// An object or union written in place; it has no `$type` of its own.
    Inline,
}

/// What the key of a record must be (Lexicon, record: `key`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// A TID.
    Tid,
    /// An NSID.
    Nsid,
    /// Any record key.
    Any,
    /// Exactly this text.
    Literal(Name),
}

/// A property of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key on the wire.
    pub key: Name,
    /// Whether the key must be there.
    pub required: bool,
    /// Whether `null` is allowed.
    pub nullable: bool,
    /// The type of the value.
    pub ty: Type,
}

/// A type with its constraints.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    /// `boolean`
    Boolean(BooleanSchema),
    /// `integer`
    Integer(IntegerSchema),
    /// `string`
    String(StringSchema),
    /// `bytes`
    Bytes(Lengths),
    /// `cid-link`
    CidLink,
    /// `blob`
    Blob(BlobSchema),
    /// `unknown`: any map
    Unknown,
    /// Any value of the data model (a JSON body without a schema).
    Any,
    /// `array`
    Array(ArraySchema),
    /// `object`: its fields in canonical key order. Stands only at the top of a [`Schema`].
    Object(List<Field>),
    /// `union`. Stands only at the top of a [`Schema`].
    Union(UnionSchema),
    /// `ref`, and an object or a union written in place
    Ref(Ref),
}

/// Where a reference leads.
#[derive(Clone, Copy)]
pub enum Ref {
    /// To a descriptor that is part of the program.
    Static(&'static Schema),
    /// To a descriptor of the [`Catalog`](crate::compile::Catalog) at hand.
    Id(u32),
}

/// Inclusive bounds of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// The smallest length.
    pub min: u32,
    /// The largest length, or [`UNBOUNDED`].
    pub max: u32,
}

/// Constraints of a `boolean`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BooleanSchema {
    /// Taken where the value is absent (parse mode only).
    pub default: Option<bool>,
    /// The only value.
    pub constant: Option<bool>,
}

/// Constraints of an `integer`.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerSchema {
    /// The smallest value.
    pub min: i64,
    /// The largest value.
    pub max: i64,
    /// The closed set of values.
    pub enumeration: Option<List<i64>>,
    /// Taken where the value is absent (parse mode only).
    pub default: Option<i64>,
    /// The only value.
    pub constant: Option<i64>,
}

/// Constraints of a `string`.
#[derive(Clone, Debug, PartialEq)]
pub struct StringSchema {
    /// The string format.
    pub format: Option<Format>,
    /// In UTF-8 bytes.
    pub length: Lengths,
    /// In extended grapheme clusters.
    pub graphemes: Lengths,
    /// The closed set of values.
    pub enumeration: Option<List<Name>>,
    /// Taken where the value is absent (parse mode only).
    pub default: Option<Name>,
    /// The only value.
    pub constant: Option<Name>,
}

/// Constraints of a `blob`.
#[derive(Clone, Debug, PartialEq)]
pub struct BlobSchema {
    /// MIME patterns; empty means any.
    pub accept: List<Name>,
    /// The most bytes.
    pub max_size: Option<u64>,
}

/// An `array`.
#[derive(Clone, Debug, PartialEq)]
pub struct ArraySchema {
    /// The type of the elements.
    pub items: Shared<Type>,
    /// In elements.
    pub length: Lengths,
}

/// A `union`.
#[derive(Clone, Debug, PartialEq)]
pub struct UnionSchema {
    /// The members.
    pub members: List<Ref>,
    /// Whether other members are invalid.
    pub closed: bool,
}

/// The descriptor of a method (Lexicon, query, procedure and subscription): what its client and
/// its server have to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Its NSID.
    pub nsid: Name,
    /// Which of the three it is.
    pub kind: EndpointKind,
    /// The query string, an object of scalars and lists of scalars; `None` if it takes none.
    pub params: Option<Ref>,
    /// The request body; procedures only.
    pub input: Option<BodySchema>,
    /// The response body; not for subscriptions.
    pub output: Option<BodySchema>,
    /// The union of messages; subscriptions only.
    pub message: Option<Ref>,
}

/// The kinds of methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// Reads; HTTP GET.
    Query,
    /// Does something; HTTP POST.
    Procedure,
    /// Sends messages as they come; WebSocket.
    Subscription,
}

/// A body.
#[derive(Clone, Debug, PartialEq)]
pub struct BodySchema {
    /// The MIME type, or a pattern (`*/*`, `video/*`).
    pub encoding: Name,
    /// What JSON bodies look like; `None` for other encodings and for JSON of any kind.
    pub schema: Option<Ref>,
}

impl BodySchema {
    /// Whether the body is JSON, and so data of the data model.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.encoding.eq_ignore_ascii_case(JSON)
    }
}

/// The encoding of bodies that schemas describe.
pub const JSON: &str = "application/json";

impl Schema {
    /// The `$type` of data of this definition; parts and inline objects have none.
    #[must_use]
    pub fn type_name(&self) -> Option<&str> {
        match self.role {
            Role::Record(_) | Role::Definition => Some(&self.id),
            _ => None,
        }
    }

    /// The fields, where the definition is an object; otherwise none.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.ty {
            Type::Object(fields) => fields,
            _ => &[],
        }
    }
}

impl KeyType {
    /// Checks the key of a record. Validation of a value cannot do that, because it does not see
    /// under which key the record stands; whoever knows the key has to ask here too.
    ///
    /// # Errors
    /// A key that breaks the syntax of TIDs, NSIDs or record keys, or is not the literal one.
    pub fn check(&self, rkey: &str) -> Result<(), Violation> {
        match self {
            Self::Tid => check::string_format(rkey, Format::Tid, Mode::Strict),
            Self::Nsid => check::string_format(rkey, Format::Nsid, Mode::Strict),
            Self::Any => check::string_format(rkey, Format::RecordKey, Mode::Strict),
            Self::Literal(text) => check::string_const(rkey, text),
        }
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Static(data) => data,
            Self::Owned(data) => data,
        }
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Static(data) => Self::Static(data),
            Self::Owned(data) => Self::Owned(Arc::clone(data)),
        }
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: ?Sized + Eq> Eq for Shared<T> {}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self::Owned(Arc::from(text))
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Owned(items.into_iter().collect())
    }
}

/// Shows where it leads, not what is there: schemas refer to each other in circles.
impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static(schema) => f.debug_tuple("Static").field(&&*schema.id).finish(),
            Self::Id(id) => f.debug_tuple("Id").field(id).finish(),
        }
    }
}

/// Static references are equal when they lead to the same definition.
impl PartialEq for Ref {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Static(a), Self::Static(b)) => core::ptr::eq(*a, *b),
            (Self::Id(a), Self::Id(b)) => a == b,
            _ => false,
        }
    }
}

impl Lengths {
    /// No bounds.
    pub const ANY: Self = Self { min: 0, max: UNBOUNDED };

    /// The lower bound, where there is one.
    #[must_use]
    pub const fn min(self) -> Option<u64> {
        if self.min == 0 { None } else { Some(self.min as u64) }
    }

    /// The upper bound, where there is one.
    #[must_use]
    pub const fn max(self) -> Option<u64> {
        if self.max == UNBOUNDED { None } else { Some(self.max as u64) }
    }
}

impl BooleanSchema {
    /// Without constraints.
    pub const ANY: Self = Self { default: None, constant: None };
}

impl IntegerSchema {
    /// Without constraints.
    pub const ANY: Self = Self { min: i64::MIN, max: i64::MAX, enumeration: None, default: None, constant: None };
}

impl StringSchema {
    /// Without constraints.
    pub const ANY: Self = Self {
        format: None,
        length: Lengths::ANY,
        graphemes: Lengths::ANY,
        enumeration: None,
        default: None,
        constant: None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_syntax_that_its_type_wants() {
        for (key, good, bad) in [
            (KeyType::Tid, "3jzfcijpj2z2a", "3jzfcijpj2z2"),
            (KeyType::Nsid, "com.example.note", "com.example"),
            (KeyType::Any, "any:key_~1", "any/key"),
        ] {
            assert_eq!(key.check(good), Ok(()), "{key:?}");
            assert!(matches!(key.check(bad), Err(Violation::Format(_))), "{key:?}");
        }
    }

    #[test]
    fn a_literal_key_is_equal() {
        let key = KeyType::Literal("self".into());
        assert_eq!(key.check("self"), Ok(()));
        for other in ["Self", "self ", "selves", ""] {
            assert!(matches!(key.check(other), Err(Violation::NotConst { .. })), "{other:?}");
        }
    }
}
