use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{Request, Response};

use crate::xrpc::{Body, BoxFuture, MaybeSend, MaybeSync};

/// How requests travel. The client does everything else; a transport knows nothing of XRPC.
///
/// [`Client::new`](super::Client::new) brings one over reqwest. Tests and WASM bring their own.
pub trait Transport: MaybeSend + MaybeSync + 'static {
    /// Sends one request and waits for the head of its answer. It follows no redirects and repeats
    /// nothing; dropping the future ends the request.
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>>;

    /// Waits: between attempts, and beside a request for its timeout.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Opens a WebSocket; the request has the scheme `ws` or `wss`. `max_frame` is the most bytes
    /// of one message.
    fn connect(
        &self,
        request: Request<()>,
        max_frame: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Socket>, TransportError>> {
        let _ = (request, max_frame);
        Box::pin(std::future::ready(Err(TransportError::new("this transport has no WebSockets"))))
    }
}

/// An open WebSocket.
pub trait Socket: MaybeSend {
    /// The next message; `None` after its end. The future may be dropped before it is ready, for a
    /// ping; what came must not be lost then.
    fn receive(&mut self) -> BoxFuture<'_, Option<Result<Incoming, TransportError>>>;
    /// Sends a ping.
    fn ping(&mut self) -> BoxFuture<'_, Result<(), TransportError>>;
    /// Ends it with a close code.
    fn close(&mut self, code: u16) -> BoxFuture<'_, ()>;
}

/// What comes through a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A binary message.
    Binary(Bytes),
    /// A text message, which event streams do not have.
    Text,
    /// A ping or a pong: the other side is there.
    Alive,
    /// The other side ends it, with its close code.
    Closed(Option<u16>, String),
}

/// Why there was no answer.
#[derive(Debug)]
pub struct TransportError {
    message: String,
    status: Option<http::StatusCode>,
    connect: Connect,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// How far the connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Connect {
    /// Perhaps far enough for the other side to have seen the request.
    Unknown,
    /// There was none.
    Failed,
    /// The host does not exist.
    NoSuchHost,
    /// The transport may not connect to any address of the host.
    Forbidden,
}

impl TransportError {
    /// A fault.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), status: None, connect: Connect::Unknown, source: None }
    }

    /// With what is behind it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says that no connection was made, so that the other side cannot have seen the request.
    #[must_use]
    pub fn connecting(mut self) -> Self {
        self.connect = Connect::Failed;
        self
    }

    /// Says that the host does not exist, so that no connection was made.
    #[must_use]
    pub fn no_such_host(mut self) -> Self {
        self.connect = Connect::NoSuchHost;
        self
    }

    /// Says that the transport may not connect to any address of the host, so that no connection was made.
    #[must_use]
    pub fn forbidden(mut self) -> Self {
        self.connect = Connect::Forbidden;
        self
    }

    /// With the status that a WebSocket was refused with.
    #[must_use]
    pub fn with_status(mut self, status: http::StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Whether no connection was made.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.connect != Connect::Unknown
    }

    /// Whether the host does not exist.
    #[must_use]
    pub fn is_no_such_host(&self) -> bool {
        self.connect == Connect::NoSuchHost
    }

    /// Whether the transport may not connect to any address of the host.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.connect == Connect::Forbidden
    }

    /// The status that a WebSocket was refused with.
    #[must_use]
    pub fn status(&self) -> Option<http::StatusCode> {
        self.status
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
