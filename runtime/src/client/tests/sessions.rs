use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;

use super::{
    fake::{Fake, Reply, Seen, answer, error, is_pending, json, no_connection, session, session_json},
    methods::{ConfirmEmail, DeleteAccount, List, Touch, UpdateHandle, Upload},
};
use crate::{
    client::{Call, Client, Error, Session},
    xrpc::Body,
};

const CREATE: &str = "com.atproto.server.createSession";
const REFRESH: &str = "com.atproto.server.refreshSession";
const DELETE: &str = "com.atproto.server.deleteSession";

type Heard = Arc<Mutex<Vec<Option<String>>>>;

/// Notes the access tokens that the callback hears of.
fn listen(client: &Client) -> Heard {
    let heard = Heard::default();
    let notes = heard.clone();
    client.on_session_change(move |session: Option<&Session>| {
        notes.lock().unwrap().push(session.map(|session| session.access_jwt.clone()));
    });
    heard
}

fn heard(heard: &Heard) -> Vec<Option<String>> {
    heard.lock().unwrap().clone()
}

/// A service that takes one access token and gives `access-2` for `refresh-1`.
fn service(good: &'static str, name: &'static str) -> Fake {
    Fake::new(move |seen, _| reply(seen, good, name))
}

fn reply(seen: &Seen, good: &str, name: &str) -> Reply {
    let token = seen.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    match (seen.nsid(), token) {
        (REFRESH, Some("refresh-1")) => json(session_json(2)),
        (REFRESH, _) => error(400, "ExpiredToken"),
        (CREATE, None) => json(session_json(1)),
        (DELETE, Some("refresh-1")) => answer(200, "text/plain", ""),
        (_, Some(token)) if token == good => json(r#"{"items":[1]}"#),
        _ => error(if matches!(name, "AccountNotFound" | "TokenRequired") { 403 } else { 400 }, name),
    }
}

fn list(client: &Client) -> Call<List> {
    Call::new(client, List::new(), ())
}

#[tokio::test]
async fn a_login_gives_a_session_to_all_clones() {
    let fake = service("access-1", "ExpiredToken");
    let client = fake.client().with_proxy("did:web:x.example#y").unwrap();
    let clone = client.clone();
    let heard_of = listen(&clone);
    assert_eq!(client.login("a.example", "pass").await.unwrap(), session(1));
    list(&clone).await.unwrap();
    assert_eq!(clone.session(), Some(session(1)));
    assert_eq!(heard(&heard_of), [Some("access-1".into())]);
    let seen = fake.seen();
    assert_eq!(seen[0].body.as_deref().unwrap(), br#"{"password":"pass","identifier":"a.example"}"#);
    assert_eq!(seen[0].header("atproto-proxy"), None);
    assert_eq!(seen[1].header("authorization"), Some("Bearer access-1"));
}

#[tokio::test]
async fn a_wrong_password_is_asked_for_once() {
    let fake = Fake::new(|_, _| error(401, "AuthenticationRequired"));
    let client = fake.client();
    client.resume(session(1));
    assert!(matches!(client.login("a.example", "wrong").await, Err(Error::Xrpc(error)) if error.status() == 401));
    assert_eq!(fake.seen().len(), 1);
    assert_eq!(client.session(), Some(session(1)));
}

#[tokio::test]
async fn an_answer_that_is_no_session_is_an_error() {
    let fake = Fake::new(|_, _| json("{}"));
    assert!(matches!(fake.client().login("a.example", "pass").await, Err(Error::Answer(_))));
}

#[tokio::test]
async fn a_logout_takes_the_refresh_token_and_forgets() {
    let fake = service("access-1", "ExpiredToken");
    let client = fake.client();
    client.resume(session(1));
    let heard_of = listen(&client);
    client.logout().await.unwrap();
    assert_eq!((client.session(), heard(&heard_of)), (None, vec![None]));
    assert_eq!(fake.only().header("authorization"), Some("Bearer refresh-1"));
}

#[tokio::test]
async fn a_logout_forgets_even_if_nobody_answers() {
    let client = Fake::new(|_, _| no_connection()).client().with_session(session(1));
    assert!(client.logout().await.is_err());
    assert_eq!(client.session(), None);
}

#[tokio::test]
async fn a_stale_token_is_renewed_and_the_call_repeated() {
    for name in ["ExpiredToken", "InvalidToken", "AuthenticationRequired", "TokenRequired", "AccountNotFound"] {
        let fake = service("access-2", name);
        let client = fake.client();
        client.resume(session(1));
        let heard_of = listen(&client);
        list(&client).await.unwrap();
        assert_eq!(client.session(), Some(session(2)), "{name}");
        assert_eq!(heard(&heard_of), [Some("access-2".into())]);
        let tokens: Vec<_> = fake.seen().iter().map(|seen| seen.header("authorization").unwrap().to_owned()).collect();
        assert_eq!(tokens, ["Bearer access-1", "Bearer refresh-1", "Bearer access-2"]);
    }
}

#[tokio::test]
async fn other_refusals_are_final() {
    let fake = service("none", "InvalidRequest");
    assert!(list(&fake.client().with_session(session(1))).await.is_err());
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn many_calls_need_one_refresh() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    let answers = join_all((0..50).map(|_| list(&client).into_future())).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((fake.count(REFRESH), fake.count("com.example.list")), (1, 100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_need_one_refresh() {
    for _ in 0..20 {
        let fake = service("access-2", "ExpiredToken");
        let client = fake.client().with_session(session(1));
        let calls: Vec<_> = (0..20).map(|_| tokio::spawn(list(&client.clone()).into_future())).collect();
        for call in calls {
            assert!(call.await.unwrap().is_ok());
        }
        assert_eq!(fake.count(REFRESH), 1);
    }
}

#[tokio::test]
async fn a_call_with_an_older_token_is_only_repeated() {
    let held = Arc::new(AtomicBool::new(true));
    let gate = held.clone();
    let fake = Fake::new(move |seen, index| {
        // The first call is answered only after the second one had its token renewed.
        if index == 0 {
            assert!(!gate.load(Ordering::SeqCst));
        }
        reply(seen, "access-2", "ExpiredToken")
    });
    let client = fake.client().with_session(session(1));
    let mut slow = Box::pin(list(&client).into_future());
    // Sent, and not answered yet.
    assert!(is_pending(&mut slow).await);
    list(&client).await.unwrap();
    held.store(false, Ordering::SeqCst);
    slow.await.unwrap();
    assert_eq!(fake.count(REFRESH), 1);
}

#[tokio::test]
async fn a_service_that_is_never_content_gets_one_refresh_in_a_call() {
    let fake = service("none", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    assert!(matches!(list(&client).await, Err(Error::Xrpc(error)) if error.name() == "ExpiredToken"));
    assert_eq!((fake.count(REFRESH), fake.count("com.example.list")), (1, 2));
    assert_eq!(client.session(), Some(session(2)));
}

#[tokio::test]
async fn procedures_of_identity_never_cause_a_refresh() {
    let fake = service("none", "InvalidToken");
    assert!(Call::new(&fake.client().with_session(session(1)), UpdateHandle::new(), ()).await.is_err());
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn procedures_with_tokens_by_mail_never_cause_a_refresh() {
    for name in ["ExpiredToken", "InvalidToken"] {
        let fake = service("none", name);
        let client = fake.client().with_session(session(1));
        assert!(Call::new(&client, ConfirmEmail::new(), ()).await.is_err());
        assert!(Call::new(&client, DeleteAccount::new(), ()).await.is_err());
        assert_eq!(fake.count(REFRESH), 0, "{name}");
    }
}

#[tokio::test]
async fn names_that_only_hint_at_a_token_need_a_status_about_who_asks() {
    for name in ["AccountNotFound", "TokenRequired"] {
        let fake = Fake::new(move |_, _| error(400, name));
        assert!(list(&fake.client().with_session(session(1))).await.is_err());
        assert_eq!(fake.count(REFRESH), 0, "{name}");
    }
}

#[tokio::test]
async fn a_session_is_not_used_over_plain_http() {
    let fake = service("access-1", "ExpiredToken");
    let at = |address: &str| Client::with_transport(address, fake.clone()).unwrap().with_session(session(1));
    for address in ["http://pds.example", "http://10.0.0.1:2583", "http://localhost.example", "http://[::2]"] {
        assert!(matches!(list(&at(address)).await, Err(Error::Auth(_))), "{address}");
        assert!(matches!(at(address).login("a.example", "pass").await, Err(Error::Auth(_))), "{address}");
        assert!(matches!(at(address).logout().await, Err(Error::Auth(_))), "{address}");
    }
    assert!(fake.seen().is_empty());
    for address in ["http://localhost:2583", "http://127.1.2.3", "http://[::1]:80", "https://pds.example"] {
        assert!(list(&at(address).with_timeout(super::fake::HOUR)).await.is_ok(), "{address}");
    }
    let trusted = at("http://pds.example").with_plain_http(true).with_timeout(super::fake::HOUR);
    assert!(list(&trusted).await.is_ok());
}

#[tokio::test]
async fn a_logout_leaves_a_login_alone_that_came_meanwhile() {
    let fake = service("access-1", "ExpiredToken");
    let client = fake.client();
    client.resume(session(1));
    let mut logout = Box::pin(client.logout());
    assert!(is_pending(&mut logout).await);
    client.resume(session(9));
    logout.await.unwrap();
    assert_eq!(client.session(), Some(session(9)));
}

#[tokio::test]
async fn without_a_session_there_is_no_refresh() {
    let fake = service("none", "AuthenticationRequired");
    assert!(list(&fake.client()).await.is_err());
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn a_call_with_its_own_authorization_leaves_the_session_alone() {
    let fake = service("none", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    assert!(list(&client).header("Authorization", "Bearer mine").await.is_err());
    assert_eq!(fake.only().header("authorization"), Some("Bearer mine"));
}

#[tokio::test]
async fn a_refused_refresh_ends_the_session() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client();
    client.resume(session(7));
    let heard_of = listen(&client);
    assert!(matches!(list(&client).await, Err(Error::Xrpc(error)) if error.name() == "ExpiredToken"));
    assert_eq!((client.session(), heard(&heard_of)), (None, vec![None]));
    assert_eq!(fake.count(REFRESH), 1);
}

#[tokio::test]
async fn a_refresh_that_cannot_be_answered_leaves_the_session() {
    let replies: [fn() -> Reply; 8] = [
        no_connection,
        || error(503, "Busy"),
        || error(429, "RateLimitExceeded"),
        || answer(403, "text/html", "<html>"),
        || answer(400, "application/json", "{}"),
        || json("{}"),
        || error(400, "AuthenticationRequired"),
        || error(404, "InvalidToken"),
    ];
    for bad in replies {
        let fake = Fake::new(move |seen, _| match seen.nsid() {
            REFRESH => bad(),
            _ => error(400, "ExpiredToken"),
        });
        let client = fake.client().with_session(session(1));
        let heard_of = listen(&client);
        assert!(list(&client).await.is_err());
        assert_eq!((client.session(), heard(&heard_of)), (Some(session(1)), vec![]));
    }
}

#[tokio::test]
async fn a_session_of_another_account_is_not_taken_for_a_renewal() {
    let fake = Fake::new(|seen, _| match seen.nsid() {
        REFRESH => json(session_json(2).replace("did:web:a.example", "did:web:b.example")),
        _ => error(400, "ExpiredToken"),
    });
    let client = fake.client().with_session(session(1));
    assert!(list(&client).await.is_err());
    assert_eq!(client.session(), Some(session(1)));
}

#[tokio::test]
async fn a_refusal_of_the_token_or_the_account_ends_the_session() {
    for (status, name) in [
        (400, "ExpiredToken"),
        (401, "InvalidToken"),
        (403, "AccountTakedown"),
        (400, "AccountDeactivated"),
        (401, "AuthenticationRequired"),
    ] {
        let fake = Fake::new(move |seen, _| match seen.nsid() {
            REFRESH => error(status, name),
            _ => error(400, "ExpiredToken"),
        });
        let client = fake.client().with_session(session(1));
        assert!(list(&client).await.is_err());
        assert_eq!(client.session(), None, "{name}");
    }
}

#[tokio::test]
async fn a_dropped_call_does_not_lose_the_refresh_that_it_began() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    let mut call = Box::pin(list(&client).into_future());
    while fake.count(REFRESH) == 0 {
        assert!(is_pending(&mut call).await);
    }
    drop(call);
    list(&client).await.unwrap();
    assert_eq!((fake.count(REFRESH), client.session()), (1, Some(session(2))));
}

#[tokio::test]
async fn a_session_that_was_changed_meanwhile_stays() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    let mut call = Box::pin(list(&client).into_future());
    while fake.count(REFRESH) == 0 {
        assert!(is_pending(&mut call).await);
    }
    client.resume(session(9));
    assert!(call.await.is_err());
    assert_eq!(client.session(), Some(session(9)));
}

#[tokio::test]
async fn an_upload_that_cannot_be_repeated_still_renews_the_token() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    let body = Body::from_stream(futures_util::stream::empty());
    assert!(Call::new(&client, Upload::new(), body).await.is_err());
    assert_eq!((fake.count(REFRESH), fake.count("com.example.upload")), (1, 1));
    assert_eq!(client.session(), Some(session(2)));
}

#[tokio::test]
async fn a_refresh_keeps_nothing_of_the_client_alive() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    let kept = Arc::new(());
    let inside = kept.clone();
    client.on_session_change(move |_| drop(inside.clone()));
    let mut call = Box::pin(list(&client).into_future());
    while fake.count(REFRESH) == 0 {
        assert!(is_pending(&mut call).await);
    }
    drop((call, client));
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[tokio::test]
async fn a_listener_may_use_the_client() {
    let fake = service("access-2", "ExpiredToken");
    let client = fake.client().with_session(session(1));
    let (clone, found) = (client.clone(), Arc::new(Mutex::new(None)));
    let note = found.clone();
    client.on_session_change(move |_| *note.lock().unwrap() = clone.session());
    list(&client).await.unwrap();
    assert_eq!(*found.lock().unwrap(), Some(session(2)));
}

#[tokio::test]
async fn a_client_with_a_session_of_its_own_does_not_share_it() {
    let fake = service("access-1", "ExpiredToken");
    let client = fake.client();
    let other = client.with_session(session(1));
    assert_eq!(client.session(), None);
    assert!(Call::new(&other, Touch::new(), ()).await.is_ok());
}
