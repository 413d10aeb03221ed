//! The maps that stand for links and bytes in JSON.

use crate::data::{Error, Map, Value, check, encoding::decode_base64};

/// What a map with one reserved key stands for.
#[derive(Clone, Copy)]
pub(in crate::data) enum Form {
    Link,
    Bytes,
}

impl Form {
    /// The form whose key this is.
    pub(in crate::data) fn of(key: &str) -> Option<Self> {
        match key {
            "$link" => Some(Self::Link),
            "$bytes" => Some(Self::Bytes),
            _ => None,
        }
    }

    /// What the text under the key stands for.
    pub(in crate::data) fn value(self, text: &str) -> Result<Value, Error> {
        match self {
            Self::Link => text.parse().map(Value::Link).map_err(|error| Error::model(error.to_string())),
            Self::Bytes => match decode_base64(text) {
                Some(bytes) => Ok(Value::Bytes(bytes.into())),
                None => Err(Error::model("malformed base64")),
            },
        }
    }

    /// The error for a map that has this key and others.
    pub(in crate::data) fn not_alone(self) -> Error {
        let key = match self {
            Self::Link => "$link",
            Self::Bytes => "$bytes",
        };
        Error::model(format!("a map with {key} has no other keys"))
    }
}

/// The rules for a map that stands for itself.
pub(in crate::data) fn check_map(map: &Map) -> Result<(), Error> {
    let reserved = check::RESERVED_KEYS.iter().find(|key| map.contains_key(key));
    match reserved.and_then(|key| Form::of(key)) {
        Some(form) => Err(form.not_alone()),
        None => check::type_key(map).map_err(Error::model),
    }
}
