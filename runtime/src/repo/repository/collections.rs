//! The collections of a repository.

use std::{fmt, ops::Bound};

use arobase_lexicon::syntax::Nsid;

use crate::repo::{
    Error, RepoPath,
    blocks::Blocks,
    mst::{Direction, Tree},
};

use super::read::behind;

/// The collections of a repository that have records, in order.
pub struct Collections<'a> {
    tree: &'a Tree,
    blocks: &'a dyn Blocks,
    /// Where to look for the next one; `None` once there is none.
    from: Option<String>,
}

impl<'a> Collections<'a> {
    pub(super) fn new(tree: &'a Tree, blocks: &'a dyn Blocks) -> Self {
        Self { tree, blocks, from: Some(String::new()) }
    }

    /// The collection of the first key that is not less.
    fn collection_from(&self, from: &str) -> Result<Option<Nsid>, Error> {
        let from = Bound::Included(from.as_bytes());
        let mut walk = self.tree.range(from, Bound::Unbounded, Direction::Up, self.blocks);
        let Some((key, _)) = walk.advance()? else { return Ok(None) };
        Ok(Some(Nsid::from_unchecked(RepoPath::from_key(key)?.collection())))
    }
}

/// An error ends it: a node is missing or invalid, or a key is no path.
impl Iterator for Collections<'_> {
    type Item = Result<Nsid, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = self.from.take()?;
        let found = self.collection_from(&from).transpose()?;
        if let Ok(collection) = &found {
            self.from = Some(behind(collection.as_str()));
        }
        Some(found)
    }
}

impl fmt::Debug for Collections<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collections").field("from", &self.from).finish_non_exhaustive()
    }
}
