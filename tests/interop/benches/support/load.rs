//! A load on a server.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arobase_interop::Peer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime,
};

use crate::support::Server;

/// What one round of load gave.
pub(crate) struct Round {
    answers: u64,
    wall: Duration,
    processor: Duration,
}

impl Round {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.answers as f64 / self.wall.as_secs_f64()
    }

    /// Processor time of the server for each answer, in microseconds.
    pub(crate) fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.answers.max(1) as f64
    }
}

/// lexrpc's server under gunicorn.
pub(crate) fn gunicorn(python: &Peer) -> Server {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let address = format!("127.0.0.1:{port}");
    let child = python
        .module("gunicorn", &["--workers", "2", "--log-level", "error", "--bind", &address, "server:app"])
        .spawn()
        .expect("gunicorn starts");
    for _ in 0..100 {
        if std::net::TcpStream::connect(&address).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Server { child, address }
}

/// Sends one request over and over.
pub(crate) fn load(server: &Server, request: &'static [u8], connections: usize, duration: Duration) -> Round {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (before, start, answers) = (server.processor(), Instant::now(), Arc::new(AtomicU64::new(0)));
    runtime.block_on(async {
        let tasks = (0..connections).map(|_| {
            let (answers, address) = (Arc::clone(&answers), server.address().to_owned());
            tokio::spawn(async move {
                let mut stream = None;
                while start.elapsed() < duration {
                    let open = match stream.take() {
                        Some(open) => open,
                        None => TcpStream::connect(&address).await.expect("a connection"),
                    };
                    stream = exchange(open, request).await;
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("the answers are right");
        }
    });
    Round {
        answers: answers.load(Ordering::Relaxed),
        wall: start.elapsed(),
        processor: server.processor().saturating_sub(before),
    }
}

/// One request and its answer, which must be a success; gives the connection back if it stays open.
async fn exchange(mut stream: TcpStream, request: &[u8]) -> Option<TcpStream> {
    stream.write_all(request).await.expect("the request goes out");
    let mut answer = Vec::with_capacity(4096);
    loop {
        let read = stream.read_buf(&mut answer).await.expect("an answer");
        assert!(read > 0, "the answer is cut off");
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.and_then(|length| length.parse().ok()).expect("a length");
        if answer.len() == end + 4 + length {
            return (!head.contains("connection: close")).then_some(stream);
        }
    }
}

/// The value in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
