//! What is newer than a revision.

use arobase_lexicon::syntax::Tid;

use crate::{
    data::{Cid, CidLink},
    repo::{blocks::SourceError, error::Error},
};

/// What a store knows about the age of blocks, for exports since a revision.
pub trait Revs {
    /// The revision with which a current node came into the tree, for the last time if it was gone in
    /// between. `None` if the store does not know; then the node is sent.
    ///
    /// # Errors
    /// What went wrong in the store.
    fn node_rev(&self, node: &Cid) -> Result<Option<Tid>, SourceError>;

    /// The revision with which a current record was last written. `None` if the store does not know; then
    /// the record is sent.
    ///
    /// # Errors
    /// What went wrong in the store.
    fn record_rev(&self, key: &[u8], record: &CidLink) -> Result<Option<Tid>, SourceError>;
}

/// What is newer than a revision.
pub(super) struct Since<'a> {
    rev: Tid,
    revs: &'a dyn Revs,
}

impl<'a> Since<'a> {
    pub(super) fn new(rev: Tid, revs: &'a dyn Revs) -> Self {
        Self { rev, revs }
    }

    /// Whether a node is sent. If it is not, nothing below it is: a receiver that has a node has all below it, since
    /// it came with it and has stayed as long.
    pub(super) fn wants_node(&self, node: Cid) -> Result<bool, Error> {
        Ok(self.is_newer(self.revs.node_rev(&node)?))
    }

    /// Whether a record is sent.
    pub(super) fn wants_record(&self, key: &[u8], record: &CidLink) -> Result<bool, Error> {
        Ok(self.is_newer(self.revs.record_rev(key, record)?))
    }

    fn is_newer(&self, rev: Option<Tid>) -> bool {
        rev.is_none_or(|rev| rev > self.rev)
    }
}
