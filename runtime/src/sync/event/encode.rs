//! Writing frames.

use arobase_lexicon::syntax::{Datetime, Did};
use bytes::Bytes;

use super::{MAX_SEQ, Stamp, decode::too_large};
use crate::{
    data::{Error, cbor::CborWriter, sink::Sink},
    sync::limits::{MAX_FRAME, TooLarge},
};

/// The header of a frame, and the beginning of its payload. `room` is about how many bytes the payload has: with
/// enough of it, blocks are copied once.
pub(super) fn begin(t: &str, fields: usize, room: usize) -> CborWriter {
    let mut writer = CborWriter::with_capacity(room + 64);
    writer.begin_map(2);
    writer.key("t");
    writer.text(t);
    writer.key("op");
    writer.int(1);
    writer.end_map();
    writer.begin_map(fields);
    writer
}

/// The frame.
pub(super) fn finish(mut writer: CborWriter) -> Result<Bytes, Error> {
    writer.end_map();
    let frame = writer.into_bytes();
    TooLarge::check("bytes", MAX_FRAME, frame.len()).map_err(too_large)?;
    Ok(frame.into())
}

/// Writes the account.
pub(super) fn did(writer: &mut CborWriter, key: &str, did: &Did) -> Result<(), Error> {
    valid(did.is_valid(), key)?;
    writer.key(key);
    writer.text(did.as_str());
    Ok(())
}

/// Writes the number.
pub(super) fn seq(writer: &mut CborWriter, stamp: &Stamp) -> Result<(), Error> {
    if !(1..=MAX_SEQ).contains(&stamp.seq) {
        return Err(Error::unwritable("not from 1 to 2^53 - 1").in_key("seq"));
    }
    writer.key("seq");
    writer.int(stamp.seq);
    Ok(())
}

/// Writes the time.
pub(super) fn time(writer: &mut CborWriter, time: &Datetime) -> Result<(), Error> {
    valid(time.is_valid(), "time")?;
    writer.key("time");
    writer.text(time.as_str());
    Ok(())
}

/// Refuses a text that a lenient reader kept although it breaks its syntax.
pub(super) fn valid(is_valid: bool, key: &str) -> Result<(), Error> {
    if is_valid { Ok(()) } else { Err(Error::unwritable("breaks its syntax").in_key(key)) }
}
