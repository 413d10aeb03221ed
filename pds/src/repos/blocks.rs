//! The blocks of a repository in a store.

use arobase::{
    data::{Cid, CidLink},
    repo::{Blocks, RepoPath, Revs, SourceError},
    syntax::Tid,
};
use bytes::Bytes;

use crate::store::{AccountId, View};

/// The blocks of a repository in a store.
pub(crate) struct RepoBlocks<'a> {
    pub(crate) view: &'a dyn View,
    pub(crate) id: AccountId,
}

impl Blocks for RepoBlocks<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        match self.view.node(self.id, cid)? {
            Some(node) => Ok(Some(node.block)),
            None => Ok(self.view.record_block(self.id, &(*cid).into())?),
        }
    }

    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        match cid.as_cid() {
            Some(cid) => self.get(&cid),
            None => Ok(self.view.record_block(self.id, cid)?),
        }
    }

    /// Only what was hashed gets into a store.
    fn verified(&self) -> bool {
        true
    }
}

impl Revs for RepoBlocks<'_> {
    fn node_rev(&self, node: &Cid) -> Result<Option<Tid>, SourceError> {
        Ok(self.view.node(self.id, node)?.map(|node| node.rev))
    }

    fn record_rev(&self, key: &[u8], _: &CidLink) -> Result<Option<Tid>, SourceError> {
        let path = RepoPath::from_key(key)?;
        Ok(self.view.record(self.id, &path)?.map(|record| record.rev))
    }
}
