//! Where a directory keeps its operations.

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
mod tests;

use std::{error::Error, fmt, sync::Arc};

use arobase_runtime::{
    data::Cid,
    syntax::{Datetime, Did},
};

pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// Where a [`Directory`](crate::Directory) keeps its operations. It knows no rules but one: what is added follows what
/// was the latest of its DID.
///
/// The methods may block: a directory calls them on threads that are there for that.
pub trait Store: Send + Sync + 'static {
    /// All operations of a DID, also those that were undone, in order.
    ///
    /// # Errors
    /// The store failed.
    fn of(&self, did: &Did) -> Result<Vec<Record>, StoreError>;

    /// The latest operation of a DID that holds.
    ///
    /// # Errors
    /// The store failed.
    fn last(&self, did: &Did) -> Result<Option<Record>, StoreError>;

    /// Up to `count` operations whose numbers are above one, in order.
    ///
    /// # Errors
    /// The store failed.
    fn after(&self, seq: u64, count: usize) -> Result<Vec<Record>, StoreError>;

    /// Up to `count` operations that are later than a time in milliseconds since the start of 1970, by time and, where
    /// that is the same, by CID.
    ///
    /// # Errors
    /// The store failed.
    fn later(&self, millis: i64, count: usize) -> Result<Vec<Record>, StoreError>;

    /// The highest number; 0 while there is no operation.
    ///
    /// # Errors
    /// The store failed.
    fn latest(&self) -> Result<u64, StoreError>;

    /// Adds an operation and undoes others, all or nothing, durably, and returns its number: one more than the highest,
    /// or 1.
    ///
    /// # Errors
    /// See [`AppendError`].
    fn append(&self, new: &NewRecord) -> Result<u64, AppendError>;
}

/// An operation in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, which is its place among the operations of all DIDs.
    pub seq: u64,
    /// The DID.
    pub did: Did,
    /// The operation, as JSON.
    pub operation: Arc<str>,
    /// Its CID.
    pub cid: Cid,
    /// When it was taken, in milliseconds since the start of 1970.
    pub millis: i64,
    /// Whether a stronger key undid it.
    pub nullified: bool,
}

/// An operation to be added to a store.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// The DID.
    pub did: Did,
    /// The operation, as JSON.
    pub operation: Arc<str>,
    /// Its CID.
    pub cid: Cid,
    /// When it was taken, in milliseconds since the start of 1970.
    pub millis: i64,
    /// The operations of the DID that it undoes.
    pub nullifies: Vec<Cid>,
    /// The number of the latest operation of the DID, undone or not, when this one was checked; `None` if there was
    /// none.
    pub base: Option<u64>,
}

/// Why a store could not do what it should.
#[derive(Clone, Debug)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

/// Why an operation was not added.
#[derive(Clone, Debug)]
pub enum AppendError {
    /// [`NewRecord::base`] is not the latest operation of the DID any more.
    Conflict,
    /// The store failed. The operation may have been added.
    Store(StoreError),
}

impl Record {
    /// When it was taken. A time that no datetime expresses becomes the start of 1970.
    #[must_use]
    pub fn created_at(&self) -> Datetime {
        datetime(self.millis)
    }
}

pub(crate) fn datetime(millis: i64) -> Datetime {
    let time = Datetime::from_unix_micros(millis.saturating_mul(1000));
    time.unwrap_or_else(|| Datetime::from_unchecked("1970-01-01T00:00:00.000Z"))
}

impl StoreError {
    /// A fault.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into().into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed: {}", self.0)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("the DID was changed in the meantime"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl Error for AppendError {}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
