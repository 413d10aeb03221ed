//! What completes an import.

use std::ops::Deref;

use bytes::Bytes;

use crate::{
    data::CidLink,
    repo::{
        Blocks,
        car::{SliceBlocks, verifier},
        index::Offsets,
    },
};

use super::error::Error;

/// Where an import looks for what did not come.
pub(super) trait Source {
    /// The block, hashed if its hash function is known.
    fn block(&self, cid: &CidLink) -> Result<Option<Block<'_>>, Error>;
}

/// A block of a source.
pub(super) struct Block<'a> {
    pub(super) bytes: Lent<'a>,
    pub(super) verified: bool,
}

/// Bytes that are lent or shared.
pub(super) enum Lent<'a> {
    Slice(&'a [u8]),
    Bytes(Bytes),
}

impl Deref for Lent<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Slice(bytes) => bytes,
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// A store, whose blocks are hashed unless it did so itself.
pub(super) struct Store<'a>(pub(super) &'a dyn Blocks);

impl Source for Store<'_> {
    fn block(&self, cid: &CidLink) -> Result<Option<Block<'_>>, Error> {
        let Some(bytes) = self.0.get_link(cid)? else { return Ok(None) };
        let verifier = verifier(cid);
        if verifier.is_some_and(|verifier| !self.0.verified() && !verifier.verify(&bytes)) {
            return Err(Error::Hash(cid.clone()));
        }
        Ok(Some(Block { bytes: Lent::Bytes(bytes), verified: verifier.is_some() }))
    }
}

/// A file in memory, whose blocks were hashed already, and what completes it.
pub(super) struct Slice<'a> {
    blocks: SliceBlocks<'a>,
    offsets: Offsets,
    rest: Store<'a>,
}

impl<'a> Slice<'a> {
    /// A source of these blocks.
    pub(super) fn new(blocks: SliceBlocks<'a>, rest: &'a dyn Blocks) -> Self {
        let offsets = blocks.offsets();
        Self { blocks, offsets, rest: Store(rest) }
    }
}

impl Source for Slice<'_> {
    fn block(&self, cid: &CidLink) -> Result<Option<Block<'_>>, Error> {
        let mut found = self.offsets.find(cid).filter_map(|offset| self.blocks.block_at(offset));
        match found.find(|block| block.cid == *cid) {
            Some(block) => {
                let verified = block.verified();
                Ok(Some(Block { bytes: Lent::Slice(block.bytes), verified }))
            }
            None => self.rest.block(cid),
        }
    }
}
