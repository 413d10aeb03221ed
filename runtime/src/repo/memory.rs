//! A store of one repository in memory.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use arobase_lexicon::syntax::Tid;
use bytes::Bytes;

use crate::data::{Cid, CidLink};

use super::{
    blocks::{Blocks, ByDigest, SourceError},
    commit::Commit,
    export::Revs,
    repository::Repo,
    write::{RepoOp, Written},
};

/// Blocks of one repository in memory, with the revisions that an export since a revision asks for: what a store has
/// to do, at its simplest.
///
/// It holds exactly what the latest commit refers to, and the commit.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    commit: Option<Commit>,
    nodes: HashMap<Cid, Node, ByDigest>,
    records: HashMap<Cid, Record, ByDigest>,
    /// When each record was last written.
    written: HashMap<Box<str>, Tid>,
}

#[derive(Clone, Debug)]
struct Node {
    bytes: Bytes,
    /// With which it came into the tree.
    rev: Tid,
}

#[derive(Clone, Debug)]
struct Record {
    bytes: Bytes,
    /// How many paths have it.
    paths: usize,
}

impl MemoryStore {
    /// A store without anything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps what a commit brought, and lets go of what it left behind.
    pub fn apply(&mut self, written: &Written) {
        let rev = written.commit.rev();
        for node in &written.retired {
            self.nodes.remove(node);
        }
        for block in &written.nodes {
            self.nodes.insert(block.cid, Node { bytes: block.bytes.clone(), rev: rev.clone() });
        }
        for block in &written.records {
            self.records.entry(block.cid).or_insert_with(|| Record { bytes: block.bytes.clone(), paths: 0 });
        }
        // A record may go in one place and come in another: it is counted there before it is missed here.
        for op in &written.ops {
            self.count(op, rev);
        }
        for op in &written.ops {
            self.release(op);
        }
        self.commit = Some(written.commit.clone());
    }

    fn count(&mut self, op: &RepoOp, rev: &Tid) {
        let Some(cid) = &op.cid else {
            self.written.remove(op.path.as_str());
            return;
        };
        self.written.insert(op.path.as_str().into(), rev.clone());
        if let Some(record) = cid.as_cid().and_then(|cid| self.records.get_mut(&cid)) {
            record.paths += 1;
        }
    }

    fn release(&mut self, op: &RepoOp) {
        let Some(cid) = op.prev.as_ref().and_then(CidLink::as_cid) else { return };
        let Some(record) = self.records.get_mut(&cid) else { return };
        record.paths = record.paths.saturating_sub(1);
        if record.paths == 0 {
            self.records.remove(&cid);
        }
    }

    /// The repository as of its latest commit, of which nothing is loaded; `None` if there is no commit.
    #[must_use]
    pub fn repo(&self) -> Option<Repo> {
        self.commit.clone().map(Repo::open)
    }

    /// The latest commit.
    #[must_use]
    pub fn commit(&self) -> Option<&Commit> {
        self.commit.as_ref()
    }

    /// The block.
    fn block(&self, cid: &Cid) -> Option<&Bytes> {
        let node = || self.nodes.get(cid).map(|node| &node.bytes);
        let commit = || self.commit.as_ref().filter(|commit| commit.cid() == *cid).map(Commit::bytes);
        self.records.get(cid).map(|record| &record.bytes).or_else(node).or_else(commit)
    }

    /// The number of blocks: the commit, nodes and records.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.commit.is_some()) + self.nodes.len() + self.records.len()
    }

    /// Whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Blocks for MemoryStore {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        Ok(self.block(cid).cloned())
    }

    fn lend(&self, cid: &Cid, take: &mut dyn FnMut(&Bytes)) -> Result<bool, SourceError> {
        Ok(self.block(cid).map(take).is_some())
    }

    /// All blocks come from this process.
    fn verified(&self) -> bool {
        true
    }
}

impl Revs for MemoryStore {
    fn node_rev(&self, node: &Cid) -> Result<Option<Tid>, SourceError> {
        Ok(self.nodes.get(node).map(|node| node.rev.clone()))
    }

    fn record_rev(&self, key: &[u8], _: &CidLink) -> Result<Option<Tid>, SourceError> {
        let path = std::str::from_utf8(key).ok();
        Ok(path.and_then(|path| self.written.get(path)).cloned())
    }
}
