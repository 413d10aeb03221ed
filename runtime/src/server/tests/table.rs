//! Paths, verbs, parameters.

use super::*;

#[tokio::test]
async fn a_query_is_answered() {
    let server = start(echoing()).await;
    let reply = ask(server, "GET /xrpc/com.example.get?id=a%20b+c&deep=true&tags=x&tags=y", &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.text(), r#"{"id":"a b c","deep":true,"tags":["x","y"],"limit":50}"#);
    assert_eq!(reply.header("content-length"), Some(&*reply.body.len().to_string()));
}

#[tokio::test]
async fn other_paths_are_not_served() {
    let server = start(echoing()).await;
    for path in ["/", "/xrpc", "/xrpcs/com.example.list", "/com.example.list", "/a/xrpc/com.example.list"] {
        assert_eq!(ask(server, &format!("GET {path}"), &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_ill_formed_nsid_is_refused() {
    let server = start(echoing()).await;
    for name in [
        "",
        "/",
        "com.example",
        "com.example.list/x",
        "com.example.li%73t",
        "com..list",
        "com.example.list//",
        "_health",
    ] {
        ask(server, &format!("GET /xrpc/{name}"), &[]).await.is_error(400, "InvalidRequest");
    }
}

#[tokio::test]
async fn a_trailing_slash_is_tolerated() {
    let server = start(echoing()).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.list/", &[]).await.status, 200);
}

#[tokio::test]
async fn case_counts_in_the_name_only() {
    let server = start(echoing()).await;
    assert_eq!(ask(server, "GET /xrpc/COM.Example.list", &[]).await.status, 200);
    ask(server, "GET /xrpc/com.example.List", &[]).await.is_error(501, "MethodNotImplemented");
}

#[tokio::test]
async fn an_unknown_method_is_not_implemented() {
    let server = start(echoing()).await;
    for verb in ["GET", "POST", "DELETE"] {
        ask(server, &format!("{verb} /xrpc/com.example.unknown"), &[]).await.is_error(501, "MethodNotImplemented");
    }
}

#[tokio::test]
async fn the_verb_must_be_that_of_the_kind() {
    let server = start(echoing()).await;
    for (line, allowed) in [
        ("POST /xrpc/com.example.list", "GET, HEAD"),
        ("DELETE /xrpc/com.example.list", "GET, HEAD"),
        ("GET /xrpc/com.example.act", "POST"),
        ("PUT /xrpc/com.example.act", "POST"),
        ("POST /xrpc/com.example.watch", "GET"),
        ("DELETE /xrpc/com.example.watch", "GET"),
    ] {
        let reply = ask(server, line, &["content-length: 0"]).await;
        reply.is_error(405, "InvalidRequest");
        assert_eq!(reply.header("allow"), Some(allowed), "{line}");
    }
}

#[tokio::test]
async fn faulty_parameters_are_refused() {
    let server = start(echoing()).await;
    for query in ["", "id=", "id=a&id=b", "id=a&limit=1.0", "id=a&limit=101", "id=a&deep=1", "id=%FF"] {
        ask(server, &format!("GET /xrpc/com.example.get?{query}"), &[]).await.is_error(400, "InvalidRequest");
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored_unless_told_otherwise() {
    let server = start(echoing()).await;
    for target in ["com.example.get?id=a&utm_source=x", "com.example.list?utm_source=x"] {
        assert_eq!(ask(server, &format!("GET /xrpc/{target}"), &[]).await.status, 200);
    }
    let server = start(echoing().unknown_params(crate::xrpc::params::UnknownParams::Refuse)).await;
    for target in ["com.example.get?id=a&utm_source=x", "com.example.list?utm_source=x"] {
        ask(server, &format!("GET /xrpc/{target}"), &[]).await.is_error(400, "InvalidRequest");
    }
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &[]).await.status, 200);
}

#[tokio::test]
async fn a_body_on_a_query_is_refused() {
    let server = start(echoing()).await;
    let declared = request("GET /xrpc/com.example.list", &["content-length: 2"], b"{}");
    send(server, declared).await.is_error(400, "InvalidRequest");
    let sent = request("GET /xrpc/com.example.list", &["transfer-encoding: chunked"], &chunked(&[b"{}"]));
    send(server, sent).await.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn an_empty_body_on_a_query_does_no_harm() {
    let server = start(echoing()).await;
    for (header, body) in [
        ("content-length: 0", &b""[..]),
        ("transfer-encoding: chunked", b"0\r\n\r\n"),
        ("content-type: application/json", b""),
    ] {
        let reply = send(server, request("GET /xrpc/com.example.list", &[header], body)).await;
        assert_eq!(reply.status, 200, "{header}");
    }
}

#[tokio::test]
async fn the_health_check_tells_the_version() {
    let server = start(echoing().health("1.2.3")).await;
    let reply = ask(server, "GET /xrpc/_health", &[]).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"version":"1.2.3"}"#));
    ask(server, "POST /xrpc/_health", &["content-length: 0"]).await.is_error(405, "InvalidRequest");
}
