//! How much an event may hold (Repository, events).

use std::{fmt, time::Duration};

use crate::repo;

/// The most operations of a `#commit`.
pub const MAX_OPS: usize = repo::MAX_WRITES;

/// The most bytes of the blocks of a `#commit`, as a CAR file.
pub const MAX_COMMIT_BLOCKS: usize = repo::MAX_EVENT;

/// The most bytes of the blocks of a `#sync`, as a CAR file.
pub const MAX_SYNC_BLOCKS: usize = 10_000;

/// The most bytes of a record.
pub const MAX_RECORD: usize = repo::MAX_RECORD;

/// The most bytes of a frame.
pub const MAX_FRAME: usize = 5_000_000;

/// How far ahead of the receiver's clock a revision may be.
pub const MAX_AHEAD: Duration = Duration::from_secs(5 * 60);

/// A limit of an event is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// What there is too much of, with its unit.
    pub what: &'static str,
    /// The most that is allowed.
    pub limit: usize,
    /// How much there is.
    pub found: usize,
}

impl TooLarge {
    /// Checks an amount against its limit.
    pub(super) fn check(what: &'static str, limit: usize, found: usize) -> Result<(), Self> {
        if found <= limit { Ok(()) } else { Err(Self { what, limit, found }) }
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, of which at most {} are allowed", self.found, self.what, self.limit)
    }
}

impl std::error::Error for TooLarge {}
