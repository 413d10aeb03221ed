//! A batch of writes on its way to the tree.

use std::collections::HashSet;

use crate::{
    data::{Cid, CidLink},
    repo::{
        Error,
        blocks::{Blocks, ByDigest},
        mst::{self, Block, Expect, Op, Tree},
    },
};

use super::{MAX_WRITES, RepoOp, Swap, Write, record};

/// A batch that was checked as far as that goes without the tree, in the order of the paths.
#[derive(Debug)]
pub(in crate::repo) struct Batch<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Debug)]
struct Entry<'a> {
    write: &'a Write,
    /// Of the record; a delete has none.
    cid: Option<Cid>,
}

impl<'a> Batch<'a> {
    /// Checks a batch.
    pub(in crate::repo) fn check(writes: &'a [Write]) -> Result<Self, Error> {
        if writes.len() > MAX_WRITES {
            return Err(Error::Limit { what: "writes", limit: MAX_WRITES, found: writes.len() });
        }
        let mut entries = writes.iter().map(Entry::check).collect::<Result<Vec<_>, _>>()?;
        entries.sort_unstable_by_key(|entry| entry.write.path());
        let repeated = entries.windows(2).find_map(|pair| match pair {
            [a, b] if a.write.path() == b.write.path() => Some(a.write.path().to_string()),
            _ => None,
        });
        repeated.map_or(Ok(Self { entries }), |path| Err(Error::Repeated(path)))
    }

    /// Leaves out the updates to what is there already. That comes before what an update wants to replace; where that
    /// could not fail, the tree itself sees that nothing changes.
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
        match (entry.write, entry.write.swap()) {
            (Write::Create { .. }, _) => Error::Exists(path),
            (_, Swap::Present) => Error::NotFound(path),
            _ => Error::Swap { path: Some(path), found: found.clone() },
        }
    }
}

impl<'a> Entry<'a> {
    fn check(write: &'a Write) -> Result<Self, Error> {
        let cid = match write.record() {
            None => None,
            Some(record) => {
                record::check(write.path(), record)?;
                Some(Cid::of_cbor(record))
            }
        };
        Ok(Self { write, cid })
    }

    fn key(&self) -> &'a [u8] {
        self.write.path().as_key()
    }

    fn value(&self) -> Option<CidLink> {
        self.cid.map(CidLink::from)
    }

    fn block(&self) -> Option<Block> {
        Some(Block { cid: self.cid?, bytes: self.write.record()?.clone() })
    }

    fn may_be_settled(&self) -> bool {
        matches!(self.write, Write::Update { swap: Swap::Absent | Swap::Is(_), .. })
    }

    fn op(&self) -> Op<'a> {
        let expect = match self.write.swap() {
            Swap::Present => Expect::Present,
            Swap::Any => Expect::Any,
            Swap::Absent => Expect::Absent,
            Swap::Is(cid) => Expect::Is(cid.clone()),
        };
        Op { key: self.key(), value: self.value(), expect }
    }
}
