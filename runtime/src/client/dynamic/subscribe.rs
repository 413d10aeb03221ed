use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use arobase_lexicon::schema::{Endpoint, Shared};
use bytes::Bytes;
use futures_core::Stream;
use futures_util::future::poll_fn;

use crate::{
    Catalog,
    client::{
        Client, Error,
        event_stream::{EventStream, StreamOptions},
        subscribe::Events,
    },
    data::{self, Lenient, Limits, Strictness, Value},
    xrpc::{BoxFuture, frame},
};

/// A subscription that is known only at run time; as [`client::Subscribe`](crate::client::Subscribe).
#[must_use = "a subscription is made when it is awaited"]
pub struct Subscribe {
    client: Client,
    reader: Reader,
    query: Result<String, data::Error>,
    options: StreamOptions,
}

/// What messages are read by.
struct Reader {
    catalog: Catalog,
    endpoint: Shared<Endpoint>,
    strictness: Strictness,
    limits: Limits,
}

impl Subscribe {
    pub(super) fn new(
        client: Client,
        catalog: Catalog,
        endpoint: Shared<Endpoint>,
        query: Result<String, data::Error>,
    ) -> Self {
        let options = StreamOptions::of(&client);
        let StreamOptions { strictness, limits, .. } = options;
        let reader = Reader { catalog, endpoint, strictness, limits };
        Self { client, reader, query, options }
    }

    crate::client::setters::stream_setters!();

    /// How strictly messages are read. Default: as the client reads answers
    /// ([`Client::with_output`]).
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.reader.strictness = strictness;
        self
    }

    /// The limits within which messages are read. Default: those of the client
    /// ([`Client::with_limits`]).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self.reader.limits = limits;
        self
    }

    /// Connects, and gives whole frames as they come, without decoding their messages.
    ///
    /// # Errors
    /// As [`Error`] lists them; in the stream an error is the last item.
    pub fn frames(self) -> BoxFuture<'static, Result<RawMessages, Error>> {
        Box::pin(async move {
            let (reader, stream) = self.open().await?;
            Ok(RawMessages { endpoint: reader.endpoint, events: Events::of(stream) })
        })
    }

    async fn open(self) -> Result<(Reader, EventStream), Error> {
        let Self { client, reader, query, options } = self;
        let query = query.map_err(Error::Request)?;
        let stream = EventStream::open(client, reader.endpoint.clone(), &reader.catalog, query, options).await?;
        Ok((reader, stream))
    }
}

impl IntoFuture for Subscribe {
    type Output = Result<Messages, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let (reader, stream) = self.open().await?;
            Ok(Messages { reader, events: Events::of(stream), issues: Vec::new() })
        })
    }
}

/// The messages of a subscription that is known only at run time, each with its `$type`; as
/// [`client::Messages`](crate::client::Messages).
#[must_use = "a stream does nothing unless it is polled"]
pub struct Messages {
    reader: Reader,
    events: Events,
    issues: Vec<data::Error>,
}

impl Messages {
    /// The next message; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Value, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The sequence number of the last message that had one, at first the cursor of the request:
    /// what to store, and to subscribe with the next time.
    #[must_use]
    pub fn cursor(&self) -> Option<i64> {
        self.events.cursor
    }

    /// What does not fit the schema in the last message, where messages are read leniently.
    #[must_use]
    pub fn issues(&self) -> &[data::Error] {
        &self.issues
    }
}

impl Stream for Messages {
    type Item = Result<Value, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(event) = ready!(self.events.poll(cx)) else { return Poll::Ready(None) };
            let event = match event {
                Ok(event) => event,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            self.issues.clear();
            match event.message.map(|(t, payload)| self.reader.read(&t, &payload)) {
                Some(Ok(Lenient { value, issues })) => {
                    self.issues = issues;
                    return Poll::Ready(Some(Ok(value)));
                }
                Some(Err(error)) if !frame::is_unlisted(&error) => return Poll::Ready(Some(Err(Error::Answer(error)))),
                Some(Err(_)) | None => {}
            }
        }
    }
}

impl Reader {
    fn read(&self, t: &str, payload: &[u8]) -> Result<Lenient<Value>, data::Error> {
        frame::value(&self.catalog, &self.endpoint, t, payload, self.strictness, self.limits)
    }
}

/// The frames of a subscription as they come: a stream. See [`Subscribe::frames`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct RawMessages {
    endpoint: Shared<Endpoint>,
    events: Events,
}

impl RawMessages {
    /// The next frame; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// As [`Messages::cursor`].
    #[must_use]
    pub fn cursor(&self) -> Option<i64> {
        self.events.cursor
    }
}

impl Stream for RawMessages {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = ready!(self.events.poll(cx));
        Poll::Ready(event.map(|event| event.map(|event| event.frame)))
    }
}

impl fmt::Debug for Subscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscribe").field(&self.reader.endpoint.nsid).finish()
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("nsid", &self.reader.endpoint.nsid)
            .field("cursor", &self.cursor())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RawMessages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawMessages").field("nsid", &self.endpoint.nsid).field("cursor", &self.cursor()).finish()
    }
}
