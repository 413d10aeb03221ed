use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arobase_runtime::{data::Cid, lexicon::json::Json, server::serve, syntax::Did};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    Directory, Store, router,
    store::{AppendError, NewRecord, Record, StoreError},
    testing::{Keys, directory, tombstone},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn address(directory: &Directory) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = router(directory.clone());
    tokio::spawn(async move { serve(listener, app).await });
    format!("ws://{address}/export/stream")
}

async fn follow(directory: &Directory, query: &str) -> Socket {
    connect_async(format!("{}{query}", address(directory).await)).await.unwrap().0
}

async fn next(socket: &mut Socket) -> Message {
    loop {
        let message = timeout(Duration::from_secs(20), socket.next()).await.expect("a message in time");
        match message.expect("a message").unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

async fn seq(socket: &mut Socket) -> i64 {
    let message = next(socket).await;
    let json = Json::parse(message.to_text().unwrap()).unwrap();
    assert_eq!(json.get("type").and_then(Json::as_str), Some("sequenced_op"));
    json.get("seq").and_then(Json::as_i64).unwrap()
}

async fn closed(socket: &mut Socket) -> (u16, String) {
    match next(socket).await {
        Message::Close(Some(frame)) => (frame.code.into(), frame.reason.to_string()),
        message => panic!("{message:?}"),
    }
}

async fn add(directory: &Directory, count: usize) {
    for _ in 0..count {
        let (did, genesis) = Keys::new().genesis();
        directory.submit(&did, genesis).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_behind_the_cursor_comes_first_and_then_what_is_taken() {
    let (directory, _) = directory(|builder| builder);
    add(&directory, 3).await;
    let mut socket = follow(&directory, "?cursor=1").await;
    assert_eq!((seq(&mut socket).await, seq(&mut socket).await), (2, 3));
    for number in 4..8 {
        add(&directory, 1).await;
        assert_eq!(seq(&mut socket).await, number);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_cursor_only_what_is_taken_from_now_on_comes() {
    let (directory, _) = directory(|builder| builder);
    add(&directory, 2).await;
    let mut socket = follow(&directory, "").await;
    // Whoever was answered once is surely following.
    socket.send(Message::Ping(Default::default())).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Pong(_)))));
    add(&directory, 1).await;
    assert_eq!(seq(&mut socket).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_gets_everything_in_order_while_others_write() {
    let (directory, _) = directory(|builder| builder);
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(follow(&directory, "?cursor=0").await);
    }
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let directory = directory.clone();
            tokio::spawn(async move { add(&directory, 10).await })
        })
        .collect();
    for socket in &mut sockets {
        for number in 1..=40 {
            assert_eq!(seq(socket).await, number);
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_the_line_of_the_export() {
    let (directory, _) = directory(|builder| builder);
    let keys = Keys::new();
    let (did, genesis) = keys.genesis();
    directory.submit(&did, genesis.clone()).await.unwrap();
    directory.submit(&did, tombstone(genesis.cid(), &keys.weak)).await.unwrap();
    let mut socket = follow(&directory, "?cursor=1").await;
    let record = directory.export(1, 1).await.unwrap().remove(0);
    assert_eq!(next(&mut socket).await.to_text().unwrap(), super::told::sequenced(&record));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_from_the_future_is_sent_away() {
    let (directory, _) = directory(|builder| builder);
    add(&directory, 1).await;
    let mut socket = follow(&directory, "?cursor=2").await;
    assert_eq!(closed(&mut socket).await, (1000, "FutureCursor".to_owned()));
    let mut socket = follow(&directory, "?cursor=1").await;
    add(&directory, 1).await;
    assert_eq!(seq(&mut socket).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_before_what_is_too_old_is_sent_away() {
    let (directory, clock) = directory(|builder| builder.backfill(Duration::from_secs(3600)));
    add(&directory, 1).await;
    clock.set_hours(2);
    add(&directory, 1).await;
    let mut socket = follow(&directory, "?cursor=0").await;
    assert_eq!(closed(&mut socket).await, (1000, "OutdatedCursor".to_owned()));
    let mut socket = follow(&directory, "?cursor=1").await;
    assert_eq!(seq(&mut socket).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_is_sent_away_when_the_directory_ends() {
    let (directory, _) = directory(|builder| builder);
    let mut sockets = [follow(&directory, "").await, follow(&directory, "?cursor=0").await];
    let closing = tokio::spawn({
        let directory = directory.clone();
        async move { directory.close().await }
    });
    for socket in &mut sockets {
        assert_eq!(closed(socket).await, (1001, String::new()));
        assert!(socket.next().await.is_none_or(|message| message.is_err()));
    }
    closing.await.unwrap();
    let mut late = follow(&directory, "?cursor=0").await;
    assert_eq!(closed(&mut late).await, (1001, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_gives_their_place_back() {
    let (directory, _) = directory(|builder| builder);
    let mut socket = follow(&directory, "").await;
    socket.close(None).await.unwrap();
    while socket.next().await.is_some_and(|message| message.is_ok()) {}
    // Ends at once if nobody follows, and otherwise only when whoever does is gone.
    timeout(Duration::from_secs(5), directory.close()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_whoever_follows_sends_does_not_keep_the_store_busy() {
    let looks = Arc::new(AtomicUsize::new(0));
    let store = Endless { operation: "{}".into(), latest: u64::MAX - 1, looks: Arc::clone(&looks) };
    let mut socket = follow(&Directory::new(store).unwrap(), "").await;
    for _ in 0..50 {
        socket.send(Message::text("more?")).await.unwrap();
    }
    socket.send(Message::Ping(Default::default())).await.unwrap();
    while !matches!(socket.next().await, Some(Ok(Message::Pong(_)))) {}
    let looks = looks.load(Ordering::Relaxed);
    assert!((1..10).contains(&looks), "{looks}");
}

/// A store without end, of operations that fill every buffer.
struct Endless {
    operation: Arc<str>,
    latest: u64,
    looks: Arc<AtomicUsize>,
}

impl Store for Endless {
    fn of(&self, _: &Did) -> Result<Vec<Record>, StoreError> {
        Ok(Vec::new())
    }

    fn last(&self, _: &Did) -> Result<Option<Record>, StoreError> {
        Ok(None)
    }

    fn after(&self, seq: u64, count: usize) -> Result<Vec<Record>, StoreError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        assert!(count <= 50, "whoever does not read keeps them in memory");
        let record = |seq| Record {
            seq,
            did: "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap(),
            operation: Arc::clone(&self.operation),
            cid: Cid::of_cbor(b""),
            millis: i64::MAX / 1000,
            nullified: false,
        };
        Ok((seq + 1..u64::MAX).take(count).map(record).collect())
    }

    fn later(&self, _: i64, _: usize) -> Result<Vec<Record>, StoreError> {
        Ok(Vec::new())
    }

    fn latest(&self) -> Result<u64, StoreError> {
        Ok(self.latest)
    }

    fn append(&self, _: &NewRecord) -> Result<u64, AppendError> {
        Err(AppendError::Conflict)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_is_sent_away() {
    let operation = format!("\"{}\"", "x".repeat(1 << 20)).into();
    let store = Endless { operation, latest: 1 << 40, looks: Arc::default() };
    let directory = Directory::builder(store).patience(Duration::from_millis(300)).build().unwrap();
    let mut socket = follow(&directory, "?cursor=0").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    for _ in 0..1000 {
        if let Message::Close(Some(frame)) = next(&mut socket).await {
            assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1000, "ConsumerTooSlow"));
            return;
        }
    }
    panic!("it went on for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_too_much_is_sent_away() {
    let (directory, _) = directory(|builder| builder);
    let mut socket = follow(&directory, "").await;
    socket.send(Message::text("x".repeat(5000))).await.unwrap();
    let end = timeout(Duration::from_secs(20), socket.next()).await.unwrap();
    assert!(!matches!(end, Some(Ok(Message::Text(_)))), "{end:?}");
}
