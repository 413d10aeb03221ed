use bytes::Bytes;

use super::{decode, encode};
use crate::data::{Error, cbor::CborReader, sink::Sink, source::Source};

/// `#info`: a word of the host about the stream. It has no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InfoEvent {
    /// What it is about; so far there is [`InfoEvent::OUTDATED_CURSOR`].
    pub name: String,
    /// The same for people.
    pub message: Option<String>,
}

impl InfoEvent {
    /// The cursor is older than everything that the host still has, so that events are missing.
    pub const OUTDATED_CURSOR: &'static str = "OutdatedCursor";

    /// Writes the frame.
    ///
    /// # Errors
    /// The frame is too long.
    pub fn to_frame(&self) -> Result<Bytes, Error> {
        let mut writer = encode::begin("#info", 1 + usize::from(self.message.is_some()), 256);
        writer.key("name");
        writer.text(&self.name);
        if let Some(message) = &self.message {
            writer.key("message");
            writer.text(message);
        }
        encode::finish(writer)
    }

    pub(super) fn read(payload: &Bytes) -> Result<Self, Error> {
        let (mut name, mut message) = (None, None);
        decode::map(payload, |reader: &mut CborReader<'_>| {
            loop {
                match reader.next_key()? {
                    None => return Ok(()),
                    Some("name") => name = Some(decode::text(reader, "name")?),
                    Some("message") => message = Some(decode::text(reader, "message")?),
                    Some(_) => reader.pass()?,
                }
            }
        })?;
        Ok(Self { name: decode::required(name, "name")?, message })
    }
}
