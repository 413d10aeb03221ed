//! Why a directory did not do what it was asked.

use std::fmt;

use crate::{
    crypto::SignError,
    identity::{
        fetch::FetchError,
        plc::{AuditError, LogError, OperationError},
    },
};

/// Why a directory did not do what it was asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PlcError {
    /// The DID is no did:plc, so nothing was asked.
    Did,
    /// It knows no such DID, or the DID was given up.
    NotFound,
    /// Somebody else changed the DID at the same time: what the directory said. At most 300 characters, printable.
    Conflict(Box<str>),
    /// It refused: the status, and what it said. At most 300 characters, printable.
    Refused(u16, Box<str>),
    /// There was no answer. A change that was submitted may have been made.
    Fetch(FetchError),
    /// What it said is no operation, or the operation breaks a rule for new ones.
    Operation(OperationError),
    /// A line of an export is not what it should be: its index, and what is wrong with it.
    Export(usize, &'static str),
    /// The log that it told is not to be believed.
    Audit(AuditError),
    /// The change may not follow in the log.
    Log(LogError),
    /// The key could not be used.
    Sign(SignError),
    /// The DID was given up.
    Tombstoned,
}

impl fmt::Display for PlcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Did => f.write_str("no did:plc"),
            Self::NotFound => f.write_str("the directory does not know the DID"),
            Self::Conflict(message) => write!(f, "somebody else changed the DID at the same time: {message}"),
            Self::Refused(status, message) => write!(f, "the directory refused with status {status}: {message}"),
            Self::Fetch(error) => write!(f, "the directory did not answer: {error}"),
            Self::Operation(error) => write!(f, "no valid operation: {error}"),
            Self::Export(index, reason) => write!(f, "line {index} of the export: {reason}"),
            Self::Audit(error) => write!(f, "a log that is not to be believed: {error}"),
            Self::Log(error) => write!(f, "the operation may not follow: {error}"),
            Self::Sign(error) => write!(f, "{error}"),
            Self::Tombstoned => f.write_str("the DID was given up"),
        }
    }
}

impl std::error::Error for PlcError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Fetch(error) => Some(error),
            Self::Operation(error) => Some(error),
            Self::Audit(error) => Some(error),
            Self::Log(error) => Some(error),
            Self::Sign(error) => Some(error),
            _ => None,
        }
    }
}

impl From<FetchError> for PlcError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<OperationError> for PlcError {
    fn from(error: OperationError) -> Self {
        Self::Operation(error)
    }
}

impl From<AuditError> for PlcError {
    fn from(error: AuditError) -> Self {
        Self::Audit(error)
    }
}

impl From<LogError> for PlcError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<SignError> for PlcError {
    fn from(error: SignError) -> Self {
        Self::Sign(error)
    }
}
