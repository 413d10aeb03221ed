//! Sessions, and calls that have to be sent again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use arobase_runtime::{Error, client::Bearer, xrpc::Body};
use bytes::Bytes;
use futures_util::stream;

use super::support::{Seen, Stub, answer, catalog, error, json, session, session_json, value};

const CREATE: &str = "com.atproto.server.createSession";
const REFRESH: &str = "com.atproto.server.refreshSession";

/// A service that takes the access token `new`, and gives it for the refresh token `old-refresh`.
fn service() -> Stub {
    Stub::new(|seen: &Seen| match (seen.nsid(), seen.header("authorization")) {
        (CREATE, None) => json(session_json("old", "old-refresh")),
        (REFRESH, Some("Bearer old-refresh")) => json(session_json("new", "new-refresh")),
        (_, Some("Bearer new")) => json("{}"),
        _ => error(400, "ExpiredToken"),
    })
}

fn lines(stub: &Stub) -> Vec<String> {
    let line = |seen: &Seen| format!("{} {}", seen.nsid(), seen.header("authorization").unwrap_or("-"));
    stub.seen().iter().map(line).collect()
}

fn name(error: &Error) -> &str {
    match error {
        Error::Xrpc(error) => error.name(),
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_session_that_was_begun_by_name_is_used_and_renewed() {
    let stub = service();
    let client = stub.client();
    let dynamic = client.dynamic(&catalog());
    let input = value(r#"{ "identifier": "a.example", "password": "secret" }"#);
    dynamic.call(CREATE, (), input).await.unwrap();
    assert_eq!(client.session(), Some(session("old", "old-refresh")));
    dynamic.call("com.example.touch", (), ()).await.unwrap();
    assert_eq!(client.session(), Some(session("new", "new-refresh")));
    let expected = [
        format!("{CREATE} -"),
        "com.example.touch Bearer old".to_owned(),
        format!("{REFRESH} Bearer old-refresh"),
        "com.example.touch Bearer new".to_owned(),
    ];
    assert_eq!(lines(&stub), expected);
}

#[tokio::test]
async fn a_service_that_always_wants_another_token_is_asked_for_one_once() {
    for refused in ["ExpiredToken", "InvalidToken", "AuthenticationRequired", "TokenRequired", "AccountNotFound"] {
        let stub = Stub::new(move |seen| match seen.nsid() {
            REFRESH => json(session_json("newer", "newer-refresh")),
            _ => error(401, refused),
        });
        let client = stub.client().with_session(session("old", "old-refresh"));
        let error = client.dynamic(&catalog()).call("com.example.touch", (), ()).await.unwrap_err();
        assert_eq!(name(&error), refused);
        let expected = ["com.example.touch Bearer old", "com.example.touch Bearer newer"];
        let calls: Vec<_> = lines(&stub).into_iter().filter(|line| !line.starts_with(REFRESH)).collect();
        assert_eq!((calls.as_slice(), stub.seen().len()), (&expected.map(str::to_owned)[..], 3));
    }
}

#[tokio::test]
async fn nobody_is_asked_for_a_token_without_reason() {
    let stub = service();
    assert_eq!(name(&stub.dynamic().call("com.example.touch", (), ()).await.unwrap_err()), "ExpiredToken");
    let by_mail = stub.client().with_session(session("old", "old-refresh")).dynamic(&catalog());
    let input = value(r#"{ "handle": "b.example" }"#);
    let error = by_mail.call("com.atproto.identity.updateHandle", (), input).await.unwrap_err();
    assert_eq!(name(&error), "ExpiredToken");
    assert_eq!(lines(&stub), ["com.example.touch -", "com.atproto.identity.updateHandle Bearer old"]);
}

#[tokio::test]
async fn an_upload_is_read_again_from_its_source_after_a_refresh() {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let file = Body::replayable(move || {
        count.fetch_add(1, Ordering::Relaxed);
        stream::iter(["one ", "two ", "three"].map(|chunk| Ok(Bytes::from(chunk))))
    });
    let stub = service();
    let client = stub.client().with_session(session("old", "old-refresh"));
    let upload = client.dynamic(&catalog()).call("com.example.upload", (), file.content_type("text/plain"));
    upload.await.unwrap();
    assert_eq!(opened.load(Ordering::Relaxed), 2);
    let uploads: Vec<_> = stub.seen().into_iter().filter(|seen| seen.nsid() == "com.example.upload").collect();
    assert_eq!(uploads.len(), 2);
    for seen in uploads {
        assert_eq!((&seen.body[..], seen.header("content-type")), (&b"one two three"[..], Some("text/plain")));
    }
}

#[tokio::test]
async fn an_upload_that_can_be_read_once_is_sent_once_and_the_next_one_goes_through() {
    let once = || Body::from_stream(stream::iter([Ok(Bytes::from("x"))]));
    let stub = service();
    let client = stub.client().with_session(session("old", "old-refresh"));
    let dynamic = client.dynamic(&catalog());
    let error = dynamic.call("com.example.upload", (), once()).await.unwrap_err();
    assert_eq!(name(&error), "ExpiredToken");
    dynamic.call("com.example.upload", (), once()).await.unwrap();
    let uploads: Vec<_> = lines(&stub).into_iter().filter(|line| line.starts_with("com.example.upload")).collect();
    assert_eq!(uploads, ["com.example.upload Bearer old", "com.example.upload Bearer new"]);
}

#[tokio::test]
async fn what_a_service_may_not_know_is_not_sent_to_another_origin() {
    let stub = Stub::new(|seen: &Seen| match seen.url.host() {
        Some("pds.example") => {
            let mut moved = answer(302, "text/plain", "");
            moved.headers_mut().insert("location", "https://cdn.example/x".parse().unwrap());
            moved
        }
        _ => json("{}"),
    });
    let client = stub.client().with_session(session("old", "old-refresh"));
    let call = client.dynamic(&catalog()).call("com.example.getThing", [("id", "x")], ());
    call.await.unwrap();
    let [first, second] = &*stub.seen() else { panic!("two requests") };
    assert_eq!(first.header("authorization"), Some("Bearer old"));
    assert_eq!((second.url.host(), second.header("authorization")), (Some("cdn.example"), None));
}

#[tokio::test]
async fn another_way_of_authorisation_takes_the_place_of_the_session() {
    let stub = service();
    let client = stub.client().with_session(session("old", "old-refresh")).with_auth(Bearer::new("fixed").unwrap());
    assert_eq!(name(&client.dynamic(&catalog()).call("com.example.touch", (), ()).await.unwrap_err()), "ExpiredToken");
    assert_eq!(lines(&stub), ["com.example.touch Bearer fixed"]);
}
