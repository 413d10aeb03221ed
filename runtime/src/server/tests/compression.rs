//! Compressed bodies, each made by the server itself or by a tool.

use super::*;

const PUT: &str = "POST /xrpc/com.example.put";
const JSON: &str = "content-type: application/json";

/// `{"a":1}`
const GZIP: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\0\xaf\xac\x1b\x56\x07\0\0\0";
const DEFLATE: &[u8] = b"\x78\x9c\xab\x56\x4a\x54\xb2\x32\xac\x05\0\x08\x2a\x02\x09";

fn list(size: usize) -> Router {
    let text = vec![b'1'; size];
    echoing().replace(Router::new().route(constant("com.example.list", move || Raw::Json(text.clone().into()))))
}

async fn put(server: SocketAddr, coding: &str, body: &[u8]) -> Reply {
    let headers = [JSON, &format!("content-encoding: {coding}"), &format!("content-length: {}", body.len())];
    send(server, request(PUT, &headers, body)).await
}

async fn get(server: SocketAddr, accepted: &str) -> Reply {
    ask(server, "GET /xrpc/com.example.list", &[&format!("accept-encoding: {accepted}")]).await
}

#[tokio::test]
async fn compressed_requests_are_understood() {
    let server = start(echoing()).await;
    for (coding, body) in [("gzip", GZIP), ("GZIP", GZIP), ("deflate", DEFLATE), ("gzip", b"")] {
        let reply = put(server, coding, body).await;
        let expected = if body.is_empty() { "{}" } else { r#"{"a":1}"# };
        assert_eq!((reply.status, reply.text()), (200, expected), "{coding}");
    }
}

#[tokio::test]
async fn answers_are_compressed_on_demand_and_can_be_sent_back() {
    let server = start(list(100_000)).await;
    for (accepted, coding) in [("gzip", "gzip"), ("gzip;q=0.5, br", "br")] {
        let reply = get(server, accepted).await;
        assert_eq!(reply.header("content-encoding"), Some(coding));
        assert_eq!(reply.header("vary"), Some("accept-encoding"));
        assert!(reply.body.len() < 1000);
        let back = put(server, coding, &reply.body).await;
        assert_eq!((back.status, back.body.len()), (200, 100_000));
    }
}

#[tokio::test]
async fn answers_are_left_alone_where_nobody_asks_or_it_is_not_worth_it() {
    let server = start(list(100_000)).await;
    for accepted in ["identity", "zstd", "gzip;q=0"] {
        let reply = get(server, accepted).await;
        assert_eq!((reply.header("content-encoding"), reply.body.len()), (None, 100_000), "{accepted}");
    }
    let reply = ask(server, "GET /xrpc/com.example.list", &[]).await;
    assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, Some("accept-encoding")));
    let reply = get(start(list(1000)).await, "gzip").await;
    assert_eq!((reply.header("content-encoding"), reply.header("vary")), (None, None));
    let reply = ask(server, "GET /xrpc/com.example.blob", &["accept-encoding: gzip"]).await;
    assert_eq!(reply.header("content-encoding"), None);
}

#[tokio::test]
async fn head_does_not_compress() {
    let reply = ask(start(list(100_000)).await, "HEAD /xrpc/com.example.list", &["accept-encoding: gzip"]).await;
    assert_eq!((reply.header("content-length"), reply.header("content-encoding")), (Some("100000"), None));
}

#[tokio::test]
async fn the_limit_counts_what_comes_out() {
    let bomb = get(start(list(5_000_000)).await, "gzip").await.body;
    assert!(bomb.len() < 50_000);
    let server = start(echoing().stream_limit(1_000_000)).await;
    put(server, "gzip", &bomb).await.is_error(413, "PayloadTooLarge");
    let headers = ["content-type: text/plain", "content-encoding: gzip", &format!("content-length: {}", bomb.len())];
    let reply = send(server, request("POST /xrpc/com.example.upload", &headers, &bomb)).await;
    reply.is_error(413, "PayloadTooLarge");
}

#[tokio::test]
async fn a_body_that_is_not_what_it_claims_is_refused() {
    let server = start(echoing()).await;
    for coding in ["gzip", "deflate", "br"] {
        put(server, coding, b"{\"a\":1}").await.is_error(400, "InvalidRequest");
    }
    put(server, "gzip", &GZIP[..15]).await.is_error(400, "InvalidRequest");
    let headers = ["content-type: text/plain", "content-encoding: gzip", "content-length: 3"];
    let reply = send(server, request("POST /xrpc/com.example.upload", &headers, b"abc")).await;
    reply.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn the_codings_of_all_lines_count() {
    let server = start(list(100_000)).await;
    let lines = ["accept-encoding: zstd", "accept-encoding: gzip"];
    let reply = ask(server, "GET /xrpc/com.example.list", &lines).await;
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn what_can_be_had_in_parts_is_left_alone() {
    let route = method("com.example.export", |cx, _, _| async move {
        cx.set_header(http::header::ACCEPT_RANGES, http::HeaderValue::from_static("bytes"));
        Ok(Raw::Stream(Body::new(vec![b'1'; 100_000])))
    });
    let server = start(Router::new().route(route)).await;
    let reply = ask(server, "GET /xrpc/com.example.export", &["accept-encoding: gzip"]).await;
    assert_eq!((reply.header("content-encoding"), reply.body.len()), (None, 100_000));
}
