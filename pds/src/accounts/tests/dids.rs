//! The DIDs of accounts.

use std::sync::Arc;

use arobase::{
    crypto::{Curve, Signer, SigningKey},
    identity::plc::{Content, PlcData},
};

use super::*;
use crate::{
    auth::testing::{Names, directory, with_network},
    store::{MemoryStore, State},
    testing::URL,
};

#[tokio::test]
async fn the_document_of_a_new_did_is_the_one_that_the_server_says() {
    let pds = pds().await;
    let account = account(&pds, "alice.test").await;
    let published = pds.inner.plc.document(&account.did).await.unwrap();
    assert_eq!(published, pds.document_of(&account).unwrap());
    assert_eq!((published.handle().unwrap().as_str(), published.pds()), ("alice.test", Some(URL)));
    assert_eq!(published.signing_key().unwrap(), pds.inner.signer_of(&account).unwrap().public_key());
}

#[tokio::test]
async fn the_key_of_the_owner_is_stronger_than_ours() {
    let pds = pds().await;
    let recovery = SigningKey::generate(Curve::P256).public_key().to_did_key();
    let wanted = SignUp { recovery_key: Some(recovery.clone().into()), ..sign_up("alice.test") };
    let did = pds.create_account(wanted).await.unwrap().did;
    let own = pds.inner.secrets.rotation.public_key().to_did_key();
    assert_eq!(pds.inner.plc.data(&did).await.unwrap().rotation_keys, [recovery, own]);
    let wanted = SignUp { recovery_key: Some("did:key:zzz".into()), ..sign_up("bob.test") };
    assert_eq!(refusal(&pds, wanted).await, (400, "InvalidRequest".into()));
}

#[tokio::test]
async fn a_given_key_signs_for_the_account() {
    let pds = pds().await;
    let key = Arc::new(SigningKey::generate(Curve::P256));
    let wanted = SignUp { key: Some(key.clone()), ..sign_up("alice.test") };
    let account = pds.create_account(wanted).await.unwrap();
    let document = pds.inner.plc.document(&account.did).await.unwrap();
    assert_eq!(document.signing_key(), Some(key.public_key()));
    assert_eq!(pds.inner.signer_of(&account).unwrap().public_key(), key.public_key());
}

/// The state of a DID that names a server, a key and a handle, which its owner can change.
fn state(owner: &SigningKey, key: &SigningKey, handle: &str, pds: &str) -> PlcData {
    let rotation = vec![owner.public_key().to_did_key()];
    PlcData::account(rotation, key.public_key().to_did_key(), handle, pds)
}

#[tokio::test]
async fn an_operation_that_the_owner_made_is_submitted_if_it_names_us() {
    let pds = pds().await;
    let (owner, key) = (SigningKey::generate(Curve::K256), Arc::new(SigningKey::generate(Curve::K256)));
    let sign = |data: PlcData| Content::genesis(data).sign(&owner).unwrap();
    let wanted = |operation| SignUp { operation: Some(operation), key: Some(key.clone()), ..sign_up("alice.test") };
    let other = SigningKey::generate(Curve::K256);
    let wrong = [
        state(&owner, &key, "alice.test", "https://pds.example.com"),
        state(&owner, &other, "alice.test", URL),
        state(&owner, &key, "bob.test", URL),
    ];
    for data in wrong {
        assert_eq!(refusal(&pds, wanted(sign(data))).await, (400, "IncompatibleDidDoc".into()));
    }
    let operation = sign(state(&owner, &key, "alice.test", URL));
    let account = pds.create_account(wanted(operation.clone())).await.unwrap();
    assert_eq!(Some(account.did.clone()), operation.did());
    assert_eq!(pds.inner.plc.last(&account.did).await.unwrap(), operation);
}

#[tokio::test]
async fn a_did_that_is_to_be_active_at_once_names_us_and_the_key() {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    let (owner, key) = (SigningKey::generate(Curve::K256), Arc::new(SigningKey::generate(Curve::K256)));
    let elsewhere = state(&owner, &key, "alice.example.org", "https://pds.example.com");
    let did = pds.inner.plc.create(elsewhere, &owner).await.unwrap();
    names.set("alice.example.org", &did);
    let wanted = SignUp { did: Some(did.clone()), key: Some(key), ..sign_up("alice.example.org") };
    assert_eq!(refusal(&pds, wanted.clone()).await, (400, "IncompatibleDidDoc".into()));
    pds.inner.plc.update(&did, &owner, |data| data.set_pds(URL)).await.unwrap();
    assert_eq!(pds.create_account(wanted).await.unwrap().state(), State::Active);
}

#[tokio::test]
async fn a_handle_of_ones_own_has_to_lead_to_the_did() {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    let did: arobase::syntax::Did = "did:web:alice.example.org".parse().unwrap();
    let wanted = |handle| SignUp { did: Some(did.clone()), deactivated: true, ..sign_up(handle) };
    names.set("bob.example.org", &"did:web:bob.example.org".parse().unwrap());
    for handle in ["alice.example.org", "bob.example.org"] {
        assert_eq!(refusal(&pds, wanted(handle)).await.1, "InvalidHandle", "{handle}");
    }
    names.set("carol.example.org", &did);
    pds.create_account(wanted("carol.example.org")).await.unwrap();
}

#[tokio::test]
async fn dids_of_other_methods_have_no_accounts() {
    let pds = pds().await;
    let wanted = SignUp { did: Some("did:key:zabc".parse().unwrap()), vouched: true, ..SignUp::default() };
    assert_eq!(refusal(&pds, wanted).await, (400, "InvalidRequest".into()));
}
