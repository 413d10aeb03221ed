//! Where blocks come from.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hasher},
};

use bytes::Bytes;

use crate::data::{Cid, CidLink};

/// An error of a block source that is not ours: a file, a database.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// A source of blocks, asked one at a time and without waiting. An asynchronous store is asked in
/// batches instead: [`Tree::missing`](super::mst::Tree::missing) names the blocks that an operation
/// needs, and they are handed in as [`MemoryBlocks`].
///
/// `()` is the source that has nothing, for trees that are loaded already.
pub trait Blocks {
    /// The block, `None` if the source does not have it.
    ///
    /// # Errors
    /// What went wrong in the source. An absent block is no error.
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError>;

    /// Lends the block, if the source has it, for the time of the call; whether it has. For sources that
    /// have their blocks in memory this is cheaper than [`Blocks::get`], on which it stands otherwise.
    ///
    /// # Errors
    /// As [`Blocks::get`].
    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        let block = self.get(cid)?;
        Ok(block.map(|block| take(&block)).is_some())
    }

    /// The block under a CID of any form, such as a record may have; `None` if the source does not have it.
    /// Imports ask so for records. A source that knows no other CIDs than [`Cid`] leaves it as it is.
    ///
    /// # Errors
    /// As [`Blocks::get`].
    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        cid.as_cid().map_or(Ok(None), |cid| self.get(&cid))
    }

    /// Whether all blocks were hashed already, so that nobody has to do it again. `false` unless
    /// the source knows better.
    fn verified(&self) -> bool {
        false
    }
}

impl Blocks for () {
    fn get(&self, _: &Cid) -> Result<Option<Bytes>, SourceError> {
        Ok(None)
    }

    fn verified(&self) -> bool {
        true
    }
}

impl<B: Blocks + ?Sized> Blocks for &B {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        (**self).get(cid)
    }

    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        (**self).lend(cid, take)
    }

    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        (**self).get_link(cid)
    }

    fn verified(&self) -> bool {
        (**self).verified()
    }
}

/// Two sources: the first is asked first.
impl<A: Blocks, B: Blocks> Blocks for (A, B) {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        match self.0.get(cid)? {
            Some(block) => Ok(Some(block)),
            None => self.1.get(cid),
        }
    }

    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        Ok(self.0.lend(cid, take)? || self.1.lend(cid, take)?)
    }

    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        match self.0.get_link(cid)? {
            Some(block) => Ok(Some(block)),
            None => self.1.get_link(cid),
        }
    }

    fn verified(&self) -> bool {
        self.0.verified() && self.1.verified()
    }
}

/// Blocks in memory, found by their CID.
///
/// What comes in through [`MemoryBlocks::insert`] is hashed; so everything in it is verified.
#[derive(Clone, Default)]
pub struct MemoryBlocks {
    blocks: HashMap<Cid, Bytes, ByDigest>,
}

impl MemoryBlocks {
    /// A map without blocks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a block in under the CID that it claims. `false`, and nothing changes, if the bytes
    /// are not those of the CID.
    pub fn insert(&mut self, cid: Cid, bytes: impl Into<Bytes>) -> bool {
        let bytes = bytes.into();
        let right = cid.verify(&bytes);
        if right {
            self.insert_verified(cid, bytes);
        }
        right
    }

    /// Takes a block in that was hashed already.
    pub(crate) fn insert_verified(&mut self, cid: Cid, bytes: Bytes) {
        self.blocks.insert(cid, bytes);
    }

    /// The block.
    #[must_use]
    pub fn block(&self, cid: &Cid) -> Option<&Bytes> {
        self.blocks.get(cid)
    }

    /// Takes a block out.
    pub fn remove(&mut self, cid: &Cid) -> Option<Bytes> {
        self.blocks.remove(cid)
    }

    /// The number of blocks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The blocks, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Cid, &Bytes)> {
        self.blocks.iter()
    }
}

impl Blocks for MemoryBlocks {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        Ok(self.blocks.get(cid).cloned())
    }

    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        Ok(self.blocks.get(cid).map(take).is_some())
    }

    fn verified(&self) -> bool {
        true
    }
}

impl fmt::Debug for MemoryBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBlocks").field("len", &self.len()).finish()
    }
}

/// Maps by CID need no hash function: the digest is one. To make k blocks that collide in a map of n
/// buckets costs k * n hashes of SHA-256, and gains k steps a look-up: more work to make than to
/// bear.
pub(crate) type ByDigest = BuildHasherDefault<DigestHasher>;

/// The last eight bytes that were written.
#[derive(Default)]
pub(crate) struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(tail) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*tail);
        }
    }

    // Lengths and discriminants are the same for all CIDs.
    fn write_usize(&mut self, _: usize) {}
    fn write_isize(&mut self, _: isize) {}
    fn write_u8(&mut self, _: u8) {}
}
