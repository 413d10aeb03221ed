//! A node that a cursor is in, and how far it is.

use std::{hint::black_box, ops::Deref, sync::Arc};

use super::{node::Node, same::Same, walk::Direction};

/// A node that the tree holds, or one that was loaded only to be looked at.
pub(crate) enum Held<'a> {
    Tree(&'a Arc<Node>),
    Own(Arc<Node>),
}

impl Deref for Held<'_> {
    type Target = Arc<Node>;

    fn deref(&self) -> &Arc<Node> {
        match self {
            Self::Tree(node) => node,
            Self::Own(node) => node,
        }
    }
}

impl<'a> Held<'a> {
    /// The child in a slot, if it is loaded. Nobody loads the children of a node of our own.
    fn kid(&self, slot: usize) -> Option<&'a Arc<Node>> {
        match self {
            Self::Tree(node) => node.kids().get(slot)?.get(),
            Self::Own(_) => None,
        }
    }
}

/// What the ends of a node's keys take most often.
const TAILS: usize = 128;

/// The buffers of a frame, which are used again.
#[derive(Default)]
pub(crate) struct Keys {
    /// Upwards the key of the entry passed last, downwards too; empty if none was.
    key: Vec<u8>,
    /// Downwards: what each key before has more than it shares with the one behind it, end to end.
    /// A byte of the node is in it at most once.
    tails: Vec<u8>,
}

impl Keys {
    /// Makes the key that of the next entry, so that the way back is known.
    fn forward_to_return(&mut self, node: &Node, entry: usize) {
        let prefix = node.spans().get(entry).map_or(0, |span| usize::from(span.prefix));
        self.tails.extend_from_slice(&self.key[prefix..]);
        match node.spans().get(entry) {
            Some(_) => node.next_key(entry, &mut self.key),
            None => self.key.clear(),
        }
    }

    /// Exchanges the key for another buffer.
    pub(crate) fn swap(&mut self, key: &mut Vec<u8>) {
        std::mem::swap(&mut self.key, key);
    }

    /// The key.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.key)
    }

    /// Makes the key, which is that of the entry behind, that of this entry.
    fn back(&mut self, node: &Node, entry: usize) {
        let start = step_back(&mut self.key, &self.tails, node, entry);
        self.tails.truncate(start);
    }
}

/// Makes `key`, which is that of the entry behind, that of this entry; where its tail begins.
fn step_back(key: &mut Vec<u8>, tails: &[u8], node: &Node, entry: usize) -> usize {
    let shared = node.spans().get(entry + 1).map_or(0, |span| usize::from(span.prefix));
    let span = node.spans()[entry];
    let len = usize::from(span.prefix) + usize::from(span.suffix);
    let start = tails.len() - (len - shared);
    key.truncate(shared);
    key.extend_from_slice(&tails[start..]);
    start
}

/// Where a cursor is in a node.
///
/// The places of a node have numbers in their order: `2 * slot` is a slot, `2 * entry + 1` an entry.
pub(crate) struct Frame<'a> {
    pub(crate) node: Held<'a>,
    /// Upwards the next place, downwards the one after it. Either way its half is the number of the
    /// slot, once the cursor went down there.
    place: usize,
    /// Upwards, how many entries the key has come past. It may be behind those that were skipped.
    keyed: usize,
    keys: Keys,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A slot with a child.
    Slot,
    /// An entry, whose key is the frame's.
    Entry(usize),
    /// None is left.
    End,
}

impl<'a> Frame<'a> {
    /// At the beginning of the node.
    pub(crate) fn new(node: Held<'a>, direction: Direction, keys: Keys) -> Self {
        let place = match direction {
            Direction::Up => 0,
            Direction::Down => 2 * node.len() + 1,
        };
        Self::at(node, place, direction, keys)
    }

    /// At a place: upwards it is the next, downwards the one before it is.
    pub(crate) fn at(node: Held<'a>, place: usize, direction: Direction, mut keys: Keys) -> Self {
        keys.key.clear();
        keys.tails.clear();
        if direction == Direction::Down {
            keys.tails.reserve(TAILS);
            (0..=place / 2).for_each(|entry| keys.forward_to_return(&node, entry));
        }
        Self { node, place, keyed: 0, keys }
    }

    /// Reads a byte of each line of memory of the node, so that the processor fetches them together, and not
    /// one by one as the entries are come to.
    pub(crate) fn touch(&self) {
        black_box(self.node.bytes().iter().step_by(64).fold(0, |touched, byte| touched ^ byte));
    }

    /// Goes to the next place that is not an empty slot.
    pub(crate) fn next(&mut self, direction: Direction) -> Place {
        match direction {
            Direction::Up => self.next_up(),
            Direction::Down => self.next_down(),
        }
    }

    fn next_up(&mut self) -> Place {
        if self.place.is_multiple_of(2) {
            self.place += 1;
            if self.has_kid() {
                return Place::Slot;
            }
        }
        let entry = self.place / 2;
        if entry >= self.node.len() {
            return Place::End;
        }
        self.place += 1;
        for passed in self.keyed..=entry {
            self.node.next_key(passed, &mut self.keys.key);
        }
        self.keyed = entry + 1;
        Place::Entry(entry)
    }

    fn next_down(&mut self) -> Place {
        if !self.place.is_multiple_of(2) {
            self.place -= 1;
            if self.has_kid() {
                return Place::Slot;
            }
        }
        if self.place == 0 {
            return Place::End;
        }
        self.place -= 1;
        let entry = self.place / 2;
        self.keys.back(&self.node, entry);
        Place::Entry(entry)
    }

    /// The next entry upwards.
    pub(crate) fn next_entry(&self) -> usize {
        self.place / 2
    }

    /// Upwards, passes over the next slot.
    pub(crate) fn skip_slot(&mut self) {
        self.place |= 1;
    }

    /// Upwards, behind a slot, passes over entries with the slots behind them, and maybe over one more
    /// without.
    pub(crate) fn skip(&mut self, same: Same) {
        self.place += 2 * same.entries + usize::from(same.record);
    }

    /// The slot that the cursor is at or went down from.
    pub(crate) fn slot(&self) -> usize {
        self.place / 2
    }

    /// The key of the entry passed last and not skipped, empty if there was none.
    pub(crate) fn key(&self) -> &[u8] {
        &self.keys.key
    }

    /// The child in the slot, if it is loaded.
    pub(crate) fn kid(&self) -> Option<&'a Arc<Node>> {
        self.node.kid(self.slot())
    }

    /// The digest of the child in the slot.
    pub(crate) fn kid_digest(&self) -> Option<&[u8; 32]> {
        if self.node.layer() == 0 {
            return None;
        }
        self.node.bytes().get(self.node.kid_digest_at(self.slot())?..)?.first_chunk()
    }

    /// Whether the same is in the slots of both. If the children are loaded, they need not be looked for.
    pub(crate) fn has_same_kid(&self, other: &Frame<'_>) -> bool {
        match (self.kid(), other.kid()) {
            (Some(kid), Some(other)) => Arc::ptr_eq(kid, other) || kid.cid() == other.cid(),
            _ => self.kid_digest() == other.kid_digest(),
        }
    }

    /// The keys around the slot, as far as this node has them.
    pub(crate) fn around(&self, direction: Direction) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        let slot = self.slot();
        let (mut lower, mut upper) = (self.keys.key.clone(), Vec::new());
        match direction {
            Direction::Up => {
                (self.keyed..slot).for_each(|entry| self.node.next_key(entry, &mut lower));
                upper.clone_from(&lower);
                if slot < self.node.len() {
                    self.node.next_key(slot, &mut upper);
                }
            }
            Direction::Down => {
                upper.clone_from(&lower);
                if slot > 0 {
                    step_back(&mut lower, &self.keys.tails, &self.node, slot - 1);
                }
            }
        }
        ((slot > 0).then_some(lower), (slot < self.node.len()).then_some(upper))
    }

    /// The buffers, and in them the key passed last.
    pub(crate) fn into_keys(self) -> Keys {
        self.keys
    }

    fn has_kid(&self) -> bool {
        self.node.layer() > 0 && (self.kid().is_some() || self.node.kid_digest_at(self.slot()).is_some())
    }
}
