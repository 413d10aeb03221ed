//! Bounds on what is remembered, and on how much is asked at the same time.

use std::time::Duration;

use arobase_lexicon::syntax::{Did, Handle};
use futures_util::{FutureExt, future::join_all};

use super::{
    Freshness, Resolver, Said, World, alice,
    world::{KEY, document},
};
use crate::identity::{FetchError, IdentityError};

/// The DID of a number.
fn numbered(number: usize) -> Did {
    let digits: String = format!("{number:04}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    format!("did:plc:{digits}aaaaaaaaaaaaaaaaaaaa").parse().unwrap()
}

#[tokio::test]
async fn no_more_documents_and_handles_are_remembered_than_there_is_room_for() {
    let world = World::empty();
    let resolver = world.builder().capacity(100, 50).build().unwrap();
    for number in 0..1000 {
        let handle: Handle = format!("user{number}.example.com").parse().unwrap();
        world.register(&numbered(number), handle.as_str(), KEY);
        world.names(&handle, &numbered(number));
        resolver.did(&handle, Freshness::Cached).await.unwrap();
    }
    let (documents, handles) = (resolver.inner.documents.len(), resolver.inner.handles.len());
    assert!((50..=100).contains(&documents), "{documents}");
    assert!((25..=50).contains(&handles), "{handles}");
}

#[tokio::test]
async fn absences_and_failures_take_room_too() {
    let world = World::empty();
    let resolver = world.builder().capacity(100, 50).build().unwrap();
    for number in 0..1000 {
        if number % 2 == 0 {
            world.says(&numbered(number), Said::Reset);
        }
        resolver.document(&numbered(number), Freshness::Cached).await.unwrap_err();
    }
    assert!(resolver.inner.documents.len() <= 100);
}

#[tokio::test]
async fn a_document_that_takes_much_counts_as_many() {
    let world = World::empty();
    let resolver = world.builder().capacity(100, 50).build().unwrap();
    for number in 0..200 {
        let large = document(&numbered(number), "alice.example.com", KEY)
            .with_also_known_as(format!("https://example.com/{}", "a".repeat(40_000)));
        world.says(&numbered(number), Said::Body(large.to_json()));
        resolver.document(&numbered(number), Freshness::Cached).await.unwrap();
    }
    let count = resolver.inner.documents.len();
    assert!((1..=10).contains(&count), "{count}");
}

#[tokio::test]
async fn what_is_used_again_and_again_survives_a_flood_of_what_is_not() {
    let world = World::new();
    let resolver = world.builder().capacity(100, 50).build().unwrap();
    for number in 0..1000 {
        resolver.document(&alice(), Freshness::Cached).await.unwrap();
        let _ = resolver.document(&numbered(number), Freshness::Cached).await;
    }
    assert_eq!(world.asked(alice().as_str()), 1);
}

fn ask(resolver: &Resolver, did: Did) -> tokio::task::JoinHandle<Result<(), IdentityError>> {
    let resolver = resolver.clone();
    tokio::spawn(async move { resolver.document(&did, Freshness::Cached).await.map(drop) })
}

#[tokio::test]
async fn no_more_look_ups_are_under_way_than_allowed_and_the_others_wait() {
    let world = World::empty();
    let resolver = world.builder().concurrency(3).build().unwrap();
    let gate = world.hold();
    for number in 0..10 {
        world.register(&numbered(number), "alice.example.com", KEY);
    }
    let tasks: Vec<_> = (0..10).map(|number| ask(&resolver, numbered(number))).collect();
    world.until_asked("did:plc:", 3).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.asked("did:plc:"), 3);
    gate.open();
    for answer in join_all(tasks).await {
        answer.unwrap().unwrap();
    }
    assert_eq!(world.asked("did:plc:"), 10);
}

#[tokio::test]
async fn who_waited_too_long_fails_for_now_and_may_ask_again_at_once() {
    let world = World::empty();
    let resolver = world.builder().concurrency(1).build().unwrap();
    for number in 0..2 {
        world.register(&numbered(number), "alice.example.com", KEY);
    }
    let gate = world.hold();
    let first = ask(&resolver, numbered(0));
    world.until_asked("did:plc:", 1).await;
    let waiting = numbered(1);
    let mut second = Box::pin(resolver.document(&waiting, Freshness::Cached));
    assert!((&mut second).now_or_never().is_none());
    world.ring();
    for answer in [second.now_or_never().unwrap().map(drop), first.await.unwrap()] {
        assert!(matches!(answer, Err(IdentityError::Fetch(FetchError::Timeout))), "{answer:?}");
    }
    gate.open();
    world.flow();
    // The one that was asked for in vain has to rest; nobody was asked for the other one.
    ask(&resolver, numbered(0)).await.unwrap().unwrap_err();
    ask(&resolver, numbered(1)).await.unwrap().unwrap();
    world.pass(Duration::from_secs(15));
    ask(&resolver, numbered(0)).await.unwrap().unwrap();
}

#[tokio::test]
async fn look_ups_that_are_given_up_leave_room_for_others() {
    let world = World::empty();
    let resolver = world.builder().concurrency(1).build().unwrap();
    let gate = world.hold();
    let tasks: Vec<_> = (0..5).map(|number| ask(&resolver, numbered(number))).collect();
    world.until_asked("did:plc:", 1).await;
    for task in tasks {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    gate.open();
    world.flow();
    world.register(&numbered(9), "alice.example.com", KEY);
    ask(&resolver, numbered(9)).await.unwrap().unwrap();
}

#[tokio::test]
async fn hosts_of_strangers_that_let_one_wait_do_not_hold_up_the_directory() {
    let world = World::new();
    let resolver = world.builder().concurrency(2).build().unwrap();
    let gate = world.hold();
    let slow: Vec<_> =
        (0..5).map(|number| ask(&resolver, format!("did:web:slow{number}.example.com").parse().unwrap())).collect();
    world.until_asked("slow", 2).await;
    world.flow();
    resolver.document(&alice(), Freshness::Cached).await.unwrap();
    let handle = "other.example.com".parse().unwrap();
    assert!(resolver.did(&handle, Freshness::Cached).now_or_never().is_none());
    gate.open();
    join_all(slow).await;
    resolver.did(&handle, Freshness::Cached).await.unwrap_err();
    assert_eq!(world.asked("other.example.com"), 2, "DNS and the host");
}
