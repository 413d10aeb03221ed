//! Operations on a tree.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use crate::data::{Cid, CidLink};

use super::node::Node;

/// One change of a tree: what stands under a key afterwards, and what must have stood there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value afterwards; `None` removes the key.
    pub value: Option<CidLink>,
    /// What must be so before.
    pub expect: Expect,
}

impl<'a> Op<'a> {
    /// Adds a key that must be absent.
    pub fn create(key: &'a [u8], value: impl Into<CidLink>) -> Self {
        Self { key, value: Some(value.into()), expect: Expect::Absent }
    }

    /// Replaces the value of a key that must be there.
    pub fn update(key: &'a [u8], value: impl Into<CidLink>) -> Self {
        Self { key, value: Some(value.into()), expect: Expect::Present }
    }

    /// Adds a key or replaces its value.
    pub fn put(key: &'a [u8], value: impl Into<CidLink>) -> Self {
        Self { key, value: Some(value.into()), expect: Expect::Any }
    }

    /// Removes a key that must be there.
    #[must_use]
    pub fn delete(key: &'a [u8]) -> Self {
        Self { key, value: None, expect: Expect::Present }
    }

    /// Removes a key, if it is there.
    #[must_use]
    pub fn remove(key: &'a [u8]) -> Self {
        Self { key, value: None, expect: Expect::Any }
    }

    /// The same with another precondition.
    #[must_use]
    pub fn expecting(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }
}

/// What an operation expects under its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Anything or nothing.
    Any,
    /// Nothing.
    Absent,
    /// Some value.
    Present,
    /// This value.
    Is(CidLink),
}

impl Expect {
    /// Whether it is so.
    pub(crate) fn holds(&self, found: Option<&CidLink>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => found.is_none(),
            Self::Present => found.is_some(),
            Self::Is(value) => found == Some(value),
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("anything"),
            Self::Absent => f.write_str("nothing"),
            Self::Present => f.write_str("a value"),
            Self::Is(cid) => cid.fmt(f),
        }
    }
}

/// A block of a repository: its CID and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The CID of the bytes.
    pub cid: Cid,
    /// The bytes.
    pub bytes: Bytes,
}

/// What [`Tree::apply`](super::Tree::apply) changed.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The nodes that the tree has now and did not have before.
    pub(crate) created: Vec<Arc<Node>>,
    /// The nodes that it had before and does not have now.
    pub(crate) retired: Vec<Cid>,
    /// For each operation, in their order, the value before.
    pub(crate) previous: Vec<Option<CidLink>>,
}

impl Change {
    /// The blocks of the nodes that the tree has now and did not have before.
    pub fn created(&self) -> impl ExactSizeIterator<Item = Block> {
        self.created.iter().map(|node| Block { cid: node.cid(), bytes: Bytes::copy_from_slice(node.bytes()) })
    }

    /// The nodes that the tree had before and does not have now.
    #[must_use]
    pub fn retired(&self) -> &[Cid] {
        &self.retired
    }

    /// For each operation, in their order, the value before.
    #[must_use]
    pub fn previous(&self) -> &[Option<CidLink>] {
        &self.previous
    }
}
