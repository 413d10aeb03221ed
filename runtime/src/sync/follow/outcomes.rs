//! The outcomes as a stream.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt, future::poll_fn, stream::FuturesOrdered};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    cooldown::Cooldown,
    error::FollowError,
    fetch::{Fetcher, News},
    order::{Order, Ticket},
    task::Task,
    work::work,
};
use crate::{
    client::{self, dynamic::RawMessages},
    data::Limits,
    sync::{
        event::{Event, MAX_SEQ, Message},
        outcome::Outcome,
        state::Ignored,
    },
    xrpc::{
        BoxFuture,
        frame::{self, Frame},
        sequence,
    },
};

/// The most bytes of all frames that are worked on, but for the last one.
const MAX_BYTES: usize = 64 << 20;

/// What became of an event, or of a repository that was fetched.
#[derive(Debug)]
#[non_exhaustive]
pub struct Followed {
    /// The sequence number, to be stored once the outcome is dealt with: with it the next follower begins. `None`
    /// for what comes of fetches.
    pub seq: Option<i64>,
    /// What became of it.
    pub outcome: Result<Outcome, FollowError>,
}

/// An event that is worked on.
struct Done {
    ticket: Option<Ticket>,
    /// How long its frame is.
    bytes: usize,
    followed: Followed,
}

/// What a follower puts up with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The most events that are worked on at once.
    pub(super) at_once: usize,
    /// How long one event may take.
    pub(super) patience: Duration,
    /// The most repositories that are fetched or will be.
    pub(super) pending: usize,
}

/// The outcomes of following a host: a stream.
///
/// The outcomes of events come in the order of their sequence numbers; those of one account come in order also with
/// respect to fetches of its repository. An error of the stream is its last item; it ends when everything that was
/// begun is over, but for repositories that rest before they are fetched again. Nothing goes on in an account that waits
/// for a fetch, while all others do.
///
/// Nothing is read from the host while the stream is not polled.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Outcomes {
    /// `None` after the end.
    frames: Option<RawMessages>,
    /// Why it ended.
    end: Option<client::Error>,
    at_once: usize,
    /// How long one event may take.
    patience: Duration,
    /// How long all frames are that are worked on.
    bytes: usize,
    working: FuturesOrdered<BoxFuture<'static, Done>>,
    order: Order,
    fetcher: Fetcher,
    cooldown: Cooldown,
    fetching: HashMap<Did, Task<()>>,
    news: UnboundedReceiver<News>,
    ready: VecDeque<Followed>,
}

impl Outcomes {
    pub(super) fn new(frames: RawMessages, fetcher: Fetcher, news: UnboundedReceiver<News>, bounds: Bounds) -> Self {
        let Bounds { at_once, patience, pending } = bounds;
        Self {
            frames: Some(frames),
            end: None,
            at_once,
            patience,
            bytes: 0,
            working: FuturesOrdered::new(),
            order: Order::default(),
            fetcher,
            cooldown: Cooldown::new(pending),
            fetching: HashMap::new(),
            news,
            ready: VecDeque::new(),
        }
    }

    /// The next outcome; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Followed, client::Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Takes frames in, as long as there is room. Whether there was one.
    fn poll_frames(&mut self, cx: &mut Context<'_>) -> bool {
        let mut is_busy = false;
        while self.working.len() < self.at_once
            && self.bytes < MAX_BYTES
            && let Some(frames) = &mut self.frames
            && let Poll::Ready(frame) = frames.poll_next_unpin(cx)
        {
            is_busy = true;
            match frame {
                Some(Ok(frame)) => self.take_frame(&frame),
                Some(Err(error)) => {
                    self.end = Some(error);
                    self.frames = None;
                }
                None => self.frames = None,
            }
        }
        is_busy
    }

    fn take_frame(&mut self, frame: &Bytes) {
        self.bytes += frame.len();
        match Message::from_frame(frame) {
            Ok(Message { seq, event, .. }) => self.work(seq, event, frame.len()),
            Err(error) => {
                let outcome = Err(FollowError::Malformed(Arc::new(error)));
                let followed = Followed { seq: number(frame), outcome };
                let done = Done { ticket: None, bytes: frame.len(), followed };
                self.working.push_back(Box::pin(std::future::ready(done)));
            }
        }
    }

    /// Has an event worked on, after all of its account that came before.
    fn work(&mut self, seq: Option<i64>, event: Event, bytes: usize) {
        let (consumer, patience) = (Arc::clone(&self.fetcher.consumer), self.patience);
        let did = event.did().cloned();
        let turn = event.did().map(|did| self.order.enter(did));
        let (mut turn, ticket) = turn.unzip();
        let task = Task::spawn(async move {
            if let Some(turn) = &mut turn {
                turn.wait().await;
            }
            work(consumer, event, patience).await
        });
        self.working.push_back(Box::pin(async move {
            let outcome = task.await.map_err(|error| FollowError::Consumer { did, error });
            Done { ticket, bytes, followed: Followed { seq, outcome } }
        }));
    }

    /// Takes in what is over. Whether anything was.
    fn poll_working(&mut self, cx: &mut Context<'_>) -> bool {
        let Poll::Ready(Some(done)) = self.working.poll_next_unpin(cx) else { return false };
        let Done { ticket, bytes, followed } = done;
        self.bytes -= bytes;
        if let Some(ticket) = &ticket {
            self.order.leave(ticket);
        }
        // What a fetch of the account said before this event was worked on is there by now, and goes first.
        while let Ok(news) = self.news.try_recv() {
            self.hear(news);
        }
        self.hand_out(followed);
        true
    }

    /// Takes in what fetches say. Whether they said anything.
    fn poll_news(&mut self, cx: &mut Context<'_>) -> bool {
        match self.news.poll_recv(cx) {
            Poll::Ready(Some(news)) => {
                self.hear(news);
                true
            }
            _ => false,
        }
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Outcome(did, outcome) => {
                let outcome = outcome.map_err(|error| FollowError::Consumer { did: Some(did), error });
                self.hand_out(Followed { seq: None, outcome });
            }
            News::Failed(did, error) => {
                self.ready.push_back(Followed { seq: None, outcome: Err(FollowError::Fetch { did, error }) });
            }
            News::Over(did, ended) => {
                self.fetching.remove(&did);
                if self.cooldown.end(&did, ended, Instant::now()) {
                    self.fetch(&did);
                }
            }
        }
    }

    fn hand_out(&mut self, followed: Followed) {
        if let Some(did) = lacking(&followed.outcome) {
            self.fetch(did);
        }
        self.ready.push_back(followed);
    }

    fn fetch(&mut self, did: &Did) {
        if let Some(rest) = self.cooldown.start(did, Instant::now()) {
            let task = Task::spawn(self.fetcher.clone().run(did.clone(), rest));
            self.fetching.insert(did.clone(), task);
        }
    }

    fn is_over(&self) -> bool {
        self.frames.is_none() && self.working.is_empty() && self.cooldown.is_idle(Instant::now())
    }
}

/// The account whose repository may be missing, which a fetch looks into before anything else.
fn lacking(outcome: &Result<Outcome, FollowError>) -> Option<&Did> {
    match outcome {
        Ok(
            Outcome::Resync { did, .. }
            | Outcome::Queued(did)
            | Outcome::Ignored { did, reason: Ignored::Desynchronized | Ignored::QueueFull },
        ) => Some(did),
        Err(FollowError::Consumer { did, .. }) => did.as_ref(),
        _ => None,
    }
}

/// The number of a frame that is wrong otherwise.
fn number(frame: &Bytes) -> Option<i64> {
    match frame::split(frame, Limits::DEFAULT) {
        Ok(Frame::Message { payload, .. }) => sequence::of_payload(&payload).filter(|seq| (1..=MAX_SEQ).contains(seq)),
        _ => None,
    }
}

impl Stream for Outcomes {
    type Item = Result<Followed, client::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(followed) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(followed)));
            }
            let is_busy = self.poll_news(cx) | self.poll_working(cx) | self.poll_frames(cx);
            if !is_busy {
                break;
            }
        }
        if self.is_over() { Poll::Ready(self.end.take().map(Err)) } else { Poll::Pending }
    }
}

impl fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes")
            .field("working", &self.working.len())
            .field("fetching", &self.fetching.len())
            .finish_non_exhaustive()
    }
}
