//! What comes in.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use tokio::sync::{Notify, watch};

use crate::{
    error::Error,
    store::{Database, Listener, Logged},
};

use super::ring::{Found, Ring};

/// How many events are read from the log at a time, and how many bytes of them, to fill the ring.
const PAGE: (usize, usize) = (1_000, 4 << 20);

/// The latest events, and who waits for the next. The store tells it what is new; it knows nothing of the store.
///
/// Who waits may be thousands, and the writer of the store waits for the one who tells. So that one wakes nobody but
/// [`Live::spread`], which wakes the others.
#[derive(Debug)]
pub(super) struct Live {
    ring: Mutex<Ring>,
    /// The number of the newest event. It is changed after the ring, so whoever sees a number finds its event.
    newest: AtomicI64,
    told: Notify,
    /// The same number for all who wait, a moment later.
    head: watch::Sender<i64>,
    most: usize,
    most_bytes: usize,
}

impl Live {
    /// For so many events and bytes in memory.
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        // Until it is known what the log has, nothing but what comes in is here.
        let ring = Mutex::new(Ring::new(most, most_bytes, i64::MIN));
        let (newest, head) = (AtomicI64::new(i64::MIN), watch::Sender::new(i64::MIN));
        Self { ring, newest, told: Notify::new(), head, most, most_bytes }
    }

    /// The number of the newest event.
    pub(super) fn head(&self) -> i64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Wakes those who wait, as long as it is polled. What comes while it is at work it tells them at once.
    pub(super) async fn spread(&self) {
        loop {
            self.told.notified().await;
            let newest = self.head();
            self.head.send_if_modified(|head| std::mem::replace(head, newest) != newest);
        }
    }

    /// To wait for the next event.
    pub(super) fn watch(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// What comes behind a number.
    pub(super) fn after(&self, seq: i64, limit: usize, bytes: usize) -> Found {
        self.ring().after(seq, limit, bytes)
    }

    /// Takes in the latest events of the log.
    pub(super) async fn fill(&self, db: &Database, most: usize) -> Result<(), Error> {
        let head = db.read(|view| view.head_seq()).await?;
        let floor = head.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX)).max(0);
        let mut filled = Ring::new(self.most, self.most_bytes, floor);
        let mut after = floor;
        loop {
            let page = db.read(move |view| view.events(after, PAGE.0, PAGE.1)).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            page.iter().for_each(|event| filled.push(event));
        }
        self.begin_with(filled, head);
        Ok(())
    }

    /// What was read comes before what came in meanwhile.
    fn begin_with(&self, filled: Ring, head: i64) {
        self.ring().follow_on(filled);
        self.newest.fetch_max(head, Ordering::AcqRel);
        self.head.send_replace(self.head());
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Live {
    fn logged(&self, events: &[Logged]) {
        let Some(newest) = events.last() else { return };
        let mut ring = self.ring();
        events.iter().for_each(|event| ring.push(event));
        drop(ring);
        self.newest.fetch_max(newest.seq, Ordering::AcqRel);
        self.told.notify_one();
    }
}
