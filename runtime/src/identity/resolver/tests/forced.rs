//! Forced look-ups, and how many of them there may be.

use std::time::Duration;

use super::{
    Freshness, Said, World, alice, alice_handle, bob,
    world::{KEY, OTHER_KEY},
};
use crate::identity::IdentityError;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_forced_look_up_gets_past_what_is_remembered() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), KEY);
    assert_eq!(resolver.key_of(&alice(), Freshness::Fresh).await.unwrap(), OTHER_KEY);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
}

#[tokio::test]
async fn there_is_one_forced_look_up_of_an_identity_in_ten_seconds() {
    let world = World::new();
    world.register(&bob(), "bob.example.com", KEY);
    let resolver = world.resolver();
    for _ in 0..20 {
        resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    }
    assert_eq!(world.asked(alice().as_str()), 1);
    resolver.document(&bob(), Freshness::Fresh).await.unwrap();
    assert_eq!(world.asked(bob().as_str()), 1);
    world.pass(9 * SECOND);
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    assert_eq!(world.asked(alice().as_str()), 1);
    world.pass(SECOND);
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    assert_eq!(world.asked(alice().as_str()), 2);
}

#[tokio::test]
async fn between_forced_look_ups_absences_and_failures_are_answers_too() {
    for (said, is_absence) in [(Said::Status(404), true), (Said::Status(500), false)] {
        let world = World::new();
        let resolver = world.resolver();
        resolver.document(&alice(), Freshness::Cached).await.unwrap();
        world.says(&alice(), said);
        for _ in 0..3 {
            let error = resolver.document(&alice(), Freshness::Fresh).await.unwrap_err();
            assert_eq!(matches!(error, IdentityError::NotFound), is_absence, "{error}");
        }
        assert_eq!(world.asked("did:plc:"), 2);
        // Who needs nothing fresh is still served where nobody could say.
        assert_eq!(resolver.document(&alice(), Freshness::Cached).await.is_ok(), !is_absence);
    }
}

#[tokio::test]
async fn a_forced_look_up_gets_past_a_failure_that_was_not_forced() {
    let world = World::new();
    world.says(&alice(), Said::Reset);
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
    world.register(&alice(), "alice.example.com", KEY);
    assert!(resolver.document(&alice(), Freshness::Fresh).await.is_ok());
}

#[tokio::test]
async fn who_forces_a_look_up_that_is_under_way_joins_it_and_has_forced_it() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let ask = |freshness| {
        let resolver = resolver.clone();
        tokio::spawn(async move { resolver.document(&alice(), freshness).await.map(drop) })
    };
    let first = ask(Freshness::Cached);
    world.until_asked("did:plc:", 1).await;
    let second = ask(Freshness::Fresh);
    tokio::task::yield_now().await;
    gate.open();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_forbid_forced_look_ups() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    world.set_back(3600 * SECOND);
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn forced_look_ups_of_handles_are_bounded_too() {
    let world = World::new();
    let resolver = world.resolver();
    for _ in 0..20 {
        resolver.did(&alice_handle(), Freshness::Fresh).await.unwrap();
    }
    assert_eq!(world.asked("_atproto.alice"), 1);
    assert_eq!(world.asked("did:plc:"), 1);
}

#[tokio::test]
async fn a_plain_look_up_does_not_make_room_for_a_forced_one() {
    let world = World::new();
    let resolver = world.builder().fresh_for(SECOND, SECOND).build().unwrap();
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    world.pass(2 * SECOND);
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
}
