use std::{
    fmt,
    future::{IntoFuture, pending},
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};

use axum::extract::ConnectInfo;
use futures_util::{FutureExt, future::join_all};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tower::Service;

use super::{
    Subscribers,
    impatient::Impatient,
    traffic::{Followed, Traffic},
};
use crate::xrpc::BoxFuture;

/// How long to wait after the system had no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);
/// How often the other end of an HTTP/2 connection is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

/// Serves an axum router on a listener, over HTTP/1.1 and HTTP/2 without TLS, until the future of
/// [`Serve::shutdown`] ends. To be awaited.
///
/// Unlike `axum::serve` it does not wait for ever for the headers of a request or for a caller that
/// reads nothing, and can limit the number of connections. A handler is dropped when its caller
/// closes the connection. Handlers see the address of the other end as
/// [`Context::peer`](super::Context::peer).
///
/// Must be awaited inside a tokio runtime with its clock and its network enabled.
pub fn serve(listener: TcpListener, app: axum::Router) -> Serve {
    Serve {
        listener,
        app,
        header_timeout: Duration::from_secs(10),
        write_timeout: Duration::from_secs(30),
        max_connections: Semaphore::MAX_PERMITS,
        shutdown: Box::pin(pending()),
        grace: Duration::from_secs(30),
        subscribers: Vec::new(),
    }
}

/// A server that is about to start; see [`serve`].
#[must_use = "a server runs when it is awaited"]
pub struct Serve {
    listener: TcpListener,
    app: axum::Router,
    header_timeout: Duration,
    write_timeout: Duration,
    max_connections: usize,
    shutdown: BoxFuture<'static, ()>,
    grace: Duration,
    subscribers: Vec<Subscribers>,
}

impl Serve {
    /// How long the headers of a request may take to arrive, counted from the opening of the
    /// connection or the end of the answer before; then the connection is closed. An HTTP/2
    /// connection without a request is closed after this time, at the latest after twice of it.
    /// Default: 10 s.
    pub fn header_timeout(mut self, wait: Duration) -> Self {
        self.header_timeout = wait;
        self
    }

    /// How long the other end may take nothing of what is written to it; then the connection is
    /// closed. It holds for WebSockets too, beside
    /// [`SocketSettings::send_timeout`](super::SocketSettings::send_timeout). Default: 30 s.
    pub fn write_timeout(mut self, wait: Duration) -> Self {
        self.write_timeout = wait;
        self
    }

    /// The most connections at a time; further ones wait until one is closed. A connection that
    /// became a WebSocket no longer counts. Default: no limit.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.max_connections = most.min(Semaphore::MAX_PERMITS);
        self
    }

    /// When to stop. Then no connection is accepted any more, and those that are idle are closed.
    pub fn shutdown(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Box::pin(signal);
        self
    }

    /// How long requests may go on after the signal to stop; then they are broken off. Default: 30 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Whose subscriptions end at the signal to stop, as [`Subscribers::shut_down`] ends them, within
    /// the grace: WebSockets are no connections of the server any more, and would go down with the
    /// program without a word. The same that [`Router::subscribers`](super::Router::subscribers) was
    /// given; of several routers, all of them.
    pub fn subscribers(mut self, subscribers: Subscribers) -> Self {
        self.subscribers.push(subscribers);
        self
    }

    async fn run(mut self) {
        let (stop, stopped) = watch::channel(());
        let seats = Arc::new(Semaphore::new(self.max_connections));
        let connecting = Arc::new(Connecting::new(self.app, self.header_timeout, self.write_timeout));
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut self.shutdown => break,
                Some(_) = connections.join_next() => {}
                (stream, peer, seat) = accept(&self.listener, &seats) => {
                    let serving = Arc::clone(&connecting).serve(stream, peer, stopped.clone());
                    connections.spawn(async { serving.await; drop(seat) });
                }
            }
        }
        drop((self.listener, stop));
        let goodbyes = join_all(self.subscribers.iter().map(Subscribers::shut_down)).map(drop);
        let finishing = async { tokio::join!(finish(&mut connections), goodbyes) };
        if timeout(self.grace, finishing).await.is_err() {
            tracing::warn!("{} connections were still busy when the server stopped", connections.len());
        }
        connections.shutdown().await;
    }
}

impl IntoFuture for Serve {
    type Output = ();
    type IntoFuture = BoxFuture<'static, ()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve")
            .field("listener", &self.listener)
            .field("header_timeout", &self.header_timeout)
            .field("write_timeout", &self.write_timeout)
            .field("max_connections", &self.max_connections)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is always a seat.
    let seat = Arc::clone(seats).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, seat),
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::error!("no connection could be accepted: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether only the connection that was about to come is at fault.
fn is_of_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn finish(connections: &mut JoinSet<()>) {
    while connections.join_next().await.is_some() {}
}

/// What all connections have in common.
struct Connecting {
    app: axum::Router,
    http: Builder<TokioExecutor>,
    header_timeout: Duration,
    write_timeout: Duration,
}

impl Connecting {
    fn new(app: axum::Router, header_timeout: Duration, write_timeout: Duration) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout);
        http.http2().timer(TokioTimer::new()).keep_alive_interval(PING);
        Self { app: app.with_state(()), http, header_timeout, write_timeout }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, mut stopped: watch::Receiver<()>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("TCP_NODELAY could not be set: {error}");
        }
        let traffic = Arc::new(Traffic::default());
        let service = service_fn(|mut request: Request<Incoming>| {
            let exchange = traffic.begin(request.version());
            request.extensions_mut().insert(ConnectInfo(peer));
            let answering = self.app.clone().call(request);
            async { answering.await.map(|answer| answer.map(|body| Followed { body, exchange })) }
        });
        let io = TokioIo::new(Impatient::new(stream, self.write_timeout));
        let mut connection = pin!(self.http.serve_connection_with_upgrades(io, service));
        // The timeout of hyper begins when it knows the version, which somebody silent never tells,
        // and does not look at HTTP/2.
        let mut patience = pin!(sleep(self.header_timeout));
        let (mut patient, mut stopping, mut rest) = (true, false, None);
        loop {
            tokio::select! {
                ended = connection.as_mut() => return log(ended),
                () = &mut patience, if patient => {
                    if !traffic.is_some() {
                        return;
                    }
                    patient = traffic.is_http_2();
                    let before = std::mem::replace(&mut rest, traffic.at_rest());
                    if patient && rest.is_some() && before == rest {
                        patient = false;
                        connection.as_mut().graceful_shutdown();
                    }
                    patience.as_mut().reset(Instant::now() + self.header_timeout);
                }
                _ = stopped.changed(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// A connection that breaks is nothing special.
fn log<E: fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!("a connection broke: {error}");
    }
}
