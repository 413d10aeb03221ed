//! SQLite's write-ahead log: it must not grow for ever.
//!
//! SQLite brings the pages of the log into the file after every so many, and then writes the log from its beginning
//! again, if no reading is in the way. A long reading is: as long as it lasts, the log grows; so it would with long
//! readings that always overlap. So a log that has become large is cut as soon as nothing reads from it, which is
//! tried whenever there is nothing to write for a moment; and when it is very large, the long readings that are still
//! to begin wait for those that have begun.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use rusqlite::Connection;

use super::{lock::beside, readers::Readers, writer::Message};

/// A log of more bytes is cut as soon as nothing happens. In quiet operation none gets so long.
const LARGE: u64 = 40 << 20;

/// With a log of more bytes, long readings wait.
const VERY_LARGE: u64 = 512 << 20;

/// How long nothing has to happen.
const PAUSE: Duration = Duration::from_millis(500);

/// The write-ahead log of a file.
pub(super) struct Log {
    path: PathBuf,
    /// [`LARGE`] and [`VERY_LARGE`].
    pub(super) large: u64,
    pub(super) very_large: u64,
    /// Bytes at the last look.
    bytes: u64,
    holds: bool,
}

impl Log {
    /// The log of a database.
    pub(super) fn new(database: &Path) -> Self {
        let path = beside(database, "-wal");
        Self { path, large: LARGE, very_large: VERY_LARGE, bytes: 0, holds: false }
    }

    /// Waits for a message; none if it takes long and there is something to tidy up. An error if nobody asks any more.
    pub(super) fn wait(&self, queue: &Receiver<Message>) -> Result<Option<Message>, RecvTimeoutError> {
        if !self.holds && self.bytes <= self.large {
            return queue.recv().map(Some).map_err(RecvTimeoutError::from);
        }
        match queue.recv_timeout(PAUSE) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks after the log between two groups, or when nothing has happened for a while.
    pub(super) fn tidy(&mut self, connection: &Connection, long: &Readers, is_quiet: bool) {
        self.look();
        self.holds = self.bytes > self.very_large;
        let is_read = long.hold(self.holds);
        if self.bytes > self.large && (is_quiet || self.holds) && !is_read {
            self.cut(connection);
            // Even if it could not be cut, as something else reads from it: readings do not wait for that.
            self.holds = false;
            long.hold(false);
        }
    }

    fn look(&mut self) {
        self.bytes = fs::metadata(&self.path).map_or(0, |file| file.len());
    }

    /// Cuts the log, if nothing reads from it.
    pub(super) fn cut(&mut self, connection: &Connection) {
        checkpoint(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        self.look();
    }

    /// Has the log written from its beginning again, if nothing reads from it: on a disk that is full it cannot grow.
    pub(super) fn make_room(&self, connection: &Connection) {
        checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)");
    }
}

/// Brings what is in the log into the file.
fn checkpoint(connection: &Connection, sql: &str) {
    if let Err(error) = connection.query_row(sql, (), |_| Ok(())) {
        tracing::warn!("the write-ahead log was not brought into the file: {error}");
    }
}
