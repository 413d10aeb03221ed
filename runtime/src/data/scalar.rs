//! From descriptors to constraint checks: what the decoder, the encoder and the validator share.

use arobase_lexicon::{
    check::{self, Found, Violation},
    schema::{BlobSchema, BooleanSchema, IntegerSchema, Lengths, StringSchema},
    syntax::Mode,
};

use super::{Blob, Error, Value};

pub(crate) fn text(schema: &StringSchema, text: &str, mode: Mode) -> Result<(), Violation> {
    if let Some(format) = schema.format {
        check::string_format(text, format, mode)?;
    }
    if schema.length != Lengths::ANY {
        check::string_length(text, schema.length.min(), schema.length.max())?;
    }
    if schema.graphemes != Lengths::ANY {
        check::graphemes(text, schema.graphemes.min(), schema.graphemes.max())?;
    }
    if let Some(values) = &schema.enumeration {
        check::string_enum(text, values.iter().map(|value| &**value))?;
    }
    match &schema.constant {
        Some(constant) => check::string_const(text, constant),
        None => Ok(()),
    }
}

pub(crate) fn integer(schema: &IntegerSchema, value: i64) -> Result<(), Violation> {
    check::integer_range(value, schema.min, schema.max)?;
    if let Some(values) = &schema.enumeration {
        check::integer_enum(value, values)?;
    }
    schema.constant.map_or(Ok(()), |constant| check::scalar_const(value, constant))
}

pub(crate) fn boolean(schema: BooleanSchema, value: bool) -> Result<(), Violation> {
    schema.constant.map_or(Ok(()), |constant| check::scalar_const(value, constant))
}

pub(crate) fn bytes(lengths: Lengths, count: usize) -> Result<(), Violation> {
    check::bytes_length(count, lengths.min(), lengths.max())
}

pub(crate) fn list(lengths: Lengths, count: usize) -> Result<(), Violation> {
    check::list_length(count, lengths.min(), lengths.max())
}

/// A legacy blob has no size and is for reading leniently only.
pub(crate) fn blob(schema: &BlobSchema, blob: &Blob, lenient: bool) -> Result<(), Violation> {
    if blob.is_legacy() {
        return if lenient { Ok(()) } else { Err(Violation::LegacyBlob) };
    }
    if blob.mime_type().is_empty() {
        return Err(Violation::MimeNotAccepted { found: "".into() });
    }
    check::mime_accepted(blob.mime_type(), &schema.accept)?;
    check::blob_size(blob.size().unwrap_or(0), schema.max_size)
}

/// `unknown` is any map but a blob.
pub(crate) fn unknown(value: &Value) -> Result<(), Violation> {
    let found = match value {
        Value::Map(map) => match map.get("$type") {
            Some(Value::String(name)) if name == "blob" => Found::Blob,
            _ => return Ok(()),
        },
        Value::Null => Found::Null,
        Value::Bool(_) => Found::Boolean,
        Value::Int(_) => Found::Integer,
        Value::String(_) => Found::String,
        Value::Bytes(_) => Found::Bytes,
        Value::Link(_) => Found::CidLink,
        Value::List(_) => Found::Array,
        Value::Invalid(_) => Found::Invalid,
    };
    Err(Violation::WrongType { expected: Found::Object, found })
}

pub(crate) fn type_name(name: &str) -> Result<(), Violation> {
    check::type_syntax(name)
}

/// A violation at a key of the value.
pub(crate) trait At {
    fn at(self, key: &str) -> Error;
}

impl At for Violation {
    fn at(self, key: &str) -> Error {
        Error::from(self).in_key(key)
    }
}
