use arobase::{
    crypto::{Curve, Signer, SigningKey},
    identity::plc::PlcData,
    syntax::Did,
};
use serde_json::json;

use crate::{
    auth::testing::{Answer, Names, PASSWORD, call, directory, events, get, kinds, log_in, owner, post, with_network},
    pds::Pds,
    store::MemoryStore,
    testing::account,
};

const UPDATE: &str = "com.atproto.identity.updateHandle";
const RECOMMENDED: &str = "com.atproto.identity.getRecommendedDidCredentials";

/// A server on which Alice is, and in whose network Carol is elsewhere.
async fn world() -> (Pds, Names, Did) {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    owner(&pds, "alice").await;
    let key = SigningKey::generate(Curve::P256);
    let name = key.public_key().to_did_key();
    let data = PlcData::account(vec![name.clone()], name, "carol.example.org", "https://old.example.com");
    let carol = pds.inner.plc.create(data, &key).await.unwrap();
    names.set("carol.example.org", &carol);
    (pds, names, carol)
}

async fn resolve(pds: &Pds, query: &str) -> Answer {
    call(pds, &format!("com.atproto.identity.{query}"), None, None).await
}

async fn did_of(pds: &Pds, handle: &str) -> Did {
    pds.account(&handle.parse().unwrap()).await.unwrap().unwrap().did
}

async fn token(pds: &Pds) -> String {
    log_in(pds, "alice.test", PASSWORD).await.ok().text("accessJwt")
}

#[tokio::test]
async fn handles_here_and_elsewhere_lead_to_their_dids() {
    let (pds, _, carol) = world().await;
    let alice = did_of(&pds, "alice.test").await;
    for (handle, did) in [("ALICE.test", &alice), ("carol.example.org", &carol)] {
        let answer = resolve(&pds, &format!("resolveHandle?handle={handle}")).await.ok();
        assert_eq!(answer.text("did"), did.as_str());
    }
    for handle in ["bob.test", "bob.example.org", "handle.invalid"] {
        let answer = resolve(&pds, &format!("resolveHandle?handle={handle}")).await;
        assert_eq!(answer.error(), (400, "HandleNotFound"), "{handle}");
    }
}

#[tokio::test]
async fn a_handle_of_an_account_that_was_taken_down_leads_nowhere() {
    let (pds, ..) = world().await;
    let alice = did_of(&pds, "alice.test").await;
    pds.deactivate(&alice, None).await.unwrap();
    resolve(&pds, "resolveHandle?handle=alice.test").await.ok();
    pds.set_takedown(&alice, Some("x")).await.unwrap();
    assert_eq!(resolve(&pds, "resolveHandle?handle=alice.test").await.error(), (400, "HandleNotFound"));
    assert_eq!(resolve(&pds, "resolveIdentity?identifier=alice.test").await.error(), (400, "HandleNotFound"));
}

#[tokio::test]
async fn documents_are_those_that_are_published() {
    let (pds, _, carol) = world().await;
    let answer = resolve(&pds, &format!("resolveDid?did={carol}")).await.ok();
    assert_eq!(answer.body["didDoc"]["service"][0]["serviceEndpoint"], "https://old.example.com");
    let unknown = resolve(&pds, "resolveDid?did=did:plc:aaaaaaaaaaaaaaaaaaaaaaaa").await;
    assert_eq!(unknown.error(), (400, "DidNotFound"));
    assert_eq!(resolve(&pds, "resolveDid?did=did:key:zabc").await.error(), (400, "DidNotFound"));
}

#[tokio::test]
async fn an_identity_has_a_handle_only_if_both_agree() {
    let (pds, names, carol) = world().await;
    let alice = did_of(&pds, "alice.test").await;
    for (who, handle) in [("alice.test", "alice.test"), ("carol.example.org", "carol.example.org")] {
        let answer = resolve(&pds, &format!("resolveIdentity?identifier={who}")).await.ok();
        assert_eq!(answer.text("handle"), handle);
    }
    let rotation = &*pds.inner.secrets.rotation;
    pds.inner.plc.update(&alice, rotation, |data| data.set_handle("other.example.org")).await.unwrap();
    pds.inner.resolver.forget(&alice);
    let answer = resolve(&pds, &format!("resolveIdentity?identifier={alice}")).await.ok();
    assert_eq!(answer.text("handle"), "handle.invalid");
    names.set("thief.example.org", &carol);
    assert_eq!(resolve(&pds, "resolveIdentity?identifier=thief.example.org").await.error(), (400, "HandleNotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_refresh_asks_anew() {
    let (pds, ..) = world().await;
    let alice = did_of(&pds, "alice.test").await;
    let token = token(&pds).await;
    let rotation = &*pds.inner.secrets.rotation;
    pds.inner.plc.update(&alice, rotation, |data| data.set_handle("other.example.org")).await.unwrap();
    let body = json!({ "identifier": alice.as_str() });
    let known = resolve(&pds, &format!("resolveIdentity?identifier={alice}")).await.ok();
    assert_eq!(known.text("handle"), "alice.test");
    let answer = post(&pds, "com.atproto.identity.refreshIdentity", &token, body.clone()).await.ok();
    assert_eq!(answer.text("handle"), "handle.invalid");
    let nobody = call(&pds, "com.atproto.identity.refreshIdentity", None, Some(&body)).await;
    assert_eq!(nobody.error(), (401, "AuthMissing"));
}

#[tokio::test(start_paused = true)]
async fn what_is_recommended_is_what_the_did_says() {
    let (pds, ..) = world().await;
    let alice = did_of(&pds, "alice.test").await;
    let advice = get(&pds, RECOMMENDED, &token(&pds).await).await.ok().body;
    let data = pds.inner.plc.data(&alice).await.unwrap();
    let expected = json!({
        "rotationKeys": data.rotation_keys,
        "alsoKnownAs": ["at://alice.test"],
        "verificationMethods": data.verification_methods,
        "services": { "atproto_pds": { "type": "AtprotoPersonalDataServer", "endpoint": &*pds.settings().url } },
    });
    assert_eq!(advice, expected);
    assert_eq!(call(&pds, RECOMMENDED, None, None).await.error(), (401, "AuthMissing"));
}

#[tokio::test(start_paused = true)]
async fn an_owner_takes_another_handle() {
    let (pds, names, _) = world().await;
    account(&pds, "bob.test").await;
    let token = token(&pds).await;
    let alice = did_of(&pds, "alice.test").await;
    names.set("alice.example.org", &alice);
    let update = async |handle: &str| post(&pds, UPDATE, &token, json!({ "handle": handle })).await;
    let wrong =
        [("bob.test", "HandleNotAvailable"), ("al.test", "InvalidHandle"), ("bob.example.org", "InvalidHandle")];
    for (handle, name) in wrong {
        assert_eq!(update(handle).await.error(), (400, name), "{handle}");
    }
    for handle in ["Alicia.test", "alice.example.org"] {
        update(handle).await.ok();
        let answer = resolve(&pds, &format!("resolveIdentity?identifier={alice}")).await.ok();
        assert_eq!(answer.text("handle"), handle.to_ascii_lowercase());
    }
    assert_eq!(kinds(&events(&pds).await[8..]), ["identity", "identity"]);
    assert_eq!(resolve(&pds, "resolveHandle?handle=alice.test").await.error(), (400, "HandleNotFound"));
    let nobody = call(&pds, UPDATE, None, Some(&json!({ "handle": "x.test" }))).await;
    assert_eq!(nobody.error(), (401, "AuthMissing"));
}
