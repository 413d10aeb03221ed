use std::{collections::BTreeSet, time::Duration};

use arobase::{repo::Write, sync::Event};
use futures_util::{FutureExt, StreamExt, future::join_all};
use tokio::time::timeout;

use super::{
    testing::{Author, database, note, path},
    *,
};
use crate::testing::settings;

/// A time that is not reached unless something is wrong.
const LONG: Duration = Duration::from_secs(30);

async fn open(db: &Database) -> Firehose {
    Firehose::open(db.clone(), &settings()).await.unwrap()
}

async fn open_with(db: &Database, change: impl FnOnce(&mut Settings)) -> Firehose {
    let mut settings = settings();
    change(&mut settings);
    Firehose::open(db.clone(), &settings).await.unwrap()
}

async fn next(events: &mut EventStream) -> Logged {
    timeout(LONG, events.next()).await.expect("an event comes").unwrap().unwrap()
}

async fn take(events: EventStream, count: usize) -> Vec<i64> {
    let events = events.take(count).map(|event| event.unwrap().seq).collect();
    timeout(LONG, events).await.expect("all events come")
}

/// A log of so many events.
async fn log(count: usize) -> (Database, Author) {
    let db = database();
    let author = Author::new(&db, "alice").await;
    for _ in 1..count {
        author.emit(&db).await;
    }
    (db, author)
}

async fn oldest(db: &Database) -> i64 {
    db.read(|view| view.oldest_seq()).await.unwrap().unwrap()
}

fn reader(firehose: &Firehose, after: i64, missed: reader::Missed) -> EventStream {
    Box::pin(Reader::new(Arc::clone(&firehose.shared), after, missed).into_stream())
}

#[tokio::test]
async fn without_a_number_only_what_comes_is_sent() {
    let (db, author) = log(3).await;
    let firehose = open(&db).await;
    let mut events = firehose.events(None).unwrap();
    assert!(events.next().now_or_never().is_none());
    author.emit(&db).await;
    let event = next(&mut events).await;
    assert_eq!(event.seq, firehose.head());
    assert!(matches!(event.message().unwrap().event, Event::Account(_)));
}

#[tokio::test]
async fn replay_and_live_are_one_stream_wherever_it_begins() {
    let (db, author) = log(20).await;
    // The ring holds 5; so this begins in the log, goes on in the ring, and then waits.
    let firehose = open_with(&db, |settings| settings.preload = 5).await;
    let first = oldest(&db).await;
    for begin in 0..=20 {
        let mut events = firehose.events(Some(first - 1 + begin)).unwrap();
        for seq in first + begin..=firehose.head() {
            assert_eq!(next(&mut events).await.seq, seq);
        }
        assert!(events.next().now_or_never().is_none());
        author.emit(&db).await;
        assert_eq!(next(&mut events).await.seq, firehose.head());
    }
}

#[tokio::test]
async fn a_future_number_is_refused() {
    let (db, _) = log(3).await;
    let firehose = open(&db).await;
    assert!(firehose.events(Some(firehose.head())).is_ok());
    let error = firehose.events(Some(firehose.head() + 1)).err().unwrap();
    assert_eq!(error.name(), "FutureCursor");
}

#[tokio::test]
async fn no_commit_waits_for_the_one_after_it() {
    let db = database();
    let author = Author::new(&db, "alice").await;
    let firehose = open(&db).await;
    let mut events = firehose.events(None).unwrap();
    let (received, mut receive) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            received.send(event.unwrap().seq).unwrap();
        }
    });
    for _ in 0..300 {
        author.emit(&db).await;
        assert_eq!(timeout(LONG, receive.recv()).await.unwrap(), Some(firehose.head()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_join_anywhere_while_it_goes_on_get_each_event_once() {
    let (db, author) = log(100).await;
    let firehose = open_with(&db, |settings| settings.preload = 20).await;
    let first = oldest(&db).await;
    let last = first + 599;
    let mut readers = Vec::new();
    for number in 0..500 {
        author.emit(&db).await;
        if number % 5 == 0 {
            // Anywhere between the beginning and the newest.
            let after = first - 1 + (number * 7919) % (firehose.head() - first + 1);
            let events = firehose.events(Some(after)).unwrap();
            readers.push(tokio::spawn(async move { (after, take(events, (last - after) as usize).await) }));
        }
    }
    assert_eq!(firehose.head(), last);
    for reader in readers {
        let (after, seqs) = reader.await.unwrap();
        assert!(seqs.into_iter().eq(after + 1..=last), "a reader that began behind {after}");
    }
}

#[tokio::test]
async fn thousands_of_readers_get_everything() {
    let (db, author) = log(1).await;
    let firehose = open(&db).await;
    let readers: Vec<_> = (0..2_000).map(|_| tokio::spawn(take(firehose.events(None).unwrap(), 50))).collect();
    let first = firehose.head() + 1;
    for _ in 0..50 {
        author.emit(&db).await;
        tokio::task::yield_now().await;
    }
    for seqs in join_all(readers).await {
        assert!(seqs.unwrap().into_iter().eq(first..first + 50));
    }
}

#[tokio::test]
async fn a_reader_that_waits_takes_little_memory() {
    let firehose = open(&database()).await;
    let stream = Reader::new(Arc::clone(&firehose.shared), 0, reader::Missed::Fatal).into_stream();
    assert!(size_of_val(&stream) < 1_000, "{}", size_of_val(&stream));
}

#[tokio::test]
async fn a_reader_that_stops_holds_a_few_events_and_recovers_from_the_log() {
    let db = database();
    let mut author = Author::new(&db, "alice").await;
    let firehose = open_with(&db, |settings| settings.preload_bytes = 200_000).await;
    let mut events = firehose.events(None).unwrap();
    for number in 0..100 {
        author.write(&db, vec![Write::create(path(&format!("{number}")), note("n", 10_000))]).await;
        if number == 20 {
            next(&mut events).await;
        }
    }
    let first = oldest(&db).await;
    let held = firehose.shared.live.after(first, usize::MAX, usize::MAX);
    assert_eq!(held, ring::Found::Older);
    for seq in first + 2..=firehose.head() {
        assert_eq!(next(&mut events).await.seq, seq);
    }
}

#[tokio::test]
async fn a_reader_is_too_slow_only_when_its_next_event_is_gone() {
    let (db, _) = log(40).await;
    let firehose = open_with(&db, |settings| settings.preload = 2).await;
    let first = oldest(&db).await;
    let [mut before, mut at] = [8, 9].map(|after| reader(&firehose, first + after, reader::Missed::Fatal));
    let mut passing = reader(&firehose, first - 1, reader::Missed::PassedOver);
    assert_eq!(firehose.trim(i64::MAX, 10).await.unwrap(), 10);
    assert_eq!(before.next().await.unwrap().unwrap_err().name(), "ConsumerTooSlow");
    assert!(before.next().await.is_none());
    assert_eq!(next(&mut at).await.seq, first + 10);
    assert_eq!(next(&mut passing).await.seq, first + 10);
}

#[tokio::test]
async fn what_was_trimmed_is_no_longer_in_the_window() {
    let (db, author) = log(10).await;
    let firehose = open(&db).await;
    let first = oldest(&db).await;
    firehose.trim(i64::MAX, 4).await.unwrap();
    assert_eq!(firehose.window().begin(Some(0)).unwrap(), Begin::Outdated(first + 3));
    // It is remembered, and does not depend on what is still in memory.
    let firehose = open(&db).await;
    assert_eq!(firehose.window().begin(Some(first)).unwrap(), Begin::Outdated(first + 3));
    assert_eq!(take(firehose.events(Some(0)).unwrap(), 6).await[0], first + 4);
    firehose.trim(i64::MAX, 1_000).await.unwrap();
    let head = firehose.head();
    assert_eq!(firehose.window().begin(Some(0)).unwrap(), Begin::Outdated(head));
    let mut events = firehose.events(Some(0)).unwrap();
    author.emit(&db).await;
    assert_eq!(next(&mut events).await.seq, head + 1);
}

#[tokio::test]
async fn nothing_that_is_young_is_trimmed() {
    let (db, _) = log(10).await;
    let firehose = open(&db).await;
    assert_eq!(firehose.trim(0, 100).await.unwrap(), 0);
    assert!(matches!(firehose.window().begin(Some(0)).unwrap(), Begin::After(_)));
}

#[tokio::test]
async fn a_new_log_is_complete_although_its_numbers_do_not_begin_with_1() {
    let db = database();
    let firehose = open(&db).await;
    let head = firehose.head();
    assert!(head > 1_000_000);
    assert_eq!(firehose.window().begin(Some(0)).unwrap(), Begin::After(head));
    let mut events = firehose.events(Some(0)).unwrap();
    assert!(events.next().now_or_never().is_none());
    Author::new(&db, "alice").await;
    assert_eq!(next(&mut events).await.seq, head + 1);
    assert_eq!(firehose.window().begin(Some(0)).unwrap(), Begin::After(head));
}

#[tokio::test]
async fn the_events_of_a_deleted_account_are_gone_and_no_reader_stumbles_over_that() {
    let (db, alice) = log(10).await;
    let bob = Author::new(&db, "bob").await;
    let firehose = open_with(&db, |settings| settings.preload = 4).await;
    let first = oldest(&db).await;
    let slow = reader(&firehose, first, reader::Missed::Fatal);
    let (id, event) =
        (alice.id, arobase::sync::AccountEvent::inactive(alice.did.clone(), arobase::sync::AccountStatus::Deleted));
    let delete = move |unit: &mut dyn crate::store::Unit| {
        unit.delete_account(id)?;
        unit.emit(id, event.into())
    };
    db.write(delete).await.unwrap();
    bob.emit(&db).await;
    let head = firehose.head();
    let left = [first + 10, head - 1, head];
    assert_eq!(take(firehose.events(Some(0)).unwrap(), 3).await, left);
    assert_eq!(take(firehose.events(Some(first + 9)).unwrap(), 3).await, left);
    assert_eq!(take(slow, 3).await, left);
}

#[tokio::test]
async fn a_rollback_limits_what_is_sent_of_the_past() {
    let (db, _) = log(20).await;
    let firehose = open_with(&db, |settings| settings.rollback = Some(10)).await;
    let head = firehose.head();
    let all: BTreeSet<i64> = take(firehose.events(Some(0)).unwrap(), 10).await.into_iter().collect();
    assert!(all.into_iter().eq(head - 9..=head));
}

#[tokio::test]
async fn numbers_that_are_skipped_leave_nobody_waiting() {
    let (db, author) = log(3).await;
    let firehose = open_with(&db, |settings| settings.preload = 1).await;
    let behind = firehose.head();
    let mut events = firehose.events(Some(behind)).unwrap();
    db.write(move |unit| unit.skip_to_seq(behind + 1_000)).await.unwrap();
    author.emit(&db).await;
    assert_eq!(next(&mut events).await.seq, behind + 1_001);
    let reopened = open_with(&db, |settings| settings.preload = 1).await;
    let mut events = reopened.events(Some(behind + 500)).unwrap();
    assert_eq!(next(&mut events).await.seq, behind + 1_001);
    assert!(events.next().now_or_never().is_none());
}
