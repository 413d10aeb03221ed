//! The entries of a node to be written, and what comes between them.

use std::{ops::Range, sync::Arc};

use crate::{
    data::CidLink,
    repo::mst::{encode::Draft, node::Node, op::Op, tree::Link},
};

use super::{Step, source::Source, survey::Edit};

/// A part of the old tree at the layer of a new node, taken apart.
pub(super) struct Piece<'t, 'o> {
    pub(super) source: &'t Source<'t, 'o>,
    /// The node, if there is one at this layer.
    pub(super) node: Option<&'t Arc<Node>>,
    /// Where its edits are among all.
    pub(super) edits: Range<usize>,
}

/// An entry of the new node.
pub(super) enum Item<'t, 'o> {
    /// One of an old node, maybe with another value.
    Old { node: &'t Node, entry: usize, value: Option<&'o CidLink> },
    /// A new one.
    New(&'o Op<'o>),
}

/// The entries of a node to be written, and where what is between them comes from.
#[derive(Default)]
pub(super) struct Layout<'t, 'o> {
    pub(super) items: Vec<Item<'t, 'o>>,
    /// The sources of all gaps, one after the other.
    sources: Vec<Source<'t, 'o>>,
    /// Where each gap but the last one ends.
    ends: Vec<usize>,
    /// Whether there is anything between entries: not at the bottom.
    gaps: bool,
}

impl<'t, 'o> Layout<'t, 'o> {
    /// The layout of a node at this layer that is made of these pieces.
    pub(super) fn new(layer: u8, pieces: &'t [Piece<'t, 'o>], edits: &[Edit<'o>]) -> Self {
        let mut layout = Self { gaps: layer > 0, ..Self::default() };
        let entries: usize = pieces.iter().filter_map(|piece| piece.node).map(|node| node.len()).sum();
        layout.items.reserve(entries + edits.len());
        if layout.gaps {
            layout.sources.reserve(entries + edits.len() + 1);
            layout.ends.reserve(entries + edits.len());
        }
        for piece in pieces {
            layout.piece(piece, edits.get(piece.edits.clone()).unwrap_or_default());
        }
        layout
    }

    /// The sources of each gap, from the left to the right; no gaps at the bottom.
    pub(super) fn gaps(&self) -> impl Iterator<Item = &[Source<'t, 'o>]> {
        let ends = self.ends.iter().copied().chain(self.gaps.then_some(self.sources.len()));
        ends.scan(0, |start, end| Some(&self.sources[std::mem::replace(start, end)..end]))
    }

    fn piece(&mut self, piece: &'t Piece<'t, 'o>, edits: &[Edit<'o>]) {
        let (first, end) = piece.entries();
        let mut cursor = Cursor { piece, entry: first, gap: piece.gap(first) };
        cursor.gap.lower = piece.source.lower;
        for edit in edits {
            match *edit {
                Edit::Below { slot, steps } => {
                    self.run(&mut cursor, slot);
                    cursor.gap.steps = steps;
                }
                Edit::Insert { slot, step } => {
                    self.run(&mut cursor, slot);
                    self.insert(&mut cursor, step);
                }
                Edit::Value { entry, value } => {
                    self.run(&mut cursor, entry);
                    self.old(&mut cursor, Some(value));
                }
                Edit::Remove { entry } => {
                    self.run(&mut cursor, entry);
                    self.source(cursor.gap);
                    cursor.next();
                }
            }
        }
        self.run(&mut cursor, end);
        cursor.gap.upper = piece.source.upper;
        self.source(cursor.gap);
    }

    /// Takes over the entries up to this one.
    fn run(&mut self, cursor: &mut Cursor<'t, 'o>, end: usize) {
        while cursor.entry < end {
            self.old(cursor, None);
        }
    }

    fn old(&mut self, cursor: &mut Cursor<'t, 'o>, value: Option<&'o CidLink>) {
        let Some(node) = cursor.piece.node else { return };
        self.close(cursor.gap);
        self.items.push(Item::Old { node, entry: cursor.entry, value });
        cursor.next();
    }

    /// Puts a new entry into the gap, which it cuts.
    fn insert(&mut self, cursor: &mut Cursor<'t, 'o>, step: &'o Step<'o>) {
        cursor.gap.upper = Some(step.op.key);
        self.close(cursor.gap);
        self.items.push(Item::New(step.op));
        cursor.gap = cursor.piece.gap(cursor.entry);
        cursor.gap.lower = Some(step.op.key);
    }

    fn close(&mut self, gap: Source<'t, 'o>) {
        if self.gaps {
            self.source(gap);
            self.ends.push(self.sources.len());
        }
    }

    fn source(&mut self, source: Source<'t, 'o>) {
        if self.gaps && !source.is_nothing() {
            self.sources.push(source);
        }
    }
}

/// The next entry of a piece, and the gap before it as far as it is known.
struct Cursor<'t, 'o> {
    piece: &'t Piece<'t, 'o>,
    entry: usize,
    gap: Source<'t, 'o>,
}

impl Cursor<'_, '_> {
    fn next(&mut self) {
        self.entry += 1;
        self.gap = self.piece.gap(self.entry);
    }
}

impl<'t, 'o> Piece<'t, 'o> {
    /// The entries between the cuts.
    fn entries(&self) -> (usize, usize) {
        let Some(node) = self.node else { return (0, 0) };
        // A key at which is cut belongs to a layer above: the node does not have it.
        let slot = |key| node.find(key).unwrap_or_else(|slot| slot);
        (self.source.lower.map_or(0, slot), self.source.upper.map_or(node.len(), slot))
    }

    fn gap(&'t self, slot: usize) -> Source<'t, 'o> {
        Source::whole(self.source.at.child(self.node, slot), &[])
    }
}

/// Writes the entries and the children between them.
pub(super) fn write(draft: &mut Draft, items: &[Item<'_, '_>], kids: Vec<Option<Link>>) {
    let mut kids = kids.into_iter();
    let mut kid = |draft: &mut Draft| kids.next().flatten().map(|kid| draft.set_kid(kid));
    let mut last = None;
    kid(draft);
    for item in items {
        last = match item {
            Item::New(op) => {
                if let Some(value) = &op.value {
                    draft.push(op.key, value);
                }
                None
            }
            Item::Old { node, entry, value } => {
                let follows = last.is_some_and(|(before, next)| std::ptr::eq(before, *node) && next == *entry);
                draft.push_from(node, *entry, *value, follows);
                Some((*node, entry + 1))
            }
        };
        kid(draft);
    }
}
