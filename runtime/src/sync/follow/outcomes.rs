//! The outcomes as a stream.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt, future::poll_fn, stream::FuturesOrdered};
use tokio::sync::mpsc::UnboundedReceiver;

use super::{
    clock,
    cooldown::Cooldown,
    error::FollowError,
    fetch::{Fetcher, News},
    order::{Order, Ticket},
    task::Task,
};
use crate::{
    client::{self, dynamic::RawMessages},
    data::Limits,
    sync::{
        event::{Event, Message},
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

/// The outcomes of following a host: a stream.
///
/// The outcomes of events come in the order of their sequence numbers; those of one account come in order also with
/// respect to fetches of its repository. An error of the stream is its last item; it ends when everything that was
/// begun is over. Nothing goes on in an account that waits for a fetch, while all others do.
///
/// Nothing is read from the host while the stream is not polled.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Outcomes {
    /// `None` after the end.
    frames: Option<RawMessages>,
    /// Why it ended.
    end: Option<client::Error>,
    at_once: usize,
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
    pub(super) fn new(frames: RawMessages, fetcher: Fetcher, news: UnboundedReceiver<News>, at_once: usize) -> Self {
        Self {
            frames: Some(frames),
            end: None,
            at_once,
            bytes: 0,
            working: FuturesOrdered::new(),
            order: Order::default(),
            fetcher,
            cooldown: Cooldown::default(),
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
        let consumer = Arc::clone(&self.fetcher.consumer);
        let turn = event.did().map(|did| self.order.enter(did));
        let (mut turn, ticket) = turn.unzip();
        let task = Task::spawn(async move {
            if let Some(turn) = &mut turn {
                turn.wait().await;
            }
            consumer.process(event, clock()).await
        });
        self.working.push_back(Box::pin(async move {
            let outcome = task.await.map_err(FollowError::Consumer);
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
            News::Outcome(outcome) => {
                let outcome = outcome.map_err(FollowError::Consumer);
                self.ready.push_back(Followed { seq: None, outcome });
            }
            News::Failed(did, error) => {
                self.ready.push_back(Followed { seq: None, outcome: Err(FollowError::Fetch { did, error }) });
            }
            News::Over(did, is_there) => {
                self.fetching.remove(&did);
                self.cooldown.end(&did, is_there, Instant::now());
            }
        }
    }

    fn hand_out(&mut self, followed: Followed) {
        if let Ok(outcome) = &followed.outcome
            && let Some(did) = lacking(outcome)
        {
            self.fetch(did);
        }
        self.ready.push_back(followed);
    }

    fn fetch(&mut self, did: &Did) {
        if self.cooldown.start(did, Instant::now()) {
            let task = Task::spawn(self.fetcher.clone().run(did.clone()));
            self.fetching.insert(did.clone(), task);
        }
    }

    fn is_over(&self) -> bool {
        self.frames.is_none() && self.working.is_empty() && self.cooldown.is_idle()
    }
}

/// The account whose repository has to be fetched, unless that is done already.
fn lacking(outcome: &Outcome) -> Option<&Did> {
    match outcome {
        Outcome::Resync { did, .. }
        | Outcome::Queued(did)
        | Outcome::Ignored { did, reason: Ignored::Desynchronized | Ignored::QueueFull } => Some(did),
        _ => None,
    }
}

/// The number of a frame that is wrong otherwise.
fn number(frame: &Bytes) -> Option<i64> {
    match frame::split(frame, Limits::DEFAULT) {
        Ok(Frame::Message { payload, .. }) => sequence::of_payload(&payload),
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
