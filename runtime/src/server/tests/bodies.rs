//! Request bodies.

use super::*;

const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn json_is_handed_on() {
    let server = start(echoing()).await;
    for content_type in ["application/json", "Application/JSON; charset=utf-8"] {
        let reply = post(server, "/xrpc/com.example.put", content_type, r#"{"a":1}"#).await;
        assert_eq!((reply.status, reply.text()), (200, r#"{"a":1}"#), "{content_type}");
    }
}

#[tokio::test]
async fn a_chunked_body_is_read_whole() {
    let server = start(echoing()).await;
    let body = chunked(&[b"{\"a\"", b":", b"1}"]);
    let reply = send(server, request("POST /xrpc/com.example.put", &[JSON, "transfer-encoding: chunked"], &body)).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"a":1}"#));
}

#[tokio::test]
async fn a_body_that_is_expected_must_be_sent() {
    let server = start(echoing()).await;
    for method in ["com.example.put", "com.example.upload"] {
        ask(server, &format!("POST /xrpc/{method}"), &[JSON]).await.is_error(400, "InvalidRequest");
    }
}

#[tokio::test]
async fn an_empty_body_of_json_is_an_empty_object() {
    let server = start(echoing()).await;
    let declared = request("POST /xrpc/com.example.put", &[JSON, "content-length: 0"], b"");
    let sent = request("POST /xrpc/com.example.put", &[JSON, "transfer-encoding: chunked"], b"0\r\n\r\n");
    for request in [declared, sent] {
        let reply = send(server, request).await;
        assert_eq!((reply.status, reply.text()), (200, "{}"));
    }
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let server = start(echoing()).await;
    let reply = post(server, "/xrpc/com.example.upload", "image/png", "").await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"size":0,"type":"image/png","bytes":0}"#));
}

#[tokio::test]
async fn a_body_that_is_not_expected_is_refused() {
    let server = start(echoing()).await;
    post(server, "/xrpc/com.example.act", "application/json", "{}").await.is_error(400, "InvalidRequest");
    let body = chunked(&[b"x"]);
    let sent = request("POST /xrpc/com.example.act", &["transfer-encoding: chunked"], &body);
    send(server, sent).await.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn where_none_is_expected_an_empty_one_does_no_harm() {
    let server = start(echoing()).await;
    for (header, body) in [("content-length: 0", &b""[..]), ("transfer-encoding: chunked", b"0\r\n\r\n"), (JSON, b"")] {
        let reply = send(server, request("POST /xrpc/com.example.act", &[header], body)).await;
        assert_eq!((reply.status, reply.text()), (200, ""), "{header}");
        assert_eq!(reply.header("content-length"), Some("0"));
    }
}

#[tokio::test]
async fn the_content_type_must_be_that_of_the_method() {
    let server = start(echoing()).await;
    for (method, content_type) in [
        ("com.example.put", "text/plain"),
        ("com.example.put", ""),
        ("com.example.film", "image/png"),
        ("com.example.upload", "png"),
    ] {
        post(server, &format!("/xrpc/{method}"), content_type, "{}").await.is_error(400, "InvalidRequest");
    }
    let without = request("POST /xrpc/com.example.upload", &["content-length: 2"], b"{}");
    send(server, without).await.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn anything_but_json_is_streamed_with_its_type_and_size() {
    let server = start(echoing()).await;
    let reply = post(server, "/xrpc/com.example.film", "video/mp4", "abc").await;
    assert_eq!(reply.text(), r#"{"size":3,"type":"video/mp4","bytes":3}"#);
    let reply = post(server, "/xrpc/com.example.upload", "application/json; a=b", "{").await;
    assert_eq!(reply.text(), r#"{"size":1,"type":"application/json; a=b","bytes":1}"#);
    let headers = ["content-type: text/plain", "transfer-encoding: chunked"];
    let reply = send(server, request("POST /xrpc/com.example.upload", &headers, &chunked(&[b"ab", b"cd"]))).await;
    assert_eq!(reply.text(), r#"{"size":null,"type":"text/plain","bytes":4}"#);
}

#[tokio::test]
async fn a_declared_length_above_the_limit_is_refused_before_the_body_comes() {
    let server = start(echoing().body_limit(10).stream_limit(20)).await;
    let headers = [JSON, "content-length: 1000000000000"];
    ask(server, "POST /xrpc/com.example.put", &headers).await.is_error(413, "PayloadTooLarge");
    ask(server, "POST /xrpc/com.example.upload", &headers).await.is_error(413, "PayloadTooLarge");
}

#[tokio::test]
async fn bytes_are_counted_where_no_length_is_declared() {
    let server = start(echoing().body_limit(10).stream_limit(20)).await;
    for (method, fits) in [("com.example.put", 10), ("com.example.upload", 20)] {
        let headers = [JSON, "transfer-encoding: chunked"];
        for (length, status) in [(fits, 200), (fits + 1, 413)] {
            let body = chunked(&[b"1", &b"1".repeat(length - 1)]);
            let reply = send(server, request(&format!("POST /xrpc/{method}"), &headers, &body)).await;
            assert_eq!(reply.status, status, "{method} {length}");
        }
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_off_and_the_sender_told() {
    let server = start(echoing().body_limit(1000)).await;
    let mut stream = connect(server).await;
    let head = request("POST /xrpc/com.example.put", &[JSON, "transfer-encoding: chunked"], b"");
    stream.write_all(&head).await.expect("writable");
    let chunk = [b"1000\r\n", &b"1".repeat(0x1000)[..], b"\r\n"].concat();
    let mut answer = [0; 12];
    for _ in 0..100 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    timeout(LONG, stream.read_exact(&mut answer)).await.expect("in time").expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn the_limit_of_a_method_goes_before_the_general_one() {
    let server = start(echoing().body_limit(1).body_limit_for("com.example.put", 100)).await;
    assert_eq!(post(server, "/xrpc/com.example.put", "application/json", "[1,2,3]").await.status, 200);
}

#[tokio::test]
async fn whoever_sends_too_much_gets_to_see_the_answer() {
    let server = start(echoing().body_limit(10)).await;
    let reply = post(server, "/xrpc/com.example.put", "application/json", vec![b'1'; 2_000_000]).await;
    reply.is_error(413, "PayloadTooLarge");
}

#[tokio::test]
async fn whoever_waits_for_a_sign_gets_the_refusal_instead() {
    let server = start(echoing().body_limit(10)).await;
    let headers = [JSON, "content-length: 100", "expect: 100-continue"];
    ask(server, "POST /xrpc/com.example.put", &headers).await.is_error(413, "PayloadTooLarge");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = start(echoing().body_timeout(Duration::from_millis(50))).await;
    for method in ["com.example.put", "com.example.upload"] {
        let headers = [JSON, "content-length: 10"];
        ask(server, &format!("POST /xrpc/{method}"), &headers).await.is_error(408, "InvalidRequest");
    }
    let chunked = "transfer-encoding: chunked";
    ask(server, "POST /xrpc/com.example.act", &[chunked]).await.is_error(408, "InvalidRequest");
}

#[tokio::test]
async fn an_unknown_compression_is_refused() {
    let server = start(echoing()).await;
    for coding in ["zstd", "gzip, br", "x"] {
        let headers = [JSON, "content-length: 2", &format!("content-encoding: {coding}")];
        let reply = send(server, request("POST /xrpc/com.example.put", &headers, b"{}")).await;
        reply.is_error(415, "UnsupportedMediaType");
    }
    let headers = [JSON, "content-length: 2", "content-encoding: Identity"];
    let reply = send(server, request("POST /xrpc/com.example.put", &headers, b"{}")).await;
    assert_eq!(reply.status, 200);
}

#[cfg(not(feature = "compression"))]
#[tokio::test]
async fn without_the_feature_no_compression_is_understood() {
    let headers = [JSON, "content-length: 2", "content-encoding: gzip"];
    let reply = send(start(echoing()).await, request("POST /xrpc/com.example.put", &headers, b"{}")).await;
    reply.is_error(415, "UnsupportedMediaType");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_sends_much_to_what_refuses_it_at_once_gets_to_see_the_answer() {
    let server = start(echoing().health("1")).await;
    for (target, status) in [
        ("com.example.unknown", 501),
        ("com.example.list", 405),
        ("com.example.watch", 405),
        ("com.example", 400),
        ("_health", 405),
    ] {
        for _ in 0..4 {
            let reply = post(server, &format!("/xrpc/{target}"), "application/json", vec![b'1'; 3_500_000]).await;
            assert_eq!(reply.status, status, "{target}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_whoever_sends_a_body_with_a_subscription() {
    let server = start(echoing()).await;
    let length = "content-length: 3500000";
    for _ in 0..4 {
        let reply = send(server, request("GET /xrpc/com.example.watch", &[length], &vec![b'1'; 3_500_000])).await;
        assert_eq!(reply.status, 426);
    }
}

#[tokio::test]
async fn a_message_about_a_body_is_short() {
    let catalog = Catalog::from_json(
        r#"{ "lexicon": 1, "id": "com.example.say", "defs": { "main": { "type": "procedure", "input": {
            "encoding": "application/json", "schema": { "type": "object", "properties": {
                "word": { "type": "string", "enum": ["x"] } } } } } } }"#,
    )
    .expect("a catalog");
    let say = Route::dynamic(&catalog, "com.example.say", |_, _| async { Ok(()) }).expect("a route");
    let server = start(Router::new().route(say)).await;
    let body = format!(r#"{{"word":"{}"}}"#, "\u{e9}".repeat(200_000));
    let reply = post(server, "/xrpc/com.example.say", "application/json", body).await;
    reply.is_error(400, "InvalidRequest");
    assert!(reply.body.len() < 1100, "{}", reply.body.len());
}
