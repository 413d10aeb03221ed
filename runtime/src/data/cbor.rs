//! DAG-CBOR: the form of data in repositories and event streams (Data model, CBOR).
//!
//! Every value has exactly one form: definite lengths, shortest numbers, keys in canonical order,
//! no floats, no tag but 42 for links. Whatever is not of that form is refused, since writing it
//! back would change its CID.

mod reader;
mod writer;

pub(crate) use reader::CborReader;
pub(crate) use writer::CborWriter;

use super::{Error, Limits, Value, source::Source, untyped};

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
/// The head of tag 42.
const LINK_TAG: [u8; 2] = [0xd8, 0x2a];

/// Reads exactly one item within the default limits.
///
/// # Errors
/// Where the input is not canonical DAG-CBOR, or no value of the data model, or exceeds a limit,
/// or goes on after the item.
pub fn parse(cbor: &[u8]) -> Result<Value, Error> {
    parse_with(cbor, Limits::DEFAULT)
}

/// Reads exactly one item within the given limits.
///
/// # Errors
/// Where the input is not canonical DAG-CBOR, or no value of the data model, or exceeds a limit,
/// or goes on after the item.
pub fn parse_with(cbor: &[u8], limits: Limits) -> Result<Value, Error> {
    let mut reader = CborReader::new(cbor, limits);
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}

/// Reads the item that the input begins with, and gives it with the rest of the input: an event
/// frame holds two items.
///
/// # Errors
/// Where the item is not canonical DAG-CBOR, or no value of the data model, or exceeds a limit.
pub fn parse_prefix(cbor: &[u8], limits: Limits) -> Result<(Value, &[u8]), Error> {
    let mut reader = CborReader::new(cbor, limits);
    let value = reader.value()?;
    Ok((value, reader.rest()))
}

/// Writes canonical DAG-CBOR.
///
/// # Errors
/// Where CBOR cannot hold the value: it has a [`Value::Invalid`], or is nested more than 128
/// levels deep.
pub fn to_vec(value: &Value) -> Result<Vec<u8>, Error> {
    let mut writer = CborWriter::new();
    untyped::write(value, false, &mut writer)?;
    Ok(writer.into_bytes())
}
