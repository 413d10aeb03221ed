use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use arobase_lexicon::{compile::Catalog, schema::Shared};
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt, future::poll_fn};

use super::{
    Client, Error,
    event_stream::{Event, EventStream, StreamOptions},
};
use crate::{
    data::{self, Lenient, Limits, Strictness},
    xrpc::{BoxFuture, BoxStream, Endpoint, Subscription, frame, params},
};

/// A subscription that was not made yet: awaiting it connects, and gives the stream of its
/// messages. Its methods set what is special about it.
///
/// The first connection is tried once; later ones as [`Subscribe::reconnect`] says.
#[must_use = "a subscription is made when it is awaited"]
pub struct Subscribe<E: Subscription> {
    client: Client,
    request: E,
    options: StreamOptions,
}

/// A [`Subscribe`] whose frames are not decoded.
#[must_use = "a subscription is made when it is awaited"]
#[derive(Debug)]
pub struct SubscribeRaw<E: Subscription>(Subscribe<E>);

impl<E: Subscription> Subscribe<E> {
    /// A subscription with its request.
    pub fn new(client: &Client, request: E) -> Self {
        Self { client: client.clone(), request, options: StreamOptions::of(client) }
    }

    crate::client::setters::stream_setters!();

    /// How strictly messages are read. Default: as the client reads answers
    /// ([`Client::with_output`]).
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.options.strictness = strictness;
        self
    }

    /// The limits within which messages are read. Default: those of the client
    /// ([`Client::with_limits`]).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Gives whole frames as they come, without decoding their messages: only that they are two
    /// canonical items is checked. Cursors, errors and reconnection are as with messages.
    pub fn raw(self) -> SubscribeRaw<E> {
        SubscribeRaw(self)
    }

    fn open(self) -> impl Future<Output = Result<EventStream, Error>> + use<E> {
        static NO_CATALOG: Catalog = Catalog::new();
        let query = params::encode(&NO_CATALOG, E::SCHEMA, self.request.view());
        open(self.client, E::ENDPOINT, query, self.options)
    }
}

async fn open(
    client: Client,
    endpoint: &'static Endpoint,
    query: Result<String, data::Error>,
    options: StreamOptions,
) -> Result<EventStream, Error> {
    let query = query.map_err(Error::Request)?;
    EventStream::open(client, Shared::Static(endpoint), &Catalog::new(), query, options).await
}

impl<E: Subscription> IntoFuture for Subscribe<E> {
    type Output = Result<Messages<E>, Error<E::Error>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let StreamOptions { strictness, limits, .. } = self.options;
        let opening = self.open();
        Box::pin(async move {
            let events = Events::of(opening.await.map_err(Error::declared)?);
            Ok(Messages { events, strictness, limits, issues: Vec::new(), endpoint: PhantomData })
        })
    }
}

impl<E: Subscription> IntoFuture for SubscribeRaw<E> {
    type Output = Result<RawMessages<E>, Error<E::Error>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let opening = self.0.open();
        Box::pin(async {
            let events = Events::of(opening.await.map_err(Error::declared)?);
            Ok(RawMessages { events, endpoint: PhantomData })
        })
    }
}

/// Events, and where the one stands that was handed out last.
pub(super) struct Events {
    stream: BoxStream<'static, Result<Event, Error>>,
    pub(super) cursor: Option<i64>,
}

impl Events {
    pub(super) fn of(stream: EventStream) -> Self {
        Self { cursor: stream.cursor(), stream: stream.into_events() }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        let event = ready!(self.stream.poll_next_unpin(cx));
        if let Some(Ok(Event { cursor: Some(cursor), .. })) = &event {
            self.cursor = Some(*cursor);
        }
        Poll::Ready(event)
    }
}

/// The messages of a subscription (XRPC, event streams): a stream.
///
/// A message of a type that the schema does not list is the unknown member of its union; frames of
/// a kind that the protocol does not know are left out. A message that breaks its schema, where it
/// is read strictly, is an error between the others. Any other error is the last item: an error
/// that the service sent, a breach of the protocol, a connection that is not made again. The
/// normal end has no error.
///
/// Nothing happens while the stream is not polled: pings are not answered either, so that a service
/// may give up a subscriber that works on one message for minutes.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Messages<E: Subscription> {
    events: Events,
    strictness: Strictness,
    limits: Limits,
    issues: Vec<data::Error>,
    endpoint: PhantomData<fn() -> E>,
}

impl<E: Subscription> Messages<E> {
    /// The next message; `None` at the end.
    pub async fn next(&mut self) -> Option<<Self as Stream>::Item> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The sequence number of the last message that had one, at first the cursor of the request:
    /// what to store, and to subscribe with the next time. `None` before the first message, and
    /// where the method has no sequence numbers as cursors.
    #[must_use]
    pub fn cursor(&self) -> Option<i64> {
        self.events.cursor
    }

    /// What does not fit the schema in the last message, where messages are read leniently.
    #[must_use]
    pub fn issues(&self) -> &[data::Error] {
        &self.issues
    }

    fn decode(&self, t: &str, payload: &[u8]) -> Result<Lenient<E::Message>, data::Error> {
        frame::message(&E::ENDPOINT.nsid, t, payload, self.strictness, self.limits)
    }
}

impl<E: Subscription> Stream for Messages<E> {
    type Item = Result<E::Message, Error<E::Error>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(event) = ready!(self.events.poll(cx)) else { return Poll::Ready(None) };
            let message = match event {
                Ok(event) => event.message,
                Err(error) => return Poll::Ready(Some(Err(error.declared()))),
            };
            let Some((t, payload)) = message else { continue };
            self.issues.clear();
            match self.decode(&t, &payload) {
                Ok(Lenient { value, issues }) => {
                    self.issues = issues;
                    return Poll::Ready(Some(Ok(value)));
                }
                Err(error) if frame::is_unlisted(&error) => {}
                Err(error) => return Poll::Ready(Some(Err(Error::Answer(error)))),
            }
        }
    }
}

/// The frames of a subscription as they come: a stream. See [`Subscribe::raw`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct RawMessages<E: Subscription> {
    events: Events,
    endpoint: PhantomData<fn() -> E>,
}

impl<E: Subscription> RawMessages<E> {
    /// The next frame; `None` at the end.
    pub async fn next(&mut self) -> Option<<Self as Stream>::Item> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// As [`Messages::cursor`].
    #[must_use]
    pub fn cursor(&self) -> Option<i64> {
        self.events.cursor
    }
}

impl<E: Subscription> Stream for RawMessages<E> {
    type Item = Result<Bytes, Error<E::Error>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = ready!(self.events.poll(cx));
        Poll::Ready(event.map(|event| event.map(|event| event.frame).map_err(Error::declared)))
    }
}

impl<E: Subscription> fmt::Debug for Subscribe<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscribe").field(&E::ENDPOINT.nsid).finish()
    }
}

impl<E: Subscription> fmt::Debug for Messages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("nsid", &E::ENDPOINT.nsid).field("cursor", &self.cursor()).finish()
    }
}

impl<E: Subscription> fmt::Debug for RawMessages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMessages").field("nsid", &E::ENDPOINT.nsid).field("cursor", &self.cursor()).finish()
    }
}
