//! How a directory is set up.

use std::{fmt, sync::Arc, time::Duration};

use arobase_runtime::clock::{Clock, SystemClock};
use tokio::sync::{Mutex, Semaphore, watch};

use super::{Directory, Head, Inner, STREAMS, THREADS};
use crate::store::{Store, StoreError};

/// How a directory is set up.
pub struct DirectoryBuilder {
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    rate_limits: bool,
    log_limit: usize,
    backfill: Duration,
    patience: Duration,
}

impl DirectoryBuilder {
    pub(super) fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock),
            rate_limits: true,
            log_limit: 10_000,
            backfill: Duration::from_secs(7 * 24 * 3600),
            patience: Duration::from_secs(10),
        }
    }

    /// With another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Whether a DID may change only so often: 10 times in an hour, 30 in a day, 100 in a week. Recoveries are free, and
    /// what they undid does not count any more. Default: yes.
    #[must_use]
    pub fn rate_limits(mut self, rate_limits: bool) -> Self {
        self.rate_limits = rate_limits;
        self
    }

    /// The most operations of one DID, with those that were undone: recoveries are free, and each operation is checked
    /// against the whole log. Default: 10,000, as many as those who audit a log read.
    #[must_use]
    pub fn log_limit(mut self, operations: usize) -> Self {
        self.log_limit = operations;
        self
    }

    /// How old the first operation may be that somebody who follows is sent; who wants older ones has to export them.
    /// Default: 7 days.
    #[must_use]
    pub fn backfill(mut self, backfill: Duration) -> Self {
        self.backfill = backfill;
        self
    }

    /// How long somebody who follows may take for a message before they are sent away. Default: 10 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The directory.
    ///
    /// # Errors
    /// The store failed.
    pub fn build(self) -> Result<Directory, StoreError> {
        let seq = self.store.latest()?;
        Ok(Directory {
            inner: Arc::new(Inner {
                store: self.store,
                clock: self.clock,
                rate_limits: self.rate_limits,
                log_limit: self.log_limit,
                backfill: self.backfill,
                patience: self.patience,
                writer: Arc::new(Mutex::new(())),
                threads: Arc::new(Semaphore::new(THREADS)),
                streams: Arc::new(Semaphore::new(STREAMS as usize)),
                head: watch::Sender::new(Head { seq, closed: false }),
            }),
        })
    }
}

impl fmt::Debug for DirectoryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryBuilder")
            .field("rate_limits", &self.rate_limits)
            .field("log_limit", &self.log_limit)
            .field("backfill", &self.backfill)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
