//! Event streams as a server sees them.

use std::{net::SocketAddr, time::Duration};

use arobase_runtime::{
    Failure,
    data::Value,
    server::{Route, Router, SocketSettings, Subscribers},
};
use futures_util::{StreamExt, stream};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use super::support::{STREAM, ask, catalog, on, start};

const OTHER: &str = "com.example.watch";

/// Streams that send nothing, and never end.
fn silent() -> Router {
    let route = |nsid| {
        let silent = |_, _| async { Ok(stream::pending::<Result<Value, Failure>>()) };
        Route::dynamic_subscription(&catalog(), nsid, silent).unwrap()
    };
    let query = on("com.example.getThing", |request| Ok(request.params));
    Router::new().route(route(STREAM)).route(route(OTHER)).route(query)
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(address: SocketAddr, target: &str, forwarded: Option<&str>) -> Result<Socket, http::Response<String>> {
    let mut request = format!("ws://{address}/xrpc/{target}").into_client_request().unwrap();
    if let Some(forwarded) = forwarded {
        request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => {
            Err(answer.map(|body| String::from_utf8(body.unwrap_or_default()).unwrap()))
        }
        Err(error) => panic!("{error}"),
    }
}

/// The status with which a subscription begins: 101 if it does.
async fn status(opening: impl Future<Output = Result<Socket, http::Response<String>>>) -> u16 {
    opening.await.map_or_else(|answer| answer.status().as_u16(), |_| 101)
}

#[tokio::test]
async fn a_method_that_is_not_there_is_refused_before_the_upgrade() {
    let address = start(silent()).await;
    for (target, expected, name) in [
        ("com.example.nothing", 501, "MethodNotImplemented"),
        ("com.atproto.sync.subscribeRepos", 501, "MethodNotImplemented"),
        ("nothing", 400, "InvalidRequest"),
    ] {
        let answer = open(address, target, None).await.map(drop).unwrap_err();
        assert_eq!(answer.status().as_u16(), expected, "{target}");
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert!(answer.body().contains(&format!(r#""error":"{name}""#)), "{answer:?}");
    }
    // A query stays one, whatever the connection could become.
    assert_eq!(status(open(address, "com.example.getThing?id=x", None)).await, 200);
}

#[tokio::test]
async fn plain_http_gets_no_stream() {
    let address = start(silent()).await;
    let line = |verb: &str| format!("{verb} /xrpc/{STREAM}");
    let get = ask(address, &line("GET"), &[], "").await;
    assert_eq!(get.error(), (426, "InvalidRequest".to_owned()));
    assert!(get.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")), "{get:?}");
    for verb in ["POST", "PUT", "DELETE"] {
        let other = ask(address, &line(verb), &["content-length: 0"], "").await;
        assert_eq!((other.error(), other.header("allow")), ((405, "InvalidRequest".to_owned()), Some("GET")));
    }
}

#[tokio::test]
async fn faults_behind_the_upgrade_are_error_frames() {
    let crashing = Route::dynamic_subscription(&catalog(), OTHER, |_, _| async {
        let crash = || -> Option<Result<Value, Failure>> { panic!("a secret detail") };
        Ok(stream::poll_fn(move |_| std::task::Poll::Ready(crash())))
    });
    let address = start(silent().replace(Router::new().route(crashing.unwrap()))).await;
    for (target, name, code) in [
        (format!("{STREAM}?cursor=abc"), "InvalidRequest", 1008),
        (format!("{STREAM}?cursor=1&cursor=2"), "InvalidRequest", 1008),
        (OTHER.to_owned(), "InternalServerError", 1011),
    ] {
        let mut socket = open(address, &target, None).await.unwrap();
        let Some(Ok(Message::Binary(frame))) = socket.next().await else { panic!("a frame") };
        assert!(frame.starts_with(b"\xa1\x62op\x20"), "the header of an error: {frame:?}");
        let text = String::from_utf8_lossy(&frame);
        assert!(text.contains(name) && !text.contains("secret"), "{text}");
        let Some(Ok(Message::Close(Some(CloseFrame { code: closed, .. })))) = socket.next().await else {
            panic!("the end")
        };
        assert_eq!(u16::from(closed), code, "{target}");
    }
}

#[tokio::test]
async fn a_subscriber_is_forgotten_as_soon_as_it_is_gone() {
    let subscribers = Subscribers::new();
    let address = start(silent().subscribers(subscribers.clone())).await;
    for goodbye in [true, false] {
        let mut socket = open(address, &format!("{STREAM}?cursor=5"), None).await.unwrap();
        let listed = subscribers.list();
        assert_eq!(listed.len(), 1, "it is there before its handshake is answered");
        assert_eq!((&*listed[0].nsid, &*listed[0].query), (STREAM, "cursor=5"));
        assert!(listed[0].ip.is_some_and(|ip| ip.is_loopback()));
        if goodbye {
            socket.close(None).await.unwrap();
        } else {
            drop(socket);
        }
        let gone = async {
            while subscribers.count(STREAM) > 0 {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(Duration::from_secs(1), gone).await.expect("it is gone at once");
    }
}

#[tokio::test]
async fn the_limit_for_one_client_is_not_got_round_by_a_header() {
    let address = start(silent().sockets(SocketSettings::new().max_per_client(1))).await;
    let _first = open(address, STREAM, Some("198.51.100.1")).await.unwrap();
    for claimed in [None, Some("198.51.100.2"), Some("203.0.113.7, 198.51.100.3")] {
        assert_eq!(status(open(address, STREAM, claimed)).await, 429, "{claimed:?}");
    }
    assert_eq!(status(open(address, OTHER, None)).await, 101, "each method counts for itself");
}

#[tokio::test]
async fn behind_a_proxy_only_what_the_proxy_wrote_counts() {
    let settings = SocketSettings::new().max_per_client(1);
    let address = start(silent().sockets(settings).trust_forwarded(1)).await;
    let _first = open(address, STREAM, Some("198.51.100.1")).await.unwrap();
    let _other = open(address, STREAM, Some("198.51.100.2")).await.unwrap();
    for claimed in ["198.51.100.1", "203.0.113.7, 198.51.100.1", "203.0.113.8,203.0.113.9 , 198.51.100.2"] {
        assert_eq!(status(open(address, STREAM, Some(claimed))).await, 429, "{claimed}");
    }
}
