//! A store in memory.

mod tables;
mod unit;
mod view;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arobase::{
    clock::{Clock, SystemClock},
    xrpc::BoxFuture,
};
use tables::Tables;

use super::{
    Listener, Logged, ReadWork, Reading, Store, StoreError, StoreErrorKind, Verdict, WriteWork,
    numbers::{Numbers, micros},
};

/// A store in memory, which is gone with the process: for tests, and for servers that keep nothing. Readings see
/// snapshots that cost nothing to take. Units run on the thread that calls [`Store::write`].
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    listener: Mutex<Option<Arc<dyn Listener>>>,
    /// What was kept; none once it was closed.
    kept: Mutex<Option<Tables>>,
    /// Held by the unit at work, until its events were told.
    writing: Mutex<()>,
}

impl MemoryStore {
    /// A store with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// The same with a clock that events get their times from.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let tables = Tables::new(Numbers::begin(micros(&*clock)));
        Self { clock, listener: Mutex::default(), kept: Mutex::new(Some(tables)), writing: Mutex::new(()) }
    }

    /// A snapshot.
    fn snapshot(&self) -> Result<Tables, StoreError> {
        lock(&self.kept).clone().ok_or_else(|| StoreError::new(StoreErrorKind::Closed))
    }

    fn run(&self, work: WriteWork) -> Result<(), StoreError> {
        let _writing = lock(&self.writing);
        let mut unit = self.snapshot()?;
        unit.now = micros(&*self.clock);
        let verdict = catch_unwind(AssertUnwindSafe(|| work(&mut unit)));
        if verdict.map_err(|_| StoreError::because(StoreErrorKind::Work, "it panicked"))? == Verdict::Undo {
            return Ok(());
        }
        let events = unit.finish(micros(&*self.clock))?;
        *lock(&self.kept) = Some(unit);
        self.tell(&events);
        Ok(())
    }

    fn tell(&self, events: &[Logged]) {
        let listener = lock(&self.listener).clone();
        if let Some(listener) = listener
            && !events.is_empty()
        {
            listener.logged(events);
        }
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn read(&self, _: Reading, work: ReadWork<'_>) -> Result<(), StoreError> {
        work(&self.snapshot()?);
        Ok(())
    }

    fn write(&self, work: WriteWork) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(std::future::ready(self.run(work)))
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        *lock(&self.listener) = Some(listener);
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let _writing = lock(&self.writing);
        *lock(&self.kept) = None;
        // It may have this store.
        lock(&self.listener).take();
        Box::pin(std::future::ready(()))
    }
}

/// What a thread that panicked left behind is whole: tables are only ever replaced.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
