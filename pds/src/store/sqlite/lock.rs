//! One process for one file.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use super::{
    super::{StoreError, StoreErrorKind},
    fault::file_fault,
};

/// Holds a file for this store, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "it is open, that is all")] File);

impl Lock {
    /// Takes the lock of a database.
    ///
    /// SQLite's own locks would let two processes take turns, and then each would give the same numbers to events.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let file = File::options().create(true).truncate(false).write(true).open(beside(database, ".lock"));
        let file = file.map_err(file_fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::new(StoreErrorKind::InUse)),
            Err(TryLockError::Error(error)) => Err(file_fault(error)),
        }
    }
}

/// The file whose name is that of another with something added.
pub(super) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
