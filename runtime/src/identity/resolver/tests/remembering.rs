//! What is remembered, and for how long.

use std::time::Duration;

use super::{Freshness, Said, World, alice, alice_handle, world::OTHER_KEY};
use crate::identity::{HandleError, IdentityError, resolver::tests::world::KEY};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_document_is_asked_for_once_an_hour() {
    let world = World::new();
    let resolver = world.resolver();
    for _ in 0..3 {
        resolver.document(&alice(), Freshness::Cached).await.unwrap();
    }
    world.pass(HOUR - Duration::from_secs(1));
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 1);
    world.pass(Duration::from_secs(1));
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn a_handle_is_asked_for_every_ten_minutes_in_whatever_case_it_is_written() {
    let world = World::new();
    let resolver = world.resolver();
    for handle in ["alice.example.com", "ALICE.example.com", "Alice.Example.Com"] {
        assert_eq!(resolver.did(&handle.parse().unwrap(), Freshness::Cached).await.unwrap(), alice());
    }
    assert_eq!(world.asked("_atproto.alice"), 1);
    world.pass(10 * MINUTE);
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("_atproto.alice"), 2);
}

#[tokio::test]
async fn clones_share_what_they_remember() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    resolver.clone().document(&alice(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 1);
}

#[tokio::test]
async fn what_is_stale_is_given_at_once_and_renewed_once_in_the_background() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    world.pass(2 * HOUR);
    for _ in 0..3 {
        assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY);
    }
    assert_eq!(world.asked("did:plc:"), 1);
    assert_eq!(world.run_background().await, 1);
    assert_eq!(world.asked("did:plc:"), 2);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
}

#[tokio::test]
async fn without_a_background_what_is_stale_is_renewed_before_it_is_given() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    world.pass(2 * HOUR);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
}

#[tokio::test]
async fn what_is_too_old_is_not_given_even_with_a_background() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    world.pass(25 * HOUR);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
    assert_eq!(world.background(), 0);
}

#[tokio::test]
async fn a_background_that_is_dropped_is_tried_again() {
    let world = World::new();
    let resolver = world.builder().spawn(drop).build().unwrap();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.pass(2 * HOUR);
    for _ in 0..2 {
        assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY);
    }
    world.pass(23 * HOUR);
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn a_request_may_say_how_old_an_answer_may_be() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.pass(5 * MINUTE);
    resolver.document(&alice(), Freshness::MaxAge(6 * MINUTE)).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 1);
    resolver.document(&alice(), Freshness::MaxAge(4 * MINUTE)).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn no_age_is_so_small_that_every_request_is_asked_anew() {
    let world = World::new();
    let resolver = world.resolver();
    for _ in 0..5 {
        resolver.document(&alice(), Freshness::MaxAge(Duration::ZERO)).await.unwrap();
    }
    assert_eq!(world.asked("did:plc:"), 1);
    world.pass(Duration::from_secs(10));
    resolver.document(&alice(), Freshness::MaxAge(Duration::ZERO)).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn no_age_is_so_great_that_what_is_too_old_is_given() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.pass(26 * HOUR);
    resolver.document(&alice(), Freshness::MaxAge(Duration::MAX)).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn that_there_is_no_did_is_remembered_for_five_minutes() {
    for (status, tombstoned) in [(404, false), (410, true)] {
        let world = World::new();
        world.says(&alice(), Said::Status(status));
        let resolver = world.resolver();
        for _ in 0..3 {
            match resolver.document(&alice(), Freshness::Cached).await.unwrap_err() {
                IdentityError::Tombstoned if tombstoned => {}
                IdentityError::NotFound if !tombstoned => {}
                other => panic!("{other}"),
            }
        }
        assert_eq!(world.asked("did:plc:"), 1);
        world.register(&alice(), "alice.example.com", KEY);
        world.pass(5 * MINUTE);
        assert!(resolver.document(&alice(), Freshness::Cached).await.is_ok());
    }
}

#[tokio::test]
async fn that_there_is_no_handle_is_remembered_for_five_minutes() {
    let world = World::new();
    let handle = "nobody.example.com".parse().unwrap();
    let resolver = world.resolver();
    for _ in 0..3 {
        let error = resolver.did(&handle, Freshness::Cached).await.unwrap_err();
        assert!(matches!(error, IdentityError::Handle(HandleError::NotFound)), "{error}");
    }
    assert_eq!(world.asked("_atproto.nobody"), 1);
    world.pass(5 * MINUTE);
    resolver.did(&handle, Freshness::Cached).await.unwrap_err();
    assert_eq!(world.asked("_atproto.nobody"), 2);
}

#[tokio::test]
async fn a_did_that_is_given_up_takes_the_place_of_its_document() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.says(&alice(), Said::Status(410));
    world.pass(2 * HOUR);
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.run_background().await;
    let error = resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, IdentityError::Tombstoned), "{error}");
}

#[tokio::test]
async fn after_a_clock_is_set_back_what_is_remembered_is_stale_and_ends_some_time() {
    let world = World::new();
    let resolver = world.with_background();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.set_back(240 * HOUR);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY);
    world.says(&alice(), Said::Reset);
    assert_eq!(world.run_background().await, 1);
    // As nobody can be asked, it goes on being given, but not until the clock is where it was.
    world.pass(23 * HOUR);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY);
    world.run_background().await;
    world.pass(HOUR);
    assert!(resolver.key_of(&alice(), Freshness::Cached).await.is_err());
}

#[tokio::test]
async fn after_a_clock_is_set_back_failures_and_absences_are_asked_for_again() {
    for said in [Said::Status(404), Said::Reset] {
        let world = World::new();
        world.says(&alice(), said);
        let resolver = world.resolver();
        resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
        world.register(&alice(), "alice.example.com", KEY);
        world.set_back(HOUR);
        assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY);
    }
}
