//! What subscribers get.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use arobase::sync::{Event, Message as Frame};
use serde_json::Value;

use crate::{
    Fallible,
    http::{Account, Connection},
    post,
    process::Server,
};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn subscribe(url: &str, cursor: Option<i64>) -> Fallible<Socket> {
    let cursor = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
    let address = format!("{}/xrpc/com.atproto.sync.subscribeRepos{cursor}", url.replacen("http", "ws", 1));
    Ok(connect_async(address).await?.0)
}

async fn next(socket: &mut Socket) -> Fallible<Frame> {
    loop {
        match socket.next().await.ok_or("the stream ended")?? {
            Message::Binary(frame) => return Ok(Frame::from_frame(&frame)?),
            Message::Close(reason) => return Err(format!("the stream was closed: {reason:?}").into()),
            _ => {}
        }
    }
}

/// The number of the newest event, read off the whole stream.
pub(crate) async fn newest(url: &str) -> Fallible<i64> {
    let mut socket = subscribe(url, Some(0)).await?;
    let mut newest = 0;
    while let Ok(message) = tokio::time::timeout(Duration::from_millis(500), next(&mut socket)).await {
        newest = message?.seq.unwrap_or(newest);
    }
    Ok(newest)
}

/// The time from sending a write, and from its answer, to the event.
pub(crate) async fn latency(server: &Server, account: &Account, count: usize) -> Fallible<()> {
    let mut socket = subscribe(&server.url, None).await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (seen, mut events) = tokio::sync::mpsc::unbounded_channel();
    let reading = tokio::spawn(async move {
        while let Ok(message) = next(&mut socket).await {
            if let Event::Commit(commit) = message.event {
                drop(seen.send((commit.commit.to_string(), Instant::now())));
            }
        }
    });
    let mut connection = Connection::open(&server.url).await?;
    let (mut from_request, mut from_answer) = (Vec::new(), Vec::new());
    for number in 0..count {
        let body =
            serde_json::json!({ "repo": &account.did, "collection": "app.bsky.feed.post", "record": post(number) });
        let sent = Instant::now();
        let answer = connection.post("com.atproto.repo.createRecord", Some(account), &body).await?;
        let answered = Instant::now();
        let answer: Value = serde_json::from_slice(&answer)?;
        let commit = answer.pointer("/commit/cid").and_then(Value::as_str).ok_or("no commit in the answer")?.to_owned();
        let arrived = loop {
            let (cid, time) = events.recv().await.ok_or("the stream ended")?;
            if cid == commit {
                break time;
            }
        };
        from_request.push(arrived - sent);
        // The event may come before the answer.
        from_answer.push(arrived.saturating_duration_since(answered));
    }
    reading.abort();
    let median = |times: &mut Vec<Duration>, share: f64| {
        times.sort_unstable();
        times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "commit to live event: from the answer, median {:.2} ms, 99 % {:.2} ms; from the request, median {:.2} ms",
        median(&mut from_answer, 0.5),
        median(&mut from_answer, 0.99),
        median(&mut from_request, 0.5),
    );
    Ok(())
}

/// How fast the past is sent.
pub(crate) async fn replay(server: &Server, after: i64, events: usize) -> Fallible<()> {
    let cpu = server.cpu();
    let begin = Instant::now();
    let mut socket = subscribe(&server.url, Some(after)).await?;
    let (mut count, mut bytes) = (0, 0);
    while count < events {
        match socket.next().await.ok_or("the stream ended")?? {
            Message::Binary(frame) => {
                count += 1;
                bytes += frame.len();
            }
            Message::Close(reason) => return Err(format!("the stream was closed: {reason:?}").into()),
            _ => {}
        }
    }
    let (took, cpu) = (begin.elapsed(), server.cpu() - cpu);
    println!(
        "replay of {events} events, {:.0} bytes each: {:.0}/s; {:.1} us of CPU each",
        bytes as f64 / count as f64,
        events as f64 / took.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / events as f64,
    );
    Ok(())
}
