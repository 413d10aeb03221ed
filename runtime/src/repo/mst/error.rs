//! What can be wrong with a tree, or with what is asked of it.

use std::{fmt, sync::Arc};

use crate::{
    data::{Cid, CidLink},
    repo::blocks::SourceError,
};

use super::op::Expect;

/// Why an operation on a tree failed. Such an operation has changed nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A block is needed that the source does not have.
    Missing(Cid),
    /// A block is no node, or not one that belongs where it stands.
    Node {
        /// The block.
        cid: Cid,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A key is empty or longer than [`MAX_KEY`](super::MAX_KEY) bytes.
    Key(Box<[u8]>),
    /// Keys that have to ascend do not: this one is not greater than the one before.
    Order(Box<[u8]>),
    /// What an operation expected under its key is not so.
    Precondition {
        /// The key.
        key: Box<[u8]>,
        /// What was expected.
        expected: Expect,
        /// What is there.
        found: Option<CidLink>,
    },
    /// A node would have more entries than [`MAX_WRITTEN_ENTRIES`](super::MAX_WRITTEN_ENTRIES):
    /// other implementations would refuse it.
    TooWide(Box<[u8]>),
    /// The source failed.
    Source(Arc<SourceError>),
}

/// What is wrong with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes are not those of the CID.
    Hash,
    /// The CID is not of codec dag-cbor.
    Codec,
    /// The bytes are not the one form that a node has in DAG-CBOR, from this offset on.
    Encoding {
        /// The offset in the block.
        offset: usize,
    },
    /// The key of an entry takes more from the entry before than that has.
    PrefixTooLong {
        /// The entry.
        entry: usize,
    },
    /// The key of an entry takes less from the entry before than it could.
    PrefixTooShort {
        /// The entry.
        entry: usize,
    },
    /// The key of an entry is empty or longer than [`MAX_KEY`](super::MAX_KEY) bytes.
    KeyLength {
        /// The entry.
        entry: usize,
    },
    /// The key of an entry is not greater than that of the entry before.
    Order {
        /// The entry.
        entry: usize,
    },
    /// The key of an entry belongs to another layer.
    Layer {
        /// The entry.
        entry: usize,
        /// The layer of its key.
        found: u8,
        /// The layer of the node.
        node: u8,
    },
    /// A node has more entries than [`MAX_READ_ENTRIES`](super::MAX_READ_ENTRIES).
    TooWide,
    /// A node at layer 0 has a child.
    ChildAtBottom,
    /// A node below the root has no entries and no child.
    Empty,
    /// The root has no entries but a child.
    PointerRoot,
    /// A key is not between those that stand around the node in its parents.
    OutOfRange {
        /// The entry.
        entry: usize,
    },
}

impl Error {
    /// The error of a node.
    pub(crate) fn node(cid: Cid, fault: Fault) -> Self {
        Self::Node { cid, fault }
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Source(Arc::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(cid) => write!(f, "the block {cid} is missing"),
            Self::Node { cid, fault } => write!(f, "the tree node {cid} is invalid: {fault}"),
            Self::Key(key) => write!(f, "a key has {} bytes instead of 1 to {}", key.len(), super::MAX_KEY),
            Self::Order(key) => write!(f, "the key {} is not greater than the one before", key.escape_ascii()),
            Self::Precondition { key, expected, found } => {
                write!(f, "{}: {expected} expected, ", key.escape_ascii())?;
                match found {
                    Some(cid) => write!(f, "{cid} found"),
                    None => f.write_str("nothing found"),
                }
            }
            Self::TooWide(key) => {
                write!(
                    f,
                    "the node of {} would have more than {} entries",
                    key.escape_ascii(),
                    super::MAX_WRITTEN_ENTRIES
                )
            }
            Self::Source(error) => write!(f, "the block source failed: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(&***error),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hash => f.write_str("the bytes are not those of its CID"),
            Self::Codec => f.write_str("its CID is not of codec dag-cbor"),
            Self::Encoding { offset } => write!(f, "not the encoding of a node at byte {offset}"),
            Self::PrefixTooLong { entry } => write!(f, "entry {entry} shares more than the key before has"),
            Self::PrefixTooShort { entry } => write!(f, "entry {entry} shares less with the key before than it could"),
            Self::KeyLength { entry } => {
                write!(f, "the key of entry {entry} does not have 1 to {} bytes", super::MAX_KEY)
            }
            Self::Order { entry } => write!(f, "the key of entry {entry} is not greater than the one before"),
            Self::Layer { entry, found, node } => {
                write!(f, "the key of entry {entry} is of layer {found}, the node of layer {node}")
            }
            Self::TooWide => write!(f, "more than {} entries", super::MAX_READ_ENTRIES),
            Self::ChildAtBottom => f.write_str("a child at layer 0"),
            Self::Empty => f.write_str("neither entries nor a child"),
            Self::PointerRoot => f.write_str("a root without entries but with a child"),
            Self::OutOfRange { entry } => write!(f, "the key of entry {entry} is outside the range of the node"),
        }
    }
}
