//! Subscribers that are stuck or say much, a server that goes down, and what is logged of a socket.

use std::sync::{Mutex, atomic::AtomicUsize};

use tracing::{Dispatch, Event, Metadata, Subscriber as Tracing, span};

use super::*;

/// A stream that never ends, of messages that soon fill what lies between both sides.
fn flood() -> impl Stream<Item = Result<Message, Failure<test_watch::Error>>> {
    stream::repeat_with(|| Ok(info(&"x".repeat(100_000))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_goes_down_does_not_wait_for_who_does_not_read() {
    let settings = SocketSettings::new().send_timeout(Duration::from_secs(60));
    let server = Server::with(settings, |_| Ok(Events::new(flood()))).await;
    let _stuck = server.raw("").await.unwrap();
    let mut frames = 0;
    loop {
        sleep(Duration::from_millis(200)).await;
        let [subscriber] = &*server.subscribers.list() else { continue };
        if std::mem::replace(&mut frames, subscriber.frames) == subscriber.frames {
            break;
        }
    }
    timeout(Duration::from_secs(10), server.subscribers.shut_down()).await.expect("it is given up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_a_ping_that_came_while_a_write_was_stuck_counts() {
    let reader = || async {
        let settings = SocketSettings::new()
            .ping_interval(Duration::from_millis(100))
            .pong_timeout(Duration::from_millis(300))
            .send_timeout(Duration::from_secs(20));
        let late = stream::once(sleep(Duration::from_millis(150))).map(|()| Ok(info("a")));
        let late = std::sync::Mutex::new(Some(late.chain(flood())));
        let server = Server::with(settings, move |_| Ok(Events::new(late.lock().unwrap().take().unwrap()))).await;
        let mut socket = server.raw("").await.unwrap();
        sleep(Duration::from_millis(400)).await;
        socket.send(Ws::Pong(Bytes::new())).await.unwrap();
        sleep(Duration::from_millis(600)).await;
        let reading = async { while let Some(Ok(_)) = socket.next().await {} };
        // Longer than a ping takes to be missed, and shorter than the next one would take.
        let _ = timeout(Duration::from_millis(300), reading).await;
        server.subscribers.count(NSID)
    };
    let counts = futures_util::future::join_all((0..8).map(|_| reader())).await;
    assert_eq!(counts, [1; 8]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_pings_and_does_not_read_is_dropped() {
    let settings = SocketSettings::new().send_timeout(Duration::from_millis(300));
    let server = Server::with(settings, endless).await;
    let mut socket = server.raw("").await.unwrap();
    let ping = [&[0x89, 0x80 | 125, 0, 0, 0, 0][..], &[b'x'; 125]].concat();
    let pings = ping.repeat(8_000);
    // Far more than what the system keeps on the way there and back.
    let sending = async {
        for _ in 0..64 {
            socket.get_mut().write_all(&pings).await?;
        }
        Ok::<_, std::io::Error>(())
    };
    let sent = timeout(Duration::from_secs(30), sending).await.expect("it is read, or dropped");
    assert!(sent.is_err(), "all of it was read, and the answers kept");
    server.until(0).await;
}

#[tokio::test]
async fn subscriptions_end_with_the_server() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let subscribers = Subscribers::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let route = Route::subscription(|_: Context, query: Watch| std::future::ready(endless(query)));
    let app = Router::new().route(route).subscribers(subscribers.clone()).into_axum();
    let serving = serve(listener, app).subscribers(subscribers.clone()).shutdown(async { drop(stopped.await) });
    let serving = tokio::spawn(serving.into_future());
    let server = Server { address, subscribers };
    let mut socket = server.raw("").await.unwrap();
    server.until(1).await;
    stop.send(()).unwrap();
    assert_eq!(all_raw(&mut socket).await, ["1001 the server is going down"]);
    timeout(Duration::from_secs(5), serving).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn little_is_kept_of_what_a_subscriber_says_about_itself() {
    let server = Server::of(endless).await;
    let query = format!("x={}", "y".repeat(10_000));
    let mut request = tungstenite::client::IntoClientRequest::into_client_request(format!(
        "ws://{}/xrpc/{NSID}?{query}",
        server.address
    ))
    .unwrap();
    request.headers_mut().insert("user-agent", "z".repeat(10_000).parse().unwrap());
    let (_socket, _) = connect_async(request).await.unwrap();
    server.until(1).await;
    let [subscriber] = &*server.subscribers.list() else { panic!("one is listed") };
    assert_eq!(&*subscriber.query, &query[..256]);
    assert_eq!(subscriber.user_agent.as_deref(), Some(&*"z".repeat(256)));
}

/// Remembers of each event whether it came inside a span.
#[derive(Clone, Default)]
struct Inside {
    events: Arc<Mutex<Vec<bool>>>,
    depth: Arc<AtomicUsize>,
}

impl Tracing for Inside {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("arobase")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.events.lock().unwrap().push(self.depth.load(Ordering::Relaxed) > 0);
    }

    fn enter(&self, _: &span::Id) {
        self.depth.fetch_add(1, Ordering::Relaxed);
    }

    fn exit(&self, _: &span::Id) {
        self.depth.fetch_sub(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn what_a_subscription_logs_is_in_the_span_of_its_request() {
    let log = Inside::default();
    // With one subscriber alone, what other threads log first would be switched off for all.
    let _second = Dispatch::new(Inside::default());
    let guard = tracing::subscriber::set_default(log.clone());
    let server = Server::of(|_| Ok(Events::new(messages([tick(0)])))).await;
    all_raw(&mut server.raw("").await.unwrap()).await;
    drop(guard);
    assert_eq!(*log.events.lock().unwrap(), [true]);
}
