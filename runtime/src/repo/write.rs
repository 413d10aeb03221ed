//! Writes to a repository, and what they change.

mod batch;
mod record;
mod written;

pub use batch::Batch;
pub use record::{MAX_RECORD, blob_refs};
pub(super) use written::check_size;
pub use written::{MAX_EVENT, RepoOp, Written};

use bytes::Bytes;

use crate::data::CidLink;

use super::path::RepoPath;

/// The most writes of a batch, and operations of a commit (Repository, events: `#commit`).
pub const MAX_WRITES: usize = 200;

/// One write of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Write {
    /// Adds a record under a path that must be free.
    Create {
        /// The path.
        path: RepoPath,
        /// The record, DAG-CBOR.
        record: Bytes,
    },
    /// Replaces a record. If the record is there already, nothing is done, whatever it should have been before.
    Update {
        /// The path.
        path: RepoPath,
        /// The record, DAG-CBOR.
        record: Bytes,
        /// What the record must be before.
        swap: Swap,
    },
    /// Removes a record. If it should have been a certain one and there is none, nothing is done.
    Delete {
        /// The path.
        path: RepoPath,
        /// What the record must be before.
        swap: Swap,
    },
}

/// What an update or a delete wants to replace (Repository, `swapRecord`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Swap {
    /// A record, whichever.
    #[default]
    Present,
    /// A record or none: an update may create, and a delete may find nothing to do.
    Any,
    /// No record: an update must create.
    Absent,
    /// This record.
    Is(CidLink),
}

impl Write {
    /// Adds a record under a path that must be free.
    pub fn create(path: RepoPath, record: impl Into<Bytes>) -> Self {
        Self::Create { path, record: record.into() }
    }

    /// Replaces a record that must be there.
    pub fn update(path: RepoPath, record: impl Into<Bytes>) -> Self {
        Self::Update { path, record: record.into(), swap: Swap::Present }
    }

    /// Adds or replaces a record.
    pub fn put(path: RepoPath, record: impl Into<Bytes>) -> Self {
        Self::Update { path, record: record.into(), swap: Swap::Any }
    }

    /// Removes a record that must be there.
    #[must_use]
    pub fn delete(path: RepoPath) -> Self {
        Self::Delete { path, swap: Swap::Present }
    }

    /// The same write, if the record before is what is expected. A create always expects none.
    #[must_use]
    pub fn swapping(mut self, expected: Swap) -> Self {
        match &mut self {
            Self::Create { .. } => {}
            Self::Update { swap, .. } | Self::Delete { swap, .. } => *swap = expected,
        }
        self
    }

    /// The path that is written.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        match self {
            Self::Create { path, .. } | Self::Update { path, .. } | Self::Delete { path, .. } => path,
        }
    }

    /// The record that is written; a delete has none.
    #[must_use]
    pub fn record(&self) -> Option<&Bytes> {
        match self {
            Self::Create { record, .. } | Self::Update { record, .. } => Some(record),
            Self::Delete { .. } => None,
        }
    }

    /// What must be there before.
    fn swap(&self) -> &Swap {
        match self {
            Self::Create { .. } => &Swap::Absent,
            Self::Update { swap, .. } | Self::Delete { swap, .. } => swap,
        }
    }
}
