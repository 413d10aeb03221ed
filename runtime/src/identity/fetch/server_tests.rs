//! Against a real server that does not keep to its part.

use std::time::Instant;

use super::*;
use crate::identity::{
    AddressPolicy, PublicTransport,
    testing::{Answer, Asked, Names, WebServer},
};

const MAX: u64 = 1_000;
const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(20);

async fn server(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> WebServer {
    WebServer::http(script).await
}

async fn get(server: &WebServer, timeout: Duration) -> Result<Fetched, FetchError> {
    get_from(&format!("http://{}/place?token=secret", server.address()), timeout).await
}

async fn get_from(url: &str, timeout: Duration) -> Result<Fetched, FetchError> {
    let fetch = Fetch {
        method: Method::GET,
        url,
        accept: "text/plain",
        body: Bytes::new(),
        timeout,
        max_bytes: MAX,
        redirects: 3,
        https_only: false,
    };
    fetch.send(&PublicTransport::new(Arc::new(Names::new()), AddressPolicy::Any).unwrap()).await
}

/// What comes of this answer, without a test for its time.
async fn fetched(answer: Answer) -> Result<Fetched, FetchError> {
    get(&server(move |_| answer.clone()).await, LONG).await
}

#[tokio::test]
async fn an_answer_comes_with_its_status_and_body() {
    let server = server(|_| Answer::text(200, "hello")).await;
    let answer = get(&server, LONG).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"hello"[..]));
    let asked = server.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/place?token=secret"));
    assert_eq!(asked.header("accept"), Some("text/plain"));
    assert_eq!((asked.header("referer"), asked.header("authorization")), (None, None));
}

#[tokio::test]
async fn a_posted_body_arrives() {
    let server = server(|_| Answer::text(200, "")).await;
    let fetch = Fetch {
        method: Method::POST,
        url: &format!("http://{}/place", server.address()),
        accept: "",
        body: r#"{"a":"b"}"#.into(),
        timeout: LONG,
        max_bytes: MAX,
        redirects: 0,
        https_only: false,
    };
    let transport = PublicTransport::new(Arc::new(Names::new()), AddressPolicy::Any).unwrap();
    fetch.send(&transport).await.unwrap();
    let asked = server.asked().remove(0);
    assert_eq!((asked.method.as_str(), asked.header("content-type")), ("POST", Some("application/json")));
    assert_eq!(asked.body, br#"{"a":"b"}"#);
}

#[tokio::test]
async fn a_server_that_stalls_anywhere_is_given_up_in_time() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n";
    for answer in [
        Answer::silence(),
        Answer::raw("HTTP/1.1 200 ").then_stall(),
        Answer::raw(head).then_stall(),
        Answer::raw(format!("{head}\r\n")).then_stall(),
        Answer::raw(format!("{head}\r\nsome")).then_stall(),
    ] {
        let server = server(move |_| answer.clone()).await;
        let start = Instant::now();
        let result = get(&server, SHORT).await;
        assert!(matches!(result, Err(FetchError::Timeout)), "{result:?}");
        assert!(start.elapsed() >= SHORT && start.elapsed() < LONG);
    }
}

#[tokio::test]
async fn bytes_that_trickle_do_not_lengthen_the_time() {
    let mut answer = Answer::raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for _ in 0..1_000 {
        answer = answer.then_wait(SHORT / 10).then("x");
    }
    let server = server(move |_| answer.clone()).await;
    assert!(matches!(get(&server, SHORT).await, Err(FetchError::Timeout)));
}

#[tokio::test]
async fn redirects_share_the_time() {
    let redirect = Answer::default().then_wait(SHORT / 2).then("HTTP/1.1 302 There\r\nLocation: /again\r\n");
    let redirect = redirect.then("Content-Length: 0\r\nConnection: close\r\n\r\n");
    let server = server(move |_| redirect.clone()).await;
    assert!(matches!(get(&server, SHORT).await, Err(FetchError::Timeout)));
    assert!(server.asked().len() < 4);
}

#[tokio::test]
async fn redirects_lead_to_the_answer_or_round_and_round() {
    let there = server(|_| Answer::text(200, "there")).await;
    let target = format!("http://{}/end", there.address());
    let here = server(move |asked| match asked.path.as_str() {
        "/next" => Answer::redirect(308, &target),
        _ => Answer::redirect(302, "/next"),
    });
    assert_eq!(get(&here.await, LONG).await.unwrap().body, "there");
    let round = server(|_| Answer::redirect(302, "/place")).await;
    assert!(matches!(get(&round, LONG).await, Err(FetchError::Redirect)));
    assert_eq!(round.asked().len(), 4);
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let chunked = Answer::raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").then_endless("4\r\nxxxx\r\n");
    for answer in [Answer::head("text/plain").then_endless("x"), chunked] {
        let server = server(move |_| answer.clone()).await;
        let result = get(&server, LONG).await;
        assert!(matches!(result, Err(FetchError::TooLarge { max: MAX })), "{result:?}");
    }
}

#[tokio::test]
async fn the_bound_of_a_body_is_exact() {
    assert_eq!(fetched(Answer::text(200, [b'x'; 1_000])).await.unwrap().body.len(), 1_000);
    assert!(matches!(fetched(Answer::text(200, [b'x'; 1_001])).await, Err(FetchError::TooLarge { .. })));
}

#[tokio::test]
async fn a_length_that_is_a_lie_helps_nobody() {
    let claim = |length: &str, body: &str| {
        let rest = format!("Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        Answer::raw(format!("HTTP/1.1 200 OK\r\n{rest}"))
    };
    // More than was announced is not part of the answer.
    assert_eq!(fetched(claim("4", &"x".repeat(10_000))).await.unwrap().body, "xxxx");
    for (length, body) in [("100", "xxxx"), ("18446744073709551615", "xxxx"), ("-1", "x"), ("4, 5", "xxxx")] {
        let result = fetched(claim(length, body)).await;
        assert!(matches!(result, Err(FetchError::Transport(_) | FetchError::TooLarge { .. })), "{length}: {result:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nxxxx\r\n";
    for text in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxxxx", chunked, "garbage\r\n\r\n"] {
        let result = fetched(Answer::raw(text)).await;
        assert!(matches!(result, Err(FetchError::Transport(_))), "{text:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_failure_counts_whatever_its_text_does() {
    let head = "HTTP/1.1 404 No\r\nConnection: close\r\n";
    for answer in [
        Answer::text(404, [b'x'; 100_000]),
        Answer::raw(format!("{head}\r\n")).then_endless("x"),
        Answer::raw(format!("{head}Content-Length: 9\r\n\r\nxx")),
    ] {
        assert_eq!(fetched(answer).await.unwrap().status, 404);
    }
    let stalled = Answer::raw(format!("{head}Content-Length: 9\r\n\r\nxx")).then_stall();
    let server = server(move |_| stalled.clone()).await;
    assert_eq!(get(&server, SHORT).await.unwrap().status, 404);
}

#[tokio::test]
async fn what_was_asked_for_stays_out_of_errors() {
    let gone = server(|_| Answer::text(200, "")).await.address();
    let refused = get_from(&format!("http://{gone}/place?token=secret"), LONG).await.unwrap_err();
    assert!(matches!(&refused, FetchError::Transport(error) if error.is_connect()), "{refused:?}");
    let broken = fetched(Answer::raw("garbage\r\n\r\n")).await.unwrap_err();
    let unknown = get_from("http://me.example.com/place?token=secret", LONG).await.unwrap_err();
    assert!(matches!(unknown, FetchError::NoSuchHost));
    let text = format!("{refused:?} {refused} {broken:?} {broken} {unknown:?} {unknown}");
    assert!(!text.contains("secret"), "{text}");
}
