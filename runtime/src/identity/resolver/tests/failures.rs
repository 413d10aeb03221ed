//! Failures: they are neither absences nor reasons to ask again and again.

use std::time::Duration;

use super::{Freshness, Said, World, alice, alice_handle, world::KEY};
use crate::identity::{FetchError, HandleError, IdentityError};

const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn after_a_failure_nobody_asks_for_fifteen_seconds() {
    for said in [Said::Reset, Said::Status(500), Said::Status(302), Said::Body(b"<html>".to_vec())] {
        let world = World::new();
        world.says(&alice(), said);
        let resolver = world.resolver();
        for _ in 0..3 {
            let error = resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
            assert!(!error.is_permanent(), "{error}");
        }
        assert_eq!(world.asked("did:plc:"), 1);
        world.register(&alice(), "alice.example.com", KEY);
        world.pass(14 * SECOND);
        assert!(resolver.document(&alice(), Freshness::Cached).await.is_err());
        world.pass(SECOND);
        assert!(resolver.document(&alice(), Freshness::Cached).await.is_ok());
    }
}

#[tokio::test]
async fn a_stale_document_is_given_as_long_as_its_renewal_fails() {
    for background in [false, true] {
        let world = World::new();
        let resolver = if background { world.with_background() } else { world.resolver() };
        resolver.document(&alice(), Freshness::Cached).await.unwrap();
        world.says(&alice(), Said::Status(503));
        for hour in 1..25 {
            world.pass(HOUR);
            for _ in 0..3 {
                assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY, "{hour}");
                world.run_background().await;
            }
            assert_eq!(world.asked("did:plc:"), 1 + hour, "one attempt, and then a rest");
        }
        world.pass(HOUR);
        let error = resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
        assert!(matches!(error, IdentityError::Status(503)), "{error}");
    }
}

#[tokio::test]
async fn a_stale_handle_is_given_as_long_as_its_renewal_fails() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    world.lose(&alice_handle());
    world.pass(HOUR);
    assert_eq!(resolver.did(&alice_handle(), Freshness::Cached).await.unwrap(), alice());
    world.pass(24 * HOUR);
    let error = resolver.did(&alice_handle(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Handle(HandleError::Failed { .. })), "{error}");
}

#[tokio::test]
async fn a_look_up_takes_no_longer_than_allowed() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let asking = tokio::spawn({
        let resolver = resolver.clone();
        async move { resolver.document(&alice(), Freshness::Cached).await }
    });
    world.until_asked("did:plc:", 1).await;
    world.ring();
    let error = asking.await.unwrap().unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(FetchError::Timeout)), "{error}");
    gate.open();
    world.flow();
    world.pass(15 * SECOND);
    assert!(resolver.document(&alice(), Freshness::Cached).await.is_ok());
}

#[tokio::test]
async fn a_host_of_a_did_web_that_does_not_exist_is_an_absence() {
    let world = World::new();
    let did = "did:web:gone.example.com".parse().unwrap();
    world.says(&did, Said::NoSuchHost);
    let error = world.resolver().document(&did, Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::NotFound), "{error}");
}

#[tokio::test]
async fn a_directory_whose_host_does_not_exist_says_nothing_of_a_did() {
    let world = World::new();
    world.says(&alice(), Said::NoSuchHost);
    let error = world.resolver().document(&alice(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(_)), "{error}");
}

#[tokio::test]
async fn what_cannot_be_a_did_of_the_network_is_refused_without_a_request() {
    let world = World::new();
    let resolver = world.resolver();
    for did in ["did:plc:short", "did:key:z1", "did:web:10.0.0.1", "did:web:a.example.com:b", "did:web:localhost"] {
        let error = resolver.document(&did.parse().unwrap(), Freshness::Fresh).await.unwrap_err();
        assert!(matches!(error, IdentityError::Did(_)), "{did}: {error}");
    }
    assert_eq!(world.asked(""), 0);
}

#[tokio::test]
async fn a_document_without_key_or_pds_says_so() {
    let world = World::new();
    let document = crate::identity::DidDocument::new(alice()).to_json();
    world.says(&alice(), Said::Body(document));
    let resolver = world.resolver();
    let error = resolver.key(&alice(), "atproto", Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::NoKey), "{error}");
    let error = resolver.pds(&alice(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::NoPds), "{error}");
}

#[tokio::test]
async fn a_pds_without_tls_is_one_in_development_only() {
    let world = World::new();
    let document = crate::identity::DidDocument::new(alice()).with_service(
        "atproto_pds",
        "AtprotoPersonalDataServer",
        "http://localhost:2583",
    );
    world.says(&alice(), Said::Body(document.to_json()));
    let error = world.resolver().pds(&alice(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::NoPds), "{error}");
    let development = world.builder().development(true).build().unwrap();
    assert_eq!(&*development.pds(&alice(), Freshness::Cached).await.unwrap(), "http://localhost:2583");
}

#[tokio::test]
async fn a_pds_has_tls_however_its_scheme_is_written() {
    let world = World::new();
    let document = crate::identity::DidDocument::new(alice()).with_service(
        "atproto_pds",
        "AtprotoPersonalDataServer",
        "HTTPS://pds.example.com",
    );
    world.says(&alice(), Said::Body(document.to_json()));
    let pds = world.resolver().pds(&alice(), Freshness::Cached).await.unwrap();
    assert_eq!(&*pds, "HTTPS://pds.example.com");
}

#[tokio::test]
async fn keys_of_all_names_are_found() {
    let world = World::new();
    let document = super::world::document(&alice(), "alice.example.com", KEY)
        .with_key("atproto_label", super::world::OTHER_KEY)
        .with_key("other", KEY);
    world.says(&alice(), Said::Body(document.to_json()));
    let resolver = world.resolver();
    for (name, key) in [("atproto", KEY), ("atproto_label", super::world::OTHER_KEY), ("other", KEY)] {
        for _ in 0..2 {
            let found = resolver.key(&alice(), name, Freshness::Cached).await.unwrap();
            assert_eq!(found.to_string(), key, "{name}");
        }
    }
    assert!(resolver.key(&alice(), "none", Freshness::Cached).await.is_err());
}
