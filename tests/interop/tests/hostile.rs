//! Bad input over real sockets: the right status and envelope, and a server that goes on.

#[path = "support/raw.rs"]
mod raw;

use std::{net::SocketAddr, time::Duration};

use arobase_interop::start;
use raw::{connect, exchange, get, post, post_as, read, send};
use tokio::{io::AsyncWriteExt, time::timeout};

const INVALID: u16 = 400;

async fn refused(request: &str, status: u16, error: &str) {
    let address = start().await;
    let mut stream = connect(address).await;
    let answer = exchange(&mut stream, request).await;
    assert_eq!(answer.refusal(), (status, error.to_owned()), "{request}");
    assert!(answer.head.contains("content-type: application/json"), "{}", answer.head);
    assert!(answer.head.contains("access-control-allow-origin: *"), "{}", answer.head);
    // The connection and the server are as good as before.
    if !answer.head.contains("connection: close") {
        assert_eq!(exchange(&mut stream, get("listNumbers?below=1")).await.status, 200);
    }
    works(address).await;
}

async fn works(address: SocketAddr) {
    let answer = send(address, post("greet", r#"{"name":"Ana"}"#)).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &br#"{"greeting":"Hello, Ana!"}"#[..]));
}

#[tokio::test]
async fn json_that_is_none_is_refused() {
    for body in ["{", "{\"name\":\"Ana\"}}", "[]", "null", "\"Ana\"", "{\"name\":\"Ana\",\"name\":\"Bia\"}", "{name:1}"]
    {
        refused(&post("greet", body), INVALID, "InvalidRequest").await;
    }
}

#[tokio::test]
async fn json_that_nests_without_end_is_refused() {
    let deep = format!("{{\"name\":\"Ana\",\"x\":{}", "[".repeat(200_000));
    refused(&post("greet", &deep), INVALID, "InvalidRequest").await;
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_refused() {
    let address = start().await;
    let mut request = post("greet", "{\"name\":\"xx\"}").into_bytes();
    let length = request.len();
    request[length - 3] = 0xff;
    assert_eq!(send(address, request).await.refusal(), (400, "InvalidRequest".to_owned()));
    assert_eq!(send(address, get("listNumbers?below=1&tags=%ff")).await.refusal(), (400, "InvalidRequest".to_owned()));
    works(address).await;
}

#[tokio::test]
async fn another_content_type_is_refused() {
    refused(&post_as("greet", "text/plain", r#"{"name":"Ana"}"#), INVALID, "InvalidRequest").await;
    refused(&post_as("greet", "application/jsonx", r#"{"name":"Ana"}"#), INVALID, "InvalidRequest").await;
}

#[tokio::test]
async fn another_encoding_of_the_content_is_refused() {
    let request = post("greet", "zzz").replace("Content-Length", "Content-Encoding: zstd\r\nContent-Length");
    refused(&request, 415, "UnsupportedMediaType").await;
}

#[tokio::test]
async fn the_verb_is_that_of_the_method() {
    for request in
        [get("greet"), get("listNumbers?below=1").replace("GET", "DELETE"), post("listNumbers?below=1", "{}")]
    {
        let address = start().await;
        let answer = send(address, &request).await;
        assert_eq!(answer.status, 405, "{request}");
        assert!(answer.head.contains("allow: "), "{}", answer.head);
        works(address).await;
    }
}

#[tokio::test]
async fn parameters_that_break_their_schema_are_refused() {
    for query in [
        "below=5&below=6",
        "below=1_000",
        "below=%2B5",
        "below=+5",
        "below=5.0",
        "below=1e3",
        "below=-1",
        "below=",
        "",
        "below=9223372036854775808",
        "below=5&even=1",
        "below=5&even=yes",
        "below=5&limit=101",
        "below=5&limit=0",
        "below=5&not=1&not=x",
        "below=%00",
        "below=\u{665}",
    ] {
        let query = query.replace('\u{665}', "%d9%a5");
        refused(&get(&format!("listNumbers?{query}")), INVALID, "InvalidRequest").await;
    }
}

#[tokio::test]
async fn unknown_methods_are_not_implemented() {
    refused(&get("nothing"), 501, "MethodNotImplemented").await;
    refused(&get("x").replace("com.example.interop.x", "com.example.other"), 501, "MethodNotImplemented").await;
}

#[tokio::test]
async fn a_path_that_is_no_nsid_is_refused() {
    for path in ["nonsid", "com.example", "com.example.interop.gr%65et", "com..example.x", "..%2f..%2fetc.passwd.x"] {
        let request = format!("GET /xrpc/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        refused(&request, INVALID, "InvalidRequest").await;
    }
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_refused_before_it_comes() {
    let address = start().await;
    let head = post("greet", "").replace("Content-Length: 0", "Content-Length: 1000000000000");
    let answer = send(address, head).await;
    assert_eq!(answer.refusal(), (413, "PayloadTooLarge".to_owned()));
    works(address).await;
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let address = start().await;
    let mut stream = connect(address).await;
    let head = post("greet", "").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    stream.write_all(head.as_bytes()).await.expect("the head");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let (mut read_half, mut write_half) = stream.into_split();
    let endless = tokio::spawn(async move { while write_half.write_all(chunk.as_bytes()).await.is_ok() {} });
    let mut start = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut read_half, &mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 413");
    drop(read_half);
    timeout(Duration::from_secs(20), endless).await.expect("the server lets go").expect("no panic");
    works(address).await;
}

#[tokio::test]
async fn a_connection_that_is_closed_half_way_harms_nobody() {
    let address = start().await;
    let whole = post("greet", r#"{"name":"Ana"}"#);
    for end in (0..whole.len()).step_by(7) {
        let mut stream = connect(address).await;
        stream.write_all(&whole.as_bytes()[..end]).await.expect("a part of the request");
        stream.shutdown().await.expect("half closed");
        if let Some(answer) = read(&mut stream).await {
            assert!(answer.status >= 400, "{answer:?}");
        }
    }
    works(address).await;
}

#[tokio::test]
async fn heads_that_never_end_are_cut_off() {
    let address = start().await;
    let mut stream = connect(address).await;
    stream.write_all(b"GET /xrpc/com.example.interop.listNumbers?below=1 HTTP/1.1\r\n").await.expect("a line");
    let slow = async {
        while stream.write_all(b"X: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    timeout(Duration::from_secs(25), slow).await.expect("the server gives up in time");
    works(address).await;
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let address = start().await;
    let request = get("listNumbers?below=1").replace("Host:", &format!("X: {}\r\nHost:", "y".repeat(1 << 20)));
    let mut stream = connect(address).await;
    drop(stream.write_all(request.as_bytes()).await);
    if let Some(answer) = read(&mut stream).await {
        assert!(matches!(answer.status, 400 | 414 | 431), "{}", answer.status);
    }
    works(address).await;
}

#[tokio::test]
async fn a_subscription_wants_a_web_socket() {
    let address = start().await;
    let answer = send(address, get("count")).await;
    assert_eq!(answer.status, 426);
    assert!(answer.head.contains("upgrade: websocket"), "{}", answer.head);
    assert_eq!(send(address, post("count", "{}")).await.status, 405);
    works(address).await;
}
