//! Handles and DIDs that have to lead to each other.

use std::time::Duration;

use arobase_lexicon::syntax::{AtIdentifier, Handle};

use super::{Freshness, Said, World, alice, alice_handle, bob, world::KEY};
use crate::identity::{HandleError, IdentityError};

const MINUTE: Duration = Duration::from_secs(60);
const INVALID: &str = "handle.invalid";

fn carol() -> Handle {
    "carol.example.com".parse().unwrap()
}

#[tokio::test]
async fn a_handle_that_its_did_claims_is_good_both_ways() {
    let resolver = World::new().resolver();
    assert_eq!(resolver.did(&alice_handle(), Freshness::Cached).await.unwrap(), alice());
    assert_eq!(resolver.handle_of(&alice()).await, "alice.example.com");
    let written: Handle = "Alice.Example.com".parse().unwrap();
    let resolved = resolver.identity(&AtIdentifier::from(written), Freshness::Cached).await.unwrap();
    assert_eq!((resolved.did, resolved.handle.as_str()), (alice(), "alice.example.com"));
    assert_eq!(resolved.document.pds(), Some("https://pds.example.com"));
}

#[tokio::test]
async fn a_document_may_write_its_handle_in_any_case() {
    let world = World::new();
    world.register(&alice(), "ALICE.Example.COM", KEY);
    let resolver = world.resolver();
    assert_eq!(resolver.did(&alice_handle(), Freshness::Cached).await.unwrap(), alice());
    assert_eq!(resolver.handle_of(&alice()).await, "alice.example.com");
}

#[tokio::test]
async fn a_handle_that_its_did_does_not_claim_leads_nowhere() {
    let world = World::new();
    world.names(&carol(), &alice());
    let error = world.resolver().did(&carol(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Handle(HandleError::NotClaimed)), "{error}");
}

#[tokio::test]
async fn a_handle_that_leads_to_somebody_else_is_not_shown() {
    let world = World::new();
    world.register(&bob(), "alice.example.com", KEY);
    assert_eq!(world.resolver().handle_of(&bob()).await, INVALID);
}

#[tokio::test]
async fn a_handle_that_leads_nowhere_or_is_reserved_or_missing_is_not_shown() {
    for handle in ["nobody.example.com", "alice.example", "alice.test", INVALID, "no handle"] {
        let world = World::new();
        world.register(&alice(), handle, KEY);
        assert_eq!(world.resolver().handle_of(&alice()).await, INVALID, "{handle}");
    }
}

#[tokio::test]
async fn reserved_handles_are_refused_without_a_request() {
    let world = World::new();
    let resolver = world.resolver();
    for handle in [INVALID, "HANDLE.invalid", "alice.test", "alice.local", "alice.onion"] {
        let handle: Handle = handle.parse().unwrap();
        let error = resolver.identity(&AtIdentifier::from(handle.clone()), Freshness::Fresh).await.unwrap_err();
        assert!(matches!(error, IdentityError::Handle(HandleError::Reserved)), "{handle}: {error}");
    }
    assert_eq!(world.asked(""), 0);
}

#[tokio::test]
async fn in_development_handles_under_test_are_good() {
    let world = World::new();
    let handle: Handle = "alice.test".parse().unwrap();
    world.register(&alice(), handle.as_str(), KEY);
    world.names(&handle, &alice());
    let resolver = world.builder().development(true).build().unwrap();
    assert_eq!(resolver.did(&handle, Freshness::Cached).await.unwrap(), alice());
}

#[tokio::test]
async fn a_handle_that_cannot_be_checked_is_not_shown_unless_it_was_checked_before() {
    let world = World::new();
    world.lose(&alice_handle());
    assert_eq!(world.resolver().handle_of(&alice()).await, INVALID);

    let world = World::new();
    let resolver = world.resolver();
    resolver.handle_of(&alice()).await;
    world.lose(&alice_handle());
    for (passed, handle) in
        [(11 * MINUTE, "alice.example.com"), (23 * 60 * MINUTE, "alice.example.com"), (60 * MINUTE, INVALID)]
    {
        world.pass(passed);
        assert_eq!(resolver.handle_of(&alice()).await, handle);
    }
}

#[tokio::test]
async fn who_wants_a_handle_checked_now_gets_no_old_answer_when_nobody_can_say() {
    for freshness in [Freshness::MaxAge(10 * MINUTE), Freshness::Fresh] {
        let world = World::new();
        let resolver = world.resolver();
        resolver.handle_of(&alice()).await;
        world.lose(&alice_handle());
        world.pass(11 * MINUTE);
        let resolved = resolver.resolved(&alice(), freshness).await.unwrap();
        assert_eq!(resolved.handle.as_str(), INVALID, "{freshness:?}");
    }
}

#[tokio::test]
async fn an_account_that_turns_out_to_be_gone_while_its_handle_is_checked_is_gone() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.pass(20 * MINUTE);
    world.names(&alice_handle(), &bob());
    world.says(&alice(), Said::Status(410));
    let error = resolver.resolved(&alice(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Tombstoned | IdentityError::NotFound), "{error}");
}

#[tokio::test]
async fn a_handle_that_was_just_taken_is_found_though_the_old_document_is_remembered() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.handle_of(&alice()).await;
    world.pass(20 * MINUTE);
    world.register(&alice(), carol().as_str(), KEY);
    world.names(&carol(), &alice());
    assert_eq!(resolver.did(&carol(), Freshness::Cached).await.unwrap(), alice());
    assert_eq!(resolver.handle_of(&alice()).await, carol().as_str());
}

#[tokio::test]
async fn a_handle_that_has_moved_is_found_though_its_old_owner_is_remembered() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    world.pass(20 * MINUTE);
    world.register(&alice(), carol().as_str(), KEY);
    world.register(&bob(), alice_handle().as_str(), KEY);
    world.names(&alice_handle(), &bob());
    assert_eq!(resolver.handle_of(&bob()).await, alice_handle().as_str());
    assert_eq!(resolver.did(&alice_handle(), Freshness::Cached).await.unwrap(), bob());
}

#[tokio::test]
async fn a_handle_whose_old_owner_is_gone_is_asked_for_again() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    world.pass(20 * MINUTE);
    world.says(&alice(), Said::Status(410));
    resolver.forget(&alice());
    resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
    world.register(&bob(), alice_handle().as_str(), KEY);
    world.names(&alice_handle(), &bob());
    assert_eq!(resolver.did(&alice_handle(), Freshness::Cached).await.unwrap(), bob());
}

#[tokio::test]
async fn contradictions_are_checked_once_in_five_minutes_however_often_they_are_asked_for() {
    let world = World::new();
    world.names(&carol(), &alice());
    let resolver = world.resolver();
    for _ in 0..20 {
        resolver.did(&carol(), Freshness::Cached).await.unwrap_err();
    }
    assert_eq!((world.asked("_atproto.carol"), world.asked("did:plc:")), (1, 1));
    world.pass(5 * MINUTE);
    for _ in 0..20 {
        resolver.did(&carol(), Freshness::Cached).await.unwrap_err();
    }
    assert_eq!((world.asked("_atproto.carol"), world.asked("did:plc:")), (2, 2));
}

#[tokio::test]
async fn a_contradiction_stays_one_when_nobody_can_say_better() {
    let world = World::new();
    world.names(&carol(), &alice());
    let resolver = world.resolver();
    resolver.did(&carol(), Freshness::Cached).await.unwrap_err();
    world.pass(6 * MINUTE);
    world.says(&alice(), Said::Reset);
    let error = resolver.did(&carol(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Handle(HandleError::NotClaimed)), "{error}");
}

#[tokio::test]
async fn a_handle_whose_document_nobody_can_give_fails_as_that() {
    let world = World::new();
    world.says(&alice(), Said::Reset);
    let error = world.resolver().did(&alice_handle(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Fetch(_)), "{error}");
}
