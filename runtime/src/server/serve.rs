use std::{
    fmt,
    future::{IntoFuture, pending},
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::extract::ConnectInfo;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::Service;

use crate::xrpc::BoxFuture;

/// How long to wait after the system had no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);
/// How often the other end of an HTTP/2 connection is asked whether it is there.
const PING: Duration = Duration::from_secs(30);

/// Serves an axum router on a listener, over HTTP/1.1 and HTTP/2 without TLS, until the future of
/// [`Serve::shutdown`] ends. To be awaited.
///
/// Unlike `axum::serve` it does not wait for ever for the headers of a request, and can limit the
/// number of connections. Handlers see the address of the other end as
/// [`Context::peer`](super::Context::peer).
///
/// Must be awaited inside a tokio runtime with its clock and its network enabled.
pub fn serve(listener: TcpListener, app: axum::Router) -> Serve {
    Serve {
        listener,
        app,
        header_timeout: Duration::from_secs(10),
        max_connections: Semaphore::MAX_PERMITS,
        shutdown: Box::pin(pending()),
        grace: Duration::from_secs(30),
    }
}

/// A server that is about to start; see [`serve`].
#[must_use = "a server runs when it is awaited"]
pub struct Serve {
    listener: TcpListener,
    app: axum::Router,
    header_timeout: Duration,
    max_connections: usize,
    shutdown: BoxFuture<'static, ()>,
    grace: Duration,
}

impl Serve {
    /// How long the headers of a request may take to arrive, counted from the opening of the
    /// connection or the end of the answer before; then the connection is closed. Default: 10 s.
    pub fn header_timeout(mut self, wait: Duration) -> Self {
        self.header_timeout = wait;
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

    async fn run(mut self) {
        let (stop, stopped) = watch::channel(());
        let seats = Arc::new(Semaphore::new(self.max_connections));
        let connecting = Arc::new(Connecting::new(self.app, self.header_timeout));
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
        if timeout(self.grace, finish(&mut connections)).await.is_err() {
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
}

impl Connecting {
    fn new(app: axum::Router, header_timeout: Duration) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        // Who has sent its request may close its side, and still wants the answer.
        http.http1().timer(TokioTimer::new()).header_read_timeout(header_timeout).half_close(true);
        http.http2().timer(TokioTimer::new()).keep_alive_interval(PING);
        Self { app: app.with_state(()), http, header_timeout }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, mut stopped: watch::Receiver<()>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("TCP_NODELAY could not be set: {error}");
        }
        let asked = AtomicBool::new(false);
        let service = service_fn(|mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            self.app.clone().call(request)
        });
        let mut connection = pin!(self.http.serve_connection_with_upgrades(TokioIo::new(stream), service));
        // The timeout of hyper begins when it knows the version, which somebody silent never tells.
        let mut patience = pin!(sleep(self.header_timeout));
        let (mut patient, mut stopping) = (true, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => return log(ended),
                () = &mut patience, if patient => {
                    patient = false;
                    if !asked.load(Ordering::Relaxed) {
                        return;
                    }
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
