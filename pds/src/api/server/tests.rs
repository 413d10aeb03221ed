use serde_json::{Value, json};

use arobase::{
    crypto::{Curve, Signer, SigningKey},
    identity::plc::PlcData,
    service_auth::Claims,
    syntax::Did,
};
use data_encoding::BASE64;

use crate::{
    auth::testing::{Answer, Names, PASSWORD, call, directory, events, get, kinds, log_in, owner, post, with_network},
    pds::Pds,
    settings::SignUps,
    store::MemoryStore,
    testing::{builder, pds},
};

const CREATE: &str = "com.atproto.server.createAccount";
const CHECK: &str = "com.atproto.server.checkAccountStatus";
const ACTIVATE: &str = "com.atproto.server.activateAccount";
const DEACTIVATE: &str = "com.atproto.server.deactivateAccount";
const GET_SESSION: &str = "com.atproto.server.getSession";

async fn create(pds: &Pds, authorization: Option<&str>, body: Value) -> Answer {
    call(pds, CREATE, authorization, Some(&body)).await
}

fn alice() -> Value {
    json!({ "handle": "Alice.test", "email": "alice@example.com", "password": PASSWORD })
}

#[tokio::test]
async fn the_server_says_what_it_is() {
    let mut builder = builder(MemoryStore::new());
    builder.settings.contact_email = Some("op@example.com".into());
    builder.settings.privacy_policy = Some("https://example.com/privacy".into());
    builder.settings.terms_of_service = Some("no url".into());
    let pds = builder.build().await.unwrap();
    let answer = call(&pds, "com.atproto.server.describeServer", None, None).await.ok();
    let expected = json!({
        "did": "did:web:localhost%3A2583",
        "availableUserDomains": [".test"],
        "inviteCodeRequired": false,
        "phoneVerificationRequired": false,
        "blobUploadLimit": 50 << 20,
        "links": { "privacyPolicy": "https://example.com/privacy" },
        "contact": { "email": "op@example.com" },
    });
    assert_eq!(answer.body, expected);
}

#[tokio::test(start_paused = true)]
async fn a_new_account_gets_a_session_and_can_log_in() {
    let pds = pds().await;
    let answer = create(&pds, None, alice()).await.ok();
    assert_eq!(answer.text("handle"), "alice.test");
    assert_eq!(answer.body["didDoc"]["alsoKnownAs"], json!(["at://alice.test"]));
    let session = get(&pds, GET_SESSION, &answer.text("accessJwt")).await.ok();
    assert_eq!(session.text("did"), answer.text("did"));
    post(&pds, "com.atproto.server.refreshSession", &answer.text("refreshJwt"), Value::Null).await.ok();
    log_in(&pds, "alice@example.com", PASSWORD).await.ok();
    assert_eq!(kinds(&events(&pds).await), ["identity", "active", "commit", "sync"]);
}

#[tokio::test]
async fn a_sign_up_says_what_is_wrong_with_it() {
    let pds = pds().await;
    create(&pds, None, alice()).await.ok();
    let wrong = [
        (json!({ "handle": "alice.test" }), "HandleNotAvailable"),
        (json!({ "handle": "admin.test", "email": "b@example.com" }), "HandleNotAvailable"),
        (json!({ "handle": "a.b.test", "email": "b@example.com" }), "InvalidHandle"),
        (json!({ "handle": "bob.example.com", "email": "b@example.com" }), "UnsupportedDomain"),
        (json!({ "handle": "bob.test", "email": "b@example.com", "password": "x".repeat(257) }), "InvalidPassword"),
        (json!({ "handle": "bob.test", "email": "b@example.com", "password": "" }), "InvalidPassword"),
        (json!({ "handle": "bob.test" }), "InvalidRequest"),
        (json!({ "handle": "bob.test", "email": "b" }), "InvalidRequest"),
        (json!({ "handle": "bob.test", "email": "b@example.com", "plcOp": {} }), "InvalidRequest"),
        (json!({ "handle": "bob.test", "email": "b@example.com", "recoveryKey": "x" }), "InvalidRequest"),
        (json!({ "handle": "bob" }), "InvalidRequest"),
    ];
    for (change, name) in wrong {
        let mut body = alice();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(create(&pds, None, body).await.error(), (400, name), "{change}");
    }
    let without = json!({ "handle": "bob.test", "email": "b@example.com" });
    assert_eq!(create(&pds, None, without).await.error(), (400, "InvalidPassword"));
    assert_eq!(pds.inner.plc.export(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn where_sign_ups_are_closed_operators_create_accounts() {
    let mut builder = builder(MemoryStore::new());
    builder.settings.sign_ups = SignUps::Closed;
    builder.settings.admin_password = Some("open sesame".into());
    let pds = builder.build().await.unwrap();
    assert_eq!(create(&pds, None, alice()).await.error(), (403, "Forbidden"));
    let operator = format!("Basic {}", BASE64.encode(b"admin:open sesame"));
    let token = create(&pds, Some(&operator), alice()).await.ok().text("accessJwt");
    let bob = json!({ "handle": "bob.test", "password": PASSWORD });
    assert_eq!(create(&pds, Some(&format!("Bearer {token}")), bob).await.error(), (403, "Forbidden"));
}

/// A person with an account on another server.
struct Mover {
    did: Did,
    key: SigningKey,
}

impl Mover {
    async fn new(pds: &Pds, names: &Names) -> Self {
        let key = SigningKey::generate(Curve::P256);
        let name = key.public_key().to_did_key();
        let data = PlcData::account(vec![name.clone()], name, "carol.example.org", "https://old.example.com");
        let did = pds.inner.plc.create(data, &key).await.unwrap();
        names.set("carol.example.org", &did);
        Self { did, key }
    }

    async fn arrive(&self, pds: &Pds, did: &str) -> Answer {
        let claims = Claims::new(self.did.clone(), pds.settings().did.as_str(), CREATE.parse().unwrap());
        let token = claims.sign(&self.key, &arobase::clock::SystemClock).unwrap();
        let body = json!({ "handle": "carol.example.org", "did": did, "password": PASSWORD });
        create(pds, Some(&format!("Bearer {token}")), body).await
    }

    /// Does to the DID what the new server recommends.
    async fn point_at(&self, pds: &Pds, token: &str) {
        let advice = get(pds, "com.atproto.identity.getRecommendedDidCredentials", token).await.ok().body;
        assert_eq!(advice["alsoKnownAs"], json!(["at://carol.example.org"]));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let change = |data: &mut PlcData| {
            data.rotation_keys.push(text(&advice["rotationKeys"][0]));
            data.set_signing_key(text(&advice["verificationMethods"]["atproto"]));
            data.set_pds(&text(&advice["services"]["atproto_pds"]["endpoint"]));
        };
        pds.inner.plc.update(&self.did, &self.key, change).await.unwrap();
    }
}

#[tokio::test]
async fn an_account_moves_here() {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    let carol = Mover::new(&pds, &names).await;
    let token = carol.arrive(&pds, carol.did.as_str()).await.ok().text("accessJwt");
    assert_eq!(get(&pds, GET_SESSION, &token).await.ok().text("status"), "deactivated");
    let status = get(&pds, CHECK, &token).await.ok().body;
    assert_eq!((&status["activated"], &status["validDid"]), (&json!(false), &json!(false)));
    assert_eq!(post(&pds, ACTIVATE, &token, Value::Null).await.error(), (400, "IncompatibleDidDoc"));
    assert!(events(&pds).await.is_empty());
    carol.point_at(&pds, &token).await;
    assert_eq!(get(&pds, CHECK, &token).await.ok().body["validDid"], json!(true));
    post(&pds, ACTIVATE, &token, Value::Null).await.ok();
    post(&pds, ACTIVATE, &token, Value::Null).await.ok();
    assert_eq!(kinds(&events(&pds).await), ["active", "identity", "sync"]);
    let account = pds.account(&carol.did.clone().into()).await.unwrap().unwrap();
    assert_eq!((account.deactivated_at, account.delete_after), (None, None));
}

#[tokio::test]
async fn who_moves_here_and_does_not_come_is_deleted_after_three_days() {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    let carol = Mover::new(&pds, &names).await;
    carol.arrive(&pds, carol.did.as_str()).await.ok();
    let account = pds.account(&carol.did.clone().into()).await.unwrap().unwrap();
    let waits = account.delete_after.unwrap() - account.created_at;
    assert!((259_199_000_000..=259_200_000_000).contains(&waits), "{waits}");
}

#[tokio::test]
async fn a_did_is_brought_by_its_owner_alone() {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    let carol = Mover::new(&pds, &names).await;
    let body = json!({ "handle": "carol.example.org", "did": carol.did.as_str(), "password": PASSWORD });
    assert_eq!(create(&pds, None, body).await.error(), (401, "AuthenticationRequired"));
    let other = carol.arrive(&pds, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa").await;
    assert_eq!(other.error(), (401, "AuthenticationRequired"));
    let bob = owner(&pds, "bob").await;
    let claims = Claims::new(bob.did, pds.settings().did.as_str(), CREATE.parse().unwrap());
    let token = claims.sign(&SigningKey::generate(Curve::K256), &arobase::clock::SystemClock).unwrap();
    let body = json!({ "handle": "carol.example.org", "did": carol.did.as_str(), "password": PASSWORD });
    assert_eq!(create(&pds, Some(&format!("Bearer {token}")), body).await.error(), (401, "BadJwtSignature"));
}

#[tokio::test]
async fn an_owner_switches_the_account_off_and_on() {
    let pds = pds().await;
    let token = create(&pds, None, alice()).await.ok().text("accessJwt");
    let status = get(&pds, CHECK, &token).await.ok().body;
    let shown = json!([status["activated"], status["validDid"], status["repoBlocks"], status["indexedRecords"]]);
    assert_eq!(shown.as_array().unwrap()[..2], [json!(true), json!(true)]);
    assert!(status["repoCommit"].as_str().unwrap().starts_with("bafyrei"));
    post(&pds, DEACTIVATE, &token, json!({ "deleteAfter": "2030-01-01T00:00:00.000Z" })).await.ok();
    let account = pds.account(&"alice.test".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(account.delete_after, Some(1_893_456_000_000_000));
    assert_eq!(get(&pds, CHECK, &token).await.ok().body["activated"], json!(false));
    post(&pds, ACTIVATE, &token, Value::Null).await.ok();
    assert_eq!(kinds(&events(&pds).await[4..]), ["deactivated", "active", "identity", "sync"]);
    for (method, body) in [(DEACTIVATE, json!({})), (ACTIVATE, Value::Null)] {
        assert_eq!(call(&pds, method, None, Some(&body)).await.error(), (401, "AuthMissing"));
    }
}

#[tokio::test]
async fn methods_that_are_still_to_come_say_so() {
    let pds = pds().await;
    let token = create(&pds, None, alice()).await.ok().text("accessJwt");
    let missing = post(&pds, "com.atproto.server.createAppPassword", &token, json!({ "name": "x" })).await;
    assert_eq!(missing.error(), (501, "MethodNotImplemented"));
}
