mod rough;

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context as Task, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{SinkExt, StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message as Ws, protocol::CloseFrame},
};

use super::SocketSettings;
use crate::{
    client::{Client, Error, Messages, Subscribe},
    data::Limits,
    server::{Broadcast, Context, Events, Failure, Route, Router, Start, Subscribers, serve},
    test_watch::{self, Message, NSID, Native, Watch, info, shown, shown_frame, tick, tick_of},
    xrpc::frame::{self, Frame},
};

type Outcome = Result<Events<Watch>, Failure<test_watch::Error>>;
type Raw = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A server with one subscription, and what is known about its subscribers.
struct Server {
    address: SocketAddr,
    subscribers: Subscribers,
}

impl Server {
    async fn of(handler: impl Fn(Watch) -> Outcome + Send + Sync + 'static) -> Self {
        Self::with(SocketSettings::new(), handler).await
    }

    async fn with(settings: SocketSettings, handler: impl Fn(Watch) -> Outcome + Send + Sync + 'static) -> Self {
        let route = Route::subscription(move |_: Context, query: Watch| std::future::ready(handler(query)));
        Self::serve(Router::new().route(route).sockets(settings)).await
    }

    async fn serve(router: Router) -> Self {
        let subscribers = Subscribers::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, router.subscribers(subscribers.clone()).into_axum()).into_future());
        Self { address, subscribers }
    }

    fn subscribe(&self, cursor: Option<i64>) -> Subscribe<Watch> {
        let client = Client::with_transport(format!("http://{}", self.address), Native).unwrap();
        Subscribe::new(&client, Watch { cursor })
    }

    async fn open(&self, cursor: Option<i64>) -> Messages<Watch> {
        self.subscribe(cursor).await.unwrap()
    }

    /// A connection without our client.
    async fn raw(&self, query: &str) -> Result<Raw, tungstenite::Error> {
        connect_async(format!("ws://{}/xrpc/{NSID}?{query}", self.address)).await.map(|(socket, _)| socket)
    }

    /// The answer to a request in plain HTTP.
    async fn http(&self, head: &str) -> String {
        let mut tcp = TcpStream::connect(self.address).await.unwrap();
        tcp.write_all(format!("{head}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        tcp.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Waits until there are so many subscribers.
    async fn until(&self, count: usize) {
        let reached = async {
            while self.subscribers.count(NSID) != count {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(5), reached).await.expect("the subscribers come or go");
    }
}

/// All that comes, in short, with the error at its end.
async fn all(messages: &mut Messages<Watch>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(item) = messages.next().await {
        all.push(item.map_or_else(|error| error.to_string(), |message| shown(&message)));
    }
    all
}

/// All that comes through a raw connection, in short, with the close code and its reason.
async fn all_raw(socket: &mut Raw) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(Ok(message)) = socket.next().await {
        match message {
            Ws::Binary(frame) => all.push(shown_frame(&frame)),
            Ws::Close(Some(CloseFrame { code, reason })) => all.push(format!("{} {reason}", u16::from(code))),
            other => all.push(format!("{other:?}")),
        }
    }
    all
}

fn messages<const N: usize>(messages: [Message; N]) -> impl Stream<Item = Result<Message, Failure<test_watch::Error>>> {
    stream::iter(messages.map(Ok))
}

/// A stream without messages that says when it is dropped.
struct Endless(Arc<AtomicBool>);

impl Stream for Endless {
    type Item = Result<Message, Failure<test_watch::Error>>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn endless(_: Watch) -> Outcome {
    Ok(Events::new(stream::pending()))
}

#[tokio::test]
async fn messages_arrive_in_order_and_the_end_is_normal() {
    let server = Server::of(|_| Ok(Events::new(messages([tick(1), info("Note"), tick(2)])))).await;
    assert_eq!(all(&mut server.open(None).await).await, ["1", "Note", "2"]);
    assert_eq!(all_raw(&mut server.raw("").await.unwrap()).await, ["1", "Note", "2", "1000 "]);
}

#[tokio::test]
async fn many_messages_and_long_ones_arrive_whole() {
    let text = "x".repeat(300_000);
    let long: Vec<_> = (1..=40).map(|seq| tick_of(seq, if seq % 4 == 0 { &*text } else { "" })).collect();
    let server = Server::of(move |_| Ok(Events::new(stream::iter(long.clone().into_iter().map(Ok))))).await;
    let expected: Vec<_> = (1..=40).map(|seq| seq.to_string()).collect();
    assert_eq!(all(&mut server.open(None).await).await, expected);
}

#[tokio::test]
async fn a_request_without_an_upgrade_is_answered_with_426() {
    let server = Server::of(endless).await;
    let answer = server.http(&format!("GET /xrpc/{NSID} HTTP/1.1")).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 426"), "{answer}");
    assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{answer}");
    assert!(answer.lines().any(|line| line.starts_with("connection:") && line.contains("upgrade")), "{answer}");
    assert!(answer.contains(r#"{"error":"invalidrequest","message":"#), "{answer}");
}

#[tokio::test]
async fn other_methods_than_get_are_answered_with_405() {
    let server = Server::of(endless).await;
    for method in ["POST", "PUT", "DELETE"] {
        let answer = server.http(&format!("{method} /xrpc/{NSID} HTTP/1.1\r\ncontent-length: 0")).await.to_lowercase();
        assert!(answer.starts_with("http/1.1 405") && answer.contains("\r\nallow: get"), "{answer}");
    }
}

#[tokio::test]
async fn upgrade_headers_may_list_other_tokens() {
    let server = Server::of(|_| Ok(Events::new(messages([tick(1)])))).await;
    let mut tcp = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "GET /xrpc/{NSID} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nConnection: x, UPGRADE\r\n\
         Upgrade: h2c, WebSocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    tcp.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    tcp.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
}

#[tokio::test]
async fn other_versions_of_the_protocol_are_answered_with_426() {
    let server = Server::of(endless).await;
    let head = format!(
        "GET /xrpc/{NSID} HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: \
         dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8"
    );
    let answer = server.http(&head).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 426") && answer.contains("sec-websocket-version: 13"), "{answer}");
}

#[tokio::test]
async fn bad_parameters_are_an_error_frame() {
    let server = Server::of(endless).await;
    for query in ["cursor=abc", "cursor=1&cursor=2", "cursor=99999999999999999999"] {
        let got = all_raw(&mut server.raw(query).await.unwrap()).await;
        assert_eq!(got, ["error InvalidRequest", "1008 InvalidRequest"], "{query}");
    }
    assert_eq!(server.subscribers.count(NSID), 0);
}

#[tokio::test]
async fn a_future_cursor_is_a_declared_error() {
    let server = Server::of(|query| {
        Start::at(query.cursor, Some(5), Some(1))?;
        Ok(Events::new(stream::pending()))
    })
    .await;
    let got = all_raw(&mut server.raw("cursor=6").await.unwrap()).await;
    assert_eq!(got, ["error FutureCursor", "1008 FutureCursor"]);
    let item = server.open(Some(6)).await.next().await;
    assert!(matches!(item, Some(Err(Error::Declared(test_watch::Error::FutureCursor(Some(_)))))));
}

#[tokio::test]
async fn an_error_comes_after_the_messages_before_it() {
    let failing = |_| {
        let too_slow = Failure::declared(test_watch::Error::ConsumerTooSlow(Some("sorry".into())));
        Ok(Events::new(messages([tick(1)]).chain(stream::once(async { Err(too_slow) }))))
    };
    let server = Server::of(failing).await;
    let got = all_raw(&mut server.raw("").await.unwrap()).await;
    assert_eq!(got, ["1", "error ConsumerTooSlow", "1008 ConsumerTooSlow"]);
}

#[tokio::test]
async fn an_internal_failure_shows_no_detail() {
    let servers = [
        Server::of(|_| Err(Failure::internal("secret detail"))).await,
        Server::of(|_| Ok(Events::new(stream::iter([Err(Failure::internal("secret detail"))])))).await,
        Server::of(|_| panic!("secret detail")).await,
        Server::of(|_| Ok(Events::new(stream::poll_fn(|_| panic!("secret detail"))))).await,
        Server::of(|_| Ok(Events::new(messages([tick(0)])))).await,
    ];
    for server in servers {
        let mut socket = server.raw("").await.unwrap();
        let Some(Ok(Ws::Binary(bytes))) = socket.next().await else { panic!("an error frame") };
        let frame = frame::split(&bytes, Limits::DEFAULT).unwrap();
        assert_eq!(frame, Frame::Error { name: "InternalServerError".into(), message: None });
        assert_eq!(all_raw(&mut socket).await, ["1011 InternalServerError"]);
    }
}

#[tokio::test]
async fn a_method_that_is_not_implemented_says_so() {
    let server = Server::of(|_| Err(Failure::not_implemented())).await;
    let got = all_raw(&mut server.raw("").await.unwrap()).await;
    assert_eq!(got, ["error MethodNotImplemented", "1011 MethodNotImplemented"]);
}

#[tokio::test]
async fn authentication_comes_after_the_parameters_and_before_the_handler() {
    let route = Route::subscription(|cx: Context, _: Watch| async move {
        let name = cx.get::<String>().cloned().unwrap_or_default();
        Ok(Events::new(stream::iter([Ok(info(&name))])))
    });
    let authenticate = |cx: Context| async move {
        let token = cx.headers().get("authorization").and_then(|value| value.to_str().ok());
        token.map(str::to_owned).ok_or_else(|| Failure::unauthorized("who are you?"))
    };
    let server = Server::serve(Router::new().route(route).authenticate(authenticate)).await;
    let got = all_raw(&mut server.raw("").await.unwrap()).await;
    assert_eq!(got, ["error AuthenticationRequired", "1008 AuthenticationRequired"]);
    let got = all_raw(&mut server.raw("cursor=x").await.unwrap()).await;
    assert_eq!(got, ["error InvalidRequest", "1008 InvalidRequest"]);
    let known = server.subscribe(None).header("authorization", "Bearer me");
    assert_eq!(all(&mut known.await.unwrap()).await, ["Bearer me"]);
}

#[tokio::test]
async fn incoming_messages_are_ignored_and_pings_answered() {
    let broadcast = Broadcast::<Watch>::new(4);
    let server = {
        let broadcast = broadcast.clone();
        Server::of(move |_| Ok(broadcast.subscribe())).await
    };
    let mut socket = server.raw("").await.unwrap();
    server.until(1).await;
    for message in [Ws::text("hello"), Ws::binary(vec![1, 2, 3]), Ws::Ping(Bytes::from_static(b"?"))] {
        socket.send(message).await.unwrap();
    }
    assert_eq!(socket.next().await.unwrap().unwrap(), Ws::Pong(Bytes::from_static(b"?")));
    while broadcast.subscribers() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    broadcast.publish(&tick(1)).unwrap();
    broadcast.close();
    assert_eq!(all_raw(&mut socket).await, ["1", "1000 "]);
}

#[tokio::test]
async fn a_long_incoming_message_ends_the_subscription() {
    let server = Server::of(endless).await;
    let mut socket = server.raw("").await.unwrap();
    server.until(1).await;
    // The server may hang up before all of it is written.
    let _ = socket.send(Ws::binary(vec![0; 1 << 20])).await;
    server.until(0).await;
}

#[tokio::test]
async fn a_subscriber_is_listed_until_it_goes_and_its_stream_goes_with_it() {
    let dropped = Arc::new(AtomicBool::new(false));
    let watched = Arc::clone(&dropped);
    let server = Server::of(move |_| {
        let endless = Endless(Arc::clone(&watched));
        Ok(Events::new(messages([tick(1)]).chain(endless)))
    })
    .await;
    let mut request = tungstenite::client::IntoClientRequest::into_client_request(format!(
        "ws://{}/xrpc/{NSID}?cursor=0",
        server.address
    ))
    .unwrap();
    request.headers_mut().insert("user-agent", "test/1".parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    socket.next().await.unwrap().unwrap();
    let [subscriber] = &*server.subscribers.list() else { panic!("one is listed") };
    assert_eq!((&*subscriber.nsid, &*subscriber.query, subscriber.frames), (NSID, "cursor=0", 1));
    assert_eq!(subscriber.user_agent.as_deref(), Some("test/1"));
    assert!(subscriber.ip.is_some_and(|ip| ip.is_loopback()));
    assert!(!dropped.load(Ordering::Relaxed));
    drop(socket);
    server.until(0).await;
    assert!(dropped.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_subscriber_that_says_goodbye_gets_an_answer() {
    let server = Server::of(endless).await;
    let mut socket = server.raw("").await.unwrap();
    server.until(1).await;
    socket.close(None).await.unwrap();
    assert_eq!(all_raw(&mut socket).await, ["Close(None)"]);
    server.until(0).await;
}

#[tokio::test]
async fn the_handler_ends_when_the_subscriber_goes_before_it_answers() {
    let dropped = Arc::new(AtomicBool::new(false));
    let watched = Arc::clone(&dropped);
    let route = Route::subscription(move |_: Context, _: Watch| {
        let mut endless = Endless(Arc::clone(&watched));
        async move {
            endless.next().await;
            Ok(Events::new(stream::empty()))
        }
    });
    let server = Server::serve(Router::new().route(route)).await;
    let socket = server.raw("").await.unwrap();
    server.until(1).await;
    drop(socket);
    server.until(0).await;
    assert!(dropped.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_subscriber_that_answers_no_ping_is_gone() {
    let short = Duration::from_millis(50);
    let settings = SocketSettings::new().ping_interval(short).pong_timeout(short);
    let server = Server::with(settings, endless).await;
    // Nothing is answered while nobody reads.
    let _silent = server.raw("").await.unwrap();
    server.until(1).await;
    server.until(0).await;
}

#[tokio::test]
async fn a_subscriber_that_answers_pings_stays() {
    let short = Duration::from_millis(40);
    let settings = SocketSettings::new().ping_interval(short).pong_timeout(Duration::from_secs(5));
    let server = Server::with(settings, endless).await;
    let mut socket = server.raw("").await.unwrap();
    for _ in 0..4 {
        assert_eq!(socket.next().await.unwrap().unwrap(), Ws::Ping(Bytes::new()));
    }
    assert_eq!(server.subscribers.count(NSID), 1);
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_is_dropped() {
    let settings = SocketSettings::new().send_timeout(Duration::from_millis(100));
    let text = "x".repeat(1 << 20);
    let flood = move |_| {
        let text = text.clone();
        Ok(Events::new(stream::iter((1..).map(move |seq| Ok(tick_of(seq, &*text))))))
    };
    let server = Server::with(settings, flood).await;
    let _stuck = server.raw("").await.unwrap();
    server.until(1).await;
    server.until(0).await;
}

#[tokio::test]
async fn a_subscriber_that_falls_behind_a_broadcast_is_told_so() {
    let broadcast = Broadcast::<Watch>::new(2);
    let server = Server::of(move |_| {
        let events = broadcast.subscribe();
        for seq in 1..=5 {
            broadcast.publish(&tick(seq))?;
        }
        Ok(events)
    })
    .await;
    let got = all_raw(&mut server.raw("").await.unwrap()).await;
    assert_eq!(got, ["error ConsumerTooSlow", "1008 ConsumerTooSlow"]);
}

#[tokio::test]
async fn one_subscription_too_many_is_refused_before_the_upgrade() {
    let server = Server::with(SocketSettings::new().max_per_client(1), endless).await;
    let first = server.raw("").await.unwrap();
    let Err(Error::Xrpc(error)) = server.subscribe(None).await else { panic!("refused") };
    assert_eq!((error.status().as_u16(), error.name()), (429, "RateLimitExceeded"));
    drop(first);
    server.until(0).await;
    assert!(server.raw("").await.is_ok());
}

#[tokio::test]
async fn a_server_that_goes_down_says_so() {
    let server = Server::of(|_| Ok(Events::new(messages([tick(1)]).chain(stream::pending())))).await;
    let mut socket = server.raw("").await.unwrap();
    assert_eq!(shown_frame(&socket.next().await.unwrap().unwrap().into_data()), "1");
    let (got, ()) = tokio::join!(all_raw(&mut socket), server.subscribers.shut_down());
    assert_eq!(got, ["1001 the server is going down"]);
    let Err(tungstenite::Error::Http(answer)) = server.raw("").await else { panic!("refused") };
    assert_eq!(answer.status(), 503);
}
