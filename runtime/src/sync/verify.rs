//! Verifying what comes from others (Repository, events: operation inversion, consumer checklist).
//!
//! What needs no key is done first and once: [`open`] gives a [`Candidate`], whose signature can be tried with
//! one key after another.

mod blocks;
mod record;
#[cfg(test)]
mod tests;

use arobase_lexicon::syntax::{Did, Tid};
use bytes::Bytes;

pub use record::{RecordProof, read_record_proof, record_proof};

use super::{
    event::{CommitEvent, SyncEvent},
    invalid::Invalid,
    limits::{MAX_COMMIT_BLOCKS, MAX_OPS, MAX_RECORD, MAX_SYNC_BLOCKS, TooLarge},
};
use crate::{
    crypto::PublicKey,
    data::{Cid, CidLink},
    repo::{
        Commit, MemoryBlocks, RepoOp, RepoPath,
        mst::{self, Inverse, Tree, invert},
    },
};
use blocks::FileBlocks;

/// Verifies a `#commit` alone: everything but whether it follows the commit that the receiver knows.
///
/// # Errors
/// What is wrong with it.
pub fn commit(event: &CommitEvent, key: &PublicKey) -> Result<Verified, Invalid> {
    let candidate = open(event)?;
    candidate.check_signature(key)?;
    candidate.check_ops()?;
    Ok(candidate.into_verified())
}

/// Verifies a `#sync`: gives its commit.
///
/// # Errors
/// What is wrong with it.
pub fn sync(event: &SyncEvent, key: &PublicKey) -> Result<Commit, Invalid> {
    let commit = open_sync(event)?;
    check_signature(&commit, key)?;
    Ok(commit)
}

/// Takes a `#commit` apart: hashes its blocks, reads the commit, and compares it with the event.
///
/// # Errors
/// What is wrong so far.
pub fn open(event: &CommitEvent) -> Result<Candidate, Invalid> {
    TooLarge::check("operations", MAX_OPS, event.ops.len())?;
    TooLarge::check("bytes of blocks", MAX_COMMIT_BLOCKS, event.blocks.len())?;
    let blocks = FileBlocks::read(&event.blocks)?;
    let commit = blocks.commit_of(event.commit)?;
    check_commit(&commit, &event.did, &event.rev)?;
    let FileBlocks { nodes: blocks, others, .. } = blocks;
    let (since, prev_data, ops) = (event.since.clone(), event.prev_data, event.ops.clone());
    Ok(Candidate(Box::new(Verified { commit, since, prev_data, ops, blocks, others })))
}

/// Takes a `#sync` apart and compares its commit with it, without looking at the signature.
///
/// # Errors
/// What is wrong so far.
pub fn open_sync(event: &SyncEvent) -> Result<Commit, Invalid> {
    TooLarge::check("bytes of blocks", MAX_SYNC_BLOCKS, event.blocks.len())?;
    let commit = FileBlocks::read(&event.blocks)?.commit()?;
    check_commit(&commit, &event.did, &event.rev)?;
    Ok(commit)
}

/// Checks a signature.
///
/// # Errors
/// [`Invalid::Signature`].
pub(super) fn check_signature(commit: &Commit, key: &PublicKey) -> Result<(), Invalid> {
    commit.verify(key).map_err(|_| Invalid::Signature)
}

fn check_commit(commit: &Commit, did: &Did, rev: &Tid) -> Result<(), Invalid> {
    if commit.did() != did {
        return Err(Invalid::Did { expected: did.clone(), found: commit.did().clone() });
    }
    if commit.rev() != rev {
        return Err(Invalid::Rev { expected: rev.clone(), found: commit.rev().clone() });
    }
    Ok(())
}

/// A `#commit` whose blocks are those of their CIDs and whose commit is the one that it names. Who signed it, and
/// whether it follows from what it says was before, is open.
#[derive(Clone, Debug)]
pub struct Candidate(Box<Verified>);

impl Candidate {
    /// The commit.
    #[must_use]
    pub fn commit(&self) -> &Commit {
        &self.0.commit
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`Invalid::Signature`]; it may be tried with another key.
    pub fn check_signature(&self, key: &PublicKey) -> Result<(), Invalid> {
        check_signature(&self.0.commit, key)
    }

    /// Checks that what is said of the commit before makes sense, that exactly the operations led from the tree before
    /// to that of the commit, and that the records that they left are there.
    ///
    /// # Errors
    /// What is wrong with what was before, with the operations or with the tree.
    pub fn check_ops(&self) -> Result<(), Invalid> {
        let Verified { commit, prev_data, ops, .. } = &*self.0;
        self.check_before()?;
        check_paths(ops)?;
        if prev_data.is_none() {
            check_creates(ops)?;
        }
        self.check_records()?;
        let expected = prev_data.unwrap_or_else(Tree::empty_root);
        let found = if ops.is_empty() { commit.data() } else { self.undo()? };
        if found == expected { Ok(()) } else { Err(Invalid::PrevData { expected, found }) }
    }

    /// What the event says about the commit before has to make sense.
    fn check_before(&self) -> Result<(), Invalid> {
        let Verified { commit, since, prev_data, .. } = &*self.0;
        match (since, *prev_data) {
            (None, Some(data)) => Err(Invalid::FirstWithPrevData(data)),
            (Some(_), None) => Err(Invalid::MissingPrevData),
            (Some(since), Some(_)) if since >= commit.rev() => Err(Invalid::Since(since.clone())),
            _ => Ok(()),
        }
    }

    /// The root of the tree without the operations.
    fn undo(&self) -> Result<Cid, Invalid> {
        let Verified { commit, ops, blocks, .. } = &*self.0;
        let inverses: Vec<Inverse<'_>> = ops
            .iter()
            .map(|op| Inverse { key: op.path.as_key(), before: op.prev.clone(), after: op.cid.clone() })
            .collect();
        invert(commit.data(), &inverses, blocks).map_err(|error| tree_error(error, ops))
    }

    fn check_records(&self) -> Result<(), Invalid> {
        for RepoOp { path, cid, .. } in &self.0.ops {
            let Some(cid) = cid else { continue };
            let missing = || Invalid::MissingRecord { path: path.clone(), cid: cid.clone() };
            let record = self.0.record(cid).ok_or_else(missing)?;
            TooLarge::check("bytes of a record", MAX_RECORD, record.len())?;
        }
        Ok(())
    }

    /// After [`Candidate::check_signature`] and [`Candidate::check_ops`].
    pub(super) fn into_verified(self) -> Verified {
        *self.0
    }
}

/// Every path occurs once, and every operation is one.
fn check_paths(ops: &[RepoOp]) -> Result<(), Invalid> {
    if let Some(op) = ops.iter().find(|op| op.cid.is_none() && op.prev.is_none()) {
        return Err(Invalid::EmptyOp(op.path.clone()));
    }
    let mut paths: Vec<&RepoPath> = ops.iter().map(|op| &op.path).collect();
    paths.sort_unstable();
    match paths.iter().zip(paths.iter().skip(1)).find(|(one, next)| one == next) {
        Some((path, _)) => Err(Invalid::Repeated((*path).clone())),
        None => Ok(()),
    }
}

fn check_creates(ops: &[RepoOp]) -> Result<(), Invalid> {
    match ops.iter().find(|op| op.prev.is_some()) {
        Some(op) => Err(Invalid::FirstChanges(op.path.clone())),
        None => Ok(()),
    }
}

/// An error of the inversion, in terms of the operations where it is about one.
fn tree_error(error: mst::Error, ops: &[RepoOp]) -> Invalid {
    let mst::Error::Precondition { key, found, .. } = &error else { return Invalid::Tree(error) };
    match ops.iter().find(|op| op.path.as_key() == &**key) {
        Some(op) => Invalid::Op { path: op.path.clone(), expected: op.cid.clone(), found: found.clone() },
        None => Invalid::Tree(error),
    }
}

/// A `#commit` that was verified.
#[derive(Clone, Debug)]
pub struct Verified {
    commit: Commit,
    since: Option<Tid>,
    prev_data: Option<Cid>,
    ops: Vec<RepoOp>,
    blocks: MemoryBlocks,
    /// Blocks under CIDs of other forms.
    others: Vec<(CidLink, Bytes)>,
}

impl Verified {
    /// The commit.
    #[must_use]
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// The revision before; `None` for the first commit.
    #[must_use]
    pub fn since(&self) -> Option<&Tid> {
        self.since.as_ref()
    }

    /// The root of the tree before; `None` for the first commit.
    #[must_use]
    pub fn prev_data(&self) -> Option<Cid> {
        self.prev_data
    }

    /// What was done, in the order of the event, with one operation for a path.
    #[must_use]
    pub fn ops(&self) -> &[RepoOp] {
        &self.ops
    }

    /// A record that an operation left: DAG-CBOR that was not looked into.
    #[must_use]
    pub fn record(&self, cid: &CidLink) -> Option<&Bytes> {
        blocks::find(&self.blocks, &self.others, cid)
    }

    /// All blocks that came with the event. There may be some that the tree does not lead to, which are not to be
    /// stored.
    #[must_use]
    pub fn blocks(&self) -> &MemoryBlocks {
        &self.blocks
    }
}
