use std::{
    borrow::Cow,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use http::Request;
use rustls::ClientConfig;
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        error::ProtocolError,
        protocol::{CloseFrame, WebSocketConfig},
    },
};

use super::{Incoming, Socket, TransportError, answer, tls};
use crate::xrpc::{BoxFuture, XrpcError, generic_name};

/// How long a connection may take, from the name of the host to the end of the handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the last word after a fault may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Opens a WebSocket over TCP, for `wss` with TLS and the roots of Mozilla. A refused upgrade is an
/// error with its status.
pub fn connect(request: Request<()>, max_frame: usize) -> BoxFuture<'static, Result<Box<dyn Socket>, TransportError>> {
    Box::pin(async move {
        match timeout(CONNECT_TIMEOUT, open(&request, max_frame)).await {
            Ok(socket) => socket,
            Err(_) => Err(TransportError::new("no connection in time").connecting()),
        }
    })
}

async fn open(request: &Request<()>, max_frame: usize) -> Result<Box<dyn Socket>, TransportError> {
    let handshake = handshake(request)?;
    let tls = tls_config()?;
    let tcp = dial(request)
        .await
        .map_err(|error| TransportError::new("the connection failed").with_source(error).connecting())?;
    let config = WebSocketConfig::default().max_message_size(Some(max_frame)).max_frame_size(Some(max_frame));
    match client_async_tls_with_config(handshake, tcp, Some(config), Some(Connector::Rustls(tls))).await {
        Ok((stream, _)) => Ok(Box::new(TcpSocket { stream, end: None })),
        Err(error) => Err(not_opened(error)),
    }
}

/// The request with the headers of the handshake.
fn handshake(request: &Request<()>) -> Result<Request<()>, TransportError> {
    let invalid = |error| TransportError::new("not the request of a WebSocket").with_source(error);
    let mut handshake = request.uri().into_client_request().map_err(invalid)?;
    for (name, value) in request.headers() {
        handshake.headers_mut().append(name, value.clone());
    }
    Ok(handshake)
}

async fn dial(request: &Request<()>) -> std::io::Result<TcpStream> {
    let uri = request.uri();
    let host = uri.host().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let usual = if uri.scheme_str() == Some("wss") { 443 } else { 80 };
    let tcp = TcpStream::connect((bare, uri.port_u16().unwrap_or(usual))).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

/// Made once, because it holds the sessions that are resumed too.
fn tls_config() -> Result<Arc<ClientConfig>, TransportError> {
    static CONFIG: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> =
        LazyLock::new(|| tls::config(&[]).map(Arc::new));
    CONFIG.clone().map_err(|error| TransportError::new("TLS could not be set up").with_source(error))
}

fn not_opened(error: tungstenite::Error) -> TransportError {
    match error {
        tungstenite::Error::Http(answer) => refused(answer.map(Option::unwrap_or_default)),
        tungstenite::Error::Tls(error) => {
            TransportError::new("the TLS handshake failed").with_source(error).connecting()
        }
        error => TransportError::new("the handshake of the WebSocket failed").with_source(error),
    }
}

/// The body is what came together with the headers, which is all of it where it is short.
fn refused(answer: http::Response<Vec<u8>>) -> TransportError {
    let (head, body) = answer.into_parts();
    let (name, message) = answer::envelope(&body.into());
    let name = name.map_or(Cow::Borrowed(generic_name(head.status)), Cow::Owned);
    let said = XrpcError::new(head.status, name, message).with_headers(head.headers);
    TransportError::new("the service refused a WebSocket").with_status(head.status).with_source(said)
}

struct TcpSocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// How it ended, kept so that a `receive` that is dropped while the goodbye is under way loses
    /// nothing.
    end: Option<Incoming>,
}

impl TcpSocket {
    /// The next message. Its end is noted before anything is waited for.
    async fn next(&mut self) -> Option<Result<Incoming, TransportError>> {
        if let Some(end) = &self.end {
            return Some(Ok(end.clone()));
        }
        let incoming = match self.stream.next().await? {
            Ok(message) => incoming(message),
            Err(error) => return self.failed(error).await,
        };
        if matches!(incoming, Incoming::Closed(..)) {
            self.end = Some(incoming.clone());
            // The answer to the other side's goodbye waits to be written.
            let _ = timeout(CLOSE_TIMEOUT, self.stream.flush()).await;
        }
        Some(Ok(incoming))
    }

    /// What is wrong with what came is told to the other side, and is the same as if that had said
    /// so.
    async fn failed(&mut self, error: tungstenite::Error) -> Option<Result<Incoming, TransportError>> {
        use tungstenite::Error as Fault;
        let code = match &error {
            Fault::ConnectionClosed
            | Fault::AlreadyClosed
            | Fault::Protocol(ProtocolError::ResetWithoutClosingHandshake) => return None,
            Fault::Capacity(_) => 1009,
            Fault::Utf8(_) => 1007,
            Fault::Protocol(_) => 1002,
            _ => return Some(Err(TransportError::new("the connection was lost").with_source(error))),
        };
        let incoming = Incoming::Closed(Some(code), error.to_string());
        self.end = Some(incoming.clone());
        // It may not read any more.
        let _ = timeout(CLOSE_TIMEOUT, self.say_goodbye(code)).await;
        Some(Ok(incoming))
    }

    /// Sends a goodbye and reads on to the end, whatever comes: closing with bytes unread would be a
    /// reset, which can overtake what was written.
    async fn say_goodbye(&mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: "".into() };
        if self.stream.close(Some(frame)).await.is_ok() {
            let mut waste = vec![0; 16 * 1024];
            while poll_fn(|cx| self.poll_rest(&mut waste, cx)).await {}
        }
    }

    /// Reads some bytes past the WebSocket, which may have lost its place in them; whether there were
    /// any.
    fn poll_rest(&mut self, waste: &mut [u8], cx: &mut Context<'_>) -> Poll<bool> {
        let mut waste = ReadBuf::new(waste);
        let read = ready!(Pin::new(self.stream.get_mut()).poll_read(cx, &mut waste));
        Poll::Ready(read.is_ok() && !waste.filled().is_empty())
    }
}

impl Socket for TcpSocket {
    fn receive(&mut self) -> BoxFuture<'_, Option<Result<Incoming, TransportError>>> {
        Box::pin(self.next())
    }

    fn ping(&mut self) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async {
            if self.end.is_some() {
                return Ok(());
            }
            let sent = self.stream.send(Message::Ping(bytes::Bytes::new())).await;
            sent.map_err(|error| TransportError::new("the connection was lost").with_source(error))
        })
    }

    fn close(&mut self, code: u16) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let _ = timeout(CLOSE_TIMEOUT, self.say_goodbye(code)).await;
        })
    }
}

fn incoming(message: Message) -> Incoming {
    match message {
        Message::Binary(bytes) => Incoming::Binary(bytes),
        Message::Text(_) => Incoming::Text,
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Incoming::Alive,
        Message::Close(None) => Incoming::Closed(None, String::new()),
        Message::Close(Some(frame)) => Incoming::Closed(Some(frame.code.into()), frame.reason.to_string()),
    }
}
