//! The stream of events (Repository, events; XRPC, event streams: cursors).
//!
//! Subscribers are not fed: each one pulls what is behind the number that it has, from a ring of the latest events in
//! memory, or if it is further behind, from the log. So replay, cut-over and the recovery of a slow reader are one
//! loop, without a gap and without an event twice, and a slow reader costs no memory.

mod live;
mod marks;
mod reader;
mod ring;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod window;

use std::{fmt, sync::Arc};

use arobase::{
    Events, Failure,
    com::atproto::sync::{SubscribeRepos, subscribe_repos},
    sync::InfoEvent,
    xrpc::BoxStream,
};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::watch;

use crate::{
    error::Error,
    settings::Settings,
    store::{Database, Logged},
};
use live::Live;
use marks::Marks;
use reader::{Reader, Shared};
use window::{Begin, Window};

/// The events of a server. Cheap to clone.
#[derive(Clone)]
pub struct Firehose {
    shared: Arc<Shared>,
    /// The most events of the past.
    rollback: Option<u64>,
}

/// Events, one after the other, without end.
pub type EventStream = BoxStream<'static, Result<Logged, Error>>;

impl Firehose {
    /// Over a database; what is in its log already can be had from now on.
    pub(crate) async fn open(db: Database, settings: &Settings) -> Result<Self, Error> {
        let live = Arc::new(Live::new(settings.preload, settings.preload_bytes));
        // Events that come while the log is read are in both, and count once.
        db.store().listen(Arc::clone(&live) as _);
        let marks = db.write(|unit| Marks::load(unit)).await?;
        live.fill(&db, settings.preload).await?;
        Ok(Self { shared: Arc::new(Shared::new(db, live, marks)), rollback: settings.rollback })
    }

    /// The number of the newest event, or the one before the first.
    #[must_use]
    pub fn head(&self) -> i64 {
        self.shared.live.head()
    }

    /// Whether there was an event ever since the log began.
    pub(crate) fn has_events(&self) -> bool {
        self.head() > self.shared.marks().start
    }

    /// To wait for events: changes with each new [`head`](Firehose::head).
    pub(crate) fn watch(&self) -> watch::Receiver<i64> {
        self.shared.live.watch()
    }

    /// The events behind a number that can still be had, and then those that come; without a number only those that
    /// come. To be read in process; an event that has left the window while it was waiting is passed over.
    ///
    /// # Errors
    /// 400 `FutureCursor`.
    pub fn events(&self, after: Option<i64>) -> Result<EventStream, Error> {
        let begin = self.window().begin(after)?;
        let reader = Reader::new(Arc::clone(&self.shared), begin.after(), reader::Missed::PassedOver);
        Ok(Box::pin(reader.into_stream()))
    }

    /// The same for a subscriber of `com.atproto.sync.subscribeRepos`, who is told what is missing.
    pub(crate) fn subscribe(
        &self,
        cursor: Option<i64>,
    ) -> Result<Events<SubscribeRepos>, Failure<subscribe_repos::Error>> {
        let begin = self.window().begin(cursor).map_err(Error::into_failure)?;
        let reader = Reader::new(Arc::clone(&self.shared), begin.after(), reader::Missed::Fatal);
        let frames = reader.into_stream().map_ok(|event| event.frame).map_err(Error::into_failure);
        Ok(match begin {
            Begin::After(_) => Events::from_frames(frames),
            Begin::Outdated(_) => {
                let info = outdated().map_err(Failure::internal)?;
                Events::from_frames(stream::once(std::future::ready(Ok(info))).chain(frames))
            }
        })
    }

    /// Removes up to so many events from the log that are older than a time (microseconds since 1970), and notes up to
    /// where it was trimmed; how many.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn trim(&self, before: i64, limit: usize) -> Result<usize, Error> {
        let (trimmed, marks) = self.shared.db.write(move |unit| marks::trim(unit, before, limit)).await?;
        self.shared.set_marks(marks);
        Ok(trimmed)
    }

    fn window(&self) -> Window {
        Window::new(self.shared.marks(), self.head(), self.rollback)
    }
}

/// The word about a cursor that is older than what there is.
fn outdated() -> Result<Bytes, arobase::data::Error> {
    let message = "events behind the cursor are gone; those that are still there follow".to_owned();
    InfoEvent { name: InfoEvent::OUTDATED_CURSOR.to_owned(), message: Some(message) }.to_frame()
}

impl fmt::Debug for Firehose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Firehose").field("head", &self.head()).finish_non_exhaustive()
    }
}
