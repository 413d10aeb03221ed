//! A batch of writes on its way to the tree.

use std::{borrow::Cow, collections::HashSet};

use crate::{
    data::{Cid, CidLink},
    repo::{
        Error, RepoPath,
        blocks::{Blocks, ByDigest},
        mst::{self, Block, Expect, Op, Tree},
    },
};

use super::{MAX_WRITES, RepoOp, Swap, Write, record};

/// A batch that was checked as far as that goes without the tree, in the order of the paths: to be made where there is
/// time, before a repository is opened for writing ([`Repo::prepare_batch`](crate::repo::Repo::prepare_batch)).
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    write: Cow<'a, Write>,
    /// Of the record; a delete has none.
    cid: Option<Cid>,
}

impl Batch<'static> {
    /// Checks a batch: the number of writes, the records, and that no path comes twice. Records are hashed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(writes: Vec<Write>) -> Result<Self, Error> {
        Self::of(writes.len(), writes.into_iter().map(Cow::Owned))
    }

    /// The CID of the record that the batch writes under a path.
    #[must_use]
    pub fn cid(&self, path: &RepoPath) -> Option<Cid> {
        let at = self.entries.binary_search_by(|entry| entry.write.path().cmp(path)).ok()?;
        self.entries.get(at)?.cid
    }
}

impl<'a> Batch<'a> {
    /// Checks a batch that is lent.
    pub(in crate::repo) fn check(writes: &'a [Write]) -> Result<Self, Error> {
        Self::of(writes.len(), writes.iter().map(Cow::Borrowed))
    }

    fn of(len: usize, writes: impl Iterator<Item = Cow<'a, Write>>) -> Result<Self, Error> {
        if len > MAX_WRITES {
            return Err(Error::Limit { what: "writes", limit: MAX_WRITES, found: len });
        }
        let mut entries = writes.map(Entry::check).collect::<Result<Vec<_>, _>>()?;
        entries.sort_unstable_by(|a, b| a.write.path().cmp(b.write.path()));
        let repeated = entries.windows(2).find_map(|pair| match pair {
            [a, b] if a.write.path() == b.write.path() => Some(a.write.path().to_string()),
            _ => None,
        });
        repeated.map_or(Ok(Self { entries }), |path| Err(Error::Repeated(path)))
    }

    /// Leaves out the updates to what is there already, and the deletes of one record where there is none. That comes
    /// before what they want to replace; where that could not fail, the tree itself sees that nothing changes.
    pub(in crate::repo) fn drop_settled(&mut self, tree: &Tree, blocks: &dyn Blocks) -> Result<(), Error> {
        let mut settled = Vec::new();
        for entry in &self.entries {
            settled.push(entry.may_be_settled() && tree.get(entry.key(), blocks)? == entry.value());
        }
        let mut settled = settled.into_iter();
        self.entries.retain(|_| settled.next() != Some(true));
        Ok(())
    }

    /// Carries out the batch on a tree.
    pub(in crate::repo) fn apply(&self, tree: &mut Tree, blocks: &dyn Blocks) -> Result<mst::Change, Error> {
        let ops: Vec<Op<'_>> = self.entries.iter().map(Entry::op).collect();
        tree.apply(&ops, blocks).map_err(|error| self.explain(error))
    }

    /// What was done, given the values before: no more than what changed.
    pub(in crate::repo) fn ops(&self, previous: &[Option<CidLink>]) -> Vec<RepoOp> {
        self.changed(previous)
            .map(|(entry, prev)| RepoOp { path: entry.write.path().clone(), prev: prev.clone(), cid: entry.value() })
            .collect()
    }

    /// The records of what changed, each block once.
    pub(in crate::repo) fn records(&self, previous: &[Option<CidLink>]) -> Vec<Block> {
        let mut seen: HashSet<Cid, ByDigest> = HashSet::default();
        let blocks = self.changed(previous).filter_map(|(entry, _)| entry.block());
        blocks.filter(|block| seen.insert(block.cid)).collect()
    }

    fn changed<'s>(
        &'s self,
        previous: &'s [Option<CidLink>],
    ) -> impl Iterator<Item = (&'s Entry<'a>, &'s Option<CidLink>)> {
        self.entries.iter().zip(previous).filter(|(entry, prev)| entry.value() != **prev)
    }

    /// What the tree found wrong, in the words of writes.
    fn explain(&self, error: mst::Error) -> Error {
        let mst::Error::Precondition { key, found, .. } = &error else { return error.into() };
        let Some(entry) = self.entries.iter().find(|entry| entry.key() == &**key) else { return error.into() };
        let path = entry.write.path().to_string();
        match (&*entry.write, entry.write.swap()) {
            (Write::Create { .. }, _) => Error::Exists(path),
            (_, Swap::Present) => Error::NotFound(path),
            _ => Error::Swap { path: Some(path), found: found.clone() },
        }
    }
}

impl<'a> Entry<'a> {
    fn check(write: Cow<'a, Write>) -> Result<Self, Error> {
        let cid = match write.record() {
            None => None,
            Some(record) => {
                record::check(write.path(), record)?;
                Some(Cid::of_cbor(record))
            }
        };
        Ok(Self { write, cid })
    }

    fn key(&self) -> &[u8] {
        self.write.path().as_key()
    }

    fn value(&self) -> Option<CidLink> {
        self.cid.map(CidLink::from)
    }

    fn block(&self) -> Option<Block> {
        Some(Block { cid: self.cid?, bytes: self.write.record()?.clone() })
    }

    fn may_be_settled(&self) -> bool {
        match &*self.write {
            Write::Update { swap, .. } => matches!(swap, Swap::Absent | Swap::Is(_)),
            Write::Delete { swap, .. } => matches!(swap, Swap::Is(_)),
            Write::Create { .. } => false,
        }
    }

    fn op(&self) -> Op<'_> {
        let expect = match self.write.swap() {
            Swap::Present => Expect::Present,
            Swap::Any => Expect::Any,
            Swap::Absent => Expect::Absent,
            Swap::Is(cid) => Expect::Is(cid.clone()),
        };
        Op { key: self.key(), value: self.value(), expect }
    }
}
