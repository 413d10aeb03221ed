use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use arobase_lexicon::{
    check::Violation,
    schema::{Endpoint, Shared},
};
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt, future::poll_fn};
use http::{HeaderName, HeaderValue};

use crate::{
    Catalog,
    client::{
        Client, Error, Reconnect,
        event_stream::{Event, EventStream, StreamOptions},
    },
    data::{self, ErrorKind, Lenient, Limits, Strictness, Value},
    xrpc::{BoxFuture, BoxStream, frame},
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
        let options = StreamOptions::default();
        let reader = Reader { catalog, endpoint, strictness: Strictness::Lenient, limits: options.limits };
        Self { client, reader, query, options }
    }

    /// Adds a header to the requests that open connections.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.options.headers.append(name, value);
        self
    }

    /// The most bytes of one message; a longer one ends the stream. Default: 5 MiB and 64 KiB.
    pub fn max_frame(mut self, bytes: usize) -> Self {
        self.options.max_frame = bytes;
        self
    }

    /// How often the service is pinged, and how long it has for the answer; a service without an
    /// answer is gone. `None` leaves that to the transport. Default: 10 s.
    pub fn heartbeat(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.options.heartbeat = interval.into();
        self
    }

    /// Whether and how it comes back after its connection was lost. Default: always, see
    /// [`Reconnect`].
    pub fn reconnect(mut self, policy: Reconnect) -> Self {
        self.options.reconnect = policy;
        self
    }

    /// How strictly messages are read. Default: [`Strictness::Lenient`].
    pub fn strictness(mut self, strictness: Strictness) -> Self {
        self.reader.strictness = strictness;
        self
    }

    /// The limits within which messages are read. Default: [`Limits::DEFAULT`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self.reader.limits = limits;
        self
    }

    /// Connects, and gives whole frames as they come, without decoding their messages.
    ///
    /// # Errors
    /// As [`Error`] lists them; in the stream an error is the last item.
    pub fn frames(self) -> BoxFuture<'static, Result<BoxStream<'static, Result<Bytes, Error>>, Error>> {
        Box::pin(async move {
            let (_, stream) = self.open().await?;
            Ok(Box::pin(stream.into_events().map(|event| Ok(event?.frame))) as BoxStream<'static, _>)
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
            Ok(Messages { reader, cursor: stream.cursor(), events: stream.into_events(), issues: Vec::new() })
        })
    }
}

/// The messages of a subscription that is known only at run time, each with its `$type`; as
/// [`client::Messages`](crate::client::Messages).
#[must_use = "a stream does nothing unless it is polled"]
pub struct Messages {
    reader: Reader,
    events: BoxStream<'static, Result<Event, Error>>,
    cursor: Option<i64>,
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
        self.cursor
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
            let Some(event) = ready!(self.events.poll_next_unpin(cx)) else { return Poll::Ready(None) };
            let event = match event {
                Ok(event) => event,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            self.cursor = event.cursor.or(self.cursor);
            self.issues.clear();
            match event.message.map(|(t, payload)| self.reader.read(&t, &payload)) {
                Some(Ok(Lenient { value, issues })) => {
                    self.issues = issues;
                    return Poll::Ready(Some(Ok(value)));
                }
                Some(Err(error)) if !is_unlisted(&error) => return Poll::Ready(Some(Err(Error::Answer(error)))),
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

/// Whether a message is of a type that its union, a closed one, does not list: such are passed over.
fn is_unlisted(error: &data::Error) -> bool {
    matches!(error.kind(), ErrorKind::Violation(Violation::UnknownMember(_))) && error.segments().next().is_none()
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
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}
