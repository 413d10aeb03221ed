//! One subscriber.

use std::{
    sync::{Arc, Mutex, PoisonError},
    vec,
};

use futures_util::{Stream, stream};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    error::Error,
    store::{Database, Logged},
};

use super::{live::Live, marks::Marks, ring::Found};

/// How many events are taken out of the ring at a time, and how many bytes of them. This is what a subscriber holds
/// that does not read any more.
const BATCH: (usize, usize) = (64, 64 << 10);
/// The same for the log, where each look takes longer.
const PAGE: (usize, usize) = (1_000, 512 << 10);

/// What all subscribers share.
pub(super) struct Shared {
    pub(super) db: Database,
    pub(super) live: Arc<Live>,
    marks: Mutex<Marks>,
    /// What wakes them. It ends when this is dropped.
    _spreading: JoinSet<()>,
}

/// What becomes of a reader when events are gone that it has not had yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missed {
    /// It goes on with what is still there.
    PassedOver,
    /// It ends with `ConsumerTooSlow`.
    Fatal,
}

/// One subscriber: the number that it had last, and a few events that come next.
pub(super) struct Reader {
    shared: Arc<Shared>,
    head: watch::Receiver<i64>,
    after: i64,
    next: vec::IntoIter<Logged>,
    missed: Missed,
}

impl Shared {
    pub(super) fn new(db: Database, live: Arc<Live>, marks: Marks) -> Self {
        let (mut spreading, source) = (JoinSet::new(), Arc::clone(&live));
        spreading.spawn(async move { source.spread().await });
        Self { db, live, marks: Mutex::new(marks), _spreading: spreading }
    }

    /// Where the log begins.
    pub(super) fn marks(&self) -> Marks {
        *self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log was trimmed.
    pub(super) fn set_marks(&self, marks: Marks) {
        let mut known = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.floor > known.floor {
            *known = marks;
        }
    }
}

impl Reader {
    /// Begins behind a number, which is not greater than the newest.
    pub(super) fn new(shared: Arc<Shared>, after: i64, missed: Missed) -> Self {
        let head = shared.live.watch();
        Self { shared, head, after, next: Vec::new().into_iter(), missed }
    }

    /// The events, without end.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Logged, Error>> + Send + 'static {
        stream::try_unfold(self, |mut reader| async move {
            let event = reader.next().await?;
            Ok(Some((event, reader)))
        })
    }

    async fn next(&mut self) -> Result<Logged, Error> {
        loop {
            if let Some(event) = self.next.next() {
                self.after = event.seq;
                return Ok(event);
            }
            // Seen before the ring is looked at: what comes after that look wakes this reader up.
            self.head.borrow_and_update();
            match self.shared.live.after(self.after, BATCH.0, BATCH.1) {
                Found::Events(events) if events.is_empty() => self.wait().await?,
                Found::Events(events) => self.next = events.into_iter(),
                Found::Older => self.page().await?,
            }
        }
    }

    async fn wait(&mut self) -> Result<(), Error> {
        // The sender is among what is shared, and so outlives this.
        self.head.changed().await.map_err(Error::internal)
    }

    /// Reads on in the log.
    async fn page(&mut self) -> Result<(), Error> {
        let after = self.after;
        let (marks, head, events) = self
            .shared
            .db
            .read(move |view| {
                Ok::<_, Error>((Marks::read(view)?, view.head_seq()?, view.events(after, PAGE.0, PAGE.1)?))
            })
            .await?;
        if self.missed == Missed::Fatal && marks.is_some_and(|marks| after < marks.floor) {
            return Err(Error::named("ConsumerTooSlow", "events that were to come next have left the window"));
        }
        if events.is_empty() {
            self.after = head.max(after);
        }
        self.next = events.into_iter();
        Ok(())
    }
}
