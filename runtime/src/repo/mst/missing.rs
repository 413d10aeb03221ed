//! Which blocks an operation needs that are not loaded.

use crate::{data::Cid, repo::blocks::Blocks};

use super::{
    error::Error,
    op::Op,
    reach::{Extent, Reach},
    tree::Tree,
};

impl Tree {
    /// The blocks that [`Tree::get`] and [`Tree::proof`] of these keys need next and that neither the
    /// tree nor the source has: one round trip to an asynchronous store. What the source has is loaded
    /// and kept. Once there are none, nothing is missing.
    ///
    /// ```
    /// use arobase_runtime::{data::Cid, repo::{MemoryBlocks, mst::{Error, Tree}}};
    ///
    /// fn lookup(tree: &Tree, key: &[u8], fetch: impl Fn(Vec<Cid>) -> MemoryBlocks) -> Result<bool, Error> {
    ///     let mut blocks = MemoryBlocks::new();
    ///     loop {
    ///         let missing = tree.missing(&[key], &blocks)?;
    ///         if missing.is_empty() {
    ///             return Ok(tree.get(key, &blocks)?.is_some());
    ///         }
    ///         blocks = fetch(missing);
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// A node is invalid, or a key is none.
    pub fn missing(&self, keys: &[&[u8]], blocks: &dyn Blocks) -> Result<Vec<Cid>, Error> {
        Reach::missing(self, keys.iter().copied(), Extent::Keys, blocks)
    }

    /// The same for [`Tree::apply`] of these operations, in any order, and for the
    /// [`Tree::covering_proof`] of their keys before and after it: also the nodes beside the keys that
    /// are there, which are joined when these go.
    ///
    /// # Errors
    /// A node is invalid, or a key is none.
    pub fn missing_for(&self, ops: &[Op<'_>], blocks: &dyn Blocks) -> Result<Vec<Cid>, Error> {
        Reach::missing(self, ops.iter().map(|op| op.key), Extent::Neighbours, blocks)
    }
}
