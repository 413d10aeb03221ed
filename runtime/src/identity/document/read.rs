//! Documents from JSON. What the protocol does not read may be anything.

use arobase_lexicon::syntax::Did;

use super::{DidDocument, DocumentError, Service, VerificationMethod};
use crate::data::{self, ErrorKind, Limits, Map, Value, json};

/// Documents of the network stay far below; these keep a hostile one from costing much.
const LIMITS: Limits = Limits { max_depth: 32, max_items: 1_024, max_values: 16_384, max_key: 1_024 };

/// How much of a wrong id an error keeps.
const MAX_FOUND: usize = 256;

impl DidDocument {
    /// The most bytes of a document that is read: 512 KiB.
    pub const MAX_BYTES: usize = 512 * 1024;

    /// Reads the document of a DID.
    ///
    /// Entries that are of no use to the protocol are passed over: names that are no text, keys without an id, a type
    /// or a controller, services without an id or a type. A document has at most [`DidDocument::MAX_BYTES`] bytes, 32
    /// levels of nesting, 1,024 entries of a list or an object and 16,384 of all.
    ///
    /// # Errors
    /// See [`DocumentError`].
    pub fn from_json(did: &Did, json: &[u8]) -> Result<Self, DocumentError> {
        let map = object(json)?;
        let id = map.get("id").and_then(text).ok_or_else(|| malformed("`id` is no text"))?;
        if id != did.as_str() {
            return Err(DocumentError::Id { found: id.chars().take(MAX_FOUND).collect() });
        }
        Ok(Self {
            id: did.clone(),
            also_known_as: entries(&map, "alsoKnownAs", name)?,
            verification_methods: entries(&map, "verificationMethod", verification_method)?,
            services: entries(&map, "service", service)?,
        })
    }
}

fn object(json: &[u8]) -> Result<Map, DocumentError> {
    if json.len() > DidDocument::MAX_BYTES {
        return Err(DocumentError::TooLarge);
    }
    // Lenient, since documents may have numbers that the data model does not have.
    match json::parse_lenient(json, LIMITS).map_err(|error| not_json(&error))?.0 {
        Value::Map(map) => Ok(map),
        _ => Err(malformed("no object, or one with a key twice")),
    }
}

fn not_json(error: &data::Error) -> DocumentError {
    match error.kind() {
        ErrorKind::Limit(_) => DocumentError::TooLarge,
        _ => malformed(&format!("no JSON at byte {}", error.offset().unwrap_or_default())),
    }
}

fn malformed(place: &str) -> DocumentError {
    DocumentError::Malformed(place.into())
}

/// The entries of a list that are of use; a list may be missing.
fn entries<T>(map: &Map, key: &str, read: fn(&Value) -> Option<T>) -> Result<Vec<T>, DocumentError> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items.iter().filter_map(read).collect()),
        Some(_) => Err(malformed(&format!("`{key}` is no list"))),
    }
}

fn name(value: &Value) -> Option<Box<str>> {
    text(value).map(Into::into)
}

fn verification_method(value: &Value) -> Option<VerificationMethod> {
    Some(VerificationMethod {
        id: field(value, "id")?,
        kind: field(value, "type")?,
        controller: field(value, "controller")?,
        public_key_multibase: field(value, "publicKeyMultibase"),
    })
}

fn service(value: &Value) -> Option<Service> {
    Some(Service { id: field(value, "id")?, kind: field(value, "type")?, endpoint: field(value, "serviceEndpoint") })
}

fn field(value: &Value, key: &str) -> Option<Box<str>> {
    match value {
        Value::Map(map) => map.get(key).and_then(name),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
