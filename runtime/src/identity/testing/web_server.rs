//! A web server on a port of this machine, with TLS or without.

use std::{
    future::pending,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};
use tokio_rustls::TlsAcceptor;

use super::{Answer, Asked, Authority, script::Step};

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// A web server. Each connection takes one request. It ends with the value.
pub(crate) struct WebServer {
    address: SocketAddr,
    state: Arc<State>,
    task: AbortHandle,
}

struct State {
    script: Box<Script>,
    tls: Option<TlsAcceptor>,
    accepted: AtomicUsize,
    cut: AtomicUsize,
    asked: Mutex<Vec<Asked>>,
}

impl WebServer {
    /// Over plain http.
    pub(crate) async fn http(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start(None, Box::new(script)).await
    }

    /// Over TLS, with a certificate for these names.
    pub(crate) async fn https(
        authority: &Authority,
        names: &[&str],
        script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(authority.server(names).into()), Box::new(script)).await
    }

    async fn start(tls: Option<TlsAcceptor>, script: Box<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script,
            tls,
            accepted: AtomicUsize::new(0),
            cut: AtomicUsize::new(0),
            asked: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle();
        Self { address, state, task }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were made, used or not.
    pub(crate) fn accepted(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// How many connections the other side ended before the answer did.
    pub(crate) fn cut(&self) -> usize {
        self.state.cut.load(Ordering::SeqCst)
    }

    /// The requests that came.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((socket, _)) = listener.accept().await else { return };
        state.accepted.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(connection(socket, Arc::clone(&state)));
    }
}

async fn connection(socket: TcpStream, state: Arc<State>) {
    let Some(tls) = &state.tls else { return serve(socket, &state).await };
    if let Ok(socket) = tls.accept(socket).await {
        serve(socket, &state).await;
    }
}

async fn serve(mut socket: impl AsyncRead + AsyncWrite + Unpin, state: &State) {
    let Some(asked) = read(&mut socket).await else { return };
    state.asked.lock().unwrap().push(asked.clone());
    for step in (state.script)(&asked).0 {
        if play(&mut socket, step).await.is_none() {
            state.cut.fetch_add(1, Ordering::SeqCst);
            return;
        }
    }
    let _ = socket.shutdown().await;
}

/// `None` when the other side is gone.
async fn play(socket: &mut (impl AsyncRead + AsyncWrite + Unpin), step: Step) -> Option<()> {
    match step {
        Step::Bytes(bytes) => write(socket, &bytes).await,
        Step::Wait(time) => tokio::select! {
            () = tokio::time::sleep(time) => Some(()),
            () = gone(socket) => None,
        },
        Step::Stall => {
            gone(socket).await;
            None
        }
        Step::Endless(bytes) => loop {
            write(socket, &bytes).await?;
        },
    }
}

async fn write(socket: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Option<()> {
    socket.write_all(bytes).await.ok()?;
    socket.flush().await.ok()
}

/// Waits until the other side ends the connection.
async fn gone(socket: &mut (impl AsyncRead + Unpin)) {
    if socket.read_u8().await.is_ok() {
        pending::<()>().await;
    }
}

async fn read(socket: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut body = bytes.split_off(end + 4);
    let mut asked = Asked::parse(std::str::from_utf8(bytes.get(..end)?).ok()?)?;
    let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while body.len() < length {
        if socket.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    asked.body = body;
    Some(asked)
}
