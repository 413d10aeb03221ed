use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, accept_async,
    tungstenite::{Message, protocol::CloseFrame},
};

use super::{Client, Error, Reconnect, StreamError, Subscribe};
use crate::test_watch::{self, Native, Watch, shown, tick_frame};

type Fault = Error<test_watch::Error>;

/// A service of one connection that does not keep to the protocol.
async fn service<R>(behave: impl FnOnce(WebSocketStream<TcpStream>) -> R + Send + 'static) -> SocketAddr
where
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        behave(accept_async(tcp).await.unwrap()).await;
    });
    address
}

fn subscribe(address: SocketAddr) -> Subscribe<Watch> {
    let client = Client::with_transport(format!("http://{address}"), Native).unwrap();
    Subscribe::new(&client, Watch::default()).reconnect(Reconnect::never())
}

/// The first message or error, within some seconds.
async fn first(subscribe: Subscribe<Watch>) -> Result<String, Fault> {
    let mut messages = subscribe.await?;
    let item = timeout(Duration::from_secs(5), messages.next()).await.expect("something comes");
    item.map_or(Ok("end".to_owned()), |message| message.map(|message| shown(&message)))
}

async fn send_and_wait(mut socket: WebSocketStream<TcpStream>, message: Message) {
    socket.send(message).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test]
async fn a_text_message_is_an_error_and_the_service_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tokio::spawn(async move {
        let mut socket = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        socket.send(Message::text("hello")).await.unwrap();
        socket.next().await.unwrap().unwrap()
    });
    assert!(matches!(first(subscribe(address)).await, Err(Error::Stream(StreamError::Text))));
    let Message::Close(Some(CloseFrame { code, .. })) = service.await.unwrap() else { panic!("it closes") };
    assert_eq!(u16::from(code), 1003);
}

#[tokio::test]
async fn a_frame_of_three_items_is_an_error() {
    let frame = [&tick_frame(1)[..], b"\xa0"].concat();
    let address = service(|socket| send_and_wait(socket, Message::binary(frame))).await;
    assert!(matches!(first(subscribe(address)).await, Err(Error::Answer(_))));
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_an_error() {
    let address = service(|socket| send_and_wait(socket, Message::binary(vec![0; 2000]))).await;
    let error = first(subscribe(address).max_frame(1000)).await.unwrap_err();
    assert!(matches!(error, Error::Stream(StreamError::Closed { code: Some(1009), .. })), "{error}");
}

#[tokio::test]
async fn a_connection_that_just_ends_is_lost() {
    let address = service(|socket| async { drop(socket) }).await;
    let error = first(subscribe(address)).await.unwrap_err();
    assert!(matches!(error, Error::Stream(StreamError::Closed { code: None, .. })), "{error}");
}

#[tokio::test]
async fn the_close_code_of_the_service_is_seen() {
    let close = |code: u16| Message::Close(Some(CloseFrame { code: code.into(), reason: "later".into() }));
    let address = service(move |socket| send_and_wait(socket, close(1013))).await;
    let error = first(subscribe(address)).await.unwrap_err();
    assert_eq!(error.to_string(), "closed with code 1013: later");
    let address = service(move |socket| send_and_wait(socket, close(1000))).await;
    assert_eq!(first(subscribe(address)).await.unwrap(), "end");
}

#[tokio::test]
async fn a_connection_that_lasts_begins_the_attempts_anew() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for last in [false, false, false, true] {
            let mut socket = accept_async(listener.accept().await.unwrap().0).await.unwrap();
            for _ in 0..2 {
                socket.next().await.unwrap().unwrap();
            }
            if last {
                send_and_wait(socket, Message::Binary(tick_frame(1))).await;
            } else {
                let frame = CloseFrame { code: 1011.into(), reason: "".into() };
                socket.close(Some(frame)).await.unwrap();
            }
        }
    });
    let quick = Reconnect::times(1).waits(Duration::from_millis(10), Duration::from_millis(10));
    let lasting = subscribe(address).heartbeat(Duration::from_millis(100)).reconnect(quick);
    assert_eq!(first(lasting).await.unwrap(), "1");
}

#[tokio::test]
async fn the_goodbye_of_the_service_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = tokio::spawn(async move {
        let mut socket = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        let frame = CloseFrame { code: 1000.into(), reason: "".into() };
        socket.send(Message::Close(Some(frame))).await.unwrap();
        socket.next().await
    });
    assert_eq!(first(subscribe(address)).await.unwrap(), "end");
    assert!(matches!(service.await.unwrap(), Some(Ok(Message::Close(Some(_))))));
}

#[tokio::test]
async fn a_fault_is_not_lost_when_receiving_is_interrupted() {
    let address = service(|mut socket| async move {
        socket.send(Message::binary(vec![0; 2000])).await.unwrap();
        // It does not read, so that the goodbye has no answer.
        sleep(Duration::from_secs(30)).await;
    })
    .await;
    let request = http::Request::get(format!("ws://{address}/x")).body(()).unwrap();
    let mut socket = super::connect_websocket(request, 1000).await.unwrap();
    assert!(timeout(Duration::from_millis(200), socket.receive()).await.is_err());
    let again = timeout(Duration::from_millis(200), socket.receive()).await.unwrap();
    assert!(matches!(again, Some(Ok(super::Incoming::Closed(Some(1009), _)))), "{again:?}");
}

#[tokio::test]
async fn a_service_that_answers_no_ping_is_given_up() {
    let address = service(|socket| async {
        sleep(Duration::from_secs(30)).await;
        drop(socket);
    })
    .await;
    let error = first(subscribe(address).heartbeat(Duration::from_millis(50))).await.unwrap_err();
    assert!(matches!(error, Error::Stream(StreamError::Silent)), "{error}");
}

#[tokio::test]
async fn a_service_that_answers_pings_may_be_silent() {
    let address = service(|mut socket| async move {
        let mut pings = 0;
        while let Some(Ok(message)) = socket.next().await {
            pings += usize::from(message.is_ping());
            if pings == 5 {
                socket.send(Message::Binary(tick_frame(1))).await.unwrap();
            }
        }
    })
    .await;
    assert_eq!(first(subscribe(address).heartbeat(Duration::from_millis(50))).await.unwrap(), "1");
}

#[tokio::test]
async fn pings_of_the_service_are_answered() {
    let address = service(|mut socket| async move {
        socket.send(Message::Ping(Bytes::from_static(b"here?"))).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap();
        assert_eq!(answer, Message::Pong(Bytes::from_static(b"here?")));
        send_and_wait(socket, Message::Binary(tick_frame(1))).await;
    })
    .await;
    assert_eq!(first(subscribe(address)).await.unwrap(), "1");
}

#[tokio::test]
async fn a_refused_upgrade_keeps_its_status_and_what_the_service_says() {
    for (body, name) in [("", "NotEnoughResources"), (r#"{"error":"Full","message":"later"}"#, "Full")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let _ = tcp.read(&mut [0; 4096]).await.unwrap();
            let head = format!("HTTP/1.1 503 Service Unavailable\r\ncontent-length: {}\r\n\r\n", body.len());
            tcp.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        });
        let Err(Error::Xrpc(error)) = first(subscribe(address)).await else { panic!("a refusal") };
        assert_eq!((error.status().as_u16(), error.name()), (503, name));
    }
}

#[tokio::test]
async fn a_connection_that_was_not_made_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let Err(Error::Transport(error)) = first(subscribe(address)).await else { panic!("no connection") };
    assert!(error.is_connect());
}
