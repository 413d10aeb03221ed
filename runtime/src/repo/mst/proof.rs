//! The nodes that prove what stands under keys.

use std::sync::Arc;

use bytes::Bytes;

use crate::repo::blocks::Blocks;

use super::{
    error::Error,
    node::Node,
    op::Block,
    reach::{Extent, Reach},
    tree::Tree,
};

impl Tree {
    /// The nodes on the way to each key, which prove its value or that there is none. The keys may
    /// come in any order; each node is there once, and before those below it.
    ///
    /// # Errors
    /// A node is missing or invalid, or a key is none.
    pub fn proof(&self, keys: &[&[u8]], blocks: &dyn Blocks) -> Result<Vec<Block>, Error> {
        Reach::nodes(self, keys.iter().copied(), Extent::Keys, blocks).map(|nodes| to_blocks(&nodes))
    }

    /// The covering proof of keys (Repository, diffs and proofs): the nodes on the ways to each key and to
    /// its neighbours on both sides. With them a receiver can undo operations on these keys. The keys may
    /// come in any order; each node is there once, and before those below it.
    ///
    /// # Errors
    /// A node is missing or invalid, or a key is none.
    pub fn covering_proof(&self, keys: &[&[u8]], blocks: &dyn Blocks) -> Result<Vec<Block>, Error> {
        self.covering_nodes(keys.iter().copied(), blocks).map(|nodes| to_blocks(&nodes))
    }

    /// The nodes of a covering proof.
    pub(crate) fn covering_nodes<'a>(
        &self,
        keys: impl Iterator<Item = &'a [u8]>,
        blocks: &'a dyn Blocks,
    ) -> Result<Vec<&Arc<Node>>, Error> {
        Reach::nodes(self, keys, Extent::Neighbours, blocks)
    }
}

fn to_blocks(nodes: &[&Arc<Node>]) -> Vec<Block> {
    nodes.iter().map(|node| Block { cid: node.cid(), bytes: Bytes::copy_from_slice(node.bytes()) }).collect()
}
