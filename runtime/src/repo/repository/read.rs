//! Looking into a repository.

use std::ops::Bound;

use crate::{
    data::CidLink,
    repo::{
        Error, RepoPath,
        blocks::Blocks,
        mst::{Block, Direction, Walk},
    },
};

use super::{Collections, Repo};

impl Repo {
    /// The CID of a record.
    ///
    /// # Errors
    /// A node is missing or invalid.
    pub fn get(&self, path: &RepoPath, blocks: &dyn Blocks) -> Result<Option<CidLink>, Error> {
        Ok(self.tree.get(path.as_key(), blocks)?)
    }

    /// The records of a collection, in the order of their keys.
    pub fn list<'a>(&'a self, collection: &str, direction: Direction, blocks: &'a dyn Blocks) -> Walk<'a> {
        self.range(collection, Bound::Unbounded, Bound::Unbounded, direction, blocks)
    }

    /// The records of a collection whose record keys are in a range, in their order. The walk goes straight to where
    /// the range begins.
    pub fn range<'a>(
        &'a self,
        collection: &str,
        from: Bound<&str>,
        to: Bound<&str>,
        direction: Direction,
        blocks: &'a dyn Blocks,
    ) -> Walk<'a> {
        let key = |rkey: &str| format!("{collection}/{rkey}");
        let from = match from {
            Bound::Unbounded => Bound::Included(key("")),
            bound => bound.map(key),
        };
        let to = match to {
            Bound::Unbounded => Bound::Excluded(behind(collection)),
            bound => bound.map(key),
        };
        self.tree.range(from.as_ref().map(String::as_bytes), to.as_ref().map(String::as_bytes), direction, blocks)
    }

    /// The collections that have records, in order. Each takes one look-up, however many records it has.
    pub fn collections<'a>(&'a self, blocks: &'a dyn Blocks) -> Collections<'a> {
        Collections::new(&self.tree, blocks)
    }

    /// The commit and the nodes that prove a record or that there is none (`sync.getRecord`), without the record.
    ///
    /// # Errors
    /// A node is missing or invalid.
    pub fn proof(&self, path: &RepoPath, blocks: &dyn Blocks) -> Result<Vec<Block>, Error> {
        self.proof_of(&[path], blocks)
    }

    /// The same for several records.
    pub(in crate::repo) fn proof_of(&self, paths: &[&RepoPath], blocks: &dyn Blocks) -> Result<Vec<Block>, Error> {
        let keys: Vec<&[u8]> = paths.iter().map(|path| path.as_key()).collect();
        let mut proof = vec![Block { cid: self.commit.cid(), bytes: self.commit.bytes().clone() }];
        proof.extend(self.tree.proof(&keys, blocks)?);
        Ok(proof)
    }
}

/// The least key that is greater than all of a collection.
pub(super) fn behind(collection: &str) -> String {
    const AFTER_SLASH: char = '0';
    format!("{collection}{AFTER_SLASH}")
}
