//! Connections for readings.

use std::{
    mem,
    path::PathBuf,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;

use super::{
    super::{StoreError, StoreErrorKind},
    connection::open_reader,
    fault::fault,
    tables::Tables,
};

/// Connections for readings of one kind: so many at a time, the others wait.
pub(super) struct Readers {
    path: PathBuf,
    /// Bytes of the page cache of each.
    cache: usize,
    most: usize,
    /// How many stay open while they have nothing to do.
    keep: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    busy: usize,
    held: bool,
    closed: bool,
}

/// A connection in use. It goes back when it is dropped.
pub(super) struct Reader<'r> {
    readers: &'r Readers,
    /// There is one until it is dropped.
    connection: Option<Connection>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, cache: usize, most: usize, keep: usize) -> Self {
        Self { path, cache, most, keep, state: Mutex::default(), freed: Condvar::new() }
    }

    /// Runs work over a snapshot.
    pub(super) fn read(&self, work: &mut dyn FnMut(&Tables<'_>)) -> Result<(), StoreError> {
        let reader = self.begin()?;
        work(&Tables::reading(reader.connection()?));
        Ok(())
    }

    /// Begins a reading, as soon as it is its turn.
    pub(super) fn begin(&self) -> Result<Reader<'_>, StoreError> {
        let idle = self.enter()?;
        let mut reader = Reader { readers: self, connection: idle };
        let connection = match reader.connection.take() {
            Some(connection) => connection,
            None => open_reader(&self.path, self.cache)?,
        };
        reader.connection.insert(connection).prepare_cached("BEGIN").map_err(fault)?.execute(()).map_err(fault)?;
        Ok(reader)
    }

    fn enter(&self) -> Result<Option<Connection>, StoreError> {
        let mut state = self.lock();
        while !state.closed && (state.held || state.busy >= self.most) {
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(StoreError::new(StoreErrorKind::Closed));
        }
        state.busy += 1;
        Ok(state.idle.pop())
    }

    fn leave(&self, connection: Option<Connection>) {
        let mut state = self.lock();
        state.busy -= 1;
        if !state.closed && state.idle.len() < self.keep {
            state.idle.extend(connection);
        }
        drop(state);
        self.freed.notify_one();
    }

    /// Lets no reading begin any more until it is called with false; whether some are still going on.
    pub(super) fn hold(&self, held: bool) -> bool {
        let mut state = self.lock();
        if mem::replace(&mut state.held, held) && !held {
            self.freed.notify_all();
        }
        state.busy > 0
    }

    /// What has begun goes on, nothing else begins.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.idle.clear();
        self.freed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader<'_> {
    pub(super) fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or_else(|| StoreError::new(StoreErrorKind::Closed))
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let ended = |connection: &Connection| {
            connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute(())).is_ok()
        };
        // One that does not end its transaction is closed.
        let connection = self.connection.take().filter(ended);
        self.readers.leave(connection);
    }
}
