//! JSON: the form of data in XRPC bodies (Data model, JSON).
//!
//! Links are `{"$link": "<cid>"}`, bytes `{"$bytes": "<base64>"}`. Numbers count by their value:
//! `5.0` and `1e2` are integers, `5.5` is no data. Keys may stand in any order, but only once.

pub(super) mod form;
mod number;
mod pretty;
mod reader;
mod scan;
mod writer;

pub(crate) use reader::JsonReader;
pub(crate) use writer::JsonWriter;

use super::{Error, Limits, Value, source::Source, untyped};

/// Reads JSON within the default limits.
///
/// # Errors
/// Where the input is not JSON, or no value of the data model, or exceeds a limit.
pub fn parse(json: &[u8]) -> Result<Value, Error> {
    parse_with(json, Limits::DEFAULT)
}

/// Reads JSON within the given limits.
///
/// # Errors
/// Where the input is not JSON, or no value of the data model, or exceeds a limit.
pub fn parse_with(json: &[u8], limits: Limits) -> Result<Value, Error> {
    let mut reader = JsonReader::new(json, limits);
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}

/// Reads JSON that others made: what breaks the data model (a float, a malformed link) is kept as
/// [`Value::Invalid`] in its place. Also gives the reasons, of the first hundred such places.
///
/// # Errors
/// Where the input is not JSON or exceeds a limit.
pub fn parse_lenient(json: &[u8], limits: Limits) -> Result<(Value, Vec<Error>), Error> {
    let mut reader = JsonReader::new(json, limits).lenient(true);
    let value = reader.value()?;
    reader.finish()?;
    Ok((value, reader.take_issues()))
}

/// Writes JSON without white space, `$type` before all other keys.
///
/// # Errors
/// Where JSON cannot hold the value: it has a [`Value::Invalid`], a map with a key `$link` or
/// `$bytes`, or is nested more than 128 levels deep.
pub fn to_vec(value: &Value) -> Result<Vec<u8>, Error> {
    write(value, false).map(JsonWriter::into_bytes)
}

/// Writes JSON as [`to_vec`] does, as text.
///
/// # Errors
/// Where JSON cannot hold the value.
pub fn to_string(value: &Value) -> Result<String, Error> {
    write(value, false).map(JsonWriter::into_string)
}

/// Writes JSON for people, on many lines.
///
/// # Errors
/// Where JSON cannot hold the value.
pub fn to_string_pretty(value: &Value) -> Result<String, Error> {
    to_string(value).map(|compact| pretty::pretty(&compact))
}

/// Writes JSON with everything that a lenient reader kept, as it stood.
///
/// # Errors
/// Where the value is nested more than 128 levels deep.
pub fn to_string_lenient(value: &Value) -> Result<String, Error> {
    write(value, true).map(JsonWriter::into_string)
}

fn write(value: &Value, lenient: bool) -> Result<JsonWriter, Error> {
    let mut writer = JsonWriter::new();
    untyped::write(value, lenient, &mut writer)?;
    Ok(writer)
}
