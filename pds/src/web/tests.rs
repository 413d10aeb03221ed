use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response},
};
use tower::ServiceExt;

use super::*;
use crate::{
    settings::{MetricsPolicy, Settings},
    store::MemoryStore,
    testing,
};

struct Answer {
    status: u16,
    head: Response<()>,
    body: String,
}

async fn ask(pds: &Pds, verb: &str, host: &str, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder().method(verb).uri(path).header("host", host);
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    let answer = pds.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: parts.status.as_u16(), head: Response::from_parts(parts, ()), body }
}

async fn get(pds: &Pds, path: &str) -> Answer {
    ask(pds, "GET", "localhost:2583", path, None).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.head.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn with(change: impl FnOnce(&mut Settings)) -> Pds {
    let mut builder = testing::builder(MemoryStore::new());
    change(&mut builder.settings);
    builder.build().await.unwrap()
}

#[tokio::test]
async fn people_are_told_what_this_is() {
    let pds = with(|settings| settings.contact_email = Some("\"><script>@example.com".into())).await;
    let answer = get(&pds, "/").await;
    assert_eq!((answer.status, header(&answer, "content-type")), (200, "text/html; charset=utf-8"));
    assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
    assert!(answer.body.contains("<h1>localhost:2583</h1>") && answer.body.contains(env!("CARGO_PKG_VERSION")));
    assert!(!answer.body.contains("<script"), "{}", answer.body);
}

#[tokio::test]
async fn the_handle_of_an_account_leads_to_it() {
    let (pds, alice) = testing::with_alice().await;
    let path = "/.well-known/atproto-did";
    for host in ["alice.test", "ALICE.test", "alice.test:2583"] {
        let answer = ask(&pds, "GET", host, path, None).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, alice.as_str()), "{host}");
        assert!(header(&answer, "content-type").starts_with("text/plain"));
        assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    }
    for host in ["bob.test", "localhost:2583", "127.0.0.1"] {
        assert_eq!(ask(&pds, "GET", host, path, None).await.status, 404, "{host}");
    }
    pds.deactivate(&alice, None).await.unwrap();
    assert_eq!(ask(&pds, "GET", "alice.test", path, None).await.status, 200);
    pds.set_takedown(&alice, Some("1")).await.unwrap();
    assert_eq!(ask(&pds, "GET", "alice.test", path, None).await.status, 404);
}

#[tokio::test]
async fn the_servers_own_did_has_its_document_here() {
    let pds = testing::pds().await;
    let answer = get(&pds, "/.well-known/did.json").await;
    let document: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(document["id"], "did:web:localhost%3A2583");
    assert_eq!(document["service"][0]["id"], "#atproto_pds");
    assert_eq!(document["service"][0]["serviceEndpoint"], "http://localhost:2583");
    let elsewhere = with(|settings| settings.did = "did:web:other.example".parse().unwrap()).await;
    assert_eq!(get(&elsewhere, "/.well-known/did.json").await.status, 404);
}

#[tokio::test]
async fn everything_can_be_asked_for_by_head() {
    let (pds, _) = testing::with_alice().await;
    for (path, status) in [
        ("/", 200),
        ("/robots.txt", 200),
        ("/.well-known/atproto-did", 200),
        ("/.well-known/did.json", 200),
        ("/x", 404),
    ] {
        let answer = ask(&pds, "HEAD", "alice.test", path, None).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{path}");
    }
    assert_eq!(ask(&pds, "POST", "localhost", "/", None).await.status, 405);
}

#[tokio::test]
async fn numbers_are_shown_to_those_who_may_see_them() {
    let pds = testing::pds().await;
    assert_eq!(get(&pds, "/metrics").await.status, 404);
    let pds = with(|settings| settings.metrics = MetricsPolicy::Everybody).await;
    testing::account(&pds, "alice.test").await;
    get(&pds, "/xrpc/com.atproto.server.describeServer").await;
    let answer = get(&pds, "/metrics").await;
    assert!(header(&answer, "content-type").starts_with("application/openmetrics-text"));
    for line in [
        r#"arobase_pds_requests_total{method="com.atproto.server.describeServer",status="200"} 1"#,
        "arobase_pds_firehose_subscribers 0",
    ] {
        assert!(answer.body.lines().any(|other| other == line), "{line} is not in\n{}", answer.body);
    }
    assert!(!answer.body.contains("alice") && !answer.body.contains("did:"));
    let pds = with(|settings| settings.metrics = MetricsPolicy::Token("secret".into())).await;
    for (token, status) in [
        (None, 401),
        (Some("Bearer other"), 401),
        (Some("Basic secret"), 401),
        (Some("Bearer secret"), 200),
        (Some("bearer secret"), 200),
    ] {
        assert_eq!(ask(&pds, "GET", "localhost", "/metrics", token).await.status, status, "{token:?}");
    }
}

#[tokio::test]
async fn a_server_whose_database_is_gone_is_not_well() {
    let pds = testing::pds().await;
    let answer = get(&pds, "/xrpc/_health").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, concat!(r#"{"version":""#, env!("CARGO_PKG_VERSION"), r#""}"#))
    );
    pds.database().store().close().await;
    assert_eq!(get(&pds, "/xrpc/_health").await.status, 503);
    assert_eq!(get(&pds, "/").await.status, 200);
}

#[tokio::test]
async fn it_is_served_over_a_socket_too() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let (pds, alice) = testing::with_alice().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = arobase::server::serve(listener, pds.router()).shutdown(async { drop(stopped.await) });
    let serving = tokio::spawn(serving.grace(Duration::from_secs(5)).into_future());
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = "GET /.well-known/atproto-did HTTP/1.1\r\nHost: alice.test\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(alice.as_str()), "{answer}");
    stop.send(()).unwrap();
    serving.await.unwrap();
}
