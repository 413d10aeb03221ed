//! Work over a store, from where nothing may block.

use std::{fmt, sync::Arc};

use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{Reading, Store, StoreError, StoreErrorKind, Unit, Verdict, View};

/// How many short readings there are at a time.
const READERS: usize = 16;

/// A store for handlers. Cheap to clone; clones are one store. For a tokio runtime.
#[derive(Clone)]
pub struct Database {
    store: Arc<dyn Store>,
    readers: Arc<Semaphore>,
}

impl Database {
    /// Over this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, readers: Arc::new(Semaphore::new(READERS)) }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Reads from a snapshot.
    ///
    /// # Errors
    /// What the work says, or the store.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&dyn View) -> Result<T, E> + Send + 'static,
    {
        // The semaphore is never closed.
        let reader = Arc::clone(&self.readers).acquire_owned().await.ok();
        let store = Arc::clone(&self.store);
        let reading = spawn_blocking(move || {
            let _reader = reader;
            read_from(&*store, Reading::Short, work)
        });
        reading.await.unwrap_or_else(|panic| Err(StoreError::because(StoreErrorKind::Work, panic).into()))
    }

    /// Reads from a snapshot, on this thread and for as long as it takes.
    ///
    /// # Errors
    /// What the work says, or the store.
    pub fn read_long<T, E: From<StoreError>>(&self, work: impl FnOnce(&dyn View) -> Result<T, E>) -> Result<T, E> {
        read_from(&*self.store, Reading::Long, work)
    }

    /// Writes: what the work did is durable when this returns, all of it, or nothing if there is an error.
    ///
    /// # Errors
    /// What the work says, or the store.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut dyn Unit) -> Result<T, E> + Send + 'static,
    {
        let (tell, told) = tokio::sync::oneshot::channel();
        let kept = self.store.write(Box::new(move |unit| {
            let result = work(unit);
            let verdict = if result.is_ok() { Verdict::Keep } else { Verdict::Undo };
            // Nobody may be waiting any more.
            drop(tell.send(result));
            verdict
        }));
        kept.await?;
        told.await.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Work).into()))
    }
}

fn read_from<T, E: From<StoreError>>(
    store: &dyn Store,
    reading: Reading,
    work: impl FnOnce(&dyn View) -> Result<T, E>,
) -> Result<T, E> {
    let (mut work, mut result) = (Some(work), None);
    store.read(reading, &mut |view| result = work.take().map(|work| work(view)))?;
    result.unwrap_or_else(|| Err(StoreError::new(StoreErrorKind::Work).into()))
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
