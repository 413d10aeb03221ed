//! The nodes on the ways to keys.

use std::{
    collections::HashSet,
    ops::Range,
    sync::{Arc, OnceLock},
};

use crate::{
    data::Cid,
    repo::blocks::{Blocks, ByDigest},
};

use super::{
    error::Error,
    key::is_key,
    node::Node,
    tree::{Path, Tree},
};

/// How far beside the keys one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The ways to the keys alone.
    Keys,
    /// Also those to the neighbours of each key on both sides.
    Neighbours,
}

/// What is wanted in a slot.
struct Aim {
    slot: usize,
    /// Which of the keys.
    keys: Range<usize>,
    /// The way to the least key.
    least: bool,
    /// The way to the greatest key.
    greatest: bool,
}

/// Collects the nodes on the ways to keys, each once and before those below it.
///
/// The neighbour of a key that is not there is on the way to it. The neighbours of one that is there
/// are the greatest key left and the least key right of it, if there are nodes, and on the way too
/// if not.
pub(crate) struct Reach<'t, 'a> {
    keys: Vec<&'a [u8]>,
    extent: Extent,
    blocks: &'a dyn Blocks,
    nodes: Vec<&'t Arc<Node>>,
    /// The missing blocks, if these are wanted instead of an error.
    missing: Option<Missing>,
    /// What is wanted in the slots of the nodes that are open, the lowest at the end.
    aims: Vec<Aim>,
}

#[derive(Default)]
struct Missing {
    cids: Vec<Cid>,
    seen: HashSet<Cid, ByDigest>,
}

impl<'t, 'a> Reach<'t, 'a> {
    fn new(keys: impl Iterator<Item = &'a [u8]>, extent: Extent, blocks: &'a dyn Blocks) -> Result<Self, Error> {
        let mut keys: Vec<_> = keys.collect();
        if let Some(key) = keys.iter().find(|key| !is_key(key)) {
            return Err(Error::Key((*key).into()));
        }
        if !keys.is_sorted() {
            keys.sort_unstable();
        }
        keys.dedup();
        Ok(Self { keys, extent, blocks, nodes: Vec::new(), missing: None, aims: Vec::new() })
    }

    /// The nodes, loaded and kept as far as they were not.
    pub(crate) fn nodes(
        tree: &'t Tree,
        keys: impl Iterator<Item = &'a [u8]>,
        extent: Extent,
        blocks: &'a dyn Blocks,
    ) -> Result<Vec<&'t Arc<Node>>, Error> {
        let mut reach = Self::new(keys, extent, blocks)?;
        reach.root(tree)?;
        Ok(reach.nodes)
    }

    /// The first missing blocks on the ways; what is not missing is loaded and kept.
    pub(crate) fn missing(
        tree: &'t Tree,
        keys: impl Iterator<Item = &'a [u8]>,
        extent: Extent,
        blocks: &'a dyn Blocks,
    ) -> Result<Vec<Cid>, Error> {
        let mut reach = Self::new(keys, extent, blocks)?;
        reach.missing = Some(Missing::default());
        reach.root(tree)?;
        Ok(reach.missing.unwrap_or_default().cids)
    }

    fn root(&mut self, tree: &'t Tree) -> Result<(), Error> {
        let all = Aim { slot: 0, keys: 0..self.keys.len(), least: false, greatest: false };
        let root = tree.root.load(self.blocks);
        match self.unless_missing(root)? {
            Some(root) => self.visit(root, &all, None),
            None => Ok(()),
        }
    }

    /// Notes what is missing, if that is what is wanted.
    fn unless_missing<T>(&mut self, loaded: Result<T, Error>) -> Result<Option<T>, Error> {
        match (loaded, &mut self.missing) {
            (Err(Error::Missing(cid)), Some(missing)) => {
                if missing.seen.insert(cid) {
                    missing.cids.push(cid);
                }
                Ok(None)
            }
            (loaded, _) => loaded.map(Some),
        }
    }

    /// Collects a node and what is wanted below it. As deep as the tree has layers, which are at most 129.
    fn visit(&mut self, node: &'t Arc<Node>, aim: &Aim, up: Option<&Path<'_>>) -> Result<(), Error> {
        self.nodes.push(node);
        if node.layer() == 0 {
            return Ok(());
        }
        let start = self.aims.len();
        self.aim(node, aim);
        // What is below a node comes first, so this one's aims are at the end again afterwards.
        self.aims[start..].reverse();
        while self.aims.len() > start {
            let Some(aim) = self.aims.pop() else { break };
            let path = Path { node, slot: aim.slot, up };
            let loaded = path.kid(self.blocks).map(drop);
            self.unless_missing(loaded)?;
            if let Some(kid) = node.kids().get(aim.slot).and_then(OnceLock::get) {
                self.visit(kid, &aim, Some(&path))?;
            }
        }
        Ok(())
    }

    /// Adds what is wanted in the slots of a node, in their order.
    fn aim(&mut self, node: &Node, aim: &Aim) {
        let start = self.aims.len();
        let Range { start: first, end } = aim.keys;
        if aim.least {
            self.want(start, Aim { slot: 0, keys: first..first, least: true, greatest: false });
        }
        for index in aim.keys.clone() {
            match node.find(self.keys[index]) {
                Err(slot) => self.want(start, Aim { slot, keys: index..index + 1, least: false, greatest: false }),
                Ok(_) if self.extent == Extent::Keys => {}
                Ok(entry) => {
                    let none = index..index;
                    self.want(start, Aim { slot: entry, keys: none.clone(), least: false, greatest: true });
                    self.want(start, Aim { slot: entry + 1, keys: none, least: true, greatest: false });
                }
            }
        }
        if aim.greatest {
            self.want(start, Aim { slot: node.len(), keys: end..end, least: false, greatest: true });
        }
    }

    /// Adds an aim, to that before it if it is in the same slot.
    fn want(&mut self, start: usize, aim: Aim) {
        match self.aims[start..].last_mut() {
            Some(last) if last.slot == aim.slot => {
                last.least |= aim.least;
                last.greatest |= aim.greatest;
                if last.keys.is_empty() {
                    last.keys = aim.keys;
                } else if !aim.keys.is_empty() {
                    last.keys.end = aim.keys.end;
                }
            }
            _ => self.aims.push(aim),
        }
    }
}
