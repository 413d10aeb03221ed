//! How fast events reach subscribers: `cargo bench -p arobase-pds --bench firehose`. Without `--bench`, as tests run
//! it, there are few.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

mod support;

use std::{
    env, fs,
    net::SocketAddr,
    path::Path,
    process,
    sync::LazyLock,
    time::{Duration, Instant},
};

use arobase::{com::atproto::sync::SubscribeRepos, sync::Event};
use arobase_pds::Pds;
use futures_util::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use support::{Failure, Stopwatch, account, create, full_or_few, start, write};

/// How many events are replayed.
static EVENTS: LazyLock<usize> = LazyLock::new(|| full_or_few(100_000));
/// How many commits are waited for, one by one.
static COMMITS: LazyLock<usize> = LazyLock::new(|| full_or_few(1_000));
/// How many commits a crowd gets.
static CROWDED: LazyLock<usize> = LazyLock::new(|| full_or_few(500));
/// How many are in it.
static CROWD: LazyLock<usize> = LazyLock::new(|| full_or_few(2_000));

fn main() -> Result<(), Failure> {
    let folder = env::temp_dir().join(format!("arobase-bench-firehose-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let result = tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(&folder));
    fs::remove_dir_all(&folder)?;
    result
}

async fn measure(folder: &Path) -> Result<(), Failure> {
    let (pds, address) = start(folder).await?;
    let frame = fill(&pds).await?;
    bound(frame).await?;
    for round in 0..3 {
        println!("replay, round {round}:");
        in_process(&pds).await?;
        let url = format!("{address}/xrpc/{}?cursor={}", SubscribeRepos::NSID, pds.firehose().head() - *EVENTS as i64);
        raw(address, &url).await?;
        library(&url).await?;
    }
    crowd(&pds).await?;
    latency(&pds, address).await
}

/// Fills the log with events like those of posts; how many bytes a frame has.
async fn fill(pds: &Pds) -> Result<usize, Failure> {
    let did = account(pds, "alice", 200, 2_000).await?;
    write(pds, &did, vec![create(1_000, 1_000)?]).await?;
    let head = pds.firehose().head();
    let found = pds.database().read(move |view| view.events(head - 1, 1, 1)).await?;
    let last = found.into_iter().next().ok_or("the commit has an event")?;
    let event: Event = last.message()?.event;
    for _ in 0..*EVENTS / 1_000 {
        let (id, event) = (last.account, event.clone());
        pds.database().write(move |unit| (0..1_000).try_for_each(|_| unit.emit(id, event.clone()))).await?;
    }
    println!("{} events with frames of {} bytes", *EVENTS, last.frame.len());
    Ok(last.frame.len())
}

/// The same bytes through a socket, with nothing around them.
async fn bound(frame: usize) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let sending = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let bytes = vec![7; 32 * frame];
        for _ in 0..*EVENTS / 32 {
            stream.write_all(&bytes).await?;
        }
        Ok::<_, std::io::Error>(())
    });
    let watch = Stopwatch::start();
    let mut stream = TcpStream::connect(address).await?;
    let mut buffer = vec![0; 256 << 10];
    while stream.read(&mut buffer).await? > 0 {}
    sending.await??;
    watch.print("bytes through a bare socket", *EVENTS as f64, "events");
    Ok(())
}

async fn in_process(pds: &Pds) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let mut events = pds.firehose().events(Some(pds.firehose().head() - *EVENTS as i64))?;
    for _ in 0..*EVENTS {
        events.next().await.ok_or("it has no end")??;
    }
    watch.print("in process", *EVENTS as f64, "events");
    Ok(())
}

/// To a client that counts frames and does nothing else.
async fn raw(address: SocketAddr, url: &str) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(address).await?;
    let path = url.trim_start_matches(&address.to_string());
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let watch = Stopwatch::start();
    stream.write_all(request.as_bytes()).await?;
    let (mut buffer, mut frames) = (Vec::with_capacity(1 << 20), Frames::default());
    while frames.count < *EVENTS {
        buffer.clear();
        stream.read_buf(&mut buffer).await?;
        frames.take(&buffer);
    }
    watch.print("over a WebSocket, to a client that counts", *EVENTS as f64, "events");
    Ok(())
}

/// Counts WebSocket frames.
#[derive(Default)]
struct Frames {
    count: usize,
    /// How many bytes of the current one are to come.
    left: usize,
    /// The beginning of a frame, or of the answer to the upgrade.
    head: Vec<u8>,
    upgraded: bool,
}

impl Frames {
    fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                self.left -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            self.look();
        }
    }

    fn look(&mut self) {
        if !self.upgraded {
            self.upgraded = self.head.ends_with(b"\r\n\r\n");
        } else {
            self.left = match self.head[..] {
                [_, short] if short < 126 => usize::from(short),
                [_, 126, high, low] => usize::from(u16::from_be_bytes([high, low])),
                _ => return,
            };
            self.count += 1;
        }
        if self.upgraded {
            self.head.clear();
        }
    }
}

/// To a client of the usual library.
async fn library(url: &str) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let (mut socket, _) = connect_async(format!("ws://{url}")).await?;
    let mut count = 0;
    while count < *EVENTS {
        let message = socket.next().await.ok_or("it has no end")??;
        count += usize::from(matches!(message, Message::Binary(_)));
    }
    watch.print("over a WebSocket, to a client of a library", *EVENTS as f64, "events");
    Ok(())
}

/// With thousands who wait for each event.
async fn crowd(pds: &Pds) -> Result<(), Failure> {
    let did = account(pds, "carol", 100, 1_000).await?;
    for size in [0, *CROWD] {
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..size {
            let events = pds.firehose().events(None)?;
            readers.spawn(events.take(*CROWDED).count());
        }
        let watch = Stopwatch::start();
        for number in 0..*CROWDED {
            write(pds, &did, vec![create(10_000 + size + number, 1_000)?]).await?;
        }
        watch.print(&format!("commits with {size} readers"), *CROWDED as f64, "commits");
        let counts = readers.join_all().await;
        assert!(counts.iter().all(|count| count == &*CROWDED));
        watch.print("until all have them", *CROWDED as f64, "commits");
    }
    Ok(())
}

/// From the call that writes to the frame that arrives.
async fn latency(pds: &Pds, address: SocketAddr) -> Result<(), Failure> {
    let did = account(pds, "bob", 100, 1_000).await?;
    let (mut socket, _) = connect_async(format!("ws://{address}/xrpc/com.atproto.sync.subscribeRepos")).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let (mut durable, mut live) = (Vec::new(), Vec::new());
    for number in 0..*COMMITS {
        let begun = Instant::now();
        write(pds, &did, vec![create(1_000 + number, 1_000)?]).await?;
        durable.push(begun.elapsed());
        socket.next().await.ok_or("it has no end")??;
        live.push(begun.elapsed());
    }
    let after: Vec<Duration> = live.iter().zip(&durable).map(|(live, durable)| live.saturating_sub(*durable)).collect();
    println!("{} commits one by one:", *COMMITS);
    for (what, times) in [("durable", durable), ("live", live), ("between", after)] {
        print_times(what, times);
    }
    Ok(())
}

fn print_times(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    println!("  {what}: median {:.2} ms, worst {:.2} ms", 1e3 * median.as_secs_f64(), 1e3 * worst.as_secs_f64());
}
