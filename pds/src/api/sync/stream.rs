//! Answers that are read from one snapshot while they are sent.

use std::{net::IpAddr, sync::Arc, time::Duration};

use arobase::xrpc::{Body, BodyError};
use bytes::Bytes;
use futures_util::stream;
use tokio::{
    runtime::Handle,
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::spawn_blocking,
    time::{Instant, timeout, timeout_at},
};

use super::shares::Shares;
use crate::{
    error::Error,
    store::{Database, View},
};

/// How many such answers there are at a time.
const SEATS: usize = 24;
/// How many of them one client has, so that nobody alone keeps all others out.
const SHARE: usize = 12;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much longer than it should a caller may take in all.
const GRACE: Duration = Duration::from_secs(60);
/// How many bytes a second a caller should take at least: a snapshot that is kept for long is a burden.
const LEAST_RATE: u64 = 16 << 10;
/// How many pieces wait for the caller.
const PIECES: usize = 4;

/// The answers of a server that are read while they are sent. Each has a thread and a snapshot of its own; so their
/// number is limited, and a caller who hardly takes anything, or nothing for a while, is given up. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Exports {
    seats: Arc<Semaphore>,
    shares: Shares,
    patience: Duration,
    grace: Duration,
}

impl Default for Exports {
    fn default() -> Self {
        let seats = Arc::new(Semaphore::new(SEATS));
        Self { seats, shares: Shares::new(SHARE), patience: PATIENCE, grace: GRACE }
    }
}

/// Held as long as an answer is sent.
struct Seat {
    _own: Option<OwnedSemaphorePermit>,
    _one: OwnedSemaphorePermit,
}

/// Where such an answer goes.
pub(super) struct Outlet<T> {
    head: Option<oneshot::Sender<Result<T, Error>>>,
    pieces: mpsc::Sender<Piece>,
    handle: Handle,
    deadline: Instant,
    /// How long the caller may take nothing.
    grace: Duration,
}

/// A piece of an answer; none says that it is complete.
type Piece = Result<Option<Bytes>, Error>;

impl Exports {
    #[cfg(test)]
    pub(super) fn with(seats: usize, patience: Duration, grace: Duration) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), shares: Shares::new(SHARE), patience, grace }
    }

    #[cfg(test)]
    pub(super) fn with_share(self, seats: usize) -> Self {
        Self { shares: Shares::new(seats), ..self }
    }

    /// Sends what `work` makes of a snapshot to a client. Until it [begins](Outlet::begin), its error is the answer; an error after
    /// that breaks the answer off.
    ///
    /// # Errors
    /// That of the work; 503 if there are too many of these already.
    pub(super) async fn stream<T, W>(&self, db: &Database, client: Option<IpAddr>, work: W) -> Result<(T, Body), Error>
    where
        T: Send + 'static,
        W: FnOnce(&dyn View, &mut Outlet<T>) -> Result<(), Error> + Send + 'static,
    {
        let seat = self.seat(client).await?;
        let (head, begun) = oneshot::channel();
        let (pieces, taken) = mpsc::channel(PIECES);
        let (db, handle, grace) = (db.clone(), Handle::current(), self.grace);
        let deadline = Instant::now() + grace;
        spawn_blocking(move || {
            let _seat = seat;
            let mut outlet = Outlet { head: Some(head), pieces, handle, deadline, grace };
            let result = db.read_long(|view| work(view, &mut outlet));
            outlet.end(result);
        });
        let head = begun.await.unwrap_or_else(|_| Err(Error::internal("an export did not begin")))?;
        Ok((head, body(taken)))
    }

    /// A seat, after one of those that the client may have.
    async fn seat(&self, client: Option<IpAddr>) -> Result<Seat, Error> {
        let share = client.map(|client| self.shares.of(client));
        let seat = async {
            let own = match share {
                Some(share) => Some(share.acquire_owned().await?),
                None => None,
            };
            Ok::<_, AcquireError>(Seat { _own: own, _one: Arc::clone(&self.seats).acquire_owned().await? })
        };
        // No semaphore is ever closed.
        timeout(self.patience, seat).await.ok().and_then(Result::ok).ok_or_else(|| {
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
        // Who took much before may not rest on it for hours.
        let until = self.deadline.min(Instant::now() + self.grace);
        let sent = self.handle.block_on(timeout_at(until, self.pieces.send(piece)));
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
