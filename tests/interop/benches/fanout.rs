//! What a message to many subscribers costs the server: encoded once and shared, beside the same
//! messages encoded for each of them.
//!
//! The server is a process of its own with one worker thread; the subscribers are raw WebSockets
//! here. The bound is what writing the same bytes to as many plain sockets costs.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "support/mod.rs"]
mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arobase::{
    Context, Failure,
    server::{Broadcast, Events, Router},
};
use arobase_interop::lexicons::com::example::{
    interop,
    interop::{Count, Touch, count},
};
use futures_util::stream;
use support::{Server, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime,
    sync::watch,
};

const SUBSCRIBERS: usize = 1000;
/// Messages in each round.
const MESSAGES: i64 = 200;
/// Bytes in each message, as in a commit with one post.
const BYTES: usize = 2000;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve-shared") => serve(|| Router::new().merge(interop::router(Arc::new(Shared::new()))).into_axum()),
        Some("serve-each") => serve(|| Router::new().merge(interop::router(Arc::new(Each::new()))).into_axum()),
        Some("serve-bound") => bound(),
        _ => compare(),
    }
}

fn compare() {
    println!("{SUBSCRIBERS} subscribers, {MESSAGES} messages of {BYTES} bytes\n");
    println!(
        "| server | messages/s to all | processor time of the server, us a message and subscriber |\n|---|---|---|"
    );
    for (name, how) in [
        ("encoded once", "serve-shared"),
        ("encoded for each subscriber", "serve-each"),
        ("the bytes alone, to plain sockets", "serve-bound"),
    ] {
        let server = Server::start(how);
        let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (wall, processor) = runtime.block_on(round(&server));
        let deliveries = (SUBSCRIBERS as i64 * MESSAGES) as f64;
        let cost = processor.as_secs_f64() * 1e6 / deliveries;
        println!("| {name} | {:.0} | {cost:.2} |", MESSAGES as f64 / wall.as_secs_f64());
    }
}

/// Opens all subscriptions, has the messages sent, and waits until all have arrived.
async fn round(server: &Server) -> (Duration, Duration) {
    let arrived = Arc::new(AtomicU64::new(0));
    let mut readers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        let mut stream = subscribe(server.address()).await;
        let arrived = Arc::clone(&arrived);
        readers.push(tokio::spawn(async move {
            let mut buffer = vec![0; 64 * 1024];
            let wanted = MESSAGES as usize * BYTES;
            let mut bytes = 0;
            while bytes < wanted {
                let read = stream.read(&mut buffer).await.expect("messages");
                assert!(read > 0, "a subscriber lost its connection after {bytes} bytes");
                bytes += read;
            }
            arrived.fetch_add(1, Ordering::Relaxed);
        }));
    }
    let (before, start) = (server.processor(), Instant::now());
    let mut trigger = TcpStream::connect(server.address()).await.expect("a connection");
    let request = b"POST /xrpc/com.example.interop.touch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    trigger.write_all(request).await.expect("the trigger");
    for reader in readers {
        reader.await.expect("a subscriber got everything");
    }
    assert_eq!(arrived.load(Ordering::Relaxed), SUBSCRIBERS as u64);
    (start.elapsed(), server.processor().saturating_sub(before))
}

async fn subscribe(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = b"GET /xrpc/com.example.interop.count HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request).await.expect("the request");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.expect("an answer"));
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream
}

fn message(seq: i64) -> count::Message {
    count::Number::new(seq, "x".repeat(BYTES - 20)).into()
}

/// Sends messages to all subscribers when it is touched.
struct Shared {
    messages: Broadcast<Count>,
}

impl Shared {
    fn new() -> Self {
        Self { messages: Broadcast::new(1024) }
    }
}

impl interop::Server for Shared {
    async fn touch(&self, _: Context, _: Touch) -> Result<(), Failure> {
        for seq in 1..=MESSAGES {
            self.messages.publish(&message(seq))?;
        }
        Ok(())
    }

    async fn count(&self, _: Context, _: Count) -> Result<Events<Count>, Failure<count::Error>> {
        Ok(self.messages.subscribe())
    }
}

/// The same without sharing: each subscriber's stream makes and encodes its own.
struct Each {
    go: watch::Sender<bool>,
}

impl Each {
    fn new() -> Self {
        Self { go: watch::Sender::new(false) }
    }
}

impl interop::Server for Each {
    async fn touch(&self, _: Context, _: Touch) -> Result<(), Failure> {
        self.go.send_replace(true);
        Ok(())
    }

    async fn count(&self, _: Context, _: Count) -> Result<Events<Count>, Failure<count::Error>> {
        let go = self.go.subscribe();
        Ok(Events::new(stream::unfold((go, 1), |(mut go, seq)| async move {
            go.wait_for(|go| *go).await.ok()?;
            (seq <= MESSAGES).then(|| (Ok(message(seq)), (go, seq + 1)))
        })))
    }
}

/// Answers the same requests, then writes bytes of the same length to every socket.
fn bound() {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        let go = watch::Sender::new(false);
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let (sender, mut go) = (go.clone(), go.subscribe());
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.expect("a request"));
                }
                if head.starts_with(b"POST") {
                    sender.send_replace(true);
                    return;
                }
                stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").await.expect("an answer");
                go.wait_for(|go| *go).await.expect("a trigger");
                let bytes = vec![0; BYTES + 40];
                for _ in 0..MESSAGES {
                    // Who has had enough bytes goes.
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
}
