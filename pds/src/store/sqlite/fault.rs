//! What SQLite's errors mean.

use std::io;

use rusqlite::{Error, ErrorCode, ffi};

use super::super::{StoreError, StoreErrorKind};

/// A failure of SQLite.
pub(super) fn fault(error: Error) -> StoreError {
    StoreError::because(kind(&error), error)
}

fn kind(error: &Error) -> StoreErrorKind {
    match error {
        // A log that cannot grow: SQLite says so only when a file was written as far as there was room.
        Error::SqliteFailure(ffi::Error { code: ErrorCode::DiskFull, .. }, _) => StoreErrorKind::Full,
        Error::SqliteFailure(ffi::Error { code, .. }, _) => match code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreErrorKind::Corrupt,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => StoreErrorKind::ReadOnly,
            _ => StoreErrorKind::Other,
        },
        // Columns are what the schema says, so it is the file that is not.
        Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..) => {
            StoreErrorKind::Corrupt
        }
        _ => StoreErrorKind::Other,
    }
}

/// A failure of a file.
pub(super) fn file_fault(error: io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreErrorKind::ReadOnly,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreErrorKind::Full,
        _ => StoreErrorKind::Other,
    };
    StoreError::because(kind, error)
}
