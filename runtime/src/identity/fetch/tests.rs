//! What needs no network.

use futures_util::{FutureExt, StreamExt, stream};

use super::{
    fake::{Fake, answer, redirect},
    *,
};

const URL: &str = "https://host.example.com/place";

fn get(url: &str) -> Fetch<'_> {
    Fetch {
        method: Method::GET,
        url,
        accept: "text/plain",
        body: Bytes::new(),
        timeout: Duration::from_secs(5),
        max_bytes: 10,
        redirects: 3,
        https_only: true,
    }
}

fn send(fetch: Fetch<'_>, transport: &Fake) -> Result<Fetched, FetchError> {
    fetch.send(transport).now_or_never().unwrap()
}

/// What comes of a request that is answered in this way.
fn fetch(script: impl Fn(&Request<Body>) -> fake::Answer + Send + Sync + 'static) -> Result<Fetched, FetchError> {
    send(get(URL), &Fake::new(script))
}

#[test]
fn a_request_says_what_it_takes_and_nothing_else() {
    let fake = Fake::new(|request| {
        assert_eq!(request.method(), Method::GET);
        assert_eq!(request.headers().iter().collect::<Vec<_>>(), [(&header::ACCEPT, &"text/plain".parse().unwrap())]);
        assert_eq!(request.body().size(), Some(0));
        answer(200, "hello")
    });
    let answer = send(get(URL), &fake).unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"hello"[..]));
    assert_eq!(fake.asked(), [URL]);
}

#[test]
fn a_body_goes_along_as_json() {
    let fake = Fake::new(|request| {
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json");
        assert!(!request.headers().contains_key(header::ACCEPT));
        assert_eq!(request.body().as_bytes().unwrap(), "{}");
        answer(200, "")
    });
    let fetch = Fetch { method: Method::POST, accept: "", body: "{}".into(), ..get(URL) };
    assert!(send(fetch, &fake).is_ok());
}

#[test]
fn an_address_that_must_not_be_used_is_not_asked() {
    let fake = Fake::new(|_| answer(200, ""));
    for url in [
        "",
        "/place",
        "host.example.com",
        "//host.example.com",
        "ftp://host.example.com",
        "file:///etc/hosts",
        "https://",
        "https:///place",
        "https://me@host.example.com",
        "https://me:secret@host.example.com",
        "https://@host.example.com",
        "https://host.example.com/#part",
        "https://host.example.com/a b",
        "http://host.example.com",
    ] {
        let result = send(get(url), &fake);
        assert!(matches!(result, Err(FetchError::Address(_))), "{url}: {result:?}");
    }
    assert!(fake.asked().is_empty());
    let plain = Fetch { https_only: false, ..get("http://host.example.com") };
    assert!(send(plain, &fake).is_ok());
}

#[test]
fn redirects_are_followed_as_often_as_allowed() {
    let hops = |hops: usize, allowed: usize| {
        let fake = Fake::new(move |request| match request.uri().path().len() {
            len if len > hops => answer(200, "there"),
            _ => redirect(302, &format!("{}a", request.uri().path())),
        });
        (send(Fetch { redirects: allowed, ..get("https://host.example.com/") }, &fake), fake.asked().len())
    };
    for allowed in 0..5 {
        let (result, asked) = hops(allowed, allowed);
        assert_eq!((result.unwrap().body, asked), (Bytes::from("there"), allowed + 1));
        let (result, asked) = hops(allowed + 1, allowed);
        assert!(matches!(result, Err(FetchError::Redirect)));
        assert_eq!(asked, allowed + 1);
    }
}

#[test]
fn a_redirect_to_a_place_that_must_not_be_used_is_not_followed() {
    for location in [
        "http://host.example.com/place",
        "ftp://host.example.com/place",
        "https://me:secret@host.example.com/place",
        "https://",
        "https:///place",
        "file:///etc/hosts",
        "javascript:1",
    ] {
        let fake = Fake::new(|_| redirect(302, location));
        assert!(matches!(send(get(URL), &fake), Err(FetchError::Redirect)), "{location}");
        assert_eq!(fake.asked().len(), 1, "{location}");
    }
    assert!(matches!(fetch(|_| answer(302, "")), Err(FetchError::Redirect)));
}

#[test]
fn every_kind_of_redirect_is_one_and_other_statuses_are_none() {
    for status in [301, 302, 303, 307, 308] {
        let result = fetch(move |request| match request.uri().path() {
            "/place" => redirect(status, "https://other.example.com/"),
            _ => answer(200, ""),
        });
        assert_eq!(result.unwrap().status, 200, "{status}");
    }
    for status in [200, 204, 300, 304, 400, 404, 500, 599] {
        assert_eq!(fetch(move |_| redirect(status, "/other")).unwrap().status, status);
    }
}

#[test]
fn a_request_with_a_body_is_not_redirected() {
    let fake = Fake::new(|_| redirect(307, "/other"));
    let fetch = Fetch { method: Method::POST, body: "{}".into(), ..get(URL) };
    assert!(matches!(send(fetch, &fake), Err(FetchError::Redirect)));
    assert_eq!(fake.asked().len(), 1);
}

/// Chunks of four bytes, as many as wanted.
fn chunks(count: usize) -> Body {
    Body::from_stream(stream::repeat_with(|| Ok(Bytes::from("1234"))).take(count))
}

#[test]
fn a_body_has_a_bound_whatever_was_announced() {
    assert_eq!(fetch(|_| answer(200, "1234567890")).unwrap().body, "1234567890");
    assert_eq!(fetch(|_| answer(200, chunks(2))).unwrap().body, "12341234");
    let endless = || Body::from_stream(stream::repeat_with(|| Ok(Bytes::from("1234"))));
    let answers: [fn() -> Body; 4] =
        [|| "12345678901".into(), || chunks(3), || chunks(3).sized(3), || chunks(1).sized(u64::MAX)];
    for body in answers.into_iter().chain([endless as fn() -> Body]) {
        let result = fetch(move |_| answer(200, body()));
        assert!(matches!(result, Err(FetchError::TooLarge { max: 10 })), "{result:?}");
    }
}

fn broken() -> Body {
    let chunks = [Ok(Bytes::from("1234")), Err(BodyError::source("the line went dead"))];
    Body::from_stream(stream::iter(chunks))
}

#[test]
fn a_body_that_breaks_off_is_none() {
    let Err(error) = fetch(|_| answer(200, broken())) else { panic!() };
    assert_eq!(error.to_string(), "the answer broke off");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the line went dead");
}

#[test]
fn a_failure_counts_though_its_text_is_too_long_or_breaks_off() {
    for body in [|| chunks(3), broken] {
        let answer = fetch(move |_| answer(404, body())).unwrap();
        assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0));
    }
    assert_eq!(fetch(|_| answer(404, "gone")).unwrap().body, "gone");
}

#[test]
fn a_fault_of_the_transport_keeps_its_kind() {
    let fault = |fault: fn() -> TransportError| fetch(move |_| Err(fault())).unwrap_err();
    let new = || TransportError::new("fault");
    assert!(matches!(fault(|| TransportError::new("x").no_such_host()), FetchError::NoSuchHost));
    assert!(matches!(fault(|| TransportError::new("x").forbidden()), FetchError::ForbiddenAddress));
    assert!(
        matches!(fault(|| TransportError::new("x").connecting()), FetchError::Transport(error) if error.is_connect())
    );
    assert_eq!(fault(new).to_string(), "fault");
}

#[test]
fn every_error_has_a_text() {
    let texts = [
        (FetchError::Address("an address that is no URL"), "an address that is no URL"),
        (FetchError::Timeout, "no answer in time"),
        (FetchError::TooLarge { max: 5 }, "an answer of more than 5 bytes"),
        (FetchError::Redirect, "a redirect that is not followed"),
        (FetchError::NoSuchHost, "no such host"),
        (FetchError::ForbiddenAddress, "an address that is not public"),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}
