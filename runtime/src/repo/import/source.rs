//! What completes an import.

use std::ops::Deref;

use bytes::Bytes;

use crate::{
    data::CidLink,
    repo::{Blocks, car::SliceBlocks, index::Offsets},
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

/// A store, which knows no other CIDs than those of the blessed form.
pub(super) struct Store<'a>(pub(super) &'a dyn Blocks);

impl Source for Store<'_> {
    fn block(&self, cid: &CidLink) -> Result<Option<Block<'_>>, Error> {
        let Some(cid) = cid.as_cid() else { return Ok(None) };
        match self.0.get(&cid)? {
            None => Ok(None),
            Some(bytes) if self.0.verified() || cid.verify(&bytes) => {
                Ok(Some(Block { bytes: Lent::Bytes(bytes), verified: true }))
            }
            Some(_) => Err(Error::Hash(cid)),
        }
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
