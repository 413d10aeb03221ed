use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use arobase::{
    client::{Transport, TransportError},
    server,
    xrpc::{Body, BoxFuture},
};
use http::{Request, Response};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};

use super::*;
use crate::{
    firehose::testing::{Author, database},
    store::Database,
    testing,
};

const INTERVAL: Duration = Duration::from_secs(20 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// What a relay does with a notice.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Hears,
    Fails,
    Stalls,
    Bans,
}

/// A relay that notes when it was told what, and by default hears everything.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    moods: VecDeque<Mood>,
    notices: Vec<(Instant, String)>,
}

impl Fake {
    fn moods(self, moods: impl IntoIterator<Item = Mood>) -> Self {
        self.state().moods.extend(moods);
        self
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self) -> usize {
        self.state().notices.len()
    }

    /// How long after a time it was told, in seconds.
    fn times(&self, start: Instant) -> Vec<u64> {
        self.state().notices.iter().map(|(time, _)| (*time - start).as_secs()).collect()
    }
}

impl Transport for Fake {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let said = format!("{} {} {:?}", request.method(), request.uri(), request.body().as_bytes());
        let mut state = self.state();
        state.notices.push((Instant::now(), said));
        let mood = state.moods.pop_front().unwrap_or(Mood::Hears);
        Box::pin(async move {
            let status = match mood {
                Mood::Hears => 200,
                Mood::Fails => 502,
                Mood::Stalls => std::future::pending().await,
                Mood::Bans => 400,
            };
            let name = if status == 400 { "HostBanned" } else { "UpstreamFailure" };
            let body = Body::new(format!(r#"{{"error":"{name}"}}"#));
            Ok(Response::builder().status(status).header("content-type", "application/json").body(body).unwrap())
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(sleep(duration))
    }
}

/// What relays are told about.
struct World {
    db: Database,
    start: Instant,
    is_followed: Arc<AtomicBool>,
}

/// A server that tells fake relays, from now on.
async fn telling(relays: &[&Fake]) -> World {
    let (db, mut settings) = (database(), testing::settings());
    settings.crawl_interval = INTERVAL;
    let client = |relay: &&Fake| Client::with_transport("https://relay.example.com", (*relay).clone()).unwrap();
    let crawlers = Crawlers::of(relays.iter().map(|relay| client(relay).with_timeout(TIMEOUT)).collect(), &settings);
    let firehose = Firehose::open(db.clone(), &settings).await.unwrap();
    let is_followed = Arc::new(AtomicBool::default());
    let world = World { db, start: Instant::now(), is_followed: Arc::clone(&is_followed) };
    tokio::spawn(async move { crawlers.follow(&firehose, &|| is_followed.load(Ordering::Relaxed)).await });
    sleep(Duration::from_millis(1)).await;
    world
}

impl World {
    fn followed(self, is_followed: bool) -> Self {
        self.is_followed.store(is_followed, Ordering::Relaxed);
        self
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_is_told_at_the_start_under_which_name_the_server_is_reached() {
    let relay = Fake::default();
    let _world = telling(&[&relay]).await;
    let said = relay.state().notices[0].1.clone();
    assert!(said.starts_with("POST https://relay.example.com/xrpc/com.atproto.sync.requestCrawl "), "{said}");
    assert!(said.contains(r#"{\"hostname\":\"localhost:2583\"}"#), "{said}");
}

#[tokio::test(start_paused = true)]
async fn without_events_there_is_nothing_more_to_say() {
    let relay = Fake::default();
    let _world = telling(&[&relay]).await;
    sleep(INTERVAL * 50).await;
    assert_eq!(relay.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_event_of_a_burst_is_announced_at_the_end_of_the_interval() {
    let relay = Fake::default();
    let World { db, start, .. } = telling(&[&relay]).await.followed(true);
    let alice = Author::new(&db, "alice").await;
    for _ in 0..100 {
        alice.emit(&db).await;
        sleep(MINUTE / 10).await;
    }
    assert_eq!(relay.count(), 1);
    sleep(INTERVAL * 3).await;
    assert_eq!(relay.times(start), [0, 1_200]);
}

#[tokio::test(start_paused = true)]
async fn an_event_after_a_quiet_time_is_announced_at_once() {
    let relay = Fake::default();
    let World { db, start, .. } = telling(&[&relay]).await.followed(true);
    sleep(INTERVAL * 3 + MINUTE).await;
    let alice = Author::new(&db, "alice").await;
    sleep(MINUTE).await;
    assert_eq!(relay.times(start), [0, 3_660]);
    alice.emit(&db).await;
    sleep(INTERVAL).await;
    assert_eq!(relay.times(start), [0, 3_660, 4_860]);
}

#[tokio::test(start_paused = true)]
async fn as_long_as_nobody_is_subscribed_it_is_said_again_and_again() {
    let relay = Fake::default();
    let world = telling(&[&relay]).await;
    Author::new(&world.db, "alice").await;
    sleep(INTERVAL * 4 + MINUTE).await;
    assert_eq!(relay.times(world.start), [0, 1_200, 2_400, 3_600, 4_800]);
    let world = world.followed(true);
    sleep(INTERVAL * 5).await;
    assert_eq!(relay.count(), 5);
    let world = world.followed(false);
    sleep(INTERVAL * 2).await;
    assert_eq!(relay.times(world.start)[5..], [12_000, 13_200]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_after_ever_longer_pauses() {
    let relay = Fake::default().moods([Mood::Fails; 9]);
    let World { start, .. } = telling(&[&relay]).await;
    sleep(INTERVAL * 6).await;
    assert_eq!(relay.times(start), [0, 10, 30, 70, 150, 310, 630, 1_270, 2_470, 3_670]);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_does_not_answer_is_a_failure() {
    let relay = Fake::default().moods([Mood::Stalls]);
    let World { start, .. } = telling(&[&relay]).await;
    sleep(INTERVAL).await;
    assert_eq!(relay.times(start), [0, 40]);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_wants_nothing_of_us_is_not_asked_sooner_again() {
    let relay = Fake::default().moods([Mood::Bans; 2]);
    let World { db, start, .. } = telling(&[&relay]).await;
    Author::new(&db, "alice").await;
    sleep(INTERVAL * 2 + MINUTE).await;
    assert_eq!(relay.times(start), [0, 1_200, 2_400]);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_fails_keeps_no_other_waiting() {
    let (bad, good) = (Fake::default().moods([Mood::Stalls; 1_000]), Fake::default());
    let World { db, start, .. } = telling(&[&bad, &good]).await;
    Author::new(&db, "alice").await;
    sleep(INTERVAL + MINUTE).await;
    assert_eq!(good.times(start), [0, 1_200]);
}

#[tokio::test]
async fn without_relays_it_is_over_at_once() {
    let pds = testing::pds().await;
    timeout(MINUTE, Crawlers::run(pds)).await.unwrap();
}

#[tokio::test]
async fn an_address_that_is_none_is_passed_over() {
    let mut settings = testing::settings();
    settings.crawlers = vec!["relay.example.com".into(), "https://relay.example.com".into()];
    assert_eq!(Crawlers::new(&settings).relays.len(), 1);
}

#[tokio::test]
async fn a_relay_is_told_through_a_real_socket() {
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let note = move |body: String| {
        heard.send(body).unwrap();
        std::future::ready(())
    };
    let app = axum::Router::new().route("/xrpc/com.atproto.sync.requestCrawl", axum::routing::post(note));
    tokio::spawn(server::serve(listener, app).into_future());
    let mut builder = testing::builder(crate::store::MemoryStore::new());
    builder.settings.crawlers = vec![url.into()];
    builder.settings.crawl_interval = Duration::from_millis(20);
    let pds = builder.build().await.unwrap();
    tokio::spawn(Crawlers::run(pds.clone()));
    for _ in 0..2 {
        assert_eq!(timeout(MINUTE, hears.recv()).await.unwrap().unwrap(), r#"{"hostname":"localhost:2583"}"#);
        Author::new(pds.database(), &format!("a{}", pds.inner.now())).await;
    }
}
