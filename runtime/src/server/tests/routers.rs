//! Putting routers together, authentication, the fallback.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body as AxumBody;
use http::HeaderValue;

use super::*;

fn text(nsid: &str, text: &'static str) -> Router {
    Router::new().route(constant(nsid, move || Raw::Stream(Body::new(text))))
}

#[test]
#[should_panic = "two handlers for the method com.example.list"]
fn two_handlers_for_one_method_are_refused_at_the_start() {
    drop(text("com.example.list", "a").merge(text("com.example.list", "b")));
}

#[tokio::test]
async fn a_router_that_replaces_wins() {
    let router = text("com.example.list", "a").merge(text("com.example.blob", "a"));
    let server = start(router.replace(text("com.example.list", "b"))).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &[]).await.text(), "b");
    assert_eq!(ask(server, "GET /xrpc/com.example.blob", &[]).await.text(), "a");
}

#[tokio::test]
async fn only_leaves_the_others_to_the_fallback() {
    let router = echoing().only(["COM.example.list"]).fallback(|cx, request| async move {
        let (method, path) = (request.method().clone(), request.uri().to_string());
        let body = axum::body::to_bytes(request.into_body(), 100).await?;
        let text = format!("{method} {} {path} {}", cx.nsid(), body.len());
        Ok(Response::new(AxumBody::from(text)))
    });
    let server = start(router).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &[]).await.text(), "{}");
    let reply = post(server, "/xrpc/com.EXAMPLE.put?a=%20", "text/plain", "abc").await;
    assert_eq!(reply.text(), "POST com.example.put /xrpc/com.EXAMPLE.put?a=%20 3");
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    ask(server, "GET /xrpc/com.example", &[]).await.is_error(400, "InvalidRequest");
    ask(server, "DELETE /xrpc/com.example.put", &[]).await.is_error(405, "InvalidRequest");
}

use axum::response::Response;

#[tokio::test]
async fn a_failure_of_the_fallback_is_answered_like_any_other() {
    let server = start(Router::new().fallback(|_, _| async { Err(Failure::forbidden("x")) })).await;
    ask(server, "GET /xrpc/com.example.list", &[]).await.is_error(403, "Forbidden");
    let server = start(Router::new().fallback(|_, _| async { panic!() })).await;
    ask(server, "GET /xrpc/com.example.list", &[]).await.is_error(500, "InternalServerError");
}

#[derive(Debug, PartialEq)]
struct Caller(String);

async fn authenticate(cx: Context) -> Result<Caller, Failure> {
    match cx.headers().get("authorization").and_then(|value| value.to_str().ok()) {
        Some(name) => Ok(Caller(name.to_owned())),
        None => Err(Failure::unauthorized("say who you are")),
    }
}

fn whoami() -> Router {
    Router::new().route(method("com.example.list", |cx, _, _| async move {
        let name = cx.get::<Caller>().map_or("nobody", |Caller(name)| name).to_owned();
        Ok(Raw::Stream(Body::new(name)))
    }))
}

#[tokio::test]
async fn handlers_see_who_is_calling() {
    let server = start(whoami().authenticate(authenticate)).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.list", &["authorization: alice"]).await.text(), "alice");
    let reply = ask(server, "GET /xrpc/com.example.list", &[]).await;
    reply.is_error(401, "AuthenticationRequired");
    assert!(reply.header("www-authenticate").is_some());
}

#[tokio::test]
async fn with_authentication_answers_are_private() {
    let server = start(echoing().authenticate(authenticate)).await;
    for (line, headers) in [
        ("GET /xrpc/com.example.list", &["authorization: alice"][..]),
        ("GET /xrpc/com.example.list", &[]),
        ("GET /xrpc/com.example.unknown", &[]),
    ] {
        let reply = ask(server, line, headers).await;
        assert_eq!(reply.header("cache-control"), Some("private"), "{line}");
        assert!(reply.headers("vary").any(|value| value == "Authorization"), "{line}");
    }
    let reply = ask(start(echoing()).await, "GET /xrpc/com.example.list", &[]).await;
    assert_eq!((reply.header("cache-control"), reply.header("vary")), (None, None));
}

#[tokio::test]
async fn parameters_come_before_authentication_and_that_before_the_body() {
    let server = start(echoing().authenticate(authenticate).body_limit(1)).await;
    ask(server, "GET /xrpc/com.example.get", &[]).await.is_error(400, "InvalidRequest");
    post(server, "/xrpc/com.example.put", "image/png", "123").await.is_error(401, "AuthenticationRequired");
}

#[tokio::test]
async fn a_panic_of_the_authentication_lets_nobody_in() {
    let server = start(echoing().authenticate(|_| async { panic!() as Result<(), Failure> })).await;
    ask(server, "GET /xrpc/com.example.list", &[]).await.is_error(500, "InternalServerError");
}

#[tokio::test]
async fn a_merged_router_keeps_its_settings_and_takes_over_the_rest() {
    let strict = Router::new().route(method("com.example.put", echo)).body_limit(1);
    let server = start(whoami().merge(strict).authenticate(authenticate)).await;
    let request = |auth| {
        request("POST /xrpc/com.example.put", &["content-type: application/json", "content-length: 2", auth], b"{}")
    };
    send(server, request("authorization: alice")).await.is_error(413, "PayloadTooLarge");
    send(server, request("x: y")).await.is_error(401, "AuthenticationRequired");

    let server = start(echoing().only(["com.example.get"]).merge(whoami().authenticate(authenticate))).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.get?id=a", &[]).await.status, 200);
    ask(server, "GET /xrpc/com.example.list", &[]).await.is_error(401, "AuthenticationRequired");
}

#[tokio::test]
async fn layers_and_nesting_work_as_usual() {
    let marked = method("com.example.list", |cx, _, _| async move {
        Ok(Raw::Stream(Body::new(*cx.get::<&'static str>().expect("the mark"))))
    });
    let app = Router::new().route(marked).into_axum().layer(axum::Extension("marked"));
    let app = axum::Router::new().nest("/inner", app).route("/xrpc/_own", axum::routing::get(async || "own"));
    let server = start_axum(app).await;
    assert_eq!(ask(server, "GET /inner/xrpc/com.example.list", &[]).await.text(), "marked");
    assert_eq!(ask(server, "GET /xrpc/_own", &[]).await.text(), "own");
}

#[tokio::test]
async fn a_limit_of_a_layer_is_a_limit_too() {
    use axum::middleware::map_request;
    let limit = map_request(async |request: axum::extract::Request| {
        request.map(|body| AxumBody::new(http_body_util::Limited::new(body, 3)))
    });
    let server = start_axum(echoing().into_axum().layer(limit)).await;
    post(server, "/xrpc/com.example.put", "application/json", "12345").await.is_error(413, "PayloadTooLarge");
    post(server, "/xrpc/com.example.upload", "image/png", "12345").await.is_error(413, "PayloadTooLarge");
}

#[tokio::test]
async fn handlers_see_the_other_end() {
    let peer = method("com.example.list", |cx, _, _| async move {
        Ok(Raw::Stream(Body::new(cx.peer().expect("a peer").to_string())))
    });
    let mut stream = connect(start(Router::new().route(peer)).await).await;
    stream.write_all(&request("GET /xrpc/com.example.list", &[], b"")).await.expect("writable");
    let reply = Reply::parse(&read_all(&mut stream).await);
    assert_eq!(reply.text(), stream.local_addr().expect("an address").to_string());
}

#[tokio::test]
async fn the_handler_is_dropped_when_the_caller_is_not_answered_in_time() {
    struct Guard(Arc<AtomicBool>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&dropped);
    let slow = method("com.example.list", move |_, _, _| {
        let guard = Guard(Arc::clone(&own));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Ok(Raw::Empty)
        }
    });
    let service = Router::new().route(slow).into_axum();
    let request = axum::extract::Request::get("/xrpc/com.example.list").body(AxumBody::empty()).expect("a request");
    let answering = tower::ServiceExt::oneshot(service, request);
    assert!(timeout(Duration::from_millis(20), answering).await.is_err());
    assert!(dropped.load(Ordering::SeqCst));
}

#[tokio::test]
async fn headers_that_the_fallback_sets_leave_the_framing_alone() {
    let router = Router::new().fallback(|cx, _| async move {
        cx.set_header(http::header::CONTENT_LENGTH, HeaderValue::from_static("1"));
        cx.set_header(http::header::ETAG, HeaderValue::from_static("\"1\""));
        Ok(Response::new(AxumBody::from("text")))
    });
    let reply = ask(start(router).await, "GET /xrpc/com.example.list", &[]).await;
    assert_eq!(
        (reply.text(), reply.header("content-length"), reply.header("etag")),
        ("text", Some("4"), Some("\"1\""))
    );
}

#[tokio::test]
async fn with_a_fallback_answers_are_private() {
    let router = Router::new().fallback(|_, _| async { Ok(Response::new(AxumBody::empty())) });
    let reply = ask(start(router).await, "GET /xrpc/com.example.list", &[]).await;
    assert_eq!((reply.header("cache-control"), reply.header("vary")), (Some("private"), Some("Authorization")));
}

#[test]
#[should_panic = "no handler for the method com.example.lsit"]
fn only_wants_methods_that_are_there() {
    drop(echoing().only(["com.example.lsit"]));
}

#[test]
fn only_forgets_the_limits_of_what_it_drops() {
    let router = echoing().body_limit_for("com.example.put", 1);
    drop(Router::new().merge(router).only(["com.example.list", "com.example.list"]).into_axum());
}

#[test]
#[should_panic = "a body limit for com.example.ptu"]
fn a_limit_wants_a_method_that_is_there() {
    drop(echoing().body_limit_for("com.example.ptu", 1).into_axum());
}

#[tokio::test]
async fn handlers_see_the_address_of_the_client_behind_a_proxy() {
    let seen = |router: Router| async {
        let server = start(router).await;
        ask(server, "GET /xrpc/com.example.list", &["x-forwarded-for: 203.0.113.7, 198.51.100.1"])
            .await
            .text()
            .to_owned()
    };
    let tell = || {
        method("com.example.list", |cx, _, _| async move {
            Ok(Raw::Stream(Body::new(cx.client_ip().expect("an address").to_string())))
        })
    };
    assert_eq!(seen(Router::new().route(tell())).await, "127.0.0.1");
    assert_eq!(seen(Router::new().route(tell()).trust_forwarded(1)).await, "198.51.100.1");
    let fallback = Router::new().trust_forwarded(1).fallback(|cx, _| async move {
        Ok(Response::new(AxumBody::from(cx.client_ip().expect("an address").to_string())))
    });
    assert_eq!(seen(fallback).await, "198.51.100.1");
}
