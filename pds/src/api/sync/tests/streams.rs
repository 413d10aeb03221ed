//! Subscriptions.

use std::{sync::Arc, time::Duration};

use arobase::{
    repo::{SourceError, Write},
    sync::{Consumer, Directory, Event, Identity, InfoEvent, MemoryStates, Message, Outcome, Source},
    syntax::Did,
    xrpc::{
        BoxFuture,
        frame::{self, Frame},
    },
};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

use super::world::*;
use crate::firehose::testing::{Author, note, path};

async fn frame(socket: &mut Socket) -> Bytes {
    loop {
        match timeout(LONG, socket.next()).await.expect("a frame comes").unwrap().unwrap() {
            tungstenite::Message::Binary(frame) => return frame,
            tungstenite::Message::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn message(socket: &mut Socket) -> Message {
    Message::from_frame(&frame(socket).await).unwrap()
}

async fn seq(socket: &mut Socket) -> i64 {
    message(socket).await.seq.unwrap()
}

/// The first number that comes, of a subscriber without a cursor, who may not be quite there yet.
async fn live(world: &World, author: &Author, socket: &mut Socket) -> i64 {
    loop {
        author.emit(world.pds.database()).await;
        if let Ok(seq) = timeout(Duration::from_millis(50), seq(socket)).await {
            return seq;
        }
    }
}

fn error_name(frame: &Bytes) -> String {
    match frame::split(frame, arobase::data::Limits::DEFAULT) {
        Ok(Frame::Error { name, .. }) => name,
        other => panic!("an error in place of {other:?}"),
    }
}

/// The name of an error, with which the socket is closed.
async fn refusal(socket: &mut Socket) -> String {
    let name = error_name(&frame(socket).await);
    match timeout(LONG, socket.next()).await.unwrap() {
        Some(Ok(tungstenite::Message::Close(Some(close)))) => {
            assert_eq!((u16::from(close.code), close.reason.as_str()), (1008, &*name));
        }
        other => panic!("{other:?}"),
    }
    name
}

#[tokio::test]
async fn every_cursor_begins_where_it_should() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    for _ in 1..10 {
        alice.emit(world.pds.database()).await;
    }
    let last = world.pds.firehose().head();
    let first = last - 9;
    for (cursor, begin) in
        [(0, first), (-1, first), (i64::MIN, first), (first - 1, first), (first, first + 1), (last - 1, last)]
    {
        let mut socket = world.subscribe(&format!("?cursor={cursor}")).await;
        for expected in begin..=last {
            assert_eq!(seq(&mut socket).await, expected, "of the cursor {cursor}");
        }
    }
    assert!(live(&world, &alice, &mut world.subscribe("").await).await > last);
    let last = world.pds.firehose().head();
    let mut socket = world.subscribe(&format!("?cursor={last}")).await;
    alice.emit(world.pds.database()).await;
    assert_eq!(seq(&mut socket).await, last + 1);
    for cursor in [last + 1_000, i64::MAX] {
        assert_eq!(refusal(&mut world.subscribe(&format!("?cursor={cursor}")).await).await, "FutureCursor");
    }
    assert_eq!(refusal(&mut world.subscribe("?cursor=x").await).await, "InvalidRequest");
}

#[tokio::test]
async fn what_is_missing_is_said_first() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    for _ in 1..10 {
        alice.emit(world.pds.database()).await;
    }
    let last = world.pds.firehose().head();
    let first = last - 9;
    world.pds.firehose().trim(i64::MAX, 5).await.unwrap();
    for cursor in [0, -5, 1, first, first + 3] {
        let mut socket = world.subscribe(&format!("?cursor={cursor}")).await;
        let Message { seq: None, event: Event::Info(info), .. } = message(&mut socket).await else { panic!() };
        assert_eq!(info.name, InfoEvent::OUTDATED_CURSOR);
        assert!(info.message.is_some());
        for expected in first + 5..=last {
            assert_eq!(seq(&mut socket).await, expected);
        }
    }
    let mut socket = world.subscribe(&format!("?cursor={}", first + 4)).await;
    assert_eq!(seq(&mut socket).await, first + 5);
}

#[tokio::test]
async fn a_server_without_events_can_be_subscribed_to() {
    let world = World::new().await;
    let (mut whole, mut newest) = (world.subscribe("?cursor=0").await, world.subscribe("").await);
    let head = world.pds.firehose().head();
    let alice = world.author("alice").await;
    assert_eq!(seq(&mut whole).await, head + 1);
    assert!(live(&world, &alice, &mut newest).await > head);
}

#[tokio::test]
async fn a_rollback_limits_the_window() {
    let world = World::with(|builder| builder.settings.rollback = Some(10)).await;
    let alice = world.author("alice").await;
    for _ in 1..20 {
        alice.emit(world.pds.database()).await;
    }
    let last = world.pds.firehose().head();
    let mut socket = world.subscribe("?cursor=0").await;
    assert!(matches!(message(&mut socket).await.event, Event::Info(_)));
    assert_eq!(seq(&mut socket).await, last - 9);
    let mut socket = world.subscribe(&format!("?cursor={}", last - 10)).await;
    assert_eq!(seq(&mut socket).await, last - 9);
}

#[tokio::test]
async fn what_a_subscriber_says_is_ignored() {
    let world = World::new().await;
    let mut socket = world.subscribe("?cursor=0").await;
    socket.send(tungstenite::Message::text("hello")).await.unwrap();
    world.author("alice").await;
    assert!(matches!(message(&mut socket).await.event, Event::Commit(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_subscribers_that_join_anywhere_see_the_same() {
    let world = World::with(|builder| {
        builder.settings.preload = 50;
        builder.settings.subscriptions_per_client = 1_000;
    })
    .await;
    let alice = world.author("alice").await;
    let first = world.pds.firehose().head();
    let last = first + 500;
    let mut readers = Vec::new();
    for number in 0..500_i64 {
        alice.emit(world.pds.database()).await;
        if number % 5 == 0 {
            let cursor = first + (number * 7_919) % (number + 1);
            let mut socket = world.subscribe(&format!("?cursor={cursor}")).await;
            readers.push(tokio::spawn(async move {
                for expected in cursor + 1..=last {
                    assert_eq!(seq(&mut socket).await, expected, "behind {cursor}");
                }
            }));
        }
    }
    assert_eq!((world.pds.firehose().head(), readers.len()), (last, 100));
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_subscriber_that_stops_reading_recovers() {
    let world = World::with(|builder| builder.settings.preload_bytes = 1 << 20).await;
    let mut alice = world.author("alice").await;
    let mut socket = world.subscribe("?cursor=0").await;
    let first = seq(&mut socket).await;
    // More than the ring and all buffers on the way can hold.
    for number in 0..60 {
        alice.write(world.pds.database(), vec![Write::create(path(&format!("{number:02}")), note("n", 400_000))]).await;
    }
    for expected in first + 1..=world.pds.firehose().head() {
        assert_eq!(seq(&mut socket).await, expected);
    }
}

#[tokio::test]
async fn a_subscriber_that_stops_until_its_next_event_is_gone_is_told_so() {
    let world = World::with(|builder| builder.settings.preload_bytes = 1 << 20).await;
    let mut alice = world.author("alice").await;
    let mut socket = world.subscribe("?cursor=0").await;
    let first = seq(&mut socket).await;
    for number in 0..60 {
        alice.write(world.pds.database(), vec![Write::create(path(&format!("{number:02}")), note("n", 400_000))]).await;
    }
    assert_eq!(world.pds.firehose().trim(i64::MAX, 40).await.unwrap(), 40);
    let mut seen = first;
    let name = loop {
        let frame = frame(&mut socket).await;
        match Message::from_frame(&frame) {
            Ok(message) => seen = message.seq.filter(|seq| *seq == seen + 1).unwrap(),
            Err(_) => break error_name(&frame),
        }
    };
    assert_eq!(name, "ConsumerTooSlow");
    assert!(seen < first + 40, "{}", seen - first);
}

/// Who knows all authors.
struct Everybody(Vec<(Did, Identity)>);

impl Directory for Everybody {
    fn resolve<'a>(&'a self, did: &'a Did, _: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>> {
        let found = self.0.iter().find(|(known, _)| known == did).map(|(_, identity)| identity.clone());
        Box::pin(std::future::ready(Ok(found)))
    }

    fn forget(&self, _: &Did) {}
}

fn consumer(authors: &[&Author]) -> Consumer {
    let host = "pds.example.com";
    let identity = |author: &&Author| (author.did.clone(), Identity { key: author.public_key(), host: host.into() });
    let directory = Everybody(authors.iter().map(identity).collect());
    Consumer::new(Source::Pds(host.into()), Arc::new(directory), Arc::new(MemoryStates::new()))
}

#[tokio::test]
async fn a_consumer_verifies_every_event() {
    let world = World::new().await;
    let db = world.pds.database();
    let (mut alice, mut bob) = (world.author("alice").await, world.author("bob").await);
    for number in 0..40 {
        let path = path(&format!("{:02}", number % 13));
        let author = if number % 3 == 0 { &mut bob } else { &mut alice };
        let write = match number % 5 {
            4 => Write::delete(path).swapping(arobase::repo::Swap::Any),
            _ => Write::put(path, note(&number.to_string(), 20)),
        };
        author.write(db, vec![write]).await;
    }
    let consumer = consumer(&[&alice, &bob]);
    let mut socket = world.subscribe("?cursor=0").await;
    let mut seq = 0;
    while seq < world.pds.firehose().head() {
        let message = message(&mut socket).await;
        seq = message.seq.unwrap();
        let outcome = consumer.process(message.event, world.pds.inner.now() as u64).await.unwrap();
        assert!(matches!(outcome, Outcome::Commit(_)), "{outcome:?}");
    }
}
