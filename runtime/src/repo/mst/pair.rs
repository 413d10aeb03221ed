//! Two trees gone through in step.

use std::{cmp::Ordering, sync::Arc};

use crate::repo::blocks::Blocks;

use super::{cursor::Cursor, diff::Difference, error::Error, frame::Place, node::Node, tree::Tree, walk::Direction};

/// One of the two trees.
pub(crate) struct Side<'a> {
    cursor: Cursor<'a>,
    place: Place,
    /// For each node that the cursor is in, whether the other tree has it as well.
    shared: Vec<bool>,
}

/// Two trees, gone through in step in the order of their keys. Children that are equal are passed
/// over; of children that are not, the higher is opened first, so that equal ones come to stand beside
/// each other.
///
/// A node of both trees may still be opened in both, because something stands before it in one of
/// them. Neither cursor leaves it before both have passed the last key below it, and so both are in it
/// at the same time. That is noticed when the second goes in.
pub(crate) struct Pair<'a, 'e> {
    before: Side<'a>,
    after: Side<'a>,
    each: &'e mut dyn FnMut(Difference<'_>),
}

impl<'a> Side<'a> {
    /// In the root of a tree, not yet at a place.
    pub(crate) fn enter(tree: &'a Tree, blocks: &'a dyn Blocks) -> Result<Self, Error> {
        let mut cursor = Cursor::new(tree, blocks, Direction::Up);
        cursor.enter()?;
        Ok(Self { cursor, place: Place::End, shared: vec![false] })
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.place = self.cursor.next()?;
        Ok(())
    }

    /// Goes into the child, which is not one of the nodes that the other cursor is in.
    fn open_other(&mut self) -> Result<(), Error> {
        self.cursor.open()?;
        self.shared.push(false);
        Ok(())
    }

    /// Goes into the child, and notices if the other cursor is in the same.
    fn open(&mut self, other: &mut Self) -> Result<(), Error> {
        self.open_other()?;
        let Some((node, shared)) = self.cursor.node().zip(self.shared.last_mut()) else { return Ok(()) };
        if let Some((depth, same)) = other.cursor.node_at(node.layer())
            && same.cid() == node.cid()
        {
            other.shared[depth] = true;
            *shared = true;
        }
        Ok(())
    }

    /// Leaves the node. It is given, if the other tree does not have it.
    fn close(&mut self, each: impl FnOnce(&Arc<Node>)) {
        if let Some(node) = self.cursor.node().filter(|_| self.shared.last() == Some(&false)) {
            each(node);
        }
        self.shared.pop();
        self.cursor.close();
    }

    /// The number of parents of the node that the cursor is in, if it is at its end.
    fn ended(&self) -> Option<usize> {
        self.shared.len().checked_sub(1).filter(|_| self.place == Place::End)
    }
}

impl<'a, 'e> Pair<'a, 'e> {
    pub(crate) fn new(before: Side<'a>, after: Side<'a>, each: &'e mut dyn FnMut(Difference<'_>)) -> Self {
        Self { before, after, each }
    }

    /// Goes to the end of both.
    pub(crate) fn run(mut self) -> Result<(), Error> {
        self.go_on()?;
        while self.step()? {}
        Ok(())
    }

    /// One step of one of them or of both; `false` at the end.
    fn step(&mut self) -> Result<bool, Error> {
        if self.leave()? {
            return Ok(true);
        }
        match (self.before.place, self.after.place) {
            (Place::Slot, Place::Slot) => self.slots()?,
            (Place::Slot, _) => self.open_before()?,
            (_, Place::Slot) => self.open_after()?,
            (Place::Entry(before), Place::Entry(after)) => self.entries(before, after)?,
            (Place::Entry(before), Place::End) => self.delete(before)?,
            (Place::End, Place::Entry(after)) => self.add(after)?,
            (Place::End, Place::End) => return Ok(false),
        }
        Ok(true)
    }

    /// Leaves nodes that are at their end; `false` if there is none.
    fn leave(&mut self) -> Result<bool, Error> {
        let (before, after) = (self.before.ended(), self.after.ended());
        if before.is_none() && after.is_none() {
            return Ok(false);
        }
        let in_step = before > Some(0) && after > Some(0) && self.is_same_layer();
        if before.is_some() {
            self.before.close(|node| (self.each)(Difference::Retired(node)));
        }
        if in_step || before.is_none() {
            self.after.close(|node| (self.each)(Difference::Created(node)));
        }
        match (in_step, before) {
            (true, _) => self.go_on_behind_slot()?,
            (false, Some(_)) => self.before.advance()?,
            (false, None) => self.after.advance()?,
        }
        Ok(true)
    }

    fn is_same_layer(&self) -> bool {
        let layer = |side: &Side<'_>| side.cursor.node().map(|node| node.layer());
        layer(&self.before) == layer(&self.after)
    }

    /// Both are at a child.
    fn slots(&mut self) -> Result<(), Error> {
        if self.before.cursor.has_same_kid(&self.after.cursor) {
            return self.go_on_behind_slot();
        }
        match self.before.cursor.slot_layer().cmp(&self.after.cursor.slot_layer()) {
            Ordering::Greater => self.open_before(),
            Ordering::Less => self.open_after(),
            Ordering::Equal => {
                self.before.open_other()?;
                self.after.open_other()?;
                self.go_on()
            }
        }
    }

    fn open_before(&mut self) -> Result<(), Error> {
        self.before.open(&mut self.after)?;
        self.before.advance()
    }

    fn open_after(&mut self) -> Result<(), Error> {
        self.after.open(&mut self.before)?;
        self.after.advance()
    }

    /// Goes on in both, which are at the same key or before the first place of nodes of the same layer.
    fn go_on(&mut self) -> Result<(), Error> {
        self.before.cursor.skip_same(&mut self.after.cursor);
        self.advance()
    }

    /// Goes on in both, which are behind children that have a key in common.
    ///
    /// The keys before the children need not be the same. But what a key before shares with the one
    /// behind, that key in between shares too, in both trees: so where the entries behind are written
    /// the same, they mean the same.
    fn go_on_behind_slot(&mut self) -> Result<(), Error> {
        self.before.cursor.skip_same_entries(&mut self.after.cursor);
        self.advance()
    }

    fn advance(&mut self) -> Result<(), Error> {
        self.before.advance()?;
        self.after.advance()
    }

    /// Both are at a key.
    fn entries(&mut self, before: usize, after: usize) -> Result<(), Error> {
        match self.before.cursor.key().cmp(self.after.cursor.key()) {
            Ordering::Less => self.delete(before),
            Ordering::Greater => self.add(after),
            Ordering::Equal => {
                self.update(before, after);
                self.go_on()
            }
        }
    }

    fn update(&mut self, before: usize, after: usize) {
        let (Some(old), Some(new)) = (self.before.cursor.node(), self.after.cursor.node()) else { return };
        if old.value_bytes(before) != new.value_bytes(after) {
            let (before, after) = (old.value(before), new.value(after));
            (self.each)(Difference::Record { key: self.before.cursor.key(), before, after });
        }
    }

    fn delete(&mut self, entry: usize) -> Result<(), Error> {
        let before = self.before.cursor.node().and_then(|node| node.value(entry));
        (self.each)(Difference::Record { key: self.before.cursor.key(), before, after: None });
        self.before.advance()
    }

    fn add(&mut self, entry: usize) -> Result<(), Error> {
        let after = self.after.cursor.node().and_then(|node| node.value(entry));
        (self.each)(Difference::Record { key: self.after.cursor.key(), before: None, after });
        self.after.advance()
    }
}
