//! The frames of event streams (XRPC, event streams): a header and a payload, both DAG-CBOR.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use arobase_lexicon::{check::Violation, compile::Catalog, schema::Schema};
use bytes::Bytes;

use super::Endpoint;
use crate::data::{
    Data, Error, ErrorKind, Lenient, Limits, Strictness, Value,
    cbor::{CborReader, CborWriter},
    fields::View,
    read::Decoder,
    scalar::At,
    sink::Sink,
    source::{Kind, Source},
    write::Encoder,
};

/// The `op` of messages.
const MESSAGE: i64 = 1;
/// The `op` of errors.
const ERROR: i64 = -1;

/// A frame, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame {
    /// A message.
    Message {
        /// Its type as it stands in the header: `#name`, or a full type of another lexicon.
        t: String,
        /// The payload, DAG-CBOR.
        payload: Bytes,
    },
    /// An error, after which the stream ends.
    Error {
        /// Its name.
        name: String,
        /// Its message.
        message: Option<String>,
    },
    /// A frame of a kind that the protocol does not know yet, or a message without a type; to be
    /// skipped.
    Unknown,
}

/// Whether a message could not be read because it is of a type that its union, a closed one, does
/// not list: such are passed over.
#[cfg(feature = "client")]
pub(crate) fn is_unlisted(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Violation(Violation::UnknownMember(_))) && error.segments().next().is_none()
}

/// Takes a frame apart. The payload of a message is a slice of the frame; it is decoded by
/// [`message`] or [`value`]. Header fields that the protocol does not know are ignored.
///
/// # Errors
/// Anything but two items of canonical DAG-CBOR, of which the first is a header; a message or an
/// error whose payload is no map; an error without a name. Such a frame ends the connection.
pub fn split(frame: &Bytes, limits: Limits) -> Result<Frame, Error> {
    let mut reader = CborReader::new(frame, limits);
    let header = header(&mut reader).map_err(|error| error.in_key("header"))?;
    let payload = frame.slice(frame.len() - reader.rest().len()..);
    payload_only(&payload, limits, header.op).map_err(|error| error.in_key("payload"))?;
    match header {
        Header { op: MESSAGE, t: Some(t) } => Ok(Frame::Message { t, payload }),
        Header { op: ERROR, .. } => error(&payload, limits).map_err(|error| error.in_key("payload")),
        _ => Ok(Frame::Unknown),
    }
}

/// Writes the frame of a message. `view` is the union of messages, or untyped data with its `$type`.
/// The type goes into the header, in short form if it is of the lexicon of the endpoint.
///
/// # Errors
/// The first fault of the message: what breaks the schema is not written, nor a message of a type
/// that is neither an NSID nor an NSID with a name.
pub fn encode(catalog: &Catalog, endpoint: &Endpoint, view: View<'_>) -> Result<Bytes, Error> {
    let schema = message_schema(catalog, endpoint)?;
    let encoder = Encoder::new(catalog, false);
    let name = encoder.message_type(schema, view)?;
    let mut writer = CborWriter::new();
    writer.begin_map(2);
    writer.key("t");
    writer.text(short(&endpoint.nsid, name));
    writer.key("op");
    writer.int(MESSAGE);
    writer.end_map();
    encoder.write_message(&mut writer, schema, view)?;
    Ok(writer.into_bytes().into())
}

/// Writes the frame of an error.
#[must_use]
pub fn encode_error(name: &str, message: Option<&str>) -> Bytes {
    let mut writer = CborWriter::new();
    writer.begin_map(1);
    writer.key("op");
    writer.int(ERROR);
    writer.end_map();
    writer.begin_map(1 + usize::from(message.is_some()));
    writer.key("error");
    writer.text(name);
    if let Some(message) = message {
        writer.key("message");
        writer.text(message);
    }
    writer.end_map();
    writer.into_bytes().into()
}

/// Reads the payload of a message of the endpoint `nsid` into its type. Messages that the type does
/// not know are its `Unknown` member, with their `$type`.
///
/// # Errors
/// As the strictness has it; in any case a message that a closed union does not list.
pub fn message<M: Data>(
    nsid: &str,
    t: &str,
    payload: &[u8],
    strictness: Strictness,
    limits: Limits,
) -> Result<Lenient<M>, Error> {
    let catalog = Catalog::new();
    let mut decoder = Decoder::new(&catalog, strictness);
    let mut value = M::blank();
    read_whole(payload, limits, |reader| decoder.read_message(reader, M::SCHEMA, &full(nsid, t), value.place()))?;
    Ok(Lenient { value, issues: decoder.into_issues() })
}

/// Reads the payload of a message as untyped data, with its `$type`, checked against the endpoint.
///
/// # Errors
/// As the strictness has it; in any case a message that a closed union does not list.
pub fn value(
    catalog: &Catalog,
    endpoint: &Endpoint,
    t: &str,
    payload: &[u8],
    strictness: Strictness,
    limits: Limits,
) -> Result<Lenient<Value>, Error> {
    let schema = message_schema(catalog, endpoint)?;
    let decoder = Decoder::new(catalog, strictness);
    read_whole(payload, limits, |reader| decoder.read_message_value(reader, schema, &full(&endpoint.nsid, t)))
}

struct Header {
    op: i64,
    /// Not empty.
    t: Option<String>,
}

/// Other fields are passed over, not kept: a header may be as long as a frame.
fn header(reader: &mut CborReader<'_>) -> Result<Header, Error> {
    let (mut op, mut t, mut faulty) = (None, None, false);
    reader.enter_map()?;
    loop {
        match reader.next_key()? {
            None => break,
            Some("op") => op = Some(reader.int().map_err(|error| error.in_key("op"))?),
            Some("t") => {
                t = text(reader)?;
                faulty = t.is_none();
            }
            Some(_) => reader.pass()?,
        }
    }
    match op {
        None => Err(Violation::Missing.at("op")),
        Some(MESSAGE) if faulty => Err(Error::model("the type is no text").in_key("t")),
        Some(op) => Ok(Header { op, t: t.filter(|t| !t.is_empty()) }),
    }
}

/// The text that stands next; anything else is passed over.
fn text(reader: &mut CborReader<'_>) -> Result<Option<String>, Error> {
    match reader.kind()? {
        Kind::Text => Ok(Some(reader.text()?.to_owned())),
        _ => reader.pass().map(|()| None),
    }
}

/// Checks that one item follows the header, a map in the kinds of frames that are known, and that
/// nothing follows it.
fn payload_only(payload: &[u8], limits: Limits, op: i64) -> Result<(), Error> {
    read_whole(payload, limits, |reader| {
        if matches!(op, MESSAGE | ERROR) && reader.kind()? != Kind::Map {
            return Err(Error::model("the payload is no map"));
        }
        reader.pass()
    })
}

fn error(payload: &[u8], limits: Limits) -> Result<Frame, Error> {
    let (mut name, mut message) = (None, None);
    read_whole(payload, limits, |reader| {
        reader.enter_map()?;
        loop {
            match reader.next_key()? {
                None => return Ok(()),
                Some("error") => name = text(reader)?,
                Some("message") => message = text(reader)?,
                Some(_) => reader.pass()?,
            }
        }
    })?;
    let name = name.ok_or_else(|| Error::model("no name of the error").in_key("error"))?;
    Ok(Frame::Error { name, message })
}

/// Reads exactly one item.
fn read_whole<'a, T>(
    cbor: &'a [u8],
    limits: Limits,
    read: impl FnOnce(&mut CborReader<'a>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut reader = CborReader::new(cbor, limits);
    let value = read(&mut reader).map_err(|error| reader.locate(error))?;
    reader.finish()?;
    Ok(value)
}

fn message_schema<'c>(catalog: &'c Catalog, endpoint: &'c Endpoint) -> Result<&'c Schema, Error> {
    let reference = endpoint.message.ok_or_else(|| Error::new(ErrorKind::Mismatch))?;
    let unknown = || Violation::UnknownSchema(catalog.name(reference).into());
    catalog.get(reference).ok_or_else(|| unknown().into())
}

/// A type as it stands in the header.
fn short<'t>(nsid: &str, name: &'t str) -> &'t str {
    name.strip_prefix(nsid).filter(|rest| rest.starts_with('#')).unwrap_or(name)
}

/// The type that the header says.
fn full<'t>(nsid: &str, t: &'t str) -> Cow<'t, str> {
    if t.starts_with('#') { format!("{nsid}{t}").into() } else { t.into() }
}
