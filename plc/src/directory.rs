//! The directory: what may be added to a store, and what is told of it.

mod builder;
mod rules;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use arobase_runtime::{
    clock::Clock,
    data::Cid,
    identity::{
        DidDocument,
        plc::{Log, Operation, PlcData},
    },
    syntax::{Datetime, Did},
};
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch},
    task::spawn_blocking,
};

use crate::{
    error::DirectoryError,
    store::{Record, Store, StoreError},
};
pub use builder::DirectoryBuilder;

/// The most operations of a page of an export.
pub(crate) const PAGE: usize = 1_000;
/// How many threads work on a store at a time.
const THREADS: usize = 16;
/// The most who follow what is added, at a time.
const STREAMS: u32 = 1_000;

/// A directory of did:plc (Identity, did:plc). Cheap to clone; clones are one directory.
///
/// A store has one directory. Its methods are for a tokio runtime: what blocks runs on threads of their own.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    rate_limits: bool,
    log_limit: usize,
    backfill: Duration,
    patience: Duration,
    /// Whoever writes, so that what is checked is what is written.
    writer: Arc<Mutex<()>>,
    threads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    head: watch::Sender<Head>,
}

/// Where a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of the latest operation, or 0.
    pub(crate) seq: u64,
    /// Whether those who follow are sent away.
    pub(crate) closed: bool,
}

/// What became of an operation that was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its number, which is its place among the operations of all DIDs.
    pub seq: u64,
    /// Its CID.
    pub cid: Cid,
    /// When it was taken.
    pub created_at: Datetime,
    /// The operations that it undid.
    pub nullified: Vec<Cid>,
}

impl Directory {
    /// A directory over a store, with the clock of the computer and the usual rate limits.
    ///
    /// # Errors
    /// The store failed.
    pub fn new(store: impl Store) -> Result<Self, StoreError> {
        Self::builder(store).build()
    }

    /// A directory over a store, to be set up.
    #[must_use]
    pub fn builder(store: impl Store) -> DirectoryBuilder {
        DirectoryBuilder::new(Box::new(store))
    }

    /// Takes an operation, if it may follow in the log of the DID (PLC, validity of the next operation). When this
    /// returns, it is stored for good.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn submit(&self, did: &Did, operation: Operation) -> Result<Accepted, DirectoryError> {
        let did = did.clone();
        // What is not valid never keeps others from writing.
        let proposal = self.run(move |inner| inner.check(did, operation)).await?;
        let seat = Arc::clone(&self.inner.writer).lock_owned().await;
        self.run(move |inner| {
            let _seat = seat;
            inner.write(&proposal)
        })
        .await
    }

    /// The log of a DID, checked. Logs are told of DIDs that were given up, too.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn log(&self, did: &Did) -> Result<Log, DirectoryError> {
        let did = did.clone();
        self.run(move |inner| Ok(rules::replay(&did, &inner.records(&did)?)?)).await
    }

    /// The state of a DID.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn data(&self, did: &Did) -> Result<PlcData, DirectoryError> {
        let record = self.last(did).await?;
        rules::operation(&record)?.content().data().ok_or(DirectoryError::Tombstoned)
    }

    /// The document of a DID.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    pub async fn document(&self, did: &Did) -> Result<DidDocument, DirectoryError> {
        Ok(self.data(did).await?.document(did))
    }

    /// Up to `count` operations of all DIDs whose numbers are above one, in order; 0 begins at the beginning. A page
    /// has at most 1,000.
    ///
    /// # Errors
    /// The store failed.
    pub async fn export(&self, after: u64, count: usize) -> Result<Vec<Record>, DirectoryError> {
        self.run(move |inner| Ok(inner.store.after(after, count.min(PAGE))?)).await
    }

    /// Sends away who follows what is added (`/export/stream`), lets nobody follow any more, and waits until they are
    /// gone, but not for ever. For the end of a program.
    pub async fn close(&self) {
        self.inner.head.send_modify(|head| head.closed = true);
        let gone = self.inner.streams.acquire_many(STREAMS);
        drop(tokio::time::timeout(self.inner.patience, gone).await);
    }

    /// The latest operation of a DID that holds.
    pub(crate) async fn last(&self, did: &Did) -> Result<Record, DirectoryError> {
        let did = did.clone();
        self.run(move |inner| inner.store.last(&did)?.ok_or(DirectoryError::NotRegistered)).await
    }

    /// All operations of a DID.
    pub(crate) async fn records(&self, did: &Did) -> Result<Vec<Record>, DirectoryError> {
        let did = did.clone();
        self.run(move |inner| inner.records(&did)).await
    }

    /// Up to `count` operations that are later than a time, or from the first on.
    pub(crate) async fn later(&self, millis: Option<i64>, count: usize) -> Result<Vec<Record>, DirectoryError> {
        let millis = millis.unwrap_or(i64::MIN);
        self.run(move |inner| Ok(inner.store.later(millis, count.min(PAGE))?)).await
    }

    /// Whether the store can be read.
    pub(crate) async fn check_health(&self) -> Result<(), DirectoryError> {
        self.run(|inner| Ok(inner.store.latest().map(drop)?)).await
    }

    /// Where the directory is, and how to hear of what is added.
    pub(crate) fn head(&self) -> watch::Receiver<Head> {
        self.inner.head.subscribe()
    }

    /// A place for somebody who follows, if there is one left.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.inner.streams).try_acquire_owned().ok()
    }

    /// The time before which nobody may begin to follow, in milliseconds since the start of 1970.
    pub(crate) fn earliest(&self) -> i64 {
        let backfill = i64::try_from(self.inner.backfill.as_millis()).unwrap_or(i64::MAX);
        self.inner.now().saturating_sub(backfill)
    }

    /// How long somebody who follows may take for a message.
    pub(crate) fn patience(&self) -> Duration {
        self.inner.patience
    }

    /// Does what may block where that is allowed.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Result<T, DirectoryError> {
        // The semaphore is never closed.
        let thread = Arc::clone(&self.inner.threads).acquire_owned().await.ok();
        let inner = Arc::clone(&self.inner);
        let work = move || {
            let _thread = thread;
            work(&inner)
        };
        spawn_blocking(work).await.unwrap_or_else(|error| Err(StoreError::new(error).into()))
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("head", &*self.inner.head.borrow())
            .field("rate_limits", &self.inner.rate_limits)
            .finish_non_exhaustive()
    }
}
