//! What a commit changed.

use std::collections::HashSet;

use arobase_lexicon::syntax::Tid;
use bytes::Bytes;

use crate::{
    data::{Cid, CidLink},
    repo::{Commit, Error, blocks::ByDigest, car, mst::Block, path::RepoPath},
};

/// The most bytes of the CAR file in an event (Repository, events: `#commit`).
pub const MAX_EVENT: usize = 2_000_000;

/// What a commit did to a path (Repository, events: `#repoOp`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoOp {
    /// The path.
    pub path: RepoPath,
    /// The record before; `None` if it was created.
    pub prev: Option<CidLink>,
    /// The record after; `None` if it was deleted.
    pub cid: Option<CidLink>,
}

/// A commit and everything that it changed: what a store has to keep, what it can let go of, and what an
/// event is made of.
///
/// A store keeps the blocks of `commit`, `nodes` and `records`, and can let go of the commit before and of `retired`.
/// The records that went are those that `ops` name as `prev`; but one block may be the record of several paths, so a
/// store has to make sure that no other path has the CID before it deletes the block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Written {
    /// The commit.
    pub commit: Commit,
    /// The revision before; `None` for the first commit.
    pub since: Option<Tid>,
    /// The root of the tree before; `None` for the first commit.
    pub prev_data: Option<Cid>,
    /// What was done, in the order of the paths.
    pub ops: Vec<RepoOp>,
    /// The nodes that the tree has now and did not have before.
    pub nodes: Vec<Block>,
    /// The records that were created or updated, each block once. A record that is the same as another is here too.
    pub records: Vec<Block>,
    /// The nodes that the tree had before and does not have now.
    pub retired: Vec<Cid>,
    /// The covering proof of all operations in the tree as it is now.
    pub proof: Vec<Block>,
}

impl Written {
    /// The blocks of an event, each once: the commit first, then nodes and covering proof, then records
    /// (Repository, diff and proofs).
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        let commit = Block { cid: self.commit.cid(), bytes: self.commit.bytes().clone() };
        std::iter::once(commit).chain(once_each(&self.nodes, &self.proof, &self.records).cloned())
    }

    /// The CAR file of an event, whose root is the commit.
    #[must_use]
    pub fn to_car(&self) -> Bytes {
        let mut out = car::header(&[self.commit.cid()]).to_vec();
        for block in self.blocks() {
            car::put_block(&mut out, &block.cid.into(), &block.bytes);
        }
        out.into()
    }
}

/// Checks that a CAR file of a commit of so many bytes and of these blocks fits in an event.
pub(in crate::repo) fn check_size(
    root: Cid,
    commit: usize,
    nodes: &[Block],
    proof: &[Block],
    records: &[Block],
) -> Result<(), Error> {
    let blocks = once_each(nodes, proof, records).map(|block| car::block_len(block.bytes.len()));
    // All headers with one root are equally long.
    let found = car::header(&[root]).len() + car::block_len(commit) + blocks.sum::<usize>();
    match found <= MAX_EVENT {
        true => Ok(()),
        false => Err(Error::Limit { what: "bytes of an event", limit: MAX_EVENT, found }),
    }
}

fn once_each<'a>(nodes: &'a [Block], proof: &'a [Block], records: &'a [Block]) -> impl Iterator<Item = &'a Block> {
    let mut seen: HashSet<Cid, ByDigest> = HashSet::default();
    [nodes, proof, records].into_iter().flatten().filter(move |block| seen.insert(block.cid))
}
