use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{TryStreamExt, stream};
use http::StatusCode;
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Events, Failure, events, refusal::Refusal};
use crate::{
    data::Error,
    xrpc::{Subscription, XrpcError, sequence},
};

/// One stream of messages for many subscribers. Each message is encoded once, and its bytes are
/// shared. Cheap to clone; clones are the same broadcast.
///
/// The buffer is shared too: it holds the last messages until they are overwritten. A subscriber
/// that is so far behind that its next message was overwritten gets the error `ConsumerTooSlow`,
/// and its subscription ends (XRPC, event streams).
pub struct Broadcast<E: Subscription> {
    channel: Channel,
    endpoint: PhantomData<fn() -> E>,
}

/// A broadcast without its types.
#[derive(Clone)]
struct Channel {
    /// `None` after the end.
    sender: Arc<Mutex<Option<broadcast::Sender<Numbered>>>>,
    capacity: usize,
}

/// A frame, with its sequence number where it has one.
type Numbered = (Option<i64>, Bytes);

impl<E: Subscription> Broadcast<E> {
    /// With a buffer of so many messages, 1 to 1,048,576; it is rounded up to a power of two.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { channel: Channel::new(capacity), endpoint: PhantomData }
    }

    /// Sends a message to everybody who is subscribed; gives back its frame. After
    /// [`Broadcast::close`] nobody is.
    ///
    /// Messages with sequence numbers (an integer `seq`) have to come in their order, and events
    /// that can be replayed have to be stored before.
    ///
    /// # Errors
    /// A message that breaks its schema; nothing is sent.
    pub fn publish(&self, message: &E::Message) -> Result<Bytes, Error> {
        let frame = events::encode::<E>(message)?;
        self.publish_frame(frame.clone());
        Ok(frame)
    }

    /// Sends the frame of a message ([`frame::encode`](crate::xrpc::frame::encode)), as
    /// [`Broadcast::publish`] does: for events whose frames were encoded in order to be stored. It
    /// is not checked.
    pub fn publish_frame(&self, frame: Bytes) {
        self.channel.send((sequence::of_frame(&frame), frame));
    }

    /// What is sent from now on.
    pub fn subscribe(&self) -> Events<E> {
        Events::raw(self.channel.subscribe().map_ok(|(_, frame)| frame))
    }

    /// What was sent after the sequence number `after`, and then what is sent from now on, without
    /// a gap and without a message twice.
    ///
    /// `backfill` gives the stored events behind a sequence number, with their numbers and frames,
    /// in their order, and then ends. It is called again for what came meanwhile, each time after
    /// the last event that was sent, until so little is left that the buffer can hold what comes
    /// during one run more; only then the live messages begin to be collected. So a subscriber that
    /// reads faster than messages come never is too slow, however much it has missed; one that
    /// does not is served from the store. This has no gap if each event is visible to `backfill`
    /// before it is published.
    pub fn replay_then_live<S>(&self, after: i64, backfill: impl Fn(i64) -> S + Send + 'static) -> Events<E>
    where
        S: Stream<Item = Result<(i64, Bytes), Failure>> + Send + 'static,
    {
        let stored = move |after| -> Batch {
            let events = backfill(after).map_ok(|(seq, frame)| (Some(seq), frame));
            Box::pin(events.map_err(|failure| Refusal::from(failure).0))
        };
        Events::raw(self.channel.clone().replay_then_live(after, stored))
    }

    /// Ends all subscriptions normally, after what was sent before.
    pub fn close(&self) {
        self.channel.sender().take();
    }

    /// How many are subscribed.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.channel.sender().as_ref().map_or(0, broadcast::Sender::receiver_count)
    }
}

type Batch = stream::BoxStream<'static, Result<Numbered, XrpcError>>;

impl Channel {
    fn new(capacity: usize) -> Self {
        // Tokio refuses 0, and makes room for all at once.
        let capacity = capacity.clamp(1, 1 << 20);
        let (sender, _) = broadcast::channel(capacity);
        Self { sender: Arc::new(Mutex::new(Some(sender))), capacity }
    }

    fn sender(&self) -> MutexGuard<'_, Option<broadcast::Sender<Numbered>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, frame: Numbered) {
        if let Some(sender) = &*self.sender() {
            // An error says that nobody listens.
            let _ = sender.send(frame);
        }
    }

    /// From now on, not only from the first look at the stream.
    fn subscribe(&self) -> Batch {
        match &*self.sender() {
            Some(sender) => Box::pin(receive(sender.subscribe())),
            None => Box::pin(stream::empty()),
        }
    }

    fn replay_then_live(
        self,
        after: i64,
        stored: impl Fn(i64) -> Batch + Send + 'static,
    ) -> impl Stream<Item = Result<Bytes, XrpcError>> + Send + 'static {
        let first = stored(after);
        let replay = Replay { last: after, run: 0, current: first, rest: Rest::Stored(self, Box::new(stored)) };
        stream::try_unfold(replay, Replay::next)
    }
}

fn receive(receiver: broadcast::Receiver<Numbered>) -> impl Stream<Item = Result<Numbered, XrpcError>> + Send {
    stream::try_unfold(receiver, |mut receiver| async {
        match receiver.recv().await {
            Ok(frame) => Ok(Some((frame, receiver))),
            Err(RecvError::Closed) => Ok(None),
            Err(RecvError::Lagged(_)) => Err(too_slow()),
        }
    })
}

fn too_slow() -> XrpcError {
    let message = "the subscriber reads more slowly than messages come";
    XrpcError::new(StatusCode::BAD_REQUEST, "ConsumerTooSlow", message.to_owned())
}

/// A subscription that catches up with the live messages.
struct Replay {
    /// The sequence number that was sent last.
    last: i64,
    /// How many events the current part had so far.
    run: usize,
    current: Batch,
    rest: Rest,
}

/// What comes after the current part of a [`Replay`].
enum Rest {
    /// The events that were stored meanwhile.
    Stored(Channel, Box<dyn Fn(i64) -> Batch + Send>),
    /// The live messages.
    Live(Batch),
    Nothing,
}

impl Replay {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, XrpcError> {
        loop {
            match self.current.try_next().await? {
                Some((Some(seq), _)) if seq <= self.last => {}
                Some((seq, frame)) => {
                    self.last = seq.unwrap_or(self.last);
                    self.run += 1;
                    return Ok(Some((frame, self)));
                }
                None if !self.advance() => return Ok(None),
                None => {}
            }
        }
    }

    fn advance(&mut self) -> bool {
        let run = std::mem::take(&mut self.run);
        (self.current, self.rest) = match std::mem::replace(&mut self.rest, Rest::Nothing) {
            // A reader that keeps up finds the next run shorter than this one, and as many live
            // messages after it at most; more than half a buffer of them could be too many.
            Rest::Stored(channel, stored) if run > channel.capacity / 2 => {
                (stored(self.last), Rest::Stored(channel, stored))
            }
            Rest::Stored(channel, stored) => {
                let live = channel.subscribe();
                (stored(self.last), Rest::Live(live))
            }
            Rest::Live(live) => (live, Rest::Nothing),
            Rest::Nothing => return false,
        };
        true
    }
}

impl<E: Subscription> Clone for Broadcast<E> {
    fn clone(&self) -> Self {
        Self { channel: self.channel.clone(), endpoint: PhantomData }
    }
}

impl<E: Subscription> fmt::Debug for Broadcast<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Broadcast").field(&E::ENDPOINT.nsid).finish()
    }
}
