//! The walk over the tree in the order of the protocol: which block comes next.

use crate::{
    data::{Cid, CidLink},
    repo::mst::{self, Fault},
};

use super::{
    error::Error,
    open::{Next, Open},
    paths::Paths,
};

/// How far a file may skip records at once, whose blocks came before. In honest trees there are not
/// nearly as many records between two nodes, and it bounds what a block out of order costs.
const MAX_AHEAD: usize = 256;

/// A walk that is told each node and each record when it comes to them.
///
/// Every node is checked against its parents when it is entered, so that all keys ascend; therefore
/// no node is entered twice, and the walk is over after as many steps as there are links.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The root, until it was entered.
    root: Option<Cid>,
    /// The open nodes, from the root down. The last one is at a link.
    open: Vec<Open>,
    /// The last key that was passed above layer 0.
    passed: Option<Vec<u8>>,
    paths: Paths,
    /// Nodes that were left, as room for others.
    spare: Vec<Open>,
}

impl Walk {
    /// A walk that begins with the root.
    pub(super) fn new(root: Cid) -> Self {
        Self { root: Some(root), ..Self::default() }
    }

    /// The link that comes next; `None` if the walk is over.
    pub(super) fn next(&self) -> Option<Next<'_>> {
        match self.open.last() {
            Some(open) => open.next(),
            None => self.root.map(Next::Node),
        }
    }

    /// The key of the record that comes next.
    pub(super) fn key(&self) -> &[u8] {
        self.open.last().and_then(Open::key).unwrap_or_default()
    }

    /// How many records are to be skipped to come to this block, if it is not far.
    pub(super) fn ahead(&self, cid: &CidLink) -> Option<usize> {
        for (records, link) in self.coming().take(MAX_AHEAD).enumerate() {
            if link.is(cid) {
                return Some(records);
            }
            if matches!(link, Next::Node(_)) {
                return None;
            }
        }
        None
    }

    /// The links that come, this one first, as if nothing were below them.
    fn coming(&self) -> impl Iterator<Item = Next<'_>> {
        let last = self.open.len().saturating_sub(1);
        // What is above is at the slot of the node below, which was passed.
        self.open.iter().enumerate().rev().flat_map(move |(depth, open)| open.rest(usize::from(depth < last)))
    }

    /// Whether a node is open.
    pub(super) fn is_in(&self, cid: &CidLink) -> bool {
        self.open.iter().any(|open| cid.as_cid() == Some(open.cid()))
    }

    /// Enters the node that comes next, whose bytes are known to be those of its CID.
    pub(super) fn enter(&mut self, cid: Cid, bytes: &[u8]) -> Result<(), Error> {
        let mut open = self.spare.pop().unwrap_or_else(Open::new);
        let fault = |fault| Error::Tree(mst::Error::Node { cid, fault });
        let layer = match self.open.last().map(Open::layer) {
            Some(parent) => Some(parent.checked_sub(1).ok_or_else(|| fault(Fault::ChildAtBottom))?),
            None => None,
        };
        let upper = self.open.iter().rev().find_map(Open::key);
        open.open(cid, bytes, layer, self.passed.as_deref(), upper).map_err(fault)?;
        open.load_key(&mut self.paths).map_err(Error::Path)?;
        self.root = None;
        self.open.push(open);
        self.settle();
        Ok(())
    }

    /// Goes on behind the record that comes next.
    pub(super) fn pass(&mut self) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        // No node is below layer 0 that would be compared with it.
        if open.layer() > 0
            && let Some(key) = open.key()
        {
            let passed = self.passed.get_or_insert_default();
            passed.clear();
            passed.extend_from_slice(key);
        }
        open.step();
        open.load_key(&mut self.paths).map_err(Error::Path)?;
        self.settle();
        Ok(())
    }

    /// Goes on to the next link, out of nodes that are over.
    fn settle(&mut self) {
        while let Some(open) = self.open.last_mut() {
            if open.is_over() {
                self.leave();
            } else if open.next().is_some() {
                return;
            } else {
                open.step();
            }
        }
    }

    /// Leaves the last node, and passes its slot in its parent.
    fn leave(&mut self) {
        self.spare.extend(self.open.pop());
        if let Some(parent) = self.open.last_mut() {
            parent.step();
        }
    }
}
