//! Answers that are read from one snapshot while they are sent.

use std::{sync::Arc, time::Duration};

use arobase::xrpc::{Body, BodyError};
use bytes::Bytes;
use futures_util::stream;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::spawn_blocking,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    error::Error,
    store::{Database, View},
};

/// How many such answers there are at a time.
const SEATS: usize = 24;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much longer than it should a caller may take in all.
const GRACE: Duration = Duration::from_secs(60);
/// How many bytes a second a caller should take at least: a snapshot that is kept for long is a burden.
const LEAST_RATE: u64 = 16 << 10;
/// How many pieces wait for the caller.
const PIECES: usize = 4;

/// The answers of a server that are read while they are sent. Each has a thread and a snapshot of its own; so their
/// number is limited, and a caller who hardly takes anything is given up. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Exports {
    seats: Arc<Semaphore>,
    patience: Duration,
    grace: Duration,
}

impl Default for Exports {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(SEATS)), patience: PATIENCE, grace: GRACE }
    }
}

/// Where such an answer goes.
pub(super) struct Outlet<T> {
    head: Option<oneshot::Sender<Result<T, Error>>>,
    pieces: mpsc::Sender<Piece>,
    handle: Handle,
    deadline: Instant,
}

/// A piece of an answer; none says that it is complete.
type Piece = Result<Option<Bytes>, Error>;

impl Exports {
    #[cfg(test)]
    pub(super) fn with(seats: usize, patience: Duration, grace: Duration) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), patience, grace }
    }

    /// Sends what `work` makes of a snapshot. Until it [begins](Outlet::begin), its error is the answer; an error after
    /// that breaks the answer off.
    ///
    /// # Errors
    /// That of the work; 503 if there are too many of these already.
    pub(super) async fn stream<T, W>(&self, db: &Database, work: W) -> Result<(T, Body), Error>
    where
        T: Send + 'static,
        W: FnOnce(&dyn View, &mut Outlet<T>) -> Result<(), Error> + Send + 'static,
    {
        let seat = self.seat().await?;
        let (head, begun) = oneshot::channel();
        let (pieces, taken) = mpsc::channel(PIECES);
        let (db, handle, deadline) = (db.clone(), Handle::current(), Instant::now() + self.grace);
        spawn_blocking(move || {
            let _seat = seat;
            let mut outlet = Outlet { head: Some(head), pieces, handle, deadline };
            let result = db.read_long(|view| work(view, &mut outlet));
            outlet.end(result);
        });
        let head = begun.await.unwrap_or_else(|_| Err(Error::internal("an export did not begin")))?;
        Ok((head, body(taken)))
    }

    async fn seat(&self) -> Result<OwnedSemaphorePermit, Error> {
        let seat = timeout(self.patience, Arc::clone(&self.seats).acquire_owned()).await;
        // The semaphore is never closed.
        seat.ok().and_then(Result::ok).ok_or_else(|| {
            let message = "too many exports at a time; try again later";
            Error::new(http::StatusCode::SERVICE_UNAVAILABLE, "NotEnoughResources", message)
        })
    }
}

impl<T> Outlet<T> {
    /// The answer begins.
    pub(super) fn begin(&mut self, head: T) -> Result<(), Error> {
        let told = self.head.take().is_some_and(|waiting| waiting.send(Ok(head)).is_ok());
        told.then_some(()).ok_or_else(gone)
    }

    /// Waits until there is room for a piece.
    ///
    /// # Errors
    /// The caller is gone, or too slow.
    pub(super) fn send(&mut self, piece: Bytes) -> Result<(), Error> {
        self.deadline += Duration::from_secs(1) * u32::try_from(piece.len()).unwrap_or(u32::MAX) / LEAST_RATE as u32;
        match self.pieces.try_send(Ok(Some(piece))) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(piece)) => self.wait(piece),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(gone()),
        }
    }

    fn wait(&self, piece: Piece) -> Result<(), Error> {
        let sent = self.handle.block_on(timeout_at(self.deadline, self.pieces.send(piece)));
        sent.ok().and_then(Result::ok).ok_or_else(gone)
    }

    /// What became of it.
    fn end(mut self, result: Result<(), Error>) {
        match (result, self.head.take()) {
            (Ok(()), _) => drop(self.wait(Ok(None))),
            (Err(error), Some(waiting)) => drop(waiting.send(Err(error))),
            // If there is no room for the error, the missing end says enough.
            (Err(error), None) => drop(self.pieces.try_send(Err(error))),
        }
    }
}

/// Nobody sees it.
fn gone() -> Error {
    Error::internal("the caller of an export is gone, or too slow")
}

fn body(taken: mpsc::Receiver<Piece>) -> Body {
    Body::from_stream(stream::try_unfold(taken, |mut taken| async move {
        match taken.recv().await {
            Some(Ok(Some(piece))) => Ok(Some((piece, taken))),
            Some(Ok(None)) => Ok(None),
            Some(Err(error)) => Err(BodyError::source(error)),
            None => Err(BodyError::source("an export broke off")),
        }
    }))
}
