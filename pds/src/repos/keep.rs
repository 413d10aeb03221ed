//! Keeping what a commit changed.

use std::ops::Bound;

use arobase::{
    data::{Cid, CidLink},
    repo::{
        RepoPath, Written, blob_refs,
        mst::{Block, Direction},
    },
    syntax::Tid,
};
use bytes::Bytes;

use crate::{
    blobs::{self, Absent, Relink},
    error::Error,
    store::{Account, AccountId, Range, Record, Unit, Usage, View},
};

/// Keeps what a commit changed: blocks, records, collections, blob references, usage. The commit follows on the one
/// that the unit has.
///
/// # Errors
/// 400 for blobs that a record refers to and that are not as it says; the store failed.
pub(crate) fn keep(
    unit: &mut dyn Unit,
    account: &Account,
    written: &Written,
    absent: Absent,
    now: i64,
) -> Result<(), Error> {
    let mut keeper = Keeper::new(unit, account, written.commit.rev(), absent, now);
    let mut blocks = Blocks { records: &written.records, next: 0 };
    for op in &written.ops {
        let after = op.cid.as_ref().map(|cid| blocks.find(cid).map(|block| (cid.clone(), block))).transpose()?;
        keeper.record(&op.path, op.prev.is_some(), after)?;
    }
    for node in &written.nodes {
        keeper.node(&node.cid, &node.bytes)?;
    }
    for cid in &written.retired {
        keeper.retire(cid)?;
    }
    keeper.finish()?;
    unit.put_commit(account.id, &written.commit)?;
    Ok(())
}

/// The records of a commit, which come in the order of its operations, but each only once.
struct Blocks<'a> {
    records: &'a [Block],
    next: usize,
}

impl Blocks<'_> {
    fn find(&mut self, cid: &CidLink) -> Result<Bytes, Error> {
        let is_it = |block: &&Block| *cid == CidLink::from(block.cid);
        if let Some(block) = self.records.get(self.next).filter(is_it) {
            self.next += 1;
            return Ok(block.bytes.clone());
        }
        let block = self.records.iter().find(is_it);
        block.map(|block| block.bytes.clone()).ok_or_else(|| Error::internal("a commit without the block of a record"))
    }
}

/// Keeps the changes of one commit, one after the other: records in the order of their paths.
pub(super) struct Keeper<'a> {
    unit: &'a mut dyn Unit,
    account: &'a Account,
    rev: &'a Tid,
    absent: Absent,
    now: i64,
    change: Usage,
    /// The collection that got a record last.
    grown: Option<Box<str>>,
    /// Collections that lost records.
    shrunk: Vec<Box<str>>,
    /// Blobs that records referred to before.
    released: Vec<Cid>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(unit: &'a mut dyn Unit, account: &'a Account, rev: &'a Tid, absent: Absent, now: i64) -> Self {
        let change = Usage::default();
        Self { unit, account, rev, absent, now, change, grown: None, shrunk: Vec::new(), released: Vec::new() }
    }

    /// Keeps a node that the tree did not have before.
    pub(super) fn node(&mut self, cid: &Cid, block: &Bytes) -> Result<(), Error> {
        self.unit.put_node(self.account.id, cid, self.rev, block)?;
        self.change.nodes += 1;
        self.change.node_bytes += length(block.len());
        Ok(())
    }

    /// Lets go of a node that the tree does not have any more.
    pub(super) fn retire(&mut self, cid: &Cid) -> Result<(), Error> {
        if let Some(bytes) = self.unit.delete_node(self.account.id, cid)? {
            self.change.nodes -= 1;
            self.change.node_bytes -= length(bytes);
        }
        Ok(())
    }

    /// Keeps what is under a path now, in place of what was there before.
    pub(super) fn record(
        &mut self,
        path: &RepoPath,
        replaces: bool,
        after: Option<(CidLink, Bytes)>,
    ) -> Result<(), Error> {
        let before = if replaces { self.unit.record(self.account.id, path)? } else { None };
        self.count(before.as_ref().map(|record| &record.block), -1);
        self.count(after.as_ref().map(|(_, block)| block), 1);
        self.relink(path, before.as_ref().map(|record| &*record.block), after.as_ref().map(|(_, block)| &**block))?;
        match after {
            Some((cid, block)) => self.put(&Record { path: path.clone(), cid, rev: self.rev.clone(), block }),
            None => self.delete(path),
        }
    }

    fn put(&mut self, record: &Record) -> Result<(), Error> {
        self.unit.put_record(self.account.id, record)?;
        let collection = record.path.collection();
        if self.grown.as_deref() != Some(collection) {
            self.unit.note_collection(self.account.id, collection, true)?;
            self.grown = Some(collection.into());
        }
        Ok(())
    }

    fn delete(&mut self, path: &RepoPath) -> Result<(), Error> {
        self.unit.delete_record(self.account.id, path)?;
        let collection = path.collection();
        if self.shrunk.last().is_none_or(|last| **last != *collection) {
            self.shrunk.push(collection.into());
        }
        Ok(())
    }

    fn count(&mut self, block: Option<&Bytes>, sign: i64) {
        if let Some(block) = block {
            self.change.records += sign;
            self.change.record_bytes += sign * length(block.len());
        }
    }

    /// Notes which blobs a record refers to now.
    fn relink(&mut self, path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>) -> Result<(), Error> {
        let change = Relink { path, rev: self.rev, before, after };
        blobs::relink(self.unit, self.account, change, self.absent)?;
        if let Some(block) = before.filter(|block| may_have_blobs(block)) {
            let refs = blob_refs(block).map_err(Error::internal)?;
            self.released.extend(refs.iter().filter_map(|blob| blob.cid().as_cid()));
        }
        Ok(())
    }

    /// Keeps what follows from all changes together.
    pub(super) fn finish(self) -> Result<(), Error> {
        let id = self.account.id;
        for collection in &self.shrunk {
            if !has_records(self.unit, id, collection)? {
                self.unit.note_collection(id, collection, false)?;
            }
        }
        if !self.released.is_empty() {
            blobs::sweep(self.unit, id, &self.released, self.now)?;
        }
        self.unit.add_usage(id, self.change)?;
        Ok(())
    }
}

fn has_records(view: &dyn View, id: AccountId, collection: &str) -> Result<bool, Error> {
    let (from, to) = bounds(collection);
    let range = Range {
        from: Bound::Included(&from),
        to: Bound::Excluded(&to),
        direction: Direction::Up,
        limit: 1,
        bytes: usize::MAX,
    };
    Ok(!view.records(id, range)?.is_empty())
}

/// Between which texts the paths of a collection are: the first is less than all of them, the second is greater.
pub(super) fn bounds(collection: &str) -> (String, String) {
    const AFTER_SLASH: char = '0';
    (format!("{collection}/"), format!("{collection}{AFTER_SLASH}"))
}

/// Whether a record can refer to blobs: what refers to one has the text `blob` as its type, and a text has one form.
fn may_have_blobs(block: &[u8]) -> bool {
    const TEXT: &[u8] = b"\x64blob";
    block.windows(TEXT.len()).any(|window| window == TEXT)
}

/// Blocks are far shorter than this type holds.
fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_not_within_the_bounds_of_another() {
        let (from, to) = bounds("com.example.note");
        for (path, inside) in [
            ("com.example.note/a", true),
            ("com.example.note/~", true),
            ("com.example.notes/a", false),
            ("com.example.note-x/a", false),
            ("com.example.not/a", false),
        ] {
            assert_eq!((from.as_str()..to.as_str()).contains(&path), inside, "{path}");
        }
    }
}
