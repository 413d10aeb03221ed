use arobase_lexicon::syntax::{Did, Tid};
use bytes::Bytes;

use super::{Stamp, decode, encode};
use crate::{
    data::{Error, cbor::CborReader, sink::Sink, source::Source},
    sync::limits::{MAX_SYNC_BLOCKS, TooLarge},
};

/// `#sync`: the state of a repository, without what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncEvent {
    /// The account.
    pub did: Did,
    /// The revision of the commit.
    pub rev: Tid,
    /// A CAR file with the commit alone; at most [`MAX_SYNC_BLOCKS`] bytes.
    pub blocks: Bytes,
}

impl SyncEvent {
    /// Writes the frame.
    ///
    /// # Errors
    /// The number is none, a text breaks its syntax, or a limit is exceeded.
    pub fn to_frame(&self, stamp: &Stamp) -> Result<Bytes, Error> {
        TooLarge::check("bytes", MAX_SYNC_BLOCKS, self.blocks.len())
            .map_err(|error| decode::too_large(error).in_key("blocks"))?;
        let mut writer = encode::begin("#sync", 5, 256 + self.blocks.len());
        encode::did(&mut writer, "did", &self.did)?;
        encode::valid(self.rev.is_valid(), "rev")?;
        writer.key("rev");
        writer.text(self.rev.as_str());
        encode::seq(&mut writer, stamp)?;
        encode::time(&mut writer, &stamp.time)?;
        writer.key("blocks");
        writer.bytes(&self.blocks);
        encode::finish(writer)
    }

    pub(super) fn read(payload: &Bytes) -> Result<(Stamp, Self), Error> {
        let (mut did, mut rev, mut seq, mut time, mut blocks) = (None, None, None, None, None);
        decode::map(payload, |reader: &mut CborReader<'_>| {
            loop {
                match reader.next_key()? {
                    None => return Ok(()),
                    Some("did") => did = Some(decode::format(reader, "did")?),
                    Some("rev") => rev = Some(decode::format(reader, "rev")?),
                    Some("seq") => seq = Some(decode::seq(reader)?),
                    Some("time") => time = Some(decode::format(reader, "time")?),
                    Some("blocks") => blocks = Some(decode::blocks(reader, payload, MAX_SYNC_BLOCKS)?),
                    Some(_) => reader.pass()?,
                }
            }
        })?;
        let (did, rev) = (decode::required(did, "did")?, decode::required(rev, "rev")?);
        Ok((decode::stamp(seq, time)?, Self { did, rev, blocks: decode::required(blocks, "blocks")? }))
    }
}
