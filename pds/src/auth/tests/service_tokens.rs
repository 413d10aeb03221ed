//! Tokens that other servers make, and those that we make.

use std::time::Duration;

use arobase::{
    crypto::{Curve, Signer, SigningKey},
    identity::{Freshness, plc::PlcData},
    service_auth::{Claims, Verifier},
    syntax::Did,
};

use super::*;
use crate::auth::{Access, jwt::Purpose};

const CREATE: &str = "com.atproto.server.createAccount";
const UPLOAD: &str = "com.atproto.repo.uploadBlob";

/// A DID of somebody on another server, and its key.
async fn stranger(pds: &Pds) -> (Did, SigningKey) {
    let key = SigningKey::generate(Curve::K256);
    let name = key.public_key().to_did_key();
    let data = PlcData::account(vec![name.clone()], name, "carol.example.org", "https://pds.example.com");
    (pds.inner.plc.create(data, &key).await.unwrap(), key)
}

fn sign(pds: &Pds, did: &Did, key: &SigningKey, aud: &str, method: &str) -> String {
    Claims::new(did.clone(), aud, method.parse().unwrap()).sign(key, &*pds.inner.clock).unwrap()
}

#[tokio::test]
async fn they_are_good_for_the_method_that_they_name_and_once() {
    let (pds, _) = with_clock().await;
    let (did, key) = stranger(&pds).await;
    let own = pds.settings().did.as_str().to_owned();
    let body = json!({ "handle": "carol.test", "did": did.as_str(), "password": PASSWORD });
    let other = sign(&pds, &did, &key, "did:web:other.example.com", CREATE);
    assert_eq!(post(&pds, CREATE, &other, body.clone()).await.error(), (401, "BadJwtAudience"));
    let other = sign(&pds, &did, &key, &own, UPLOAD);
    assert_eq!(post(&pds, CREATE, &other, body.clone()).await.error(), (401, "BadJwtLexiconMethod"));
    let other = sign(&pds, &did, &SigningKey::generate(Curve::K256), &own, CREATE);
    assert_eq!(post(&pds, CREATE, &other, body.clone()).await.error(), (401, "BadJwtSignature"));
    let good = sign(&pds, &did, &key, &format!("{own}#atproto_pds"), CREATE);
    post(&pds, CREATE, &good, body.clone()).await.ok();
    assert_eq!(post(&pds, CREATE, &good, body).await.error(), (401, "NonceNotUnique"));
}

#[tokio::test]
async fn other_methods_do_not_take_them() {
    let (pds, _) = with_clock().await;
    let alice = pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap();
    let claims = Claims::new(
        alice.did.clone(),
        pds.settings().did.as_str(),
        "com.atproto.server.checkAccountStatus".parse().unwrap(),
    );
    let token = claims.sign(&*pds.inner.signer_of(&alice).unwrap(), &*pds.inner.clock).unwrap();
    assert_eq!(get(&pds, "com.atproto.server.checkAccountStatus", &token).await.error(), (400, "InvalidToken"));
}

/// Asks for a token with an access.
async fn ask(pds: &Pds, access: Access, query: &str) -> testing::Answer {
    let alice = pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap();
    let now = pds.inner.now_secs();
    let claims =
        crate::auth::jwt::Claims { did: alice.did, purpose: Purpose::Access(access), issued: now, expires: now + 60 };
    let token = pds.inner.signing().sign(&claims).unwrap();
    get(pds, &format!("com.atproto.server.getServiceAuth?{query}"), &token).await
}

const AUD: &str = "aud=did:web:api.example.com%23svc";

#[tokio::test]
async fn ours_are_signed_by_the_account_and_good_where_they_say() {
    let (pds, clock) = with_clock().await;
    let token = ask(&pds, Access::Full, &format!("{AUD}&lxm=com.example.getThing")).await.ok().text("token");
    let keys = std::sync::Arc::new(pds.inner.resolver.clone());
    let verifier = Verifier::new(["did:web:api.example.com#svc"], keys).clock(std::sync::Arc::new(clock));
    let verified = verifier.verify(&token, &"com.example.getThing".parse().unwrap()).await.unwrap();
    let alice = pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(verified.iss, alice.did);
    let key = pds.inner.resolver.key(&alice.did, "atproto", Freshness::Cached).await.unwrap();
    assert_eq!(key, pds.inner.signer_of(&alice).unwrap().public_key());
    let any = ask(&pds, Access::Full, AUD).await.ok().text("token");
    let verified = verifier.any_method(true).verify(&any, &"com.example.other".parse().unwrap()).await.unwrap();
    assert!(verified.lxm.is_none());
}

#[tokio::test]
async fn the_time_and_the_method_have_bounds() {
    let (pds, _) = with_clock().await;
    let now = pds.inner.now_secs();
    let with = |exp: i64| format!("{AUD}&exp={exp}");
    for exp in [now - 1, now + 61, i64::MIN, i64::MAX] {
        assert_eq!(ask(&pds, Access::Full, &with(exp)).await.error(), (400, "BadExpiration"), "{exp}");
    }
    let lxm = "&lxm=com.example.getThing";
    ask(&pds, Access::Full, &format!("{}{lxm}", with(now + 3_600))).await.ok();
    assert_eq!(ask(&pds, Access::Full, &format!("{}{lxm}", with(now + 3_601))).await.error(), (400, "BadExpiration"));
    for query in ["aud=alice".to_owned(), format!("{AUD}&lxm=com.atproto.server.getSession")] {
        assert_eq!(ask(&pds, Access::Full, &query).await.error(), (400, "InvalidRequest"), "{query}");
    }
}

#[tokio::test]
async fn limited_sessions_get_limited_tokens() {
    let (pds, _) = with_clock().await;
    let with = |lxm: &str| format!("{AUD}&lxm={lxm}");
    for lxm in ["chat.bsky.convo.getLog", "chat.BSKY.convo.getLog", CREATE] {
        assert_eq!(ask(&pds, Access::AppPassword, &with(lxm)).await.error(), (400, "InvalidRequest"), "{lxm}");
        ask(&pds, Access::PrivilegedAppPassword, &with(lxm)).await.ok();
    }
    ask(&pds, Access::AppPassword, &with("com.example.getThing")).await.ok();
    ask(&pds, Access::Takendown, &with(CREATE)).await.ok();
    for query in [with("com.example.getThing"), AUD.to_owned()] {
        assert_eq!(ask(&pds, Access::Takendown, &query).await.error(), (400, "InvalidToken"), "{query}");
    }
}

#[tokio::test]
async fn an_expired_one_is_refused() {
    let (pds, clock) = with_clock().await;
    let (did, key) = stranger(&pds).await;
    let token = sign(&pds, &did, &key, pds.settings().did.as_str(), CREATE);
    clock.pass(Duration::from_secs(61));
    let body = json!({ "handle": "carol.test", "did": did.as_str(), "password": PASSWORD });
    assert_eq!(post(&pds, CREATE, &token, body).await.error(), (401, "JwtExpired"));
}
