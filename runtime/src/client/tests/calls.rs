use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Method as Verb;

use super::{
    fake::{Fake, Reply, answer, error, json, session, with_header},
    methods::{List, ListError, Put, Touch, Upload},
};
use crate::{
    client::{Basic, Bearer, Call, Client, Error},
    data::Strictness,
    xrpc::{Body, BodyError, Labeler},
};

fn list() -> Fake {
    Fake::new(|_, _| json(r#"{"items":[1,2]}"#))
}

fn ok() -> Fake {
    Fake::new(|_, _| answer(200, "application/json", ""))
}

fn list_call(fake: &Fake) -> Call<List> {
    Call::new(&fake.client(), List::new(), ())
}

fn name(error: &Error<impl std::fmt::Debug>) -> &str {
    match error {
        Error::Xrpc(error) => error.name(),
        _ => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_query_is_a_get_with_its_parameters() {
    let fake = list();
    let output = Call::new(&fake.client(), List::new().limit(5), ()).await.unwrap();
    assert_eq!(output.items, [1, 2]);
    let seen = fake.only();
    assert_eq!(seen.method, Verb::GET);
    assert_eq!(seen.url, "https://pds.example/xrpc/com.example.list?limit=5");
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("user-agent"), Some(concat!("arobase/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(seen.header("content-type"), None);
    assert_eq!(seen.header("content-length"), None);
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn a_path_of_the_address_stays() {
    let fake = list();
    let client = Client::with_transport("http://localhost:80/at/", fake.clone()).unwrap();
    Call::new(&client, List::new(), ()).await.unwrap();
    assert_eq!(fake.only().url, "http://localhost:80/at/xrpc/com.example.list");
}

#[tokio::test]
async fn a_procedure_is_a_post_of_json() {
    let fake = ok();
    Call::new(&fake.client(), Put::new("x"), ()).await.unwrap();
    let seen = fake.only();
    assert_eq!((seen.method.clone(), seen.url.path()), (Verb::POST, "/xrpc/com.example.put"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("content-length"), Some("12"));
    assert_eq!(seen.header("accept"), None);
    assert_eq!(seen.body.unwrap(), r#"{"name":"x"}"#);
}

#[tokio::test]
async fn a_procedure_without_input_has_no_body_and_no_type() {
    let fake = ok();
    let client = fake.client().with_header("content-type", "text/plain").unwrap();
    Call::new(&client, Touch::new(), ()).await.unwrap();
    let seen = fake.only();
    assert_eq!((seen.header("content-type"), seen.body.as_deref()), (None, Ok(&[][..])));
}

#[tokio::test]
async fn what_breaks_its_schema_is_not_sent() {
    let fake = ok();
    let client = fake.client();
    let params = Call::new(&client, List::new().limit(101), ()).await;
    assert!(matches!(params, Err(Error::Request(_))));
    let input = Call::new(&client, Put::new("longer than it may be"), ()).await;
    assert!(matches!(input, Err(Error::Request(_))));
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn input_is_sent_unchecked_only_on_demand() {
    let fake = ok();
    let client = fake.client().with_unchecked_input();
    Call::new(&client, Put::new("longer than it may be"), ()).await.unwrap();
    assert_eq!(fake.only().body.unwrap(), r#"{"name":"longer than it may be"}"#);
}

#[tokio::test]
async fn headers_of_the_call_go_before_those_of_the_client() {
    let fake = list();
    let client = fake.client().with_header("x-a", "client").unwrap().with_header("x-b", "client").unwrap();
    let client = client.with_user_agent("mine/1").unwrap();
    Call::new(&client, List::new(), ()).header("X-A", "call").header("accept", "text/x").await.unwrap();
    let seen = fake.only();
    assert_eq!((seen.header("x-a"), seen.header("x-b")), (Some("call"), Some("client")));
    assert_eq!((seen.header("accept"), seen.header("user-agent")), (Some("text/x"), Some("mine/1")));
}

#[tokio::test]
async fn a_client_made_from_another_leaves_that_as_it_was() {
    let fake = list();
    let client = fake.client();
    let _other = client.with_header("x-a", "1").unwrap();
    Call::new(&client, List::new(), ()).await.unwrap();
    assert_eq!(fake.only().header("x-a"), None);
}

#[tokio::test]
async fn proxy_and_labelers_are_headers() {
    let fake = list();
    let client = fake.client().with_proxy("did:web:a.example#one").unwrap();
    let did = || "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap();
    let client = client.with_labelers([Labeler { did: did(), redact: true }]).unwrap();
    Call::new(&client, List::new(), ()).await.unwrap();
    Call::new(&client, List::new(), ()).proxy("did:web:b.example#two").labelers::<Labeler>([]).await.unwrap();
    let seen = fake.seen();
    assert_eq!(seen[0].header("atproto-proxy"), Some("did:web:a.example#one"));
    assert_eq!(seen[0].header("atproto-accept-labelers"), Some("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa;redact"));
    assert_eq!(seen[1].header("atproto-proxy"), Some("did:web:b.example#two"));
    assert_eq!(seen[1].header("atproto-accept-labelers"), Some(""));
}

#[tokio::test]
async fn an_option_that_cannot_be_fails_the_call_before_it_is_sent() {
    let fake = list();
    let bad = [
        list_call(&fake).proxy("did:web:a.example"),
        list_call(&fake).proxy("nothing".to_owned()),
        list_call(&fake).header("x a", "1"),
        list_call(&fake).header("x-a", "1\r\nx-b: 2"),
    ];
    for call in bad {
        assert!(matches!(call.await, Err(Error::Request(_))));
    }
    assert!(fake.client().with_proxy("did:web:a.example#").is_err());
    assert!(fake.client().with_header("x-a", "\n").is_err());
    assert!(fake.seen().is_empty());
}

#[tokio::test]
async fn a_declared_error_has_its_own_type() {
    let fake = Fake::script([error(400, "NoSuchList"), error(404, "Other"), error(500, "NoSuchList")]);
    let call = || list_call(&fake).no_retry();
    let declared = ListError::NoSuchList(Some("about it".into()));
    assert!(matches!(call().await, Err(Error::Declared(error)) if error == declared));
    let other = call().await.unwrap_err();
    assert_eq!(name(&other), "Other");
    assert_eq!(other.to_string(), "Other (404): about it");
    assert!(matches!(call().await, Err(Error::Declared(_))));
}

#[tokio::test]
async fn an_error_keeps_its_headers() {
    let limited = with_header(error(429, "RateLimitExceeded"), "ratelimit-limit", "10");
    let fake = Fake::script([with_header(limited, "retry-after", "7000")]);
    let Err(Error::Xrpc(error)) = list_call(&fake).await else { panic!("no error") };
    assert_eq!(error.headers()["retry-after"], "7000");
    assert_eq!(crate::client::RateLimit::from_headers(error.headers()).unwrap().limit, Some(10));
}

#[tokio::test]
async fn an_answer_is_read_leniently_unless_it_is_to_be_strict() {
    let fake = Fake::new(|_, _| json(r#"{"items":[1],"cursor":7}"#));
    let lenient = list_call(&fake).response().await.unwrap();
    assert_eq!((lenient.output.items.as_slice(), lenient.issues.len()), (&[1][..], 1));
    let strict = fake.client().with_output(Strictness::Strict);
    assert!(matches!(Call::new(&strict, List::new(), ()).await, Err(Error::Answer(_))));
}

#[tokio::test]
async fn what_is_no_json_is_no_answer() {
    let fake = Fake::script([json(""), json("{"), json("[]"), answer(200, "text/html", "{}")]);
    for _ in 0..4 {
        assert!(matches!(list_call(&fake).await, Err(Error::Answer(_))));
    }
}

#[tokio::test]
async fn a_response_has_status_headers_and_rate_limit() {
    let fake =
        Fake::script([with_header(answer(201, "application/json", r#"{"items":[]}"#), "ratelimit-remaining", "3")]);
    let response = list_call(&fake).response().await.unwrap();
    assert_eq!((response.status.as_u16(), response.issues.len()), (201, 0));
    assert_eq!(response.headers["ratelimit-remaining"], "3");
    assert_eq!(response.rate_limit().unwrap().remaining, Some(3));
}

#[tokio::test]
async fn an_upload_says_what_it_is() {
    let fake = Fake::new(|seen, _| answer(200, "text/plain", seen.body.clone().unwrap()));
    let upload = |body: Body| Call::new(&fake.client(), Upload::new(), body);
    let chunks = || stream::iter(["ab", "c"].map(|chunk| Ok(Bytes::from(chunk))));
    let echo = upload(Body::from_stream(chunks()).content_type("image/png")).await.unwrap();
    assert_eq!(echo.mime_type(), Some("text/plain"));
    assert_eq!(echo.collect(10).await.unwrap(), "abc");
    upload(Body::from_stream(chunks()).sized(3)).await.unwrap();
    upload("abc".into()).await.unwrap();
    upload(Body::default()).await.unwrap();
    let seen = fake.seen();
    let heads: Vec<_> = seen.iter().map(|seen| (seen.header("content-type"), seen.header("content-length"))).collect();
    let bytes = Some("application/octet-stream");
    assert_eq!(heads, [(Some("image/png"), None), (bytes, Some("3")), (bytes, Some("3")), (bytes, Some("0"))]);
}

#[tokio::test]
async fn an_upload_that_is_not_as_long_as_it_says_fails() {
    let fake = ok();
    let body = Body::from_stream(stream::iter([Ok(Bytes::from("abc"))])).sized(2);
    Call::new(&fake.client(), Upload::new(), body).await.unwrap();
    assert!(fake.only().body.is_err());
}

#[tokio::test]
async fn an_answer_that_is_a_stream_is_handed_on_at_its_head() {
    let fake = Fake::new(|_, _| {
        let body = stream::iter([Ok(Bytes::from("a"))]).chain(stream::pending::<Result<Bytes, BodyError>>());
        answer(200, "text/plain", Body::default()).map(|response| response.map(|_| Body::from_stream(body)))
    });
    let mut body = Call::new(&fake.client(), Upload::new(), Body::default()).await.unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "a");
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let never = Fake::new(|_, _| Reply::Never);
    let short = Duration::from_secs(5);
    assert!(matches!(list_call(&never).timeout(short).await, Err(Error::Timeout)));
    assert_eq!(never.slept(), [short]);
    let client = never.client().with_timeout(short);
    assert!(matches!(Call::new(&client, List::new(), ()).await, Err(Error::Timeout)));
}

#[tokio::test]
async fn the_deadline_holds_for_json_to_its_end() {
    let fake = Fake::new(|_, _| {
        json("").map(|response| response.map(|_| Body::from_stream(stream::pending::<Result<Bytes, BodyError>>())))
    });
    assert!(matches!(list_call(&fake).timeout(Duration::from_secs(5)).await, Err(Error::Timeout)));
}

#[tokio::test]
async fn an_upload_has_no_deadline_unless_somebody_sets_one() {
    let fake = Fake::new(|_, _| answer(200, "text/plain", "ok"));
    let client = Client::with_transport("https://pds.example", fake.clone()).unwrap();
    Call::new(&client, Upload::new(), Body::from("x")).await.unwrap();
    assert!(fake.slept().is_empty());
    Call::new(&client, Upload::new(), Body::from("x")).timeout(Duration::from_secs(9)).await.unwrap();
    Call::new(&client, Touch::new(), ()).await.unwrap();
    assert_eq!(fake.slept(), [Duration::from_secs(9), Duration::from_secs(60)]);
}

#[tokio::test]
async fn bearer_and_basic_are_headers() {
    let fake = list();
    let clients = [
        fake.client().with_auth(Bearer::new("abc").unwrap()),
        fake.client().with_auth(Basic::new("admin", "x:y").unwrap()),
    ];
    for client in clients {
        Call::new(&client, List::new(), ()).await.unwrap();
    }
    let seen = fake.seen();
    assert_eq!(seen[0].header("authorization"), Some("Bearer abc"));
    assert_eq!(seen[1].header("authorization"), Some("Basic YWRtaW46eDp5"));
    for token in ["", "a b", "a\n", "é"] {
        assert!(Bearer::new(token).is_err(), "{token:?}");
    }
    assert!(Basic::new("a:b", "c").is_err());
}

#[tokio::test]
async fn a_call_can_go_to_another_task() {
    let call = list_call(&list());
    assert!(tokio::spawn(call.into_future()).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_subscription_is_authorised_like_a_call() {
    let client = ok().client().with_session(session(1)).with_header("x-a", "1").unwrap();
    let endpoint = <List as crate::xrpc::Method>::ENDPOINT;
    let headers = [("x-a".parse().unwrap(), "2".parse().unwrap())].into_iter().collect();
    let request = client.upgrade_request(endpoint, "cursor=1", &headers).await.unwrap();
    assert_eq!(request.uri(), "wss://pds.example/xrpc/com.example.list?cursor=1");
    assert_eq!(request.headers()["authorization"], "Bearer access-1");
    assert_eq!(request.headers()["x-a"], "2");
}

#[test]
fn secrets_are_not_shown() {
    let client = ok().client().with_header("authorization", "SECRET").unwrap();
    client.resume(session(1));
    let call = Call::new(&client, Put::new("x"), ()).header("x-key", "SECRET");
    let shown = format!(
        "{client:?} {call:?} {:?} {:?} {:?}",
        client.session(),
        Bearer::new("SECRET").unwrap(),
        Basic::new("a", "SECRET").unwrap()
    );
    assert!(!shown.contains("SECRET") && !shown.contains("access-1") && !shown.contains("refresh-1"), "{shown}");
}
