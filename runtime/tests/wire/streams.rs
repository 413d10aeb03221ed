//! Event streams as a client sees them.

use std::{net::SocketAddr, time::Duration};

use arobase_runtime::{
    Error, Failure,
    client::{Reconnect, StreamError, dynamic::Subscribe},
    data::Value,
    server::{Route, Router},
};
use futures_util::{SinkExt, StreamExt, stream};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
    },
};

use super::support::{STREAM, catalog, client, session, start};

/// A server that sends back one message with the headers `authorization` and `x-test` that it saw.
async fn mirror() -> SocketAddr {
    let route = Route::dynamic_subscription(&catalog(), STREAM, |cx, _| {
        let seen = |name: &str| cx.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("-").to_owned();
        let note = format!("{} {}", seen("authorization"), seen("x-test"));
        let message = Value::Map(
            [("$type", Value::from("com.example.subscribe#tick")), ("seq", 1.into()), ("note", note.into())]
                .into_iter()
                .collect(),
        );
        async { Ok(stream::iter([Ok::<_, Failure>(message)])) }
    });
    start(Router::new().route(route.unwrap())).await
}

async fn note(subscribe: Subscribe) -> String {
    let mut messages = subscribe.reconnect(Reconnect::never()).await.unwrap();
    let message = messages.next().await.unwrap().unwrap();
    message.get("note").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test]
async fn the_session_and_the_headers_of_the_call_open_the_stream() {
    let plain = client(mirror().await);
    let subscribe = |client: &arobase_runtime::Client| client.dynamic(&catalog()).subscribe(STREAM, ());
    assert_eq!(note(subscribe(&plain)).await, "- -");
    let client = plain.with_session(session("access", "refresh")).with_header("x-test", "client").unwrap();
    assert_eq!(note(subscribe(&client)).await, "Bearer access client");
    let call = subscribe(&client).header("x-test", "call");
    assert_eq!(note(call).await, "Bearer access call");
    let own = subscribe(&client).header("authorization", "Bearer own");
    assert_eq!(note(own).await, "Bearer own client");
}

/// A header of `#tick` and a payload of one number.
fn tick(seq: u8) -> Message {
    assert!(seq < 24, "one byte");
    Message::binary([&b"\xa2\x61t\x65#tick\x62op\x01\xa1\x63seq"[..], &[seq]].concat())
}

fn error_frame() -> Message {
    // {"op":-1} and {"error":"FutureCursor"}
    Message::binary(b"\xa1\x62op\x20\xa1\x65error\x6cFutureCursor".to_vec())
}

/// Takes the next connection; gives it with the query that it was asked with.
#[expect(clippy::result_large_err, reason = "the callback of a handshake is none of ours")]
async fn accept(listener: &TcpListener) -> (WebSocketStream<TcpStream>, String) {
    let (tcp, _) = listener.accept().await.unwrap();
    let mut query = String::new();
    let look = |request: &Request, response: Response| {
        request.uri().query().unwrap_or_default().clone_into(&mut query);
        Ok(response)
    };
    let socket = accept_hdr_async(tcp, look).await.unwrap();
    (socket, query)
}

/// A service that sends these messages to whoever comes, and then waits for the goodbye. Gives the
/// close code.
async fn sending(messages: Vec<Message>) -> (Subscribe, tokio::task::JoinHandle<Option<u16>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tokio::spawn(async move {
        let (mut socket, _) = accept(&listener).await;
        for message in messages {
            if socket.send(message).await.is_err() {
                break;
            }
        }
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(frame) = message {
                return frame.map(|frame| frame.code.into());
            }
        }
        None
    });
    (client(address).dynamic(&catalog()).subscribe(STREAM, ()).reconnect(Reconnect::never()), service)
}

async fn all(subscribe: Subscribe) -> Vec<Result<Value, Error>> {
    let messages = subscribe.await.unwrap();
    timeout(Duration::from_secs(10), messages.collect()).await.unwrap()
}

fn seqs(items: &[Result<Value, Error>]) -> Vec<i64> {
    items.iter().flatten().filter_map(|message| message.get("seq")?.as_int()).collect()
}

#[tokio::test]
async fn an_error_frame_is_an_error_and_the_end() {
    let (subscribe, service) = sending(vec![tick(1), error_frame(), tick(2)]).await;
    let items = all(subscribe).await;
    assert_eq!((items.len(), seqs(&items)), (2, vec![1]));
    assert!(matches!(&items[1], Err(Error::Xrpc(error)) if error.name() == "FutureCursor"), "{items:?}");
    timeout(Duration::from_secs(10), service).await.expect("the connection is closed").unwrap();
}

#[tokio::test]
async fn a_text_frame_is_an_error_and_the_end() {
    let (subscribe, service) = sending(vec![tick(1), Message::text("hello"), tick(2)]).await;
    let items = all(subscribe).await;
    assert_eq!((items.len(), seqs(&items)), (2, vec![1]));
    assert!(matches!(items[1], Err(Error::Stream(StreamError::Text))), "{items:?}");
    assert_eq!(service.await.unwrap(), Some(1003));
}

#[tokio::test]
async fn bytes_that_are_no_frame_are_an_error_and_the_end() {
    for broken in [&b""[..], b"\xff", b"\xa2\x61t\x65#tick\x62op\x01", b"\xa2\x61t\x65#tick\x62op\x01\x80"] {
        let (subscribe, service) = sending(vec![tick(1), Message::binary(broken.to_vec()), tick(2)]).await;
        let items = all(subscribe).await;
        assert_eq!((items.len(), seqs(&items)), (2, vec![1]), "{broken:?}");
        assert!(matches!(items[1], Err(Error::Answer(_))), "{items:?}");
        service.await.unwrap();
    }
}

#[tokio::test]
async fn frames_of_an_unknown_kind_are_passed_over_and_unknown_messages_are_not() {
    let unknown_op = Message::binary(b"\xa1\x62op\x02\xa0".to_vec());
    let no_type = Message::binary(b"\xa1\x62op\x01\xa1\x63seq\x09".to_vec());
    let new = Message::binary(b"\xa2\x61t\x64#new\x62op\x01\xa1\x63seq\x02".to_vec());
    let (subscribe, _) = sending(vec![tick(1), unknown_op, no_type, new, tick(3), error_frame()]).await;
    let items = all(subscribe).await;
    assert_eq!((items.len(), seqs(&items)), (4, vec![1, 2, 3]));
    let new = items[1].as_ref().unwrap();
    assert_eq!(new.type_name(), Some("com.example.subscribe#new"));
}

#[tokio::test]
async fn a_message_without_a_required_field_is_noticed() {
    let incomplete = Message::binary(b"\xa2\x61t\x65#tick\x62op\x01\xa0".to_vec());
    let (subscribe, _) = sending(vec![incomplete, error_frame()]).await;
    let mut messages = subscribe.await.unwrap();
    assert!(messages.next().await.unwrap().is_ok());
    assert_eq!(messages.issues()[0].to_string(), "$.seq: required but missing");
    let (subscribe, _) = sending(vec![Message::binary(b"\xa2\x61t\x65#tick\x62op\x01\xa0".to_vec())]).await;
    let mut strict = subscribe.strictness(arobase_runtime::data::Strictness::Strict).await.unwrap();
    assert!(matches!(strict.next().await, Some(Err(Error::Answer(_)))));
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again_behind_the_last_message() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tokio::spawn(async move {
        let mut queries = Vec::new();
        for messages in [vec![tick(1), tick(2)], vec![tick(2), tick(3), error_frame()]] {
            let (mut socket, query) = accept(&listener).await;
            queries.push(query);
            for message in messages {
                socket.send(message).await.unwrap();
            }
        }
        queries
    });
    let quick = Reconnect::default().waits(Duration::from_millis(10), Duration::from_millis(20));
    let subscribe = client(address).dynamic(&catalog()).subscribe(STREAM, [("cursor", 0)]).reconnect(quick);
    let items = all(subscribe).await;
    assert_eq!(seqs(&items), [1, 2, 3]);
    assert_eq!(service.await.unwrap(), ["cursor=0", "cursor=2"]);
}

#[tokio::test]
async fn a_stream_that_nobody_serves_is_refused_before_it_begins() {
    let address = start(Router::new()).await;
    let error = client(address).dynamic(&catalog()).subscribe(STREAM, ()).await.unwrap_err();
    let Error::Xrpc(error) = error else { panic!("{error}") };
    assert_eq!((error.status().as_u16(), error.name()), (501, "MethodNotImplemented"));
    assert!(error.message().is_some_and(|message| !message.is_empty()), "{error}");
}

#[tokio::test]
async fn raw_frames_are_those_of_the_service() {
    let (subscribe, _) = sending(vec![tick(7), error_frame()]).await;
    let mut frames = subscribe.frames().await.unwrap();
    assert_eq!(Message::binary(frames.next().await.unwrap().unwrap()), tick(7));
    assert!(matches!(frames.next().await, Some(Err(Error::Xrpc(_)))));
    assert!(frames.next().await.is_none());
}
