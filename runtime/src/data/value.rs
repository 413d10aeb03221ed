use super::{Blob, Bytes, Cid, CidLink, Error, Map, cbor, check, json};

/// Untyped data: one value of the data model (Data model, data types).
///
/// A blob is a map here; [`Blob`] is its typed view. There are no floats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Value {
    /// Null.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer. What is created should stay within ±(2^53-1); see [`is_safe_integer`].
    Int(i64),
    /// Text.
    String(String),
    /// Bytes.
    Bytes(Bytes),
    /// A link.
    Link(CidLink),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Map),
    /// JSON text, exactly as it stood, that is no value of the data model: a float, a malformed
    /// link. Only the lenient JSON reader makes it, so that one bad field does not cost the whole
    /// answer. CBOR and strict JSON cannot hold it.
    Invalid(Box<str>),
}

/// Whether every implementation can hold this integer: ±(2^53-1).
#[must_use]
pub const fn is_safe_integer(value: i64) -> bool {
    value.unsigned_abs() < 1 << 53
}

impl Value {
    /// Reads JSON; see [`json::parse`].
    ///
    /// # Errors
    /// Where the input is not JSON, or no value of the data model, or exceeds a limit.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        json::parse(json)
    }

    /// Writes JSON; see [`json::to_vec`].
    ///
    /// # Errors
    /// Where JSON cannot hold the value.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        json::to_vec(self)
    }

    /// Reads canonical DAG-CBOR; see [`cbor::parse`].
    ///
    /// # Errors
    /// Where the input is not exactly one canonical DAG-CBOR item of the data model, or exceeds a
    /// limit.
    pub fn from_cbor(cbor: &[u8]) -> Result<Self, Error> {
        cbor::parse(cbor)
    }

    /// Writes canonical DAG-CBOR; see [`cbor::to_vec`].
    ///
    /// # Errors
    /// Where CBOR cannot hold the value.
    pub fn to_cbor(&self) -> Result<Vec<u8>, Error> {
        cbor::to_vec(self)
    }

    /// The CID of the value's DAG-CBOR form.
    ///
    /// # Errors
    /// Where CBOR cannot hold the value.
    pub fn cid(&self) -> Result<Cid, Error> {
        self.to_cbor().map(|cbor| Cid::of_cbor(&cbor))
    }

    /// Whether this is a value of the data model in every part: what a strict reader gives always
    /// is. A `$type` is text and not empty, what says that it is a blob has the shape of one,
    /// nothing is [`Value::Invalid`], and lists and maps are nested at most 128 levels deep.
    ///
    /// # Errors
    /// The first part that is not, with its path.
    pub fn check(&self) -> Result<(), Error> {
        check::model(self)
    }

    /// Whether a new record may hold this as its content, whatever its schema: more is tolerated
    /// on reading than may be created.
    ///
    /// The value is a map, nested at most 32 levels deep. Everywhere in it:
    /// - integers are within ±(2^53-1), keys are not empty and not `$link` or `$bytes`;
    /// - a `$type` is text and not empty;
    /// - links are of the blessed form;
    /// - blobs have their exact shape, a raw CID and a MIME type with a `/`;
    /// - nothing has the shape of a legacy blob.
    ///
    /// # Errors
    /// The first part that may not be created, with its path.
    pub fn check_creatable(&self) -> Result<(), Error> {
        check::creatable(self)
    }

    /// The blobs anywhere in the value, in canonical order, without a schema. Blobs of the legacy
    /// form are not among them, since only a schema can tell them from other maps.
    pub fn blobs(&self) -> impl Iterator<Item = Blob> + '_ {
        Blobs(vec![self])
    }

    /// What `$type` says, where this is a map that has one.
    #[must_use]
    pub fn type_name(&self) -> Option<&str> {
        self.get("$type")?.as_str()
    }

    /// The value of a key, where this is a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// The boolean, where it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, where it is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, where it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, where they are bytes.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The link, where it is one.
    #[must_use]
    pub fn as_link(&self) -> Option<&CidLink> {
        match self {
            Self::Link(link) => Some(link),
            _ => None,
        }
    }

    /// The list, where it is one.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The map, where it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::String(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Link(_) => "a link",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Invalid(_) => "invalid data",
        }
    }
}

/// Walks with an explicit stack, so that the depth of the value does not matter.
struct Blobs<'a>(Vec<&'a Value>);

impl Iterator for Blobs<'_> {
    type Item = Blob;

    fn next(&mut self) -> Option<Blob> {
        while let Some(value) = self.0.pop() {
            match value {
                Value::List(items) => self.0.extend(items.iter().rev()),
                Value::Map(map) => match Blob::from_typed_map(map) {
                    Ok(blob) => return Some(blob),
                    Err(_) => self.0.extend(map.values().rev()),
                },
                _ => {}
            }
        }
        None
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Cid> for Value {
    fn from(cid: Cid) -> Self {
        Self::Link(cid.into())
    }
}

impl From<CidLink> for Value {
    fn from(link: CidLink) -> Self {
        Self::Link(link)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Blob> for Value {
    fn from(blob: Blob) -> Self {
        Self::Map(blob.into())
    }
}
