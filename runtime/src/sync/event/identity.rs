use arobase_lexicon::syntax::{Did, Handle};
use bytes::Bytes;

use super::{Stamp, decode, encode};
use crate::data::{
    Error,
    cbor::CborReader,
    sink::Sink,
    source::{Kind, Source},
};

/// `#identity`: something about the identity of an account may have changed, so that nobody should rely on what
/// they remember of it. It says nothing about what changed, and anybody may send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityEvent {
    /// The account.
    pub did: Did,
    /// The handle, which is a hint: it has to be verified as any other. `None` also for one that breaks its syntax.
    pub handle: Option<Handle>,
}

impl IdentityEvent {
    /// The event of an account.
    #[must_use]
    pub fn new(did: Did, handle: Option<Handle>) -> Self {
        Self { did, handle }
    }

    /// Writes the frame.
    ///
    /// # Errors
    /// The number is none, or a text breaks its syntax.
    pub fn to_frame(&self, stamp: &Stamp) -> Result<Bytes, Error> {
        let mut writer = encode::begin("#identity", 3 + usize::from(self.handle.is_some()), 256);
        encode::did(&mut writer, "did", &self.did)?;
        encode::seq(&mut writer, stamp)?;
        encode::time(&mut writer, &stamp.time)?;
        if let Some(handle) = &self.handle {
            encode::valid(handle.is_valid(), "handle")?;
            writer.key("handle");
            writer.text(handle.as_str());
        }
        encode::finish(writer)
    }

    pub(super) fn read(payload: &Bytes) -> Result<(Stamp, Self), Error> {
        let (mut did, mut seq, mut time, mut handle) = (None, None, None, None);
        decode::map(payload, |reader: &mut CborReader<'_>| {
            loop {
                match reader.next_key()? {
                    None => return Ok(()),
                    Some("did") => did = Some(decode::format(reader, "did")?),
                    Some("seq") => seq = Some(decode::seq(reader)?),
                    Some("time") => time = Some(decode::format(reader, "time")?),
                    Some("handle") => handle = hint(reader)?,
                    Some(_) => reader.pass()?,
                }
            }
        })?;
        Ok((decode::stamp(seq, time)?, Self { did: decode::required(did, "did")?, handle }))
    }
}

/// A handle; nothing for what is none.
fn hint(reader: &mut CborReader<'_>) -> Result<Option<Handle>, Error> {
    match reader.kind()? {
        Kind::Text => Ok(reader.text()?.parse().ok()),
        _ => reader.pass().map(|()| None),
    }
}
