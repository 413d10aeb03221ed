//! What goes wrong.

use std::{error::Error as StdError, fmt, io, path::Path};

use crate::{error::Error, store::StoreError};

/// Why a backup was not made or not restored.
#[derive(Debug)]
pub struct BackupError {
    what: String,
}

impl BackupError {
    /// In words.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }

    /// With a file.
    pub(super) fn at(path: &Path, error: &dyn fmt::Display) -> Self {
        Self::new(format!("{}: {error}", path.display()))
    }
}

/// Names the file with what went wrong with it.
pub(super) trait At<T> {
    fn at(self, path: &Path) -> Result<T, BackupError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, BackupError> {
        self.map_err(|error| BackupError::at(path, &error))
    }
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<Error> for BackupError {
    fn from(error: Error) -> Self {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::new(format!("{}{cause}", error.message()))
    }
}

impl From<object_store::Error> for BackupError {
    fn from(error: object_store::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<tokio::task::JoinError> for BackupError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::new(error.to_string())
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for BackupError {}
