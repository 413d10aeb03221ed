//! Against hosts on this machine.

use std::sync::Arc;

use super::*;
use crate::identity::{
    AddressPolicy, PublicTransport,
    testing::{Answer, Asked, Authority, Names, WebServer},
};

const HOST: &str = "host.example.com";
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(150);

fn did() -> Did {
    format!("did:web:{HOST}").parse().unwrap()
}

fn json() -> String {
    format!(r#"{{"id": "did:web:{HOST}"}}"#)
}

struct Host {
    server: WebServer,
    transport: PublicTransport,
}

impl Host {
    async fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let server = WebServer::https(&authority, &[HOST], script).await;
        let dns = Arc::new(Names::new().host(HOST, &[server.address()]));
        let transport = PublicTransport::with_root(dns, AddressPolicy::Any, authority.root()).unwrap();
        Self { server, transport }
    }

    async fn says(answer: Answer) -> Self {
        Self::new(move |_| answer.clone()).await
    }

    async fn resolve(&self, timeout: Duration) -> Result<DidDocument, IdentityError> {
        resolve(&did(), &self.transport, timeout, false).await
    }
}

#[tokio::test]
async fn a_document_comes_over_https() {
    let host = Host::says(Answer::body(200, "text/html", json())).await;
    assert_eq!(host.resolve(LONG).await.unwrap(), DidDocument::new(did()));
    let asked = host.server.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/.well-known/did.json"));
    assert_eq!(asked.header("host"), Some(HOST));
    assert_eq!(asked.header("accept"), Some("application/did+ld+json, application/json"));
}

#[tokio::test]
async fn a_document_of_localhost_comes_over_http() {
    let server = WebServer::http(|asked| {
        let host = asked.header("host").unwrap().replace(':', "%3A");
        Answer::body(200, "application/json", format!(r#"{{"id": "did:web:{host}"}}"#))
    });
    let server = server.await;
    let dns = Arc::new(Names::new().host("localhost", &[server.address()]));
    let transport = PublicTransport::new(dns, AddressPolicy::Any).unwrap();
    let did: Did = format!("did:web:localhost%3A{}", server.address().port()).parse().unwrap();
    assert_eq!(resolve(&did, &transport, LONG, true).await.unwrap(), DidDocument::new(did));
}

#[tokio::test]
async fn a_host_that_stalls_is_not_known() {
    for answer in [
        Answer::silence(),
        Answer::head("application/json").then_stall(),
        Answer::head("application/json").then(r#"{"id""#).then_stall(),
    ] {
        let error = Host::says(answer).await.resolve(SHORT).await.unwrap_err();
        assert!(matches!(error, IdentityError::Fetch(FetchError::Timeout)), "{error:?}");
    }
}

#[tokio::test]
async fn a_host_that_redirects_is_not_followed() {
    let host = Host::new(|asked| match asked.path.as_str() {
        "/.well-known/did.json" => Answer::redirect(302, "/did.json"),
        _ => Answer::body(200, "application/json", json()),
    });
    let host = host.await;
    let error = host.resolve(LONG).await.unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(FetchError::Redirect)), "{error:?}");
    assert_eq!(host.server.asked().len(), 1);
}

#[tokio::test]
async fn a_host_that_sends_too_much_is_cut() {
    for answer in [
        Answer::body(200, "application/json", json() + &" ".repeat(600_000)),
        Answer::head("application/json").then(json()).then_endless(" ".repeat(1_000)),
    ] {
        let error = Host::says(answer).await.resolve(LONG).await.unwrap_err();
        assert!(matches!(error, IdentityError::Fetch(FetchError::TooLarge { .. })), "{error:?}");
    }
}

#[tokio::test]
async fn a_document_that_was_cut_off_is_none() {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", json().len() + 9);
    let error = Host::says(Answer::raw(head + &json())).await.resolve(LONG).await.unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(FetchError::Transport(_))), "{error:?}");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", json().len() - 1);
    let error = Host::says(Answer::raw(head + &json())).await.resolve(LONG).await.unwrap_err();
    assert!(matches!(error, IdentityError::Document(_)), "{error:?}");
}

#[tokio::test]
async fn a_host_without_a_document_is_told_apart_from_one_in_trouble() {
    for status in [404, 410] {
        let error = Host::says(Answer::text(status, "x".repeat(600_000))).await.resolve(LONG).await.unwrap_err();
        assert!(matches!(error, IdentityError::NotFound), "{error:?}");
    }
    let error = Host::says(Answer::text(500, "x")).await.resolve(LONG).await.unwrap_err();
    assert!(matches!(error, IdentityError::Status(500)), "{error:?}");
    let nowhere = PublicTransport::new(Arc::new(Names::new()), AddressPolicy::Any).unwrap();
    let error = resolve(&did(), &nowhere, LONG, false).await.unwrap_err();
    assert!(matches!(error, IdentityError::NotFound), "{error:?}");
}

#[tokio::test]
async fn a_host_at_an_address_that_is_not_public_is_not_reached() {
    let host = Host::says(Answer::body(200, "application/json", json())).await;
    let dns = Arc::new(Names::new().host(HOST, &[host.server.address()]));
    let guarded = PublicTransport::new(dns, AddressPolicy::Public).unwrap();
    let error = resolve(&did(), &guarded, LONG, false).await.unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(FetchError::ForbiddenAddress)), "{error:?}");
    assert_eq!(host.server.accepted(), 0);
}
