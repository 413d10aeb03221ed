//! The import itself, block by block.

use bytes::Bytes;

use crate::{
    data::{Cid, CidLink, Codec},
    repo::{
        Blocks, Commit,
        car::{CarBlock, verifier},
        mst,
    },
};

use super::{
    ImportLimits,
    error::Error,
    held::Held,
    item::Item,
    open::Next,
    source::{Block, Source, Store},
    walk::Walk,
};

/// What takes what an import found.
pub(super) type Found<'f> = &'f mut dyn FnMut(Item<'_>);

/// An import under way. Blocks are pushed in the order of the file; what is certain comes out.
///
/// A file in the order of the protocol needs memory for one path of the tree, in whatever order it
/// is that of all blocks before their turn. Such files are better read with
/// [`from_slice`](super::from_slice), or from disk with a [`CarIndex`](crate::repo::CarIndex): an
/// import into which nothing is pushed takes all it needs from the source with which it is finished.
///
/// What is checked: the hash of every block that counts, the form of the commit, and of every node its
/// encoding, layer and range, so that exactly one tree has these records; that every key is a path, and
/// that every node and record is there. Not checked is the signature of the commit. Blocks that nothing
/// links to are ignored.
#[derive(Debug)]
pub struct Import {
    root: Cid,
    commit: Option<Commit>,
    walk: Walk,
    held: Held,
    limits: ImportLimits,
    nodes: u64,
    records: u64,
    /// The block that was pushed and taken last.
    last: Option<CidLink>,
    failed: Option<Error>,
}

impl Import {
    /// An import of a file with these roots, of which the first is the commit.
    ///
    /// # Errors
    /// There is no root, or it is no CID of a commit.
    pub fn new(roots: &[CidLink], limits: ImportLimits) -> Result<Self, Error> {
        let first = roots.first().ok_or(Error::NoRoot)?;
        match first.as_cid() {
            Some(root) if root.codec() == Codec::DagCbor => Ok(Self {
                root,
                commit: None,
                walk: Walk::default(),
                held: Held::new(limits.held),
                limits,
                nodes: 0,
                records: 0,
                last: None,
                failed: None,
            }),
            _ => Err(Error::Root(first.clone())),
        }
    }

    /// Takes in the next block, and hands out what is certain with it.
    ///
    /// # Errors
    /// See [`Error`]; the import has failed then, and repeats the error.
    pub fn push<T: AsRef<[u8]>>(&mut self, block: &CarBlock<T>, found: &mut dyn FnMut(Item<'_>)) -> Result<(), Error> {
        self.check()?;
        let pushed = self.put(&block.cid, block.bytes.as_ref(), block.verified(), found);
        pushed.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Repeats the error with which the import has failed.
    fn check(&self) -> Result<(), Error> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    /// Takes a block in or holds it, unless nothing needs it.
    fn put(&mut self, cid: &CidLink, bytes: &[u8], verified: bool, found: Found<'_>) -> Result<(), Error> {
        if self.try_offer(cid, bytes, verified, found)? {
            self.last = Some(cid.clone());
            return Ok(());
        }
        if self.is_over() || self.is_repeated_node(cid) {
            return Ok(());
        }
        self.held.hold(cid, bytes, verified, self.last.as_ref() == Some(cid))
    }

    /// Takes a block of a file in, if it is its turn. Whether it was. An error is kept as that of a push is.
    pub(super) fn offer(
        &mut self,
        cid: &CidLink,
        bytes: &[u8],
        verified: bool,
        found: Found<'_>,
    ) -> Result<bool, Error> {
        self.check()?;
        let offered = self.try_offer(cid, bytes, verified, found);
        offered.inspect_err(|error| self.failed = Some(error.clone()))
    }

    fn try_offer(&mut self, cid: &CidLink, bytes: &[u8], verified: bool, found: Found<'_>) -> Result<bool, Error> {
        if !self.is_next(cid, found)? {
            return self.offer_waiting(cid, bytes, verified, found);
        }
        self.take(cid, bytes, verified, found)?;
        if !self.held.is_empty() {
            self.take_held(found)?;
        }
        Ok(true)
    }

    /// Whether it is the turn of a block. Records before it go without their blocks, which came
    /// before: no block is written twice.
    fn is_next(&mut self, cid: &CidLink, found: Found<'_>) -> Result<bool, Error> {
        match self.next() {
            Some(next) if next.is(cid) => Ok(true),
            None | Some(Next::Node(_)) => Ok(false),
            Some(Next::Record(_)) => match self.walk.ahead(cid) {
                None => Ok(false),
                Some(records) => self.skip(records, found).map(|()| true),
            },
        }
    }

    /// The link that comes next.
    fn next(&self) -> Option<Next<'_>> {
        match self.commit {
            None => Some(Next::Node(self.root)),
            Some(_) => self.walk.next(),
        }
    }

    /// Takes the block that comes next.
    fn take(&mut self, cid: &CidLink, bytes: &[u8], verified: bool, found: Found<'_>) -> Result<(), Error> {
        match self.next() {
            Some(Next::Record(_)) => self.take_record(cid, bytes, verified, found),
            Some(Next::Node(node)) if self.commit.is_some() => self.take_node(node, bytes, found),
            _ => self.take_commit(bytes, found),
        }
    }

    fn take_commit(&mut self, bytes: &[u8], found: Found<'_>) -> Result<(), Error> {
        let commit = Commit::decode(Bytes::copy_from_slice(bytes)).map_err(Error::Commit)?;
        found(Item::Commit(&commit));
        self.walk = Walk::new(commit.data());
        self.commit = Some(commit);
        Ok(())
    }

    fn take_node(&mut self, cid: Cid, bytes: &[u8], found: Found<'_>) -> Result<(), Error> {
        count(&mut self.nodes, "nodes", self.limits.nodes)?;
        self.walk.enter(cid, bytes)?;
        found(Item::Node { cid, bytes });
        Ok(())
    }

    fn take_record(&mut self, cid: &CidLink, bytes: &[u8], verified: bool, found: Found<'_>) -> Result<(), Error> {
        count(&mut self.records, "records", self.limits.records)?;
        let key = self.walk.key();
        if !verified {
            return Err(Error::Unverifiable { key: key.into(), cid: cid.clone() });
        }
        found(Item::Record { key, cid, bytes });
        self.walk.pass()
    }

    /// Passes so many records, whose blocks are held or else may come later.
    fn skip(&mut self, records: usize, found: Found<'_>) -> Result<(), Error> {
        for _ in 0..records {
            self.skip_record(found)?;
        }
        Ok(())
    }

    fn skip_record(&mut self, found: Found<'_>) -> Result<(), Error> {
        let Some(cid) = self.walk.next().and_then(|next| next.cid()) else { return Ok(()) };
        if let Some((bytes, verified)) = self.held.lend(&cid) {
            return self.take_record(&cid, &bytes, verified, found);
        }
        count(&mut self.records, "records", self.limits.records)?;
        self.held.wait(cid, self.walk.key())?;
        self.walk.pass()
    }

    /// Takes what is held for as long as the next link is to a block that is.
    fn take_held(&mut self, found: Found<'_>) -> Result<(), Error> {
        while let Some(next) = self.next() {
            let Some(cid) = next.cid() else { return Ok(()) };
            let held = match next {
                Next::Node(cid) => self.held.take(&cid).map(|bytes| (bytes, true)),
                Next::Record(_) => self.held.lend(&cid),
            };
            let Some((bytes, verified)) = held else { return Ok(()) };
            self.take(&cid, &bytes, verified, found)?;
        }
        Ok(())
    }

    /// Hands out the records that wait for a block. Whether there were any.
    fn offer_waiting(&mut self, cid: &CidLink, bytes: &[u8], verified: bool, found: Found<'_>) -> Result<bool, Error> {
        let Some(keys) = self.held.waiting_for(cid) else { return Ok(false) };
        for key in keys {
            if !verified {
                return Err(Error::Unverifiable { key, cid: cid.clone() });
            }
            found(Item::Record { key: &key, cid, bytes });
        }
        Ok(true)
    }

    /// Whether this is the commit or a node that came not long ago, of which each has one turn.
    fn is_repeated_node(&self, cid: &CidLink) -> bool {
        self.commit.is_some() && (cid.as_cid() == Some(self.root) || self.walk.is_in(cid))
    }

    /// Whether nothing is wanted any more.
    pub(super) fn is_over(&self) -> bool {
        self.next().is_none() && !self.held.has_waiting()
    }

    /// Finishes: what did not come is looked for in `blocks`, such as the store that takes the import
    /// or holds the repository as it was before.
    ///
    /// # Errors
    /// Something is missing or wrong.
    pub fn finish(self, blocks: &dyn Blocks, found: &mut dyn FnMut(Item<'_>)) -> Result<Commit, Error> {
        self.finish_from(&Store(blocks), found)
    }

    /// The same with a source of the import's own.
    pub(super) fn finish_from(mut self, source: &dyn Source, found: Found<'_>) -> Result<Commit, Error> {
        self.check()?;
        self.take_held(found)?;
        while let Some(cid) = self.next().and_then(|next| next.cid()) {
            self.complete(&cid, source, found)?;
            if !self.held.is_empty() {
                self.take_held(found)?;
            }
        }
        let commit = self.commit.ok_or(Error::MissingCommit(self.root))?;
        for (key, cid) in self.held.into_waiting() {
            match source.block(&cid)? {
                None => return Err(missing_record(key, cid)),
                Some(Block { verified: false, .. }) => return Err(Error::Unverifiable { key, cid }),
                Some(block) => found(Item::Record { key: &key, cid: &cid, bytes: &block.bytes }),
            }
        }
        Ok(commit)
    }

    /// Takes the block that comes next from a source.
    fn complete(&mut self, cid: &CidLink, source: &dyn Source, found: Found<'_>) -> Result<(), Error> {
        match source.block(cid)? {
            Some(block) => self.take(cid, &block.bytes, block.verified, found),
            None => Err(self.missing(cid)),
        }
    }

    #[cold]
    fn missing(&self, cid: &CidLink) -> Error {
        match self.next() {
            _ if self.commit.is_none() => Error::MissingCommit(self.root),
            Some(Next::Node(cid)) => Error::Tree(mst::Error::Missing(cid)),
            _ => missing_record(self.walk.key().into(), cid.clone()),
        }
    }
}

/// No source has the block of a record. One that cannot be verified would not do either, and sources that
/// are files leave such blocks out.
#[cold]
fn missing_record(key: Box<[u8]>, cid: CidLink) -> Error {
    match verifier(&cid) {
        Some(_) => Error::MissingRecord { key, cid },
        None => Error::Unverifiable { key, cid },
    }
}

/// Counts one more, up to a limit.
fn count(number: &mut u64, what: &'static str, limit: u64) -> Result<(), Error> {
    if *number >= limit {
        return Err(Error::Limit { what, limit });
    }
    *number += 1;
    Ok(())
}
