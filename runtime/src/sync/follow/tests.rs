use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::stream;
use tokio::{net::TcpListener, sync::Notify, time::timeout};

use super::*;
use crate::{
    crypto::Signer,
    data::{Cid, CidLink, Map, Value, cbor},
    repo::{Commit, MemoryBlocks},
    server::{self, Failure, Route, Router},
    sync::{
        Event, Identity, Invalid, MemoryStates, Outcome, Rejected, Source, Stamp,
        state::{Ignored, Phase},
        test_repo::{Publisher, did, key, put, recommit, record},
    },
    test_watch::Native,
    xrpc::frame::{self, Frame},
};

const HOST: &str = "pds.example";

/// Everybody has the same key, and is here; but there are those who are found late or never.
#[derive(Default)]
struct Everybody {
    late: AtomicUsize,
}

impl crate::sync::Directory for Everybody {
    fn resolve<'a>(&'a self, did: &'a Did, _: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>> {
        // Some are found sooner than others.
        let steps = did.as_str().bytes().map(usize::from).sum::<usize>() % 7;
        Box::pin(async move {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            match did.as_str() {
                "did:web:never.example" => std::future::pending().await,
                "did:web:late.example" if self.late.fetch_add(1, Ordering::Relaxed) < 2 => return Err("late".into()),
                _ => {}
            }
            Ok(Some(Identity { key: key(7).public_key(), host: HOST.into() }))
        })
    }

    fn forget(&self, _: &Did) {}
}

/// A host: the messages that it has sent, and repositories as they would arrive.
#[derive(Default)]
struct Host {
    messages: Mutex<Vec<Value>>,
    is_over: Mutex<bool>,
    news: Notify,
    files: Mutex<HashMap<Did, Vec<Bytes>>>,
    /// Files that break off hang instead of ending.
    hangs: bool,
    fetches: AtomicUsize,
    may_fetch: Notify,
    taken: Mutex<MemoryBlocks>,
}

impl Host {
    /// Sends an event under its number.
    fn send(&self, seq: i64, event: impl Into<Event>) {
        let stamp = Stamp { seq, time: "2024-05-31T23:59:59.123Z".parse().unwrap() };
        let frame = event.into().to_frame(&stamp).unwrap();
        let Ok(Frame::Message { t, payload }) = frame::split(&frame, crate::data::Limits::DEFAULT) else {
            panic!("no message")
        };
        let Value::Map(mut map) = cbor::parse(&payload).unwrap() else { panic!("no map") };
        map.insert("$type".to_owned(), format!("{NSID}{t}").into());
        self.send_value(map);
    }

    fn send_value(&self, map: Map) {
        self.messages.lock().unwrap().push(Value::Map(map));
        self.news.notify_waiters();
    }

    fn end(&self) {
        *self.is_over.lock().unwrap() = true;
        self.news.notify_waiters();
    }

    /// What a subscriber gets who is at this place.
    async fn next(&self, place: usize) -> Option<Value> {
        loop {
            let news = self.news.notified();
            if let Some(message) = self.messages.lock().unwrap().get(place) {
                return Some(message.clone());
            }
            if *self.is_over.lock().unwrap() {
                return None;
            }
            news.await;
        }
    }

    /// Serves on a port of this machine.
    async fn serve(self: &Arc<Self>) -> Client {
        let host = Arc::clone(self);
        let route = Route::dynamic_subscription(&catalog(), NSID, move |_, params| {
            let host = Arc::clone(&host);
            let cursor = params.get("cursor").and_then(Value::as_int).unwrap_or_default();
            let messages = stream::unfold((host, 0), |(host, place)| async move {
                let message = host.next(place).await?;
                Some((Ok::<_, Failure>(message), (host, place + 1)))
            });
            let is_new = move |message: &Result<Value, Failure>| {
                let seq = message.as_ref().ok().and_then(|message| message.get("seq")?.as_int());
                std::future::ready(seq.is_none_or(|seq| seq > cursor))
            };
            async move { Ok(futures_util::StreamExt::filter(messages, is_new)) }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route(route.unwrap()).into_axum();
        tokio::spawn(server::serve(listener, app).into_future());
        Client::with_transport(format!("http://{address}"), Native).unwrap()
    }
}

impl Repositories for Host {
    fn fetch<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<CarStream, SourceError>> {
        Box::pin(async move {
            self.fetches.fetch_add(1, Ordering::Relaxed);
            self.may_fetch.notified().await;
            self.may_fetch.notify_one();
            let pieces = self.files.lock().unwrap().get(did).cloned().ok_or("there is no such repository")?;
            let pieces = stream::iter(pieces.into_iter().map(Ok));
            Ok(match self.hangs {
                true => Box::pin(futures_util::StreamExt::chain(pieces, stream::pending())) as CarStream,
                false => Box::pin(pieces),
            })
        })
    }

    fn take(&self, _: &Did, item: Item<'_>) -> Result<(), SourceError> {
        let (cid, bytes) = match item {
            Item::Commit(commit) => (commit.cid(), commit.bytes().to_vec()),
            Item::Node { cid, bytes } => (cid, bytes.to_vec()),
            Item::Record { cid, bytes, .. } => (cid.as_cid().ok_or("a strange record")?, bytes.to_vec()),
        };
        assert!(self.taken.lock().unwrap().insert(cid, bytes));
        Ok(())
    }

    fn blocks<'a>(&'a self, _: &Did) -> Box<dyn Blocks + 'a> {
        Box::new(self.taken.lock().unwrap().clone())
    }
}

struct World {
    host: Arc<Host>,
    client: Client,
    consumer: Arc<Consumer>,
    states: Arc<MemoryStates>,
    outcomes: Outcomes,
}

async fn follow(host: Host, cursor: Option<i64>) -> World {
    follow_with(host, cursor, |follower| follower).await
}

async fn follow_with(host: Host, cursor: Option<i64>, set: impl FnOnce(Follower) -> Follower) -> World {
    let (host, states) = (Arc::new(host), Arc::new(MemoryStates::new()));
    let client = host.serve().await;
    let consumer = Arc::new(Consumer::new(Source::Pds(HOST.into()), Arc::new(Everybody::default()), states.clone()));
    let follower = Follower::new(&client, Arc::clone(&consumer), host.clone())
        .cursor(cursor)
        .reconnect(Reconnect::never())
        .attempts(2, Duration::from_millis(5));
    let outcomes = set(follower).follow().await.unwrap();
    World { host, client, consumer, states, outcomes }
}

impl World {
    async fn next(&mut self) -> Option<Followed> {
        let next = timeout(Duration::from_secs(10), self.outcomes.next()).await.expect("something comes");
        next.map(Result::unwrap)
    }

    /// The numbers and words for so many outcomes.
    async fn words(&mut self, count: usize) -> Vec<(Option<i64>, String)> {
        let mut words = Vec::new();
        for _ in 0..count {
            let Followed { seq, outcome } = self.next().await.expect("more");
            words.push((seq, word(&outcome)));
        }
        words
    }
}

fn word(outcome: &Result<Outcome, FollowError>) -> String {
    let (what, did) = match outcome {
        Ok(Outcome::Commit(verified)) => ("commit", verified.commit().did()),
        Ok(Outcome::Fetched { did, .. }) => ("fetched", did),
        Ok(Outcome::Resync { did, .. }) => ("resync", did),
        Ok(Outcome::Queued(did)) => ("queued", did),
        Ok(Outcome::Ignored { did, reason: Ignored::Old }) => ("old", did),
        Ok(Outcome::Ignored { did, reason: Ignored::Desynchronized }) => ("dropped", did),
        Ok(Outcome::Rejected { did, .. }) => ("rejected", did),
        Err(FollowError::Fetch { did, .. }) => ("failed", did),
        Err(FollowError::Consumer { did: Some(did), .. }) => ("error", did),
        other => return format!("{other:?}"),
    };
    format!("{what} {}", &did.as_str()["did:web:".len()..][..1])
}

fn said(words: &[(Option<i64>, &str)]) -> Vec<(Option<i64>, String)> {
    words.iter().map(|(seq, word)| (*seq, (*word).to_owned())).collect()
}

/// A CAR file in small pieces.
fn pieces(file: &Bytes) -> Vec<Bytes> {
    file.chunks(700).map(Bytes::copy_from_slice).collect()
}

#[test]
fn the_client_knows_the_subscription() {
    assert!(catalog().method(NSID).is_ok());
}

#[tokio::test]
async fn a_lost_event_is_mended_by_a_fetch_while_others_go_on() {
    let mut world = follow(Host::default(), None).await;
    let host = Arc::clone(&world.host);
    let writes: Vec<_> = (0..40).map(|n| put(&n.to_string(), n)).collect();
    let ((mut a, first_a), (mut b, first_b)) = (Publisher::new("a", &writes), Publisher::new("b", &[]));
    host.send(1, first_a);
    host.send(2, first_b);
    host.send(3, a.write(&[put("x", 1)]));
    assert_eq!(world.words(3).await, said(&[(Some(1), "commit a"), (Some(2), "commit b"), (Some(3), "commit a")]));

    let _lost = a.write(&[put("y", 1)]);
    host.send(5, a.write(&[put("z", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(5), "resync a")]));
    assert!(timeout(Duration::from_millis(100), world.outcomes.next()).await.is_err());
    assert_eq!(host.fetches.load(Ordering::Relaxed), 1, "it is fetched at once");

    host.send(6, a.write(&[put("u", 1)]));
    host.send(7, b.write(&[put("u", 2)]));
    assert_eq!(world.words(2).await, said(&[(Some(6), "queued a"), (Some(7), "commit b")]));
    host.files.lock().unwrap().insert(did("a"), pieces(&a.export()));
    host.send(8, a.write(&[put("v", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(8), "queued a")]));
    host.may_fetch.notify_one();
    assert_eq!(world.words(3).await, said(&[(None, "fetched a"), (None, "old a"), (None, "commit a")]));

    host.send(9, a.write(&[put("w", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(9), "commit a")]));
    assert_eq!(world.states.get(&did("a")).unwrap(), crate::sync::RepoState::at(a.head()));
    assert!(host.taken.lock().unwrap().block(&Cid::of_cbor(&record(39))).is_some(), "records were handed over");
    host.end();
    assert!(world.next().await.is_none());
}

#[tokio::test]
async fn a_repository_that_cannot_be_fetched_is_left_alone_for_a_while() {
    let mut world = follow(Host::default(), None).await;
    let host = Arc::clone(&world.host);
    host.may_fetch.notify_one();
    let (mut a, _) = Publisher::new("a", &[]);
    host.send(1, a.write(&[put("x", 1)]));
    assert_eq!(world.words(3).await, said(&[(Some(1), "resync a"), (None, "failed a"), (None, "failed a")]));
    host.send(2, a.write(&[put("y", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(2), "dropped a")]));
    host.end();
    assert!(world.next().await.is_none());
    assert_eq!(host.fetches.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_was_lost_before_the_program_started_is_fetched() {
    let mut world = follow(Host::default(), None).await;
    let (mut a, _) = Publisher::new("a", &[put("x", 1)]);
    let lost = crate::sync::RepoState::from_parts(None, Phase::Desynchronized, true, None);
    world.states.set(did("a"), lost);
    world.host.files.lock().unwrap().insert(did("a"), pieces(&a.export()));
    world.host.may_fetch.notify_one();
    world.host.send(1, a.write(&[put("y", 1)]));
    assert_eq!(world.words(2).await, said(&[(Some(1), "dropped a"), (None, "fetched a")]));
}

#[tokio::test]
async fn a_repository_of_somebody_else_is_refused_with_its_first_block() {
    let mut world = follow(Host { hangs: true, ..Host::default() }, None).await;
    let (mut a, _) = Publisher::new("a", &[put("x", 1)]);
    let forged: Commit = recommit(a.repo.commit(), &key(8), |_| {});
    let mut file = crate::repo::car::header(&[forged.cid()]).to_vec();
    crate::repo::car::put_block(&mut file, &CidLink::from(forged.cid()), forged.bytes());
    world.host.files.lock().unwrap().insert(did("a"), vec![file.into()]);
    world.host.may_fetch.notify_one();
    world.host.send(1, a.write(&[put("y", 1)]));
    world.next().await.unwrap();
    let Err(FollowError::Fetch { error: FetchError::Rejected(Rejected::Invalid(error)), .. }) =
        world.next().await.unwrap().outcome
    else {
        panic!("not refused")
    };
    assert!(matches!(*error, Invalid::Signature));
}

#[tokio::test]
async fn a_malformed_event_is_named_and_passed_over() {
    let mut world = follow(Host::default(), None).await;
    let (_, first) = Publisher::new("a", &[]);
    let broken = [("$type", Value::from(format!("{NSID}#commit"))), ("seq", 1.into()), ("ops", 5.into())];
    world.host.send_value(broken.into_iter().collect());
    world.host.send(2, first);
    let Followed { seq, outcome } = world.next().await.unwrap();
    assert_eq!(seq, Some(1));
    assert!(matches!(outcome, Err(FollowError::Malformed(_))), "{outcome:?}");
    assert_eq!(world.words(1).await, said(&[(Some(2), "commit a")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outcomes_come_in_the_order_of_their_events() {
    let mut world = follow(Host::default(), Some(3)).await;
    let mut publishers: Vec<Publisher> =
        ["a", "b", "c", "d", "e"].iter().map(|name| Publisher::new(name, &[]).0).collect();
    let mut seq = 0;
    for round in 0..20 {
        for publisher in &mut publishers {
            seq += 1;
            let event = publisher.write(&[put("x", round), put("y", 7 * round)]);
            if round == 0 {
                world.states.set(publisher.did(), crate::sync::RepoState::at(publisher.head()));
            } else {
                world.host.send(seq, event);
            }
        }
    }
    for expected in 6..=seq {
        let Followed { seq, outcome } = world.next().await.unwrap();
        assert_eq!(seq, Some(expected));
        assert!(matches!(outcome, Ok(Outcome::Commit(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_follower_begins_behind_its_cursor() {
    let mut world = follow(Host::default(), Some(1)).await;
    let (mut a, first) = Publisher::new("a", &[]);
    world.states.set(did("a"), crate::sync::RepoState::at(a.head()));
    world.host.send(1, first);
    world.host.send(2, a.write(&[put("x", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(2), "commit a")]));
}

#[tokio::test]
async fn a_fetch_that_was_given_up_with_its_follower_is_made_by_the_next() {
    let mut world = follow(Host::default(), None).await;
    let host = Arc::clone(&world.host);
    let (mut a, _) = Publisher::new("a", &[]);
    host.send(1, a.write(&[put("x", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(1), "resync a")]));
    while host.fetches.load(Ordering::Relaxed) == 0 {
        assert!(timeout(Duration::from_millis(5), world.outcomes.next()).await.is_err());
    }
    let (consumer, client) = (Arc::clone(&world.consumer), world.client.clone());
    drop(world.outcomes);
    host.files.lock().unwrap().insert(did("a"), pieces(&a.export()));
    host.may_fetch.notify_one();
    host.send(2, a.write(&[put("y", 1)]));
    world.outcomes = Follower::new(&client, consumer, host.clone()).cursor(1).follow().await.unwrap();
    let words = world.words(3).await;
    assert_eq!(words, said(&[(Some(2), "queued a"), (None, "fetched a"), (None, "commit a")]));
}

#[tokio::test]
async fn a_directory_that_fails_is_asked_again() {
    let mut world = follow(Host::default(), None).await;
    world.host.send(1, Publisher::new("late", &[]).1);
    assert_eq!(world.words(1).await, said(&[(Some(1), "commit l")]));
}

#[tokio::test]
async fn an_event_that_cannot_be_taken_in_holds_the_others_up_for_a_while_and_makes_a_gap() {
    let patience = Duration::from_millis(50);
    let mut world = follow_with(Host::default(), None, |follower| follower.patience(patience)).await;
    let (mut never, first) = Publisher::new("never", &[]);
    world.host.send(1, first);
    world.host.send(2, Publisher::new("a", &[]).1);
    assert_eq!(world.words(2).await, said(&[(Some(1), "error n"), (Some(2), "commit a")]));
    assert_eq!(world.states.get(&did("never")).unwrap().phase(), Phase::Desynchronized);
    world.host.send(3, never.write(&[put("x", 1)]));
    let words = world.words(1).await;
    assert!(words[0].1 == "dropped n" || words[0].1 == "queued n", "it is fetched: {words:?}");
}

#[tokio::test]
async fn a_repository_that_stops_arriving_is_given_up() {
    let host = Host { hangs: true, ..Host::default() };
    let (idle, whole) = (Duration::from_millis(50), Duration::from_secs(9));
    let mut world = follow_with(host, None, |follower| follower.timeouts(idle, whole)).await;
    let (mut a, _) = Publisher::new("a", &[put("x", 1)]);
    world.host.files.lock().unwrap().insert(did("a"), pieces(&a.export()));
    world.host.may_fetch.notify_one();
    world.host.send(1, a.write(&[put("y", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(1), "resync a")]));
    for _ in 0..2 {
        let outcome = world.next().await.unwrap().outcome;
        let Err(FollowError::Fetch { error: FetchError::TimedOut(after), .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(after, idle);
    }
    assert_eq!(world.host.fetches.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_repository_may_not_take_for_ever() {
    let host = Host { hangs: true, ..Host::default() };
    let (idle, whole) = (Duration::from_secs(9), Duration::from_millis(50));
    let mut world = follow_with(host, None, |follower| follower.timeouts(idle, whole)).await;
    let (mut a, _) = Publisher::new("a", &[put("x", 1)]);
    world.host.files.lock().unwrap().insert(did("a"), pieces(&a.export()));
    world.host.may_fetch.notify_one();
    world.host.send(1, a.write(&[put("y", 1)]));
    assert_eq!(world.words(2).await, said(&[(Some(1), "resync a"), (None, "failed a")]));
}

#[tokio::test]
async fn outcomes_from_before_a_fetch_start_no_other() {
    let mut world = follow(Host::default(), None).await;
    let host = Arc::clone(&world.host);
    let (mut a, _) = Publisher::new("a", &[]);
    // What is worked on while nobody asks for outcomes is handed out after the fetch.
    for seq in 1..=5 {
        host.send(seq, a.write(&[put(&seq.to_string(), 1)]));
    }
    host.files.lock().unwrap().insert(did("a"), pieces(&a.export()));
    host.may_fetch.notify_one();
    let words = world.words(6).await;
    assert_eq!(words[0], (Some(1), "resync a".to_owned()));
    while timeout(Duration::from_millis(100), world.outcomes.next()).await.is_ok() {}
    host.send(6, a.write(&[put("x", 1)]));
    assert_eq!(world.words(1).await, said(&[(Some(6), "commit a")]));
    assert_eq!(host.fetches.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_repository_that_keeps_up_is_not_fetched() {
    let world = follow(Host::default(), None).await;
    let (a, _) = Publisher::new("a", &[]);
    world.states.set(did("a"), crate::sync::RepoState::at(a.head()));
    assert!(!world.consumer.begin_if_missing(&did("a")).await.unwrap());
    world.consumer.lost(&did("a")).await.unwrap();
    assert!(world.consumer.begin_if_missing(&did("a")).await.unwrap());
}

#[tokio::test]
async fn a_number_that_is_none_spoils_no_cursor() {
    let mut world = follow(Host::default(), None).await;
    let broken = [("$type", Value::from(format!("{NSID}#commit"))), ("seq", i64::MAX.into())];
    world.host.send_value(broken.into_iter().collect());
    let Followed { seq, outcome } = world.next().await.unwrap();
    assert!(matches!(outcome, Err(FollowError::Malformed(_))), "{outcome:?}");
    assert_eq!(seq, None);
}
