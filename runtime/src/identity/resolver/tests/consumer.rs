//! The resolver as the directory of a consumer of events.

use super::{
    Said, World, alice,
    world::{KEY, OTHER_KEY, document},
};
use crate::{identity::DidDocument, sync::Directory};

#[tokio::test]
async fn a_consumer_gets_key_and_host() {
    let world = World::new();
    let resolver = world.resolver();
    let identity = resolver.resolve(&alice(), false).await.unwrap().unwrap();
    assert_eq!((identity.key.to_string().as_str(), &*identity.host), (KEY, "pds.example.com"));
}

#[tokio::test]
async fn what_has_no_repository_is_none_and_what_nobody_could_say_is_an_error() {
    let bare = DidDocument::new(alice()).with_also_known_as("at://alice.example.com");
    let without_pds = bare.clone().with_key("atproto", KEY);
    let without_key = bare.with_service("atproto_pds", "AtprotoPersonalDataServer", "https://pds.example.com");
    for said in
        [Said::Status(404), Said::Status(410), Said::Body(without_pds.to_json()), Said::Body(without_key.to_json())]
    {
        let world = World::new();
        world.says(&alice(), said.clone());
        assert!(world.resolver().resolve(&alice(), false).await.unwrap().is_none(), "{said:?}");
    }
    for said in [Said::Status(500), Said::Reset, Said::Body(b"{}".to_vec())] {
        let world = World::new();
        world.says(&alice(), said.clone());
        assert!(world.resolver().resolve(&alice(), false).await.is_err(), "{said:?}");
    }
}

#[tokio::test]
async fn a_did_that_is_none_of_the_network_has_no_repository() {
    let resolver = World::new().resolver();
    assert!(resolver.resolve(&"did:key:z1".parse().unwrap(), false).await.unwrap().is_none());
}

#[tokio::test]
async fn a_consumer_may_force_a_look_up_and_forget() {
    let world = World::new();
    let resolver = world.resolver();
    resolver.resolve(&alice(), false).await.unwrap();
    world.says(&alice(), Said::Body(document(&alice(), "alice.example.com", OTHER_KEY).to_json()));
    let key = |fresh| {
        let resolver = resolver.clone();
        async move { resolver.resolve(&alice(), fresh).await.unwrap().unwrap().key.to_string() }
    };
    assert_eq!(key(false).await, KEY);
    assert_eq!(key(true).await, OTHER_KEY);
    world.register(&alice(), "alice.example.com", KEY);
    assert_eq!(key(true).await, OTHER_KEY);
    Directory::forget(&resolver, &alice());
    assert_eq!(key(false).await, KEY);
}
