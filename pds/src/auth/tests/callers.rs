//! What methods make of those who call.

use data_encoding::BASE64;

use super::*;
use crate::{
    auth::{Access, Credentials, StaticToken},
    error::Error,
};

const CHECK: &str = "com.atproto.server.checkAccountStatus";

async fn presented(pds: &Pds, method: &str, authorization: &str) -> testing::Answer {
    call(pds, method, Some(authorization), None).await
}

#[tokio::test(start_paused = true)]
async fn the_scheme_may_be_in_any_case_and_there_is_one_space() {
    let (pds, _) = with_clock().await;
    let (access, _) = session(&pds).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        presented(&pds, GET_SESSION, &format!("{scheme} {access}")).await.ok();
    }
    let wrong = [
        format!("Bearer  {access}"),
        format!("Bearer {access} "),
        format!("Bearer {access} x"),
        format!("DPoP {access}"),
        access.clone(),
        format!("Bearer,{access}"),
        "Bearer".into(),
        "Bearer ".into(),
        String::new(),
    ];
    for header in wrong {
        let (status, name) = {
            let answer = presented(&pds, GET_SESSION, &header).await;
            (answer.status, answer.text("error"))
        };
        assert_eq!((status.as_u16(), &*name), (400, "InvalidToken"), "{header}");
    }
}

#[tokio::test]
async fn who_does_not_say_who_is_calling_is_asked() {
    let (pds, _) = with_clock().await;
    let answer = call(&pds, GET_SESSION, None, None).await;
    assert_eq!(answer.error(), (401, "AuthMissing"));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
}

#[tokio::test]
async fn operators_have_a_password_and_no_account() {
    let (pds, _) = with_clock().await;
    let basic = |text: &str| format!("Basic {}", BASE64.encode(text.as_bytes()));
    assert_eq!(presented(&pds, CHECK, &basic("admin:open sesame")).await.error(), (400, "InvalidToken"));
    for wrong in ["admin:", "admin:open", "root:open sesame", "admin:open sesame ", ":", "admin"] {
        let answer = presented(&pds, CHECK, &basic(wrong)).await;
        assert!([(401, "AuthenticationRequired"), (400, "InvalidToken")].contains(&answer.error()), "{wrong}");
        assert_ne!(answer.text("message"), "the token is not good for this method", "{wrong}");
    }
}

#[tokio::test]
async fn without_a_password_there_are_no_operators() {
    for password in [None, Some("")] {
        let mut builder = server::builder(MemoryStore::new());
        builder.settings.admin_password = password.map(Into::into);
        let pds = builder.build().await.unwrap();
        let answer = presented(&pds, CHECK, &format!("Basic {}", BASE64.encode(b"admin:"))).await;
        assert_eq!(answer.error(), (401, "AuthenticationRequired"));
    }
}

#[tokio::test]
async fn a_token_that_is_not_for_us_is_nothing_to_methods_for_everybody() {
    let (pds, _) = with_clock().await;
    for token in ["garbage", "a.b.c"] {
        get(&pds, "com.atproto.identity.resolveHandle?handle=alice.test", token).await.ok();
        get(&pds, "com.atproto.server.describeServer", token).await.ok();
        let nobody = get(&pds, "com.atproto.sync.getRepoStatus?did=did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", token).await;
        assert_ne!(nobody.text("error"), "InvalidToken");
    }
}

#[tokio::test]
async fn a_static_token_is_the_owner_or_an_operator() {
    let pds = server::builder(MemoryStore::new());
    let pds = pds.authenticate(StaticToken::new("hunter2")).build().await.unwrap();
    assert_eq!(get(&pds, CHECK, "hunter2").await.text("message"), "the token is not good for this method");
    for wrong in ["hunter", "hunter22", "HUNTER2"] {
        assert_eq!(get(&pds, CHECK, wrong).await.text("message"), "this is not an access token of this server");
    }
    let pds = server::builder(MemoryStore::new());
    let did: arobase::syntax::Did = "did:web:alice.example.com".parse().unwrap();
    let pds = pds.authenticate(StaticToken::of(did.clone(), "hunter2")).build().await.unwrap();
    let mut wanted = crate::accounts::SignUp { did: Some(did.clone()), vouched: true, ..Default::default() };
    wanted.handle = Some("alice.test".parse().unwrap());
    pds.create_account(wanted).await.unwrap();
    assert_eq!(get(&pds, GET_SESSION, "hunter2").await.ok().text("did"), did.as_str());
    let empty = server::builder(MemoryStore::new()).authenticate(StaticToken::new("")).build().await.unwrap();
    assert_eq!(presented(&empty, CHECK, "Bearer ").await.error(), (400, "InvalidToken"));
}

/// Says for every request who it is, or refuses.
struct Somebody(Result<Access, ()>);

impl crate::auth::Authenticate for Somebody {
    fn authenticate<'a>(
        &'a self,
        _: &'a arobase::Context,
    ) -> arobase::xrpc::BoxFuture<'a, Result<Option<Credentials>, Error>> {
        let did = "did:web:alice.example.com".parse().unwrap();
        let found = self.0.map(|access| Some(Credentials::of(did, access)));
        Box::pin(std::future::ready(found.map_err(|()| Error::named("Closed", "we are closed"))))
    }
}

#[tokio::test]
async fn who_decides_for_us_comes_first() {
    let pds = server::builder(MemoryStore::new()).authenticate(Somebody(Err(()))).build().await.unwrap();
    assert_eq!(get(&pds, CHECK, "x").await.error(), (400, "Closed"));
    let pds = server::builder(MemoryStore::new()).authenticate(Somebody(Ok(Access::Full))).build().await.unwrap();
    assert_eq!(call(&pds, CHECK, None, None).await.error(), (400, "RepoNotFound"));
    let pds = server::builder(MemoryStore::new()).authenticate(Somebody(Ok(Access::Takendown))).build().await.unwrap();
    assert_eq!(call(&pds, CHECK, None, None).await.error(), (400, "InvalidToken"));
}

#[test]
fn secrets_are_shown_nowhere() {
    let token = StaticToken::new("hunter2");
    let password = crate::accounts::Password::new("hunter2");
    assert!(!format!("{token:?} {password:?}").contains("hunter2"));
}
