//! What a server makes of requests.

use arobase_runtime::{
    Failure,
    data::Map,
    server::{Route, Router},
    xrpc::{Body, Content},
};
use axum::{body::Body as AxumBody, response::Response};
use http::{HeaderValue, StatusCode, header};

use super::support::{ask, catalog, on, start, value};

const JSON: &str = "content-type: application/json";

fn things() -> Router {
    Router::new()
        .route(on("com.example.getThing", |request| Ok(request.params)))
        .route(on("com.example.putThing", |_| Ok(Map::new())))
        .route(on("com.example.touch", |_| Ok(())))
        .route(on("com.example.upload", |_| Ok(Map::new())))
        .route(on("com.example.getCar", |_| Ok(Body::new("a car"))))
}

#[tokio::test]
async fn an_empty_object_is_one_and_nothing_is_nothing() {
    let address = start(things()).await;
    let input = r#"{"word":"a"}"#;
    let length = format!("content-length: {}", input.len());
    let reply = ask(address, "POST /xrpc/com.example.putThing", &[JSON, &length], input).await;
    assert_eq!((reply.status, &*reply.body, reply.header("content-type")), (200, "{}", Some("application/json")));
    let reply = ask(address, "POST /xrpc/com.example.touch", &["content-length: 0"], "").await;
    assert_eq!((reply.status, &*reply.body, reply.header("content-type")), (200, "", None));
    assert_eq!(reply.header("content-length"), Some("0"));
}

#[tokio::test]
async fn a_binary_answer_has_the_type_of_its_method() {
    let address = start(things()).await;
    let reply = ask(address, "GET /xrpc/com.example.getCar", &[], "").await;
    assert_eq!((&*reply.body, reply.header("content-type")), ("a car", Some("application/vnd.ipld.car")));
    let head = ask(address, "HEAD /xrpc/com.example.getCar", &[], "").await;
    assert_eq!((&*head.body, head.header("content-type")), ("", Some("application/vnd.ipld.car")));
}

#[tokio::test]
async fn faulty_requests_get_an_error_in_json() {
    let address = start(things()).await;
    let query = "GET /xrpc/com.example.getThing";
    for (line, status, name) in [
        ("GET /xrpc/com.example.putThing".to_owned(), 405, "InvalidRequest"),
        ("POST /xrpc/com.example.getThing?id=x".to_owned(), 405, "InvalidRequest"),
        ("GET /xrpc/com.example.nothing".to_owned(), 501, "MethodNotImplemented"),
        ("GET /xrpc/com.atproto.server.describeServer".to_owned(), 501, "MethodNotImplemented"),
        ("GET /xrpc/nothing".to_owned(), 400, "InvalidRequest"),
        (query.to_owned(), 400, "InvalidRequest"),
        (format!("{query}?id=x&id=y"), 400, "InvalidRequest"),
        (format!("{query}?id=x&limit=1_000"), 400, "InvalidRequest"),
        (format!("{query}?id=x&limit=%2B5"), 400, "InvalidRequest"),
        (format!("{query}?id=x&limit=%203%20"), 400, "InvalidRequest"),
        (format!("{query}?id=x&limit=%D9%A3"), 400, "InvalidRequest"),
    ] {
        let reply = ask(address, &line, &["content-length: 0"], "").await;
        assert_eq!(reply.error(), (status, name.to_owned()), "{line}");
    }
}

#[tokio::test]
async fn parameters_that_a_method_does_not_know_do_no_harm() {
    let address = start(things()).await;
    let reply = ask(address, "GET /xrpc/com.example.getThing?id=x&utm_source=y", &[], "").await;
    assert_eq!((reply.status, value(&reply.body)), (200, value(r#"{ "id": "x", "limit": 50 }"#)));
}

#[tokio::test]
async fn faulty_bodies_get_an_error_that_says_why() {
    let address = start(things()).await;
    let post = async |content_type: &str, body: &str| {
        let headers = [&*format!("content-type: {content_type}"), &format!("content-length: {}", body.len())];
        ask(address, "POST /xrpc/com.example.putThing", &headers, body).await
    };
    for (body, why) in [
        ("{", ""),
        ("{}", "$.word: required but missing"),
        (r#"{"word":"b"}"#, "$.word"),
        (r#"{"word":"a","any":"text"}"#, "$.any"),
        (r#"{"word":"a","any":{"x":1.5}}"#, "$.any.x"),
        (r#"{"word":"a","more":[1e400]}"#, "$.more[0]"),
        ("[]", "$: expected an object, found an array"),
    ] {
        let reply = post("application/json", body).await;
        assert_eq!(reply.error(), (400, "InvalidRequest".to_owned()), "{body}");
        assert!(reply.body.contains(why), "{body}: {}", reply.body);
    }
    for content_type in ["text/plain", "application/jsonl", ""] {
        assert_eq!(post(content_type, r#"{"word":"a"}"#).await.error(), (400, "InvalidRequest".to_owned()));
    }
    assert_eq!(post("application/json; charset=utf-8", r#"{"word":"a"}"#).await.status, 200);
    let headers = [JSON, "transfer-encoding: chunked"];
    let chunks = "4\r\n{\"wo\r\n8\r\nrd\":\"a\"}\r\n0\r\n\r\n";
    assert_eq!(ask(address, "POST /xrpc/com.example.putThing", &headers, chunks).await.status, 200);
}

#[tokio::test]
async fn answers_go_out_unchecked_only_if_the_server_is_told_so() {
    let wrong = || Router::new().route(on("com.example.getThing", |_| Ok(value(r#"{ "limit": 101 }"#))));
    let ask = |address| ask(address, "GET /xrpc/com.example.getThing?id=x", &[], "");
    let refused = ask(start(wrong().validate_output(true)).await).await;
    assert_eq!(refused.error(), (500, "InternalServerError".to_owned()));
    assert!(!refused.body.contains("101") && !refused.body.contains("limit"), "{}", refused.body);
    let sent = ask(start(wrong().validate_output(false)).await).await;
    assert_eq!((sent.status, &*sent.body), (200, r#"{"limit":101}"#));
}

/// A server whose only method fails.
async fn failing(failure: fn() -> Failure) -> super::support::Reply {
    let route =
        Route::dynamic(&catalog(), "com.example.getThing", move |_, _| async move { Err::<Content, _>(failure()) });
    let address = start(Router::new().route(route.unwrap())).await;
    ask(address, "GET /xrpc/com.example.getThing?id=x", &["origin: https://app.example"], "").await
}

#[tokio::test]
async fn a_failure_has_a_status_a_name_and_headers() {
    let reply = failing(|| Failure::new(StatusCode::BAD_REQUEST, "NotToday", "come back".to_owned())).await;
    assert_eq!((reply.status, &*reply.body), (400, r#"{"error":"NotToday","message":"come back"}"#));
    let reply = failing(|| {
        Failure::new(StatusCode::CONFLICT, "NotToday", None)
            .header(header::RETRY_AFTER, HeaderValue::from_static("7"))
            .header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    })
    .await;
    assert_eq!((reply.status, &*reply.body), (409, r#"{"error":"NotToday"}"#));
    assert_eq!((reply.header("retry-after"), reply.header("cache-control")), (Some("7"), Some("no-store")));
    let reply = failing(|| Failure::redirect(StatusCode::FOUND, "https://cdn.example/x")).await;
    assert_eq!((reply.status, reply.header("location"), &*reply.body), (302, Some("https://cdn.example/x"), ""));
    let reply = failing(|| std::io::Error::other("the disk is full").into()).await;
    assert_eq!(reply.error(), (500, "InternalServerError".to_owned()));
    assert!(!reply.body.contains("disk"), "{}", reply.body);
}

#[tokio::test]
async fn a_preflight_allows_authorization_by_its_name() {
    let address = start(things()).await;
    for nsid in ["com.example.putThing", "com.example.getThing", "com.example.nothing"] {
        let headers = [
            "origin: https://app.example",
            "access-control-request-method: POST",
            "access-control-request-headers: authorization, content-type, atproto-proxy",
        ];
        let reply = ask(address, &format!("OPTIONS /xrpc/{nsid}"), &headers, "").await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, Some("*")), "{nsid}");
        let allowed = reply.header("access-control-allow-headers").unwrap();
        assert!(allowed.split(',').any(|name| name.trim() == "authorization"), "{allowed}");
        assert!(reply.header("access-control-allow-methods").unwrap().contains("POST"));
    }
}

#[tokio::test]
async fn the_fallback_is_asked_before_any_lexicon_and_after_the_routes() {
    let router = things()
        .fallback(|cx, _| async move { Ok(Response::new(AxumBody::from(format!("elsewhere: {}", cx.nsid())))) });
    let address = start(router).await;
    for nsid in ["com.example.nowhere.known", "com.atproto.server.describeServer", "com.example.subscribe"] {
        let reply = ask(address, &format!("GET /xrpc/{nsid}?limit=nonsense"), &[], "").await;
        assert_eq!((reply.status, &*reply.body), (200, &*format!("elsewhere: {nsid}")));
    }
    assert_eq!(ask(address, "GET /xrpc/com.example.getCar", &[], "").await.body, "a car");
    let faulty = ask(address, "GET /xrpc/com.example.getThing?id=x&limit=nonsense", &[], "").await;
    assert_eq!(faulty.status, 400, "a fault is no reason to go elsewhere");
    assert_eq!(ask(address, "GET /xrpc/nonsense", &[], "").await.status, 400);
}

#[tokio::test]
async fn a_method_is_served_by_one_handler_unless_another_takes_its_place() {
    let other = || Router::new().route(on("com.example.getCar", |_| Ok(Body::new("another car"))));
    let address = start(things().replace(other())).await;
    assert_eq!(ask(address, "GET /xrpc/com.example.getCar", &[], "").await.body, "another car");
    let twice = std::panic::catch_unwind(|| drop(things().merge(other())));
    assert!(twice.is_err());
}
