//! Reading the fields of payloads.

use std::{cmp::Ordering, str::FromStr};

use arobase_lexicon::{
    check::Violation,
    syntax::{Datetime, SyntaxError},
};
use bytes::Bytes;

use super::{MAX_SEQ, Stamp};
use crate::{
    data::{
        Cid, CidLink, Codec, Error, Limits,
        cbor::CborReader,
        map::key_order,
        scalar::At,
        source::{Kind, Source},
    },
    sync::limits::TooLarge,
};

/// Reads a payload, which is one map, by a function that reads the value of a key or passes over it.
pub(super) fn map(payload: &[u8], read: impl FnOnce(&mut CborReader<'_>) -> Result<(), Error>) -> Result<(), Error> {
    let mut reader = CborReader::new(payload, Limits::DEFAULT);
    reader.enter_map().and_then(|()| read(&mut reader)).map_err(|error| reader.locate(error))?;
    reader.finish()
}

/// A field that has to be there.
pub(super) fn required<T>(value: Option<T>, key: &str) -> Result<T, Error> {
    value.ok_or_else(|| Violation::Missing.at(key))
}

/// The number and the time, which have to be there.
pub(super) fn stamp(seq: Option<i64>, time: Option<Datetime>) -> Result<Stamp, Error> {
    Ok(Stamp { seq: required(seq, "seq")?, time: required(time, "time")? })
}

/// A sequence number.
pub(super) fn seq(reader: &mut CborReader<'_>) -> Result<i64, Error> {
    let seq = reader.int().map_err(|error| error.in_key("seq"))?;
    if (1..=MAX_SEQ).contains(&seq) { Ok(seq) } else { Err(Error::model("not from 1 to 2^53 - 1").in_key("seq")) }
}

/// A text of a format.
pub(super) fn format<T: FromStr<Err = SyntaxError>>(reader: &mut CborReader<'_>, key: &str) -> Result<T, Error> {
    let text = reader.text().map_err(|error| error.in_key(key))?;
    text.parse().map_err(|error| Violation::Format(error).at(key))
}

/// A text of any kind.
pub(super) fn text(reader: &mut CborReader<'_>, key: &str) -> Result<String, Error> {
    reader.text().map(str::to_owned).map_err(|error| error.in_key(key))
}

/// A boolean.
pub(super) fn bool(reader: &mut CborReader<'_>, key: &str) -> Result<bool, Error> {
    reader.bool().map_err(|error| error.in_key(key))
}

/// A link.
pub(super) fn link(reader: &mut CborReader<'_>, key: &str) -> Result<CidLink, Error> {
    reader.link().map_err(|error| error.in_key(key))
}

/// A link to a commit or a tree node.
pub(super) fn cid(reader: &mut CborReader<'_>, key: &str) -> Result<Cid, Error> {
    match link(reader, key)?.as_cid() {
        Some(cid) if cid.codec() == Codec::DagCbor => Ok(cid),
        _ => Err(Error::model("not a link of codec dag-cbor and SHA-256").in_key(key)),
    }
}

/// `None` for null.
pub(super) fn nullable<T>(
    reader: &mut CborReader<'_>,
    key: &str,
    read: impl FnOnce(&mut CborReader<'_>, &str) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    match reader.kind()? {
        Kind::Null => reader.null().map(|()| None),
        _ => read(reader, key).map(Some),
    }
}

/// Bytes, as a slice of the payload.
pub(super) fn blocks(reader: &mut CborReader<'_>, payload: &Bytes, limit: usize) -> Result<Bytes, Error> {
    let blocks = reader.byte_slice().map_err(|error| error.in_key("blocks"))?;
    TooLarge::check("bytes", limit, blocks.len()).map_err(|error| too_large(error).in_key("blocks"))?;
    Ok(payload.slice_ref(blocks))
}

/// The error of a limit.
pub(super) fn too_large(error: TooLarge) -> Error {
    Error::limit(error.to_string())
}

/// The number of a payload of a kind that is not known, where it has one.
pub(super) fn find_seq(payload: &[u8]) -> Option<i64> {
    let mut reader = CborReader::new(payload, Limits::DEFAULT);
    reader.enter_map().ok()?;
    loop {
        match key_order(reader.next_key().ok()??, "seq") {
            Ordering::Less => reader.pass().ok()?,
            Ordering::Equal => return seq(&mut reader).ok(),
            Ordering::Greater => return None,
        }
    }
}
