//! Commits on their way to a signature.

use std::time::{SystemTime, UNIX_EPOCH};

use arobase_lexicon::syntax::{Did, Tid, TidGenerator};

use crate::{
    crypto::{PublicKey, Signature, Signer},
    data::Cid,
    repo::{
        Batch, Error, RepoOp, Write, Written,
        blocks::Blocks,
        commit::{Commit, Unsigned},
        mst::{Block, Tree},
        write::check_size,
    },
};

use super::Repo;

/// A commit that waits for its signature, for keys that answer later. To drop it is to give it up.
#[derive(Debug)]
pub struct Pending {
    /// The commit before.
    base: Option<Cid>,
    unsigned: Unsigned,
    tree: Tree,
    since: Option<Tid>,
    prev_data: Option<Cid>,
    changes: Changes,
}

/// What becomes of the tree.
#[derive(Debug, Default)]
struct Changes {
    ops: Vec<RepoOp>,
    nodes: Vec<Block>,
    records: Vec<Block>,
    retired: Vec<Cid>,
    proof: Vec<Block>,
}

impl Pending {
    /// A batch of writes to a repository.
    pub(super) fn of_writes(
        repo: &Repo,
        mut batch: Batch<'_>,
        clock: &TidGenerator,
        blocks: &dyn Blocks,
    ) -> Result<Option<Self>, Error> {
        // What is loaded into the tree before it is cloned is loaded for both.
        repo.tree.root.load(blocks)?;
        batch.drop_settled(&repo.tree, blocks)?;
        let mut tree = repo.tree.clone();
        let changes = Changes::make(&batch, &mut tree, blocks)?;
        if changes.ops.is_empty() {
            return Ok(None);
        }
        Self::after(repo, tree, changes, clock).map(Some)
    }

    /// Nothing but a new revision of a repository.
    pub(super) fn of_nothing(repo: &Repo, clock: &TidGenerator) -> Result<Self, Error> {
        Self::after(repo, repo.tree.clone(), Changes::default(), clock)
    }

    /// The beginning of a repository.
    pub(super) fn of_first(did: Did, writes: &[Write], clock: &TidGenerator) -> Result<Self, Error> {
        let mut tree = Tree::new();
        let mut changes = Changes::make(&Batch::check(writes)?, &mut tree, &())?;
        // The node of the empty tree was never stored.
        changes.retired.clear();
        if changes.ops.is_empty() {
            let node = tree.root.load(&())?;
            changes.nodes = vec![Block { cid: node.cid(), bytes: node.bytes().to_vec().into() }];
        }
        let unsigned = Unsigned { did, rev: next_rev(None, clock, now())?, data: tree.root(), prev: None };
        Self { base: None, unsigned, tree, since: None, prev_data: None, changes }.check_size()
    }

    /// Changes of a repository, whose tree becomes the given one.
    fn after(repo: &Repo, tree: Tree, changes: Changes, clock: &TidGenerator) -> Result<Self, Error> {
        let rev = next_rev(Some(repo.commit.rev()), clock, now())?;
        let unsigned = Unsigned { did: repo.commit.did().clone(), rev, data: tree.root(), prev: None };
        Self {
            base: Some(repo.commit.cid()),
            unsigned,
            tree,
            since: Some(repo.commit.rev().clone()),
            prev_data: Some(repo.commit.data()),
            changes,
        }
        .check_size()
    }

    fn check_size(self) -> Result<Self, Error> {
        let Changes { nodes, proof, records, .. } = &self.changes;
        check_size(self.unsigned.data, self.unsigned.signed_len(), nodes, proof, records)?;
        Ok(self)
    }

    /// The commit without its signature. What has to be signed are the bytes of [`Unsigned::to_cbor`].
    #[must_use]
    pub fn unsigned(&self) -> &Unsigned {
        &self.unsigned
    }

    /// What will have been done, in the order of the paths.
    #[must_use]
    pub fn ops(&self) -> &[RepoOp] {
        &self.changes.ops
    }

    /// The same with another revision, such as one that is also greater than that of an imported repository.
    ///
    /// # Errors
    /// It is not greater than the revision before, or no revision.
    pub fn with_rev(mut self, rev: Tid) -> Result<Self, Error> {
        self.unsigned.rev = greater(rev, self.since.as_ref())?;
        Ok(self)
    }

    /// Checks that this is to follow on a commit.
    pub(super) fn check_base(&self, commit: Option<Cid>) -> Result<(), Error> {
        match self.base == commit {
            true => Ok(()),
            false => Err(Error::Swap { path: None, found: commit.map(Into::into) }),
        }
    }

    /// The repository as it is with the commit, signed here.
    pub(super) fn sign(self, signer: &dyn Signer) -> Result<(Repo, Written), Error> {
        let commit = self.unsigned.clone().sign(signer)?;
        Ok(self.complete(commit))
    }

    /// The repository as it is with the commit, signed elsewhere.
    pub(super) fn signed(self, signature: &Signature, key: &PublicKey) -> Result<(Repo, Written), Error> {
        let commit = self.unsigned.clone().with_signature(signature);
        commit.verify(key)?;
        Ok(self.complete(commit))
    }

    fn complete(self, commit: Commit) -> (Repo, Written) {
        let Changes { ops, nodes, records, retired, proof } = self.changes;
        let repo = Repo { commit: commit.clone(), tree: self.tree };
        let Self { since, prev_data, .. } = self;
        (repo, Written { commit, since, prev_data, ops, nodes, records, retired, proof })
    }
}

impl Changes {
    /// Carries out a batch on a tree.
    fn make(batch: &Batch<'_>, tree: &mut Tree, blocks: &dyn Blocks) -> Result<Self, Error> {
        let change = batch.apply(tree, blocks)?;
        let ops = batch.ops(change.previous());
        let keys: Vec<&[u8]> = ops.iter().map(|op| op.path.as_key()).collect();
        Ok(Self {
            proof: tree.covering_proof(&keys, blocks)?,
            nodes: change.created().collect(),
            records: batch.records(change.previous()),
            retired: change.retired().to_vec(),
            ops,
        })
    }
}

/// The revision after another, or the first one.
pub(super) fn next_rev(previous: Option<&Tid>, clock: &TidGenerator, now_micros: u64) -> Result<Tid, Error> {
    match previous {
        None => Ok(clock.next_at(now_micros)),
        Some(previous) => greater(clock.after(previous, now_micros), Some(previous)),
    }
}

fn greater(rev: Tid, previous: Option<&Tid>) -> Result<Tid, Error> {
    let least = || Tid::from_parts(0, 0);
    match previous {
        Some(previous) if rev <= *previous => Err(Error::Rev { previous: previous.clone(), found: rev }),
        // Read leniently, it may be none.
        _ if rev.as_u64().is_none() => {
            Err(Error::Rev { previous: previous.cloned().unwrap_or_else(least), found: rev })
        }
        _ => Ok(rev),
    }
}

/// Microseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
