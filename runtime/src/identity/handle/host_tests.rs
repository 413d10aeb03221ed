//! What the host of a handle may answer, and what it may try.

use std::{sync::Arc, time::Duration};

use arobase_lexicon::syntax::Did;

use super::{
    HandleError, HandleResolver,
    tests::{FROM_HOST, HANDLE, Place, handle},
};
use crate::identity::{
    AddressPolicy, FetchError, PublicTransport,
    testing::{Answer, Asked, Names, WebServer},
};

const SHORT: Duration = Duration::from_millis(400);

async fn ask(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Place, Result<Did, HandleError>) {
    let place = Place::new(script).await;
    let found = place.resolver(place.names()).resolve(&handle(HANDLE)).await;
    (place, found)
}

async fn answer(answer: Answer) -> Result<Did, HandleError> {
    ask(move |_| answer.clone()).await.1
}

/// How fetching failed, where that is why a handle was not resolved.
fn fetch_error(found: Result<Did, HandleError>) -> FetchError {
    match found.unwrap_err() {
        HandleError::Failed { dns: None, http: Some(error) } => error,
        other => panic!("{other:?}"),
    }
}

fn is_no_did(found: &Result<Did, HandleError>) -> bool {
    matches!(found, Err(error @ HandleError::NotADid) if error.is_permanent())
}

#[tokio::test]
async fn the_well_known_place_is_asked_for_with_get() {
    let (place, found) = ask(|_| Answer::text(200, FROM_HOST)).await;
    assert_eq!(found.unwrap().as_str(), FROM_HOST);
    let asked = place.server.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/.well-known/atproto-did"));
    assert_eq!(place.server.accepted(), 1);
}

#[tokio::test]
async fn type_and_white_space_do_not_matter() {
    for mime_type in ["text/html; charset=utf-16", "application/octet-stream", "nonsense"] {
        assert_eq!(answer(Answer::body(200, mime_type, FROM_HOST)).await.unwrap().as_str(), FROM_HOST);
    }
    for body in [format!("{FROM_HOST}\n"), format!("\r\n\t {FROM_HOST}  \n\n")] {
        assert_eq!(answer(Answer::text(200, body)).await.unwrap().as_str(), FROM_HOST);
    }
    assert_eq!(answer(Answer::text(203, FROM_HOST)).await.unwrap().as_str(), FROM_HOST);
}

#[tokio::test]
async fn anything_but_one_did_is_none() {
    let two = format!("{FROM_HOST}\n{FROM_HOST}\n");
    let marked = format!("\u{feff}{FROM_HOST}");
    let prefixed = format!("did={FROM_HOST}");
    let page = "<!doctype html><title>Welcome</title>";
    for body in ["", "  \n", "did:", "alice.example.com", page, &two, &marked, &prefixed] {
        let found = answer(Answer::text(200, body)).await;
        assert!(is_no_did(&found), "{body:?}: {found:?}");
    }
}

#[tokio::test]
async fn other_encodings_than_utf8_are_no_did() {
    let utf16: Vec<u8> = FROM_HOST.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(is_no_did(&answer(Answer::body(200, "text/plain; charset=utf-16", utf16)).await));
    assert!(is_no_did(&answer(Answer::body(200, "text/plain; charset=latin1", b"did:web:caf\xe9.example")).await));
}

#[tokio::test]
async fn an_answer_of_2048_bytes_is_read_and_one_byte_more_is_not() {
    let padded = |length: usize| Answer::text(200, format!("{FROM_HOST:<length$}"));
    assert_eq!(answer(padded(2048)).await.unwrap().as_str(), FROM_HOST);
    assert!(is_no_did(&answer(padded(2049)).await));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let place = Place::new(|_| Answer::head("text/plain").then_endless(vec![b' '; 1024])).await;
    assert!(is_no_did(&place.resolver(place.names()).resolve(&handle(HANDLE)).await));
    let cut = async {
        while place.server.cut() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), cut).await.unwrap();
}

#[tokio::test]
async fn stalling_at_any_point_ends_with_the_time() {
    let late = Answer::head("text/plain").then_wait(Duration::from_secs(60)).then(FROM_HOST);
    for stall in [
        Answer::silence(),
        Answer::raw("HTTP/1.1 200 O").then_stall(),
        Answer::raw("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n").then_stall(),
        Answer::head("text/plain").then(FROM_HOST).then_stall(),
        late,
    ] {
        let place = Place::new(move |_| stall.clone()).await;
        let found = place.resolver(place.names()).timeout(SHORT).resolve(&handle(HANDLE)).await;
        assert!(matches!(fetch_error(found), FetchError::Timeout));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_failure() {
    for broken in [
        Answer::raw(""),
        Answer::raw("HTTP/1.1 200 OK\r\nConte"),
        Answer::raw(format!("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{FROM_HOST}")),
        Answer::raw(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n17\r\n{FROM_HOST}\r\n")),
        Answer::raw("SSH-2.0-OpenSSH_9.6\r\n"),
    ] {
        let fault = fetch_error(answer(broken).await);
        assert!(matches!(fault, FetchError::Transport(_)), "{fault:?}");
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_sixth_is_not() {
    let chain = |length: usize| {
        move |asked: &Asked| {
            let at = asked.path.strip_prefix("/step").map_or(0, |at| at.parse::<usize>().unwrap());
            let next = format!("/step{}", at + 1);
            if at == length { Answer::text(200, FROM_HOST) } else { Answer::redirect(302, &next) }
        }
    };
    let (place, found) = ask(chain(5)).await;
    assert_eq!(found.unwrap().as_str(), FROM_HOST);
    assert_eq!(place.server.asked().len(), 6);
    let (place, found) = ask(chain(6)).await;
    assert!(matches!(fetch_error(found), FetchError::Redirect));
    assert_eq!(place.server.asked().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_itself_ends() {
    let (place, found) = ask(|asked| Answer::redirect(301, &asked.path)).await;
    assert!(matches!(fetch_error(found), FetchError::Redirect));
    assert_eq!(place.server.asked().len(), 6);
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_forbidden_and_nothing_connects() {
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "localhost"] {
        let private = Place::new(|_| Answer::text(200, FROM_HOST)).await;
        let location = format!("https://{host}:{}/", private.server.address().port());
        let place = Place::new(move |_| Answer::redirect(302, &location)).await;
        let names = place.names().host("localhost", &[private.server.address()]);
        let fault = fetch_error(place.resolver(names).resolve(&handle(HANDLE)).await);
        assert!(matches!(fault, FetchError::ForbiddenAddress), "{host}: {fault:?}");
        assert_eq!((place.server.asked().len(), private.server.accepted()), (1, 0), "{host}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_name_that_leads_to_this_machine_is_forbidden() {
    let private = Place::new(|_| Answer::text(200, FROM_HOST)).await;
    let place = Place::new(|_| Answer::redirect(307, "https://inside.example.com/")).await;
    let names = place.names().host("inside.example.com", &[private.server.address()]);
    let fault = fetch_error(place.resolver(names).resolve(&handle(HANDLE)).await);
    assert!(matches!(fault, FetchError::ForbiddenAddress), "{fault:?}");
    assert_eq!(private.server.accepted(), 0);
}

#[tokio::test]
async fn a_redirect_away_from_tls_is_not_followed() {
    let plain = WebServer::http(|_| Answer::text(200, FROM_HOST)).await;
    let location = format!("http://{}/", plain.address());
    let place = Place::new(move |_| Answer::redirect(302, &location)).await;
    let fault = fetch_error(place.resolver(place.names()).resolve(&handle(HANDLE)).await);
    assert!(matches!(fault, FetchError::Redirect), "{fault:?}");
    assert_eq!(plain.accepted(), 0);
}

#[tokio::test]
async fn a_host_on_this_machine_is_forbidden() {
    let place = Place::new(|_| Answer::text(200, FROM_HOST)).await;
    let dns = Arc::new(place.names());
    let transport = PublicTransport::with_root(dns.clone(), AddressPolicy::Public, place.authority.root()).unwrap();
    let found = HandleResolver::new(dns, Arc::new(transport)).resolve(&handle(HANDLE)).await;
    assert!(matches!(fetch_error(found), FetchError::ForbiddenAddress));
    assert_eq!(place.server.accepted(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_name_is_a_failure() {
    let place = Place::new(|_| Answer::text(200, FROM_HOST)).await;
    let names = Names::new().host("bob.example.com", &[place.server.address()]);
    let fault = fetch_error(place.resolver(names).resolve(&handle("bob.example.com")).await);
    assert!(matches!(&fault, FetchError::Transport(error) if error.is_connect()), "{fault:?}");
    assert_eq!(place.server.asked().len(), 0);
}

#[tokio::test]
async fn in_development_hosts_under_test_are_asked_over_plain_http() {
    let server = WebServer::http(|_| Answer::text(200, FROM_HOST)).await;
    let dns = Arc::new(Names::new().host("alice.test", &[server.address()]).host(HANDLE, &[server.address()]));
    let transport = Arc::new(PublicTransport::new(dns.clone(), AddressPolicy::Any).unwrap());
    let resolver = HandleResolver::new(dns, transport).development(true);
    assert_eq!(resolver.resolve(&handle("Alice.Test")).await.unwrap().as_str(), FROM_HOST);
    assert_eq!(server.asked().len(), 1);
    fetch_error(resolver.resolve(&handle(HANDLE)).await);
    assert_eq!(server.asked().len(), 1, "others are asked over TLS, which this server does not speak");
}
