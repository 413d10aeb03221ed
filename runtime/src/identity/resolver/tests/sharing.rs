//! Many who ask at the same time.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::{Freshness, Resolver, Said, World, alice, alice_handle};
use crate::identity::IdentityError;

fn ask(resolver: &Resolver) -> JoinHandle<Result<(), IdentityError>> {
    let resolver = resolver.clone();
    tokio::spawn(async move { resolver.document(&alice(), Freshness::Cached).await.map(drop) })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_who_ask_at_the_same_time_share_one_request() {
    for said in [None, Some(Said::Status(500)), Some(Said::Status(404))] {
        let world = World::new();
        let is_ok = said.is_none();
        if let Some(said) = said {
            world.says(&alice(), said);
        }
        let resolver = world.resolver();
        let gate = world.hold();
        let tasks: Vec<_> = (0..1000).map(|_| ask(&resolver)).collect();
        world.until_asked("did:plc:", 1).await;
        gate.open();
        for answer in join_all(tasks).await {
            assert_eq!(answer.unwrap().is_ok(), is_ok);
        }
        assert_eq!(world.asked("did:plc:"), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forced_and_plain_look_ups_share_too_and_so_do_those_of_a_handle() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let tasks: Vec<_> = (0..1000)
        .map(|number| {
            let resolver = resolver.clone();
            let freshness = if number % 2 == 0 { Freshness::Fresh } else { Freshness::Cached };
            tokio::spawn(async move { resolver.did(&alice_handle(), freshness).await })
        })
        .collect();
    world.until_asked("_atproto.alice", 1).await;
    gate.open();
    for answer in join_all(tasks).await {
        assert_eq!(answer.unwrap().unwrap(), alice());
    }
    assert!(world.asked("_atproto.alice") <= 2, "one, and one that was forced after it");
    assert!(world.asked("did:plc:") <= 2);
}

#[tokio::test]
async fn a_look_up_goes_on_when_the_one_who_began_it_leaves() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let first = ask(&resolver);
    world.until_asked("did:plc:", 1).await;
    let second = ask(&resolver);
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.open();
    second.await.unwrap().unwrap();
    assert_eq!(world.asked("did:plc:"), 1);
}

#[tokio::test]
async fn a_look_up_that_nobody_waits_for_ends_and_the_next_begins_anew() {
    let world = World::new();
    let resolver = world.resolver();
    let gate = world.hold();
    let first = ask(&resolver);
    world.until_asked("did:plc:", 1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(resolver.inner.documents.under_way(), 0);
    gate.open();
    world.flow();
    ask(&resolver).await.unwrap().unwrap();
    assert_eq!(world.asked("did:plc:"), 2);
    assert_eq!(resolver.inner.documents.under_way(), 0);
}

#[tokio::test]
async fn a_panic_is_a_failure_for_all_who_wait() {
    let world = World::new();
    world.says(&alice(), Said::Panic);
    let resolver = world.resolver();
    let gate = world.hold();
    let tasks: Vec<_> = (0..10).map(|_| ask(&resolver)).collect();
    world.until_asked("did:plc:", 1).await;
    gate.open();
    world.flow();
    for answer in join_all(tasks).await {
        let error = answer.unwrap().unwrap_err();
        assert!(matches!(error, IdentityError::Fetch(_)), "{error}");
    }
    world.register(&alice(), "alice.example.com", super::world::KEY);
    world.pass(Duration::from_secs(15));
    ask(&resolver).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_renewal_in_the_background_is_shared_with_who_cannot_wait_for_less() {
    let world = World::new();
    let resolver = world.with_background();
    ask(&resolver).await.unwrap().unwrap();
    world.pass(Duration::from_secs(7200));
    ask(&resolver).await.unwrap().unwrap();
    assert_eq!(world.background(), 1);
    resolver.document(&alice(), Freshness::Fresh).await.unwrap();
    world.run_background().await;
    assert_eq!(world.asked("did:plc:"), 2);
}
