//! The nodes that a tree consists of.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use arobase::{
    data::Cid,
    repo::{Blocks, SourceError},
};
use bytes::Bytes;

use crate::store::{AccountId, View};

/// The nodes of an account, of which it is remembered which were asked for. They are not taken for verified, so that
/// whoever reads them hashes them.
pub(super) struct Reached<'a> {
    view: &'a dyn View,
    id: AccountId,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    nodes: HashSet<Cid>,
    bytes: i64,
}

impl<'a> Reached<'a> {
    pub(super) fn new(view: &'a dyn View, id: AccountId) -> Self {
        Self { view, id, seen: Mutex::default() }
    }

    /// Whether a node was reached.
    pub(super) fn has(&self, cid: &Cid) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).nodes.contains(cid)
    }

    /// How many nodes were reached, and their bytes.
    pub(super) fn sum(&self) -> (i64, i64) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (i64::try_from(seen.nodes.len()).unwrap_or(i64::MAX), seen.bytes)
    }
}

impl Blocks for Reached<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        let Some(node) = self.view.node(self.id, cid)? else { return Ok(None) };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.nodes.insert(*cid) {
            seen.bytes += i64::try_from(node.block.len()).unwrap_or(i64::MAX);
        }
        Ok(Some(node.block))
    }
}
