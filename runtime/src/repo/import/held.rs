//! What an import has to remember: blocks before their turn, and records whose block has not come.

use std::{collections::HashMap, sync::Arc};

use crate::{
    data::{Cid, CidLink},
    repo::blocks::ByDigest,
};

use super::error::Error;

/// What an entry takes beside its own bytes: the CID, pointers, lengths, its share of a map that has just
/// grown, and what the allocator adds.
const OVERHEAD: usize = 256;

/// Blocks and records out of order, within a limit on their memory.
#[derive(Debug)]
pub(super) struct Held {
    /// Blocks that have not had their turn, or may have another one.
    blocks: HashMap<Cid, Block, ByDigest>,
    /// The same under CIDs whose digest may be anything, for which there is a map with secret hashes.
    general: HashMap<CidLink, Block>,
    /// Keys of records that are without their block.
    waiting: HashMap<CidLink, Vec<Box<[u8]>>>,
    /// The bytes that all this takes.
    bytes: usize,
    /// The bytes of blocks that had their turn.
    used: usize,
    limit: usize,
}

/// A block that is held.
#[derive(Clone, Debug)]
struct Block {
    bytes: Arc<[u8]>,
    verified: bool,
    used: bool,
}

impl Block {
    fn weight(&self) -> usize {
        self.bytes.len() + OVERHEAD
    }
}

impl Held {
    pub(super) fn new(limit: usize) -> Self {
        Self { blocks: HashMap::default(), general: HashMap::new(), waiting: HashMap::new(), bytes: 0, used: 0, limit }
    }

    /// Holds a block, unless it is held already. If it had a turn before, that was perhaps its last.
    pub(super) fn hold(&mut self, cid: &CidLink, bytes: &[u8], verified: bool, used: bool) -> Result<(), Error> {
        if self.find(cid).is_some() {
            return Ok(());
        }
        self.spend(bytes.len() + OVERHEAD)?;
        // A copy: what was lent may be a part of something much bigger.
        let block = Block { bytes: bytes.into(), verified, used };
        if used {
            self.used += block.weight();
        }
        match cid {
            CidLink::Blessed(cid) => drop(self.blocks.insert(*cid, block)),
            CidLink::General(_) => drop(self.general.insert(cid.clone(), block)),
        }
        Ok(())
    }

    fn find(&mut self, cid: &CidLink) -> Option<&mut Block> {
        match cid {
            CidLink::Blessed(cid) if self.blocks.is_empty() => None,
            CidLink::Blessed(cid) => self.blocks.get_mut(cid),
            CidLink::General(_) => self.general.get_mut(cid),
        }
    }

    /// Whether no block is held.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.general.is_empty()
    }

    /// The block of a node, which has only one turn.
    pub(super) fn take(&mut self, cid: &Cid) -> Option<Arc<[u8]>> {
        let block = self.blocks.remove(cid)?;
        self.bytes -= block.weight();
        if block.used {
            self.used -= block.weight();
        }
        Some(block.bytes)
    }

    /// The block of a record, and whether it is verified. Other records may want it too, so it is
    /// held on as long as there is room.
    pub(super) fn lend(&mut self, cid: &CidLink) -> Option<(Arc<[u8]>, bool)> {
        let block = self.find(cid)?;
        let newly_used = if block.used { 0 } else { block.weight() };
        block.used = true;
        let found = (Arc::clone(&block.bytes), block.verified);
        self.used += newly_used;
        Some(found)
    }

    /// Notes a record that is without its block.
    pub(super) fn wait(&mut self, cid: CidLink, key: &[u8]) -> Result<(), Error> {
        self.spend(key.len() + OVERHEAD)?;
        self.waiting.entry(cid).or_default().push(key.into());
        Ok(())
    }

    /// Whether records wait for their blocks.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The records that wait for this block, which wait no longer.
    pub(super) fn waiting_for(&mut self, cid: &CidLink) -> Option<Vec<Box<[u8]>>> {
        if self.waiting.is_empty() {
            return None;
        }
        let keys = self.waiting.remove(cid)?;
        self.bytes -= keys.iter().map(|key| key.len() + OVERHEAD).sum::<usize>();
        Some(keys)
    }

    /// All records that wait, in the order of their keys.
    pub(super) fn into_waiting(self) -> Vec<(Box<[u8]>, CidLink)> {
        let all = self.waiting.into_iter().flat_map(|(cid, keys)| keys.into_iter().map(move |key| (key, cid.clone())));
        let mut all: Vec<_> = all.collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// Accounts for more bytes, for which blocks that had their turn make room.
    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        // Only if it is worth it: to go through all of them is not done again soon.
        if self.bytes + bytes > self.limit && self.used >= self.limit / 4 {
            self.blocks.retain(|_, block| !block.used);
            self.general.retain(|_, block| !block.used);
            self.bytes -= std::mem::take(&mut self.used);
        }
        if self.bytes + bytes > self.limit {
            return Err(Error::Limit { what: "bytes of blocks out of order", limit: self.limit as u64 });
        }
        self.bytes += bytes;
        Ok(())
    }
}
