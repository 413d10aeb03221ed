//! The client over reqwest and real sockets, against a server of a few lines.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::methods::{List, Put, Upload};
use crate::{
    client::{Call, Client, Error, Retry},
    xrpc::Body,
};

/// Takes one connection, sends each answer as soon as a request has come, and gives what came.
async fn serve(answers: &'static [&'static str]) -> (Client, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut all = String::new();
        for answer in answers {
            all += &request(&mut socket).await;
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
        all
    });
    (Client::new(format!("http://{address}/at/")).unwrap(), server)
}

/// Reads one request, by its length or to its last chunk.
async fn request(socket: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).await.unwrap();
        assert!(count > 0, "closed after {text}");
        text += std::str::from_utf8(&buffer[..count]).unwrap();
        if is_whole(&text) {
            return text;
        }
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_ascii_lowercase();
    match head.split_once("content-length: ") {
        Some((_, rest)) => body.len() == rest.lines().next().unwrap().parse::<usize>().unwrap(),
        None => !head.contains("chunked") || body.ends_with("0\r\n\r\n"),
    }
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"items\":[1]}";
const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const BYTES: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc";

fn chunks() -> impl futures_core::Stream<Item = Result<Bytes, crate::xrpc::BodyError>> {
    stream::iter(["ab", "c"].map(|chunk| Ok(Bytes::from(chunk))))
}

#[tokio::test]
async fn calls_go_over_one_connection() {
    let (client, server) = serve(&[JSON, EMPTY]).await;
    assert_eq!(Call::new(&client, List::new().limit(3), ()).await.unwrap().items, [1]);
    Call::new(&client, Put::new("x"), ()).await.unwrap();
    let seen = server.await.unwrap();
    assert!(seen.starts_with("GET /at/xrpc/com.example.list?limit=3 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("POST /at/xrpc/com.example.put HTTP/1.1\r\n"), "{seen}");
    assert!(seen.contains("content-length: 12\r\n") && seen.ends_with("{\"name\":\"x\"}"), "{seen}");
}

#[tokio::test]
async fn a_stream_of_known_size_has_a_length_and_another_has_chunks() {
    let (client, server) = serve(&[BYTES]).await;
    let body = Call::new(&client, Upload::new(), Body::from_stream(chunks()).sized(3)).await.unwrap();
    assert_eq!((body.size(), body.mime_type()), (Some(3), Some("text/plain")));
    assert_eq!(body.collect(3).await.unwrap(), "abc");
    let seen = server.await.unwrap();
    assert!(seen.contains("content-length: 3\r\n") && seen.ends_with("\r\n\r\nabc"), "{seen}");

    let (client, server) = serve(&[BYTES]).await;
    Call::new(&client, Upload::new(), Body::from_stream(chunks())).await.unwrap();
    let seen = server.await.unwrap();
    assert!(seen.contains("transfer-encoding: chunked\r\n") && !seen.contains("content-length"), "{seen}");
}

#[tokio::test]
async fn an_empty_upload_has_a_length() {
    let (client, server) = serve(&[BYTES]).await;
    Call::new(&client, Upload::new(), Body::default()).await.unwrap();
    assert!(server.await.unwrap().contains("content-length: 0\r\n"));
}

#[tokio::test]
async fn a_redirect_is_followed_by_the_client() {
    let moved = "HTTP/1.1 307 Moved\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
    let (client, server) = serve(vec![moved, JSON].leak()).await;
    Call::new(&client, List::new(), ()).await.unwrap();
    assert!(server.await.unwrap().contains("GET /there HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error() {
    let (client, server) =
        serve(&["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"]).await;
    assert!(matches!(Call::new(&client, List::new(), ()).await, Err(Error::Body(_))));
    drop(server);
}

#[tokio::test]
async fn an_answer_is_streamed_while_it_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        request(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\na").await.unwrap();
        // The rest comes after the client has the first half.
        socket.read_u8().await.unwrap_err();
    });
    let mut body = Call::new(&client, Upload::new(), Body::default()).await.unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "a");
    drop(body);
    server.await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_a_fault_of_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(format!("http://{address}")).unwrap().with_retries(Retry::never());
    let Err(Error::Transport(error)) = Call::new(&client, List::new(), ()).await else { panic!("an answer") };
    assert!(error.is_connect());
    assert!(!format!("{error:?}").contains("com.example.list"), "{error:?}");
}

#[tokio::test]
async fn a_silent_service_meets_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let call = Call::new(&client, List::new(), ()).timeout(Duration::from_millis(50));
    assert!(matches!(call.await, Err(Error::Timeout)));
}

#[test]
fn an_address_is_http_or_https() {
    assert!(Client::new("https://example.com").is_ok());
    for address in ["example.com", "ws://example.com", "https://"] {
        assert!(Client::new(address).is_err(), "{address}");
    }
}
