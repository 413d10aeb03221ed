//! Going through a tree in order, place by place.

use std::{ops::Bound, sync::Arc};

use crate::{
    data::{Cid, Codec},
    repo::blocks::Blocks,
};

use super::{
    error::{Error, Fault},
    frame::{Frame, Held, Keys, Place},
    node::Node,
    same::Same,
    tree::{Tree, check_range, fetch},
    walk::Direction,
};

/// A place in a tree that moves in one direction, into the children that it is told to.
///
/// It holds one node for each layer; what it has to load is checked as always, and not kept. The
/// keys are compared wherever they come from another node than the ones before, so that no tree,
/// however it came about, makes them come in a wrong order.
pub(crate) struct Cursor<'a> {
    tree: &'a Tree,
    blocks: &'a dyn Blocks,
    direction: Direction,
    stack: Vec<Frame<'a>>,
    /// The frame whose key was passed last, if it is still there.
    passed: Option<usize>,
    /// Else what every key to come has to be beyond.
    last: Bound<Vec<u8>>,
    spare: Vec<Keys>,
}

impl<'a> Cursor<'a> {
    /// Before the root.
    pub(crate) fn new(tree: &'a Tree, blocks: &'a dyn Blocks, direction: Direction) -> Self {
        let (stack, spare) = (Vec::new(), Vec::new());
        Self { tree, blocks, direction, stack, passed: None, last: Bound::Unbounded, spare }
    }

    /// Goes into the root.
    pub(crate) fn enter(&mut self) -> Result<(), Error> {
        let root = self.root()?;
        self.push(root);
        Ok(())
    }

    /// Goes from the root straight to the first key beyond a bound.
    pub(crate) fn seek(&mut self, bound: Bound<&[u8]>) -> Result<(), Error> {
        let (Bound::Included(key) | Bound::Excluded(key)) = bound else { return self.enter() };
        let included = matches!(bound, Bound::Included(_));
        self.last = bound.map(<[u8]>::to_vec);
        let mut node = self.root()?;
        loop {
            let found = node.find(key);
            let place = match (found, self.direction) {
                (Err(slot), Direction::Up) => 2 * slot + 1,
                (Err(slot), Direction::Down) => 2 * slot,
                // Before the entry, or behind it.
                (Ok(entry), direction) => 2 * entry + 1 + usize::from(included == (direction == Direction::Down)),
            };
            self.stack.push(Frame::at(node, place, self.direction, Keys::default()));
            match found.is_err().then(|| self.kid()).transpose()?.flatten() {
                Some(kid) => node = kid,
                None => return Ok(()),
            }
        }
    }

    /// Goes to the next place of the node that it is in; [`Place::End`] too if it is in none.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Place, Error> {
        let Some(top) = self.stack.last_mut() else { return Ok(Place::End) };
        let place = top.next(self.direction);
        if let Place::Entry(entry) = place {
            self.pass(entry)?;
        }
        Ok(place)
    }

    /// Goes into the child in the slot that it is at.
    pub(crate) fn open(&mut self) -> Result<(), Error> {
        if let Some(kid) = self.kid()? {
            self.push(kid);
        }
        Ok(())
    }

    /// Leaves the node that it is in.
    pub(crate) fn close(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        let mut keys = frame.into_keys();
        if self.passed == Some(self.stack.len()) {
            self.passed = None;
            match &mut self.last {
                Bound::Excluded(last) => keys.swap(last),
                last => *last = Bound::Excluded(keys.take()),
            }
        }
        self.spare.push(keys);
    }

    /// Upwards and before a slot, passes over it and over what comes behind it if the other cursor has the
    /// same. Both are at the same key, if it is not the first slot.
    pub(crate) fn skip_same(&mut self, other: &mut Self) {
        if !self.has_same_kid(other) {
            return;
        }
        if let (Some(top), Some(other_top)) = (self.stack.last_mut(), other.stack.last_mut()) {
            top.skip_slot();
            other_top.skip_slot();
            self.skip_same_entries(other);
        }
    }

    /// The same behind a slot.
    pub(crate) fn skip_same_entries(&mut self, other: &mut Self) {
        let (Some(top), Some(other_top)) = (self.stack.last_mut(), other.stack.last_mut()) else { return };
        let same = Same::of(&top.node, top.next_entry(), &other_top.node, other_top.next_entry());
        top.skip(same);
        other_top.skip(same);
    }

    /// The node that it is in.
    pub(crate) fn node(&self) -> Option<&Arc<Node>> {
        self.stack.last().map(|top| &*top.node)
    }

    /// The node at a layer, if it is in or below it.
    pub(crate) fn node_at(&self, layer: u8) -> Option<(usize, &Node)> {
        let root = self.stack.first()?.node.layer();
        let depth = usize::from(root.checked_sub(layer)?);
        Some((depth, &self.stack.get(depth)?.node))
    }

    /// The layer of the child in the slot that it is at.
    pub(crate) fn slot_layer(&self) -> Option<u8> {
        self.stack.last()?.node.layer().checked_sub(1)
    }

    /// Whether the slots that both are at have the same child.
    pub(crate) fn has_same_kid(&self, other: &Self) -> bool {
        let tops = self.stack.last().zip(other.stack.last());
        tops.is_some_and(|(top, other)| top.node.layer() == other.node.layer() && top.has_same_kid(other))
    }

    /// Has the node that it is in fetched from memory.
    pub(crate) fn touch(&self) {
        if let Some(top) = self.stack.last() {
            top.touch();
        }
    }

    /// The key that it passed last in the node that it is in.
    pub(crate) fn key(&self) -> &[u8] {
        self.stack.last().map(Frame::key).unwrap_or_default()
    }

    fn push(&mut self, node: Held<'a>) {
        let keys = self.spare.pop().unwrap_or_default();
        self.stack.push(Frame::new(node, self.direction, keys));
    }

    /// Checks the key that was reached, unless the one before stands in the same node.
    #[inline]
    fn pass(&mut self, entry: usize) -> Result<(), Error> {
        let depth = self.stack.len() - 1;
        if self.passed == Some(depth) {
            return Ok(());
        }
        let key = self.stack[depth].key();
        let last = match self.passed {
            Some(passed) => Bound::Excluded(self.stack[passed].key()),
            None => self.last.as_ref().map(Vec::as_slice),
        };
        if !is_beyond(key, last, self.direction) {
            return Err(Error::node(self.stack[depth].node.cid(), Fault::OutOfRange { entry }));
        }
        self.passed = Some(depth);
        Ok(())
    }

    fn root(&self) -> Result<Held<'a>, Error> {
        match self.tree.root.node.get() {
            Some(node) => Ok(Held::Tree(node)),
            None => fetch(self.tree.root.cid, self.tree.root.layer, self.blocks).map(|node| Held::Own(Arc::new(node))),
        }
    }

    /// The child in the slot that it is at, if there is one.
    fn kid(&self) -> Result<Option<Held<'a>>, Error> {
        let Some(top) = self.stack.last() else { return Ok(None) };
        if let Some(kid) = top.kid() {
            return Ok(Some(Held::Tree(kid)));
        }
        let Some(digest) = top.kid_digest() else { return Ok(None) };
        let node = fetch(Cid::new(Codec::DagCbor, *digest), self.slot_layer(), self.blocks)?;
        let (lower, upper) = self.range();
        check_range(&node, lower.as_deref(), upper.as_deref())?;
        Ok(Some(Held::Own(Arc::new(node))))
    }

    /// The keys between which everything in the slot has to be.
    fn range(&self) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        let (mut lower, mut upper) = (None, None);
        for frame in self.stack.iter().rev() {
            let around = frame.around(self.direction);
            lower = lower.or(around.0);
            upper = upper.or(around.1);
            if lower.is_some() && upper.is_some() {
                break;
            }
        }
        (lower, upper)
    }
}

/// Whether a key is beyond a bound in a direction.
pub(crate) fn is_beyond(key: &[u8], bound: Bound<&[u8]>, direction: Direction) -> bool {
    match (bound, direction) {
        (Bound::Unbounded, _) => true,
        (Bound::Included(bound), Direction::Up) => key >= bound,
        (Bound::Excluded(bound), Direction::Up) => key > bound,
        (Bound::Included(bound), Direction::Down) => key <= bound,
        (Bound::Excluded(bound), Direction::Down) => key < bound,
    }
}
