//! A word in what is written.

use arobase::{
    data::Cid,
    repo::RepoOp,
    syntax::{Did, Tid},
    xrpc::BoxFuture,
};

use crate::{error::Error, repos::Change};

/// Has a word in what is written to repositories, over HTTP or in process.
pub trait Hooks: Send + Sync {
    /// Writes are about to be made. They are valid as far as that can be said without the repository. An error refuses
    /// all of them, and is the answer.
    fn before_write<'a>(&'a self, proposal: &'a Proposal) -> BoxFuture<'a, Result<(), Error>> {
        let _ = proposal;
        Box::pin(std::future::ready(Ok(())))
    }

    /// Writes were committed and are durable; imports, and commits that change no record, are not told of. What takes
    /// long is for a task of its own: the writer waits. Commits of one repository may come out of their order.
    fn after_commit(&self, committed: &Committed) {
        let _ = committed;
    }
}

/// Writes that are about to be made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Proposal {
    /// Whose repository it is.
    pub did: Did,
    /// The writes. Creates have their record keys.
    pub changes: Vec<Change>,
}

/// A commit that was made of writes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Committed {
    /// Whose repository it is.
    pub did: Did,
    /// The revision.
    pub rev: Tid,
    /// The CID of the commit.
    pub commit: Cid,
    /// What was done, in the order of the paths.
    pub ops: Vec<RepoOp>,
}
