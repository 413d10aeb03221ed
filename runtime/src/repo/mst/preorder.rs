//! The parts of a tree in the order in which exports send them.

use std::fmt;

use crate::repo::blocks::Blocks;

use super::{cursor::Cursor, error::Error, frame::Place, node::Node, tree::Tree, walk::Direction};

/// A part of a tree.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// A node; its parts follow.
    Node(&'a Node),
    /// A key and the binary CID of its value.
    Record {
        /// The key.
        key: &'a [u8],
        /// The binary CID.
        value: &'a [u8],
    },
}

/// The nodes and records of a tree in the order of the protocol (Repository, CAR v1: write order): a
/// node, then from left to right what is below it and its records.
///
/// It holds one node for each layer, and keeps no node that it loads.
pub(crate) struct Preorder<'a> {
    cursor: Cursor<'a>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The root is next.
    Start,
    /// The node that the cursor is in was lent last.
    Node,
    /// Anything else.
    Inside,
    Over,
}

/// What [`Preorder::advance`] came to.
enum Stop {
    Node,
    Record(usize),
    Over,
}

impl Tree {
    /// The nodes and records, in the order in which exports send them.
    pub(crate) fn preorder<'a>(&'a self, blocks: &'a dyn Blocks) -> Preorder<'a> {
        Preorder { cursor: Cursor::new(self, blocks, Direction::Up), state: State::Start }
    }
}

impl Preorder<'_> {
    /// The next part, lent until the next call.
    ///
    /// # Errors
    /// A node is missing or invalid; then it is over.
    pub(crate) fn advance(&mut self) -> Result<Option<Part<'_>>, Error> {
        let stop = self.step().inspect_err(|_| self.state = State::Over)?;
        let part = match (stop, self.cursor.node()) {
            (Stop::Node, Some(node)) => Part::Node(node),
            (Stop::Record(entry), Some(node)) => {
                Part::Record { key: self.cursor.key(), value: node.value_bytes(entry) }
            }
            _ => return Ok(None),
        };
        Ok(Some(part))
    }

    /// Passes over everything below the node that was lent last, and its records; does nothing if a record was.
    pub(crate) fn skip(&mut self) {
        if self.state == State::Node {
            self.cursor.close();
            self.state = State::Inside;
        }
    }

    fn step(&mut self) -> Result<Stop, Error> {
        match self.state {
            State::Over => return Ok(Stop::Over),
            State::Start => {
                self.cursor.enter()?;
                self.state = State::Node;
                return Ok(Stop::Node);
            }
            _ => self.state = State::Inside,
        }
        while self.cursor.node().is_some() {
            match self.cursor.next()? {
                Place::Slot => {
                    self.cursor.open()?;
                    self.state = State::Node;
                    return Ok(Stop::Node);
                }
                Place::Entry(entry) => return Ok(Stop::Record(entry)),
                Place::End => self.cursor.close(),
            }
        }
        self.state = State::Over;
        Ok(Stop::Over)
    }
}

impl fmt::Debug for Preorder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preorder").finish_non_exhaustive()
    }
}
