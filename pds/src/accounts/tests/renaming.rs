use arobase::{
    crypto::{Curve, Signer, SigningKey},
    identity::plc::PlcService,
    sync::Event,
    syntax::Did,
};

use super::*;
use crate::{
    auth::testing::{Names, directory, with_network},
    store::MemoryStore,
};

async fn rename(pds: &Pds, did: &Did, handle: &str) -> Result<(), Error> {
    pds.update_handle(did, &handle.parse().unwrap()).await
}

#[tokio::test]
async fn a_new_handle_changes_nothing_else_of_the_did() {
    let (pds, alice) = with_alice().await;
    let label = SigningKey::generate(Curve::P256).public_key().to_did_key();
    let change = |data: &mut arobase::identity::plc::PlcData| {
        data.verification_methods.insert("atproto_label".into(), label.clone());
        let labeler = PlcService { kind: "AtprotoLabeler".into(), endpoint: "https://mod.example.com".into() };
        data.services.insert("atproto_labeler".into(), labeler);
        data.also_known_as.push("https://alice.example.com".into());
        data.rotation_keys.insert(0, label.clone());
    };
    pds.inner.plc.update(&alice, &*pds.inner.secrets.rotation, change).await.unwrap();
    let mut expected = pds.inner.plc.data(&alice).await.unwrap();
    rename(&pds, &alice, "Alicia.test").await.unwrap();
    expected.set_handle("alicia.test");
    assert_eq!(pds.inner.plc.data(&alice).await.unwrap(), expected);
    let Some(Event::Identity(event)) = events(&pds).await.pop() else { panic!() };
    assert_eq!(event.handle.unwrap(), "alicia.test");
    assert!(pds.account(&"alice.test".parse().unwrap()).await.unwrap().is_none());
    assert_eq!(pds.account(&"alicia.test".parse().unwrap()).await.unwrap().unwrap().did, alice);
}

#[tokio::test]
async fn the_handle_that_an_account_has_already_changes_nothing() {
    let (pds, alice) = with_alice().await;
    rename(&pds, &alice, "ALICE.test").await.unwrap();
    assert_eq!(events(&pds).await.len(), 4);
    assert_eq!(pds.inner.plc.export(0, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_renaming_that_was_cut_short_is_finished_by_the_same_call() {
    let (pds, alice) = with_alice().await;
    let rotation = &*pds.inner.secrets.rotation;
    pds.inner.plc.update(&alice, rotation, |data| data.set_handle("alicia.test")).await.unwrap();
    rename(&pds, &alice, "alicia.test").await.unwrap();
    assert_eq!(kinds(&events(&pds).await[4..]), ["identity"]);
    assert_eq!(pds.inner.plc.export(0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn handles_of_others_and_reserved_ones_are_refused_before_the_directory_is_told() {
    let (pds, alice) = with_alice().await;
    account(&pds, "bob.test").await;
    let refused =
        [("bob.test", "HandleNotAvailable"), ("admin.test", "HandleNotAvailable"), ("a.b.test", "InvalidHandle")];
    for (handle, name) in refused {
        assert_eq!(rename(&pds, &alice, handle).await.unwrap_err().name(), name, "{handle}");
    }
    assert_eq!(rename(&pds, &alice, "alice.example.org").await.unwrap_err().status(), 400);
    assert_eq!(pds.inner.plc.export(0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_handle_under_ones_own_domain_is_taken_when_it_leads_to_the_did() {
    let names = Names::default();
    let pds = with_network(MemoryStore::new(), directory(), names.clone()).build().await.unwrap();
    let alice = account(&pds, "alice.test").await;
    names.set("alice.example.org", &alice.did);
    rename(&pds, &alice.did, "alice.example.org").await.unwrap();
    let document = pds.inner.plc.document(&alice.did).await.unwrap();
    assert_eq!(document.handle().unwrap(), "alice.example.org");
    account(&pds, "alice.test").await;
}

#[tokio::test]
async fn whose_did_we_cannot_change_changes_it_first() {
    let (pds, alice) = with_alice().await;
    let own = SigningKey::generate(Curve::K256);
    let rotation = &*pds.inner.secrets.rotation;
    let take_over =
        |data: &mut arobase::identity::plc::PlcData| data.rotation_keys = vec![own.public_key().to_did_key()];
    pds.inner.plc.update(&alice, rotation, take_over).await.unwrap();
    assert_eq!(rename(&pds, &alice, "alicia.test").await.unwrap_err().status(), 400);
    pds.inner.plc.update(&alice, &own, |data| data.set_handle("alicia.test")).await.unwrap();
    rename(&pds, &alice, "alicia.test").await.unwrap();
}

#[tokio::test]
async fn of_two_new_handles_at_once_the_store_has_the_one_that_the_directory_has() {
    let (pds, alice) = with_alice().await;
    let (one, other) = tokio::join!(rename(&pds, &alice, "alicia.test"), rename(&pds, &alice, "alison.test"));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "{one:?} {other:?}");
    let stored = pds.account(&alice.clone().into()).await.unwrap().unwrap().handle;
    assert_eq!(stored, pds.inner.plc.document(&alice).await.unwrap().handle());
    rename(&pds, &alice, "alison.test").await.unwrap();
}
