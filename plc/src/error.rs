//! Why a directory does not do what it is asked.

use std::{error::Error, fmt};

use arobase_runtime::identity::plc::{LogError, OperationError, RateLimit};

use crate::store::{AppendError, StoreError};

/// Why a directory does not do what it is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The DID was never created.
    NotRegistered,
    /// The DID was given up, so that it has no state.
    Tombstoned,
    /// The operation breaks a rule for new ones.
    Operation(OperationError),
    /// The operation may not follow in the log of the DID.
    Log(LogError),
    /// The DID was changed as often as it may be for now.
    RateLimit(RateLimit),
    /// The log of the DID has as many operations as a directory keeps of one.
    Full,
    /// The DID was changed while the operation was being checked.
    Conflict,
    /// The store failed.
    Store(StoreError),
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRegistered => f.write_str("DID not registered"),
            Self::Tombstoned => f.write_str("DID not available"),
            Self::Operation(error) => write!(f, "Not a valid operation: {error}"),
            Self::Log(LogError::Misordered { prev }) => match prev {
                Some(prev) => write!(f, "Operations not correctly ordered: {prev} is not among those that hold"),
                None => f.write_str("Operations not correctly ordered: the DID has a genesis already"),
            },
            Self::Log(error) => write!(f, "Operation may not follow: {error}"),
            Self::RateLimit(limit) => write!(f, "Too many operations: {limit}"),
            Self::Full => f.write_str("Too many operations: the log of the DID is full"),
            Self::Conflict => f.write_str("Proposed prev does not match the most recent operation"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl Error for DirectoryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Operation(error) => Some(error),
            Self::Log(error) => Some(error),
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<OperationError> for DirectoryError {
    fn from(error: OperationError) -> Self {
        Self::Operation(error)
    }
}

impl From<LogError> for DirectoryError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AppendError> for DirectoryError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict => Self::Conflict,
            AppendError::Store(error) => Self::Store(error),
        }
    }
}
