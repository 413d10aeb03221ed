//! A way of authorisation of one's own, shaped as proofs of possession are: it signs method and
//! address with a nonce that the service hands out.

use std::sync::{Arc, Mutex};

use http::HeaderMap;

use super::{
    fake::{Fake, answer, error, json, with_header},
    methods::{List, Put},
};
use crate::{
    client::{Answer, Attempt, Auth, AuthError, Call, Error},
    xrpc::{BoxFuture, XrpcError},
};

#[derive(Clone, Default)]
struct Proof(Arc<Mutex<Option<String>>>);

impl Auth for Proof {
    fn authorize<'a>(
        &'a self,
        attempt: Attempt<'a>,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async move {
            assert!(!format!("{attempt:?}").contains("limit=7"), "the query is private");
            let nonce = self.0.lock().unwrap().clone().unwrap_or_else(|| "none".to_owned());
            let proof = format!("{} {} {nonce}", attempt.method, attempt.url);
            headers.insert("dpop", proof.parse().unwrap());
            Ok(())
        })
    }

    fn answered(&self, _: Attempt<'_>, answer: Answer<'_>) {
        if let Some(nonce) = answer.headers.get("dpop-nonce") {
            *self.0.lock().unwrap() = Some(nonce.to_str().unwrap().to_owned());
        }
    }

    fn recover<'a>(&'a self, _: Attempt<'a>, sent: &'a HeaderMap, error: &'a XrpcError) -> BoxFuture<'a, bool> {
        assert!(sent.contains_key("dpop"));
        Box::pin(std::future::ready(error.name() == "use_dpop_nonce"))
    }
}

#[tokio::test]
async fn a_nonce_of_an_answer_is_in_the_next_request() {
    let wanted = with_header(error(401, "use_dpop_nonce"), "dpop-nonce", "n1");
    let fake =
        Fake::script([wanted, with_header(answer(200, "text/plain", ""), "dpop-nonce", "n2"), json(r#"{"items":[]}"#)]);
    let client = fake.client().with_auth(Proof::default());
    Call::new(&client, Put::new("x"), ()).await.unwrap();
    Call::new(&client, List::new().limit(7), ()).await.unwrap();
    let proofs: Vec<_> = fake.seen().iter().map(|seen| seen.header("dpop").unwrap().to_owned()).collect();
    assert_eq!(
        proofs,
        [
            "POST https://pds.example/xrpc/com.example.put none",
            "POST https://pds.example/xrpc/com.example.put n1",
            "GET https://pds.example/xrpc/com.example.list?limit=7 n2",
        ]
    );
}

#[tokio::test]
async fn each_request_of_a_redirect_within_the_service_is_signed() {
    let moved = || with_header(with_header(answer(307, "a/b", ""), "location", "/there"), "dpop-nonce", "n1");
    let fake = Fake::script([moved(), json(r#"{"items":[]}"#)]);
    Call::new(&fake.client().with_auth(Proof::default()), List::new(), ()).await.unwrap();
    assert_eq!(fake.seen()[1].header("dpop"), Some("GET https://pds.example/there n1"));
}

#[tokio::test]
async fn a_call_is_repeated_once_for_its_authorisation() {
    let fake = Fake::new(|_, _| error(401, "use_dpop_nonce"));
    let answer = Call::new(&fake.client().with_auth(Proof::default()), List::new(), ()).await;
    assert!(matches!(answer, Err(Error::Xrpc(_))));
    assert_eq!(fake.seen().len(), 2);
}

struct NoKey;

impl Auth for NoKey {
    fn authorize<'a>(&'a self, _: Attempt<'a>, _: &'a mut HeaderMap) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(std::future::ready(Err(AuthError::new("no key"))))
    }
}

#[tokio::test]
async fn what_cannot_be_authorised_is_not_sent() {
    let fake = Fake::script([]);
    let answer = Call::new(&fake.client().with_auth(NoKey), List::new(), ()).await;
    assert!(matches!(answer, Err(Error::Auth(_))));
    assert!(fake.seen().is_empty());
}
