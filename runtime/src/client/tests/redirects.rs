use super::{
    fake::{Fake, Reply, answer, error, json, session, with_header},
    methods::{List, Put},
};
use crate::client::{Bearer, Call, Client, Error};

const DONE: &str = r#"{"items":[]}"#;

fn to(location: &'static str) -> Reply {
    with_header(answer(302, "text/html", "over there"), "location", location)
}

fn client(fake: &Fake) -> Client {
    fake.client().with_session(session(1)).with_header("cookie", "c=1").unwrap()
}

async fn list(client: &Client) -> Result<(), Error<super::methods::ListError>> {
    Call::new(client, List::new().limit(2), ()).await.map(drop)
}

#[tokio::test]
async fn a_query_follows_within_the_service_with_its_credentials() {
    let fake = Fake::script([to("/elsewhere?x=1"), json(DONE)]);
    list(&client(&fake)).await.unwrap();
    let seen = &fake.seen()[1];
    assert_eq!(seen.url, "https://pds.example/elsewhere?x=1");
    assert_eq!(seen.header("authorization"), Some("Bearer access-1"));
    assert_eq!(seen.header("cookie"), Some("c=1"));
}

#[tokio::test]
async fn credentials_never_reach_another_origin() {
    for location in
        ["https://cdn.example/x", "https://pds.example:8443/x", "//cdn.example/x", "https://sub.pds.example/x"]
    {
        let fake = Fake::script([to(location), to("https://pds.example/back"), json(DONE)]);
        let client = client(&fake).with_header("dpop", "proof").unwrap().with_header("x-api-key", "k").unwrap();
        list(&client).await.unwrap();
        for seen in &fake.seen()[1..] {
            for name in ["authorization", "cookie", "dpop", "x-api-key"] {
                assert_eq!(seen.header(name), None, "{name} at {}", seen.url);
            }
            assert!(seen.header("user-agent").is_some());
        }
    }
}

#[tokio::test]
async fn an_own_authorization_header_does_not_go_along_either() {
    let fake = Fake::script([to("https://cdn.example/x"), json(DONE)]);
    list(&fake.client().with_header("authorization", "Bearer mine").unwrap()).await.unwrap();
    assert_eq!(fake.seen()[0].header("authorization"), Some("Bearer mine"));
    assert_eq!(fake.seen()[1].header("authorization"), None);
}

#[tokio::test]
async fn another_origin_cannot_ask_for_a_new_token() {
    let fake = Fake::script([to("https://cdn.example/x"), error(401, "ExpiredToken")]);
    assert!(list(&client(&fake)).await.is_err());
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn there_is_an_end_to_redirects() {
    let fake = Fake::new(|_, _| to("/again"));
    let Err(Error::Xrpc(error)) = list(&client(&fake)).await else { panic!("no error") };
    assert_eq!((error.status().as_u16(), fake.seen().len()), (302, 6));
}

#[tokio::test]
async fn a_procedure_does_not_follow() {
    let fake = Fake::script([to("/elsewhere")]);
    let answer = Call::new(&client(&fake), Put::new("x"), ()).await;
    assert!(matches!(answer, Err(Error::Xrpc(error)) if error.headers()["location"] == "/elsewhere"));
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_an_error() {
    let nowhere = || answer(302, "text/html", "");
    let fake = Fake::script([nowhere(), to("http://pds.example/plain"), to("mailto:x@y.example")]);
    let client = client(&fake).with_auth(Bearer::new("t").unwrap());
    for _ in 0..3 {
        assert!(matches!(list(&client).await, Err(Error::Xrpc(error)) if error.status() == 302));
    }
}
