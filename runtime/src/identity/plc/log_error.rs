//! Why an operation does not follow in a log.

use std::fmt;

use super::OperationError;
use crate::data::Cid;

/// Why an operation does not follow in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogError {
    /// The first operation is no genesis.
    NoGenesis,
    /// The genesis makes another DID.
    WrongDid,
    /// The operation is in the log already.
    Duplicate,
    /// The operation that it names is not in the log, or was nullified.
    Misordered {
        /// What it names.
        prev: Option<Cid>,
    },
    /// The operation that it follows gave the DID up.
    Tombstoned,
    /// No key that may sign it did. A signature by such a key that is high-S on the key's curve is none.
    Signature,
    /// It would undo what a key as strong as its own, or a stronger one, signed.
    WeakRecovery,
    /// It would undo what is more than 72 hours old.
    LateRecovery,
    /// It would undo something, and its time is not later than that of the latest operation.
    Clock,
    /// Its time is none.
    Time,
    /// It is larger than operations may be, or breaks a rule for new ones.
    Operation(OperationError),
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoGenesis => "the first operation is no genesis",
            Self::WrongDid => "the genesis makes another DID",
            Self::Duplicate => "the operation is in the log already",
            Self::Misordered { prev: Some(prev) } => return write!(f, "{prev} is not among the operations that hold"),
            Self::Misordered { prev: None } => "the DID has a genesis already",
            Self::Tombstoned => "the DID was given up",
            Self::Signature => "no key that may sign the operation did",
            Self::WeakRecovery => "a key as strong as this one, or a stronger one, signed what would be undone",
            Self::LateRecovery => "what would be undone is more than 72 hours old",
            Self::Clock => "the time of the operation is not later than that of the latest one",
            Self::Time => "the time of the operation is no time",
            Self::Operation(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for LogError {}

impl From<OperationError> for LogError {
    fn from(error: OperationError) -> Self {
        Self::Operation(error)
    }
}
