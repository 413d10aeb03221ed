//! What an import hands out.

use crate::{
    data::{Cid, CidLink},
    repo::Commit,
};

/// What an import found, in the order in which it became certain. All of it is lent for the time of
/// the call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Item<'a> {
    /// The commit, first of all. Its signature is the receiver's to check.
    Commit(&'a Commit),
    /// A node of its tree, parents before their children.
    Node {
        /// Its CID.
        cid: Cid,
        /// Its block.
        bytes: &'a [u8],
    },
    /// A record. In a file of the protocol's order records come in the order of their keys, but for
    /// those whose block is one that came before.
    Record {
        /// Its key in the tree, which is the text of a [`RepoPath`](crate::repo::RepoPath).
        key: &'a [u8],
        /// Its CID.
        cid: &'a CidLink,
        /// Its block, verified but not looked into: DAG-CBOR, if the CID says so.
        bytes: &'a [u8],
    },
}
