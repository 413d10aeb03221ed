//! Forgetting, also while a look-up is under way.

use super::{
    Freshness, Said, World, alice, alice_handle, bob,
    world::{KEY, OTHER_KEY},
};

#[tokio::test]
async fn a_forgotten_did_is_asked_for_again_with_its_handle() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.handle_of(&alice()).await;
    resolver.forget(&alice());
    resolver.handle_of(&alice()).await;
    assert_eq!(world.asked("did:plc:"), 2);
    assert_eq!(world.asked("_atproto.alice"), 2);
}

#[tokio::test]
async fn a_forgotten_did_takes_no_handle_of_somebody_else_along() {
    let world = World::new();
    world.register(&bob(), "alice.example.com", KEY);
    let resolver = world.resolver();
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    resolver.document(&bob(), Freshness::Cached).await.unwrap();
    resolver.forget(&bob());
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("_atproto.alice"), 1);
}

#[tokio::test]
async fn absences_and_failures_are_forgotten_too() {
    for said in [Said::Status(404), Said::Reset] {
        let world = World::new();
        world.says(&alice(), said);
        let resolver = world.resolver();
        resolver.document(&alice(), Freshness::Cached).await.unwrap_err();
        world.register(&alice(), "alice.example.com", KEY);
        resolver.forget(&alice());
        assert!(resolver.document(&alice(), Freshness::Cached).await.is_ok());
    }
}

#[tokio::test]
async fn a_forgotten_handle_is_asked_for_again_in_whatever_case_it_is_written() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    resolver.forget_handle(&"ALICE.example.com".parse().unwrap());
    resolver.did(&alice_handle(), Freshness::Cached).await.unwrap();
    assert_eq!(world.asked("_atproto.alice"), 2);
    assert_eq!(world.asked("did:plc:"), 1);
}

#[tokio::test]
async fn what_was_under_way_when_its_did_was_forgotten_is_not_remembered() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let asking = tokio::spawn({
        let resolver = resolver.clone();
        async move { resolver.key_of(&alice(), Freshness::Cached).await }
    });
    world.until_asked("did:plc:", 1).await;
    resolver.forget(&alice());
    world.flow();
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    gate.open();
    // Who asked before gets what was true then.
    assert_eq!(asking.await.unwrap().unwrap(), KEY);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
}

#[tokio::test]
async fn an_older_look_up_does_not_take_the_place_of_a_newer_one() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let older = tokio::spawn({
        let resolver = resolver.clone();
        async move { resolver.key_of(&alice(), Freshness::Cached).await }
    });
    world.until_asked("did:plc:", 1).await;
    resolver.forget(&alice());
    world.flow();
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
    gate.open();
    assert_eq!(older.await.unwrap().unwrap(), KEY);
    assert_eq!(resolver.key_of(&alice(), Freshness::Cached).await.unwrap(), OTHER_KEY);
    assert_eq!(world.asked("did:plc:"), 2);
}

#[tokio::test]
async fn the_end_of_a_forgotten_look_up_does_not_disturb_the_next() {
    let world = World::new();
    let resolver = world.resolver();
    let ask = || {
        let resolver = resolver.clone();
        tokio::spawn(async move { resolver.key_of(&alice(), Freshness::Cached).await.unwrap() })
    };
    let first_gate = world.hold();
    let first = ask();
    world.until_asked("did:plc:", 1).await;
    resolver.forget(&alice());
    world.register(&alice(), "alice.example.com", OTHER_KEY);
    let second_gate = world.hold();
    let second = ask();
    world.until_asked("did:plc:", 2).await;
    first_gate.open();
    assert_eq!(first.await.unwrap(), KEY);
    let third = ask();
    tokio::task::yield_now().await;
    second_gate.open();
    assert_eq!(second.await.unwrap(), OTHER_KEY);
    assert_eq!(third.await.unwrap(), OTHER_KEY);
    assert_eq!(world.asked("did:plc:"), 2);
}
