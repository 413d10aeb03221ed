use std::time::Duration;

use arobase_lexicon::{compile::Catalog, schema::Shared};
use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, StatusCode, header::AUTHORIZATION};

use super::{
    Answer, Attempt, Client, Error, Incoming, Reconnect, StreamError, link::Link, options::Options, position::Position,
    rate_limit::retry_after, reconnect::Attempts, retry,
};
use crate::{
    data::{self, Limits, Strictness},
    xrpc::{
        BoxStream, Endpoint, XrpcError,
        frame::{self, Frame},
        sequence,
    },
};

/// Services send frames of 5,000,000 bytes at most; a little more is let through.
const MAX_FRAME: usize = (5 << 20) + (64 << 10);

/// What can be said about a subscription beside its request. Not for `Debug`: headers may be secret.
pub(crate) struct StreamOptions {
    /// Headers, or the first option that could not be set.
    pub(crate) request: Options,
    pub(crate) max_frame: usize,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) reconnect: Reconnect,
    pub(crate) strictness: Strictness,
    pub(crate) limits: Limits,
}

impl StreamOptions {
    /// As the client has it.
    pub(crate) fn of(client: &Client) -> Self {
        Self {
            request: Options::default(),
            max_frame: MAX_FRAME,
            heartbeat: Some(Duration::from_secs(10)),
            reconnect: Reconnect::default(),
            strictness: client.config().output,
            limits: client.config().limits,
        }
    }
}

/// The frames of a subscription across its connections, without the types of its messages: typed,
/// dynamic and raw use stand on this.
pub(crate) struct EventStream {
    target: Target,
    position: Position,
    attempts: Attempts,
    /// Whether the service sent nothing yet that is no error, so that an error may be about who asks.
    is_new: bool,
    /// `None` after the end.
    link: Option<Link>,
}

/// What connections are made to.
struct Target {
    client: Client,
    endpoint: Shared<Endpoint>,
    /// The query string of the request.
    query: String,
    options: StreamOptions,
}

/// One frame that is no error.
#[derive(Debug)]
pub(crate) struct Event {
    /// All of it, as it came.
    pub(crate) frame: Bytes,
    /// The type as it stands in the header, and the payload; `None` for frames of a kind that the
    /// protocol does not know.
    pub(crate) message: Option<(String, Bytes)>,
    /// Where the stream is after this frame; `None` where the method has no sequence.
    pub(crate) cursor: Option<i64>,
}

/// Why nothing more comes through a connection.
enum End {
    /// The stream is at its end.
    Done,
    /// The service broke the protocol; it is told so with a close code.
    Broken(Error, u16),
    /// The service sent an error.
    Refused(XrpcError),
    /// Another attempt would fail as well.
    Failed(Error),
    /// Another attempt may help.
    Lost(Error),
}

impl EventStream {
    /// Makes the first connection; if that fails there is no stream. `query` is the query string
    /// of the request.
    pub(crate) async fn open(
        client: Client,
        endpoint: Shared<Endpoint>,
        catalog: &Catalog,
        query: String,
        mut options: StreamOptions,
    ) -> Result<Self, Error> {
        if let Some(fault) = options.request.fault.take() {
            return Err(Error::Request(data::Error::model(fault.into_message())));
        }
        let position = Position::of(catalog, &endpoint, &query);
        let attempts = Attempts::new(options.reconnect.clone());
        let target = Target { client, endpoint, query, options };
        let link = target.connect(&target.query).await?;
        Ok(Self { target, position, attempts, is_new: true, link: Some(link) })
    }

    /// The last sequence number, at first the cursor of the request.
    pub(crate) fn cursor(&self) -> Option<i64> {
        self.position.last()
    }

    /// The frames. After an error comes the end.
    pub(crate) fn into_events(self) -> BoxStream<'static, Result<Event, Error>> {
        Box::pin(stream::unfold(Box::new(self), |mut stream| async {
            let event = stream.next().await?;
            Some((event, stream))
        }))
    }

    async fn next(&mut self) -> Option<Result<Event, Error>> {
        loop {
            let taken = match self.link.as_mut()?.receive().await {
                Ok(incoming) => self.take(incoming),
                Err(error) => Err(End::Lost(error)),
            };
            match taken {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(end) => {
                    if let Err(error) = self.end(end).await {
                        return Some(Err(error));
                    }
                }
            }
        }
    }

    fn take(&mut self, incoming: Incoming) -> Result<Option<Event>, End> {
        if self.link.as_ref().is_some_and(Link::is_lasting) {
            self.attempts.reset();
        }
        match incoming {
            Incoming::Binary(frame) => self.take_frame(frame),
            Incoming::Alive => Ok(None),
            Incoming::Text => Err(End::Broken(Error::Stream(StreamError::Text), 1003)),
            Incoming::Closed(code, reason) => Err(closed(code, reason)),
        }
    }

    fn take_frame(&mut self, frame: Bytes) -> Result<Option<Event>, End> {
        if frame.len() > self.target.options.max_frame {
            let reason = format!("a message of more than {} bytes", self.target.options.max_frame);
            return Err(End::Broken(Error::Stream(StreamError::Closed { code: Some(1009), reason }), 1009));
        }
        let message = match frame::split(&frame, self.target.options.limits) {
            Ok(Frame::Message { t, payload }) => Some((t, payload)),
            Ok(Frame::Error { name, message }) => return Err(failed(name, message)),
            Ok(Frame::Unknown) => None,
            Err(error) => return Err(End::Broken(Error::Answer(error), 1007)),
        };
        self.is_new = false;
        let seq = message.as_ref().and_then(|(_, payload)| sequence::of_payload(payload));
        let is_new = self.position.advance(seq).map_err(|error| End::Broken(Error::Stream(error), 1008))?;
        // A service that has nothing but old messages and signs of life makes no progress.
        if is_new && message.is_some() && (seq.is_some() || !self.position.is_sequence()) {
            self.attempts.reset();
        }
        Ok(is_new.then(|| Event { frame, message, cursor: self.position.last() }))
    }

    /// Comes back, or ends the stream.
    async fn end(&mut self, end: End) -> Result<(), Error> {
        let link = self.link.take();
        match end {
            End::Done => Ok(()),
            End::Failed(error) => Err(error),
            End::Refused(error) => self.ask_again(link, error).await,
            End::Broken(error, code) => {
                if let Some(link) = link {
                    link.close(code).await;
                }
                Err(error)
            }
            End::Lost(error) => {
                drop(link);
                self.reconnect(error).await
            }
        }
    }

    /// Once more with other credentials, where the first thing to come is that these are too old.
    async fn ask_again(&mut self, link: Option<Link>, error: XrpcError) -> Result<(), Error> {
        let is_first = std::mem::replace(&mut self.is_new, false);
        let request = link.filter(|_| is_first).map(Link::into_request);
        match request {
            Some(request) if self.target.recover(&request, &error).await => {
                let query = self.position.resume(&self.target.query);
                match self.target.connect(&query).await {
                    Ok(link) => {
                        self.link = Some(link);
                        Ok(())
                    }
                    Err(error) if is_passing(&error) => self.reconnect(error).await,
                    Err(error) => Err(error),
                }
            }
            _ => Err(Error::Xrpc(error)),
        }
    }

    async fn reconnect(&mut self, mut error: Error) -> Result<(), Error> {
        if !self.position.can_resume() {
            return Err(error);
        }
        while let Some(wait) = self.attempts.next(wanted(&error)) {
            self.target.client.transport().sleep(wait).await;
            let query = self.position.resume(&self.target.query);
            match self.target.connect(&query).await {
                Ok(link) => {
                    self.is_new = true;
                    self.link = Some(link);
                    return Ok(());
                }
                Err(again) if is_passing(&again) => error = again,
                Err(last) => return Err(last),
            }
        }
        Err(error)
    }
}

impl Target {
    /// Makes a connection, once more where the credentials were too old.
    async fn connect(&self, query: &str) -> Result<Link, Error> {
        let Self { client, options, .. } = self;
        let request = self.request(query).await?;
        match Link::open(client, request.clone(), options).await {
            Err(Error::Xrpc(error)) if self.recover(&request, &error).await => {
                Link::open(client, self.request(query).await?, options).await
            }
            opened => opened,
        }
    }

    async fn request(&self, query: &str) -> Result<Request<()>, Error> {
        self.client.upgrade_request(&self.endpoint, query, &self.options.request.headers).await
    }

    /// Whether a refusal was about the credentials of the client, and there are others now.
    async fn recover(&self, sent: &Request<()>, error: &XrpcError) -> bool {
        let given = [&self.options.request.headers, &self.client.config().headers];
        if given.iter().any(|headers| headers.contains_key(AUTHORIZATION)) {
            return false;
        }
        let Self { client, endpoint, .. } = self;
        let attempt = Attempt { client, endpoint, method: &Method::GET, url: sent.uri() };
        let (status, headers) = (error.status(), error.headers());
        client.auth().answered(attempt, Answer { status, headers, json: None });
        matches!(status.as_u16(), 400 | 401 | 403) && client.auth().recover(attempt, sent.headers(), error).await
    }
}

/// An error frame. Only a subscriber that was too slow may try again.
fn failed(name: String, message: Option<String>) -> End {
    let may_return = name == "ConsumerTooSlow";
    let error = XrpcError::new(StatusCode::BAD_REQUEST, name, message);
    if may_return { End::Lost(Error::Xrpc(error)) } else { End::Refused(error) }
}

/// 1000 is the normal end. After the other codes that are not worth another attempt the service
/// dislikes what it got, or we what it sent: a protocol error, data of a wrong kind or form, a
/// message that is too long.
fn closed(code: Option<u16>, reason: String) -> End {
    let error = Error::Stream(StreamError::Closed { code, reason });
    match code {
        Some(1000) => End::Done,
        Some(1002 | 1003 | 1007 | 1009) => End::Failed(error),
        _ => End::Lost(error),
    }
}

/// Whether a connection that failed may succeed later.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Transport(_) | Error::Timeout => true,
        Error::Xrpc(error) => retry::is_passing(error.status()),
        _ => false,
    }
}

/// The wait that the service asks for, where it refused a connection because it is busy.
fn wanted(error: &Error) -> Option<Duration> {
    match error {
        Error::Xrpc(error) if matches!(error.status().as_u16(), 429 | 503) => retry_after(error.headers()),
        _ => None,
    }
}
