//! From an NSID to a lexicon.

use super::world::*;
use crate::{
    catalog::LexiconError,
    identity::{DidDocument, DnsError, FetchError, IdentityError, testing::Answer},
    repo::{Write, mst},
    sync::Invalid,
};
use std::time::Duration;

const CAR: &str = "application/vnd.ipld.car";

/// A world in which `example.com` published `com.example.thing`.
async fn world() -> World {
    let world = World::new().await;
    world.authority("example.com", 0, &[record("com.example.thing", &[])]);
    world
}

async fn failure(world: &World) -> LexiconError {
    world.resolver().resolve(&nsid("com.example.thing")).await.unwrap_err()
}

fn proof_error(error: &LexiconError) -> &Invalid {
    let LexiconError::Proof(invalid) = error else { panic!("{error}") };
    invalid
}

#[tokio::test]
async fn a_lexicon_comes_with_its_authority_its_revision_and_its_place() {
    let world = world().await;
    let found = world.resolver().resolve(&nsid("com.example.thing")).await.unwrap();
    assert_eq!((found.did.clone(), found.rev.clone()), (did(0), world.rev(0)));
    assert_eq!(found.cid, cid(&record("com.example.thing", &[])));
    assert_eq!(found.record.type_name(), Some("com.atproto.lexicon.schema"));
    assert_eq!(found.document.id, nsid("com.example.thing"));
    let uri = format!("at://{}/com.atproto.lexicon.schema/com.example.thing", did(0));
    assert_eq!(found.uri().as_str(), uri);
}

#[tokio::test]
async fn the_host_is_asked_for_a_car_file_in_one_request() {
    let world = world().await;
    world.resolver().resolve(&nsid("com.example.thing")).await.unwrap();
    let asked = world.server.asked().pop().unwrap();
    let query = format!("did={}&collection=com.atproto.lexicon.schema&rkey=com.example.thing", did(0));
    assert_eq!(asked.path, format!("/xrpc/com.atproto.sync.getRecord?{query}"));
    assert_eq!((asked.method.as_str(), asked.header("accept")), ("GET", Some(CAR)));
    assert_eq!(world.server.asked().len(), 2);
}

#[tokio::test]
async fn the_authority_of_a_group_is_that_of_no_other_group() {
    let world = world().await;
    world.publish(0, &[token("com.example.sub.thing"), token("com.thing.x")]);
    for id in ["com.example.sub.thing", "com.thing.x"] {
        let error = world.resolver().resolve(&nsid(id)).await.unwrap_err();
        assert!(matches!(error, LexiconError::NotFound { authority: None }), "{error}");
    }
    let names = ["_lexicon.sub.example.com", "_lexicon.thing.com"];
    assert_eq!(world.names.asked(), names);
}

#[tokio::test]
async fn the_case_of_a_group_does_not_count_in_dns() {
    let world = world().await;
    world.publish(0, &[token("com.EXAMPLE.other")]);
    world.resolver().resolve(&nsid("com.EXAMPLE.other")).await.unwrap();
    assert!(world.names.asked().contains(&"_lexicon.example.com".to_owned()));
}

#[tokio::test]
async fn an_authority_that_no_name_can_stand_for_is_not_asked_for() {
    let world = world().await;
    let long = format!("com.{}.thing", ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(60)].join("."));
    let error = world.resolver().resolve(&nsid(&long)).await.unwrap_err();
    assert!(matches!(error, LexiconError::LongAuthority));
    assert!(world.names.asked().is_empty());
}

#[tokio::test]
async fn what_dns_says_is_told_apart() {
    let world = world().await;
    world.claims("example.com", &["did=did:web:a.example.com", "did=did:web:b.example.com"]);
    assert!(matches!(failure(&world).await, LexiconError::Ambiguous));
    world.claims("example.com", &["v=spf1"]);
    assert!(matches!(failure(&world).await, LexiconError::NotFound { authority: None }));
    world.claims("example.com", &["did=nobody"]);
    assert!(matches!(failure(&world).await, LexiconError::NotADid));
    world.claims("example.com", &["did=did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV"]);
    assert!(matches!(failure(&world).await, LexiconError::Did(_)));
    let _ = world.names.clone().txt_fails("_lexicon.example.com", DnsError::Failed("servfail".into()));
    let error = failure(&world).await;
    assert!(matches!(error, LexiconError::Dns(DnsError::Failed(_))) && !error.is_permanent());
}

#[tokio::test]
async fn an_authority_without_an_identity_has_no_lexicons() {
    let world = world().await;
    world.claims("example.com", &[&format!("did={}", did(9))]);
    assert!(matches!(failure(&world).await, LexiconError::Identity(IdentityError::NotFound)));
    world.claims("example.com", &[&format!("did={}", did(0))]);
    world.describe(0, DidDocument::new(did(0)));
    assert!(matches!(failure(&world).await, LexiconError::Identity(IdentityError::NoKey)));
}

#[tokio::test]
async fn a_host_without_tls_is_for_development() {
    let world = world().await;
    let error = world.resolver().development(false).resolve(&nsid("com.example.thing")).await.unwrap_err();
    assert!(matches!(error, LexiconError::Plaintext), "{error}");
    assert_eq!(world.asked("com.example.thing"), 0);
}

#[tokio::test]
async fn that_there_is_no_such_lexicon_has_to_be_proven() {
    let world = world().await;
    let error = world.resolver().resolve(&nsid("com.example.other")).await.unwrap_err();
    assert!(matches!(&error, LexiconError::NotFound { authority: Some(authority) } if *authority == did(0)));
    world.lie(0, |_, _| Answer::body(400, "application/json", r#"{ "error": "RecordNotFound", "message": "x" }"#));
    let error = failure(&world).await;
    let LexiconError::Refused { status: 400, error: Some(name) } = &error else { panic!("{error}") };
    assert_eq!((&**name, error.is_not_found()), ("RecordNotFound", false));
}

#[tokio::test]
async fn a_refusal_says_nothing_but_its_name() {
    let world = world().await;
    world.lie(0, |_, _| Answer::body(503, "application/json", "{ \"error\": \"a\\nb\" }"));
    let error = failure(&world).await;
    assert!(matches!(error, LexiconError::Refused { status: 503, error: None }) && !error.is_permanent());
}

#[tokio::test]
async fn another_record_in_place_of_the_proven_one_is_seen() {
    let world = world().await;
    let forged = block(&record("com.example.thing", &["com.example.evil"]));
    let file = world.proof_with(0, "com.example.thing", Some(&forged));
    world.lie(0, move |_, _| Answer::body(200, CAR, &file));
    assert!(matches!(proof_error(&failure(&world).await), Invalid::Car(_)));
}

#[tokio::test]
async fn a_proof_without_its_record_is_none() {
    let world = world().await;
    let file = world.proof_with(0, "com.example.thing", None);
    world.lie(0, move |_, _| Answer::body(200, CAR, &file));
    assert!(matches!(failure(&world).await, LexiconError::NoBlock));
}

#[tokio::test]
async fn a_node_that_is_missing_proves_nothing() {
    let world = world().await;
    let lexicons: Vec<String> = (0..200).map(|n| token(&format!("com.example.n{n}"))).collect();
    world.publish(0, &lexicons);
    // A proof of something else lacks nodes on the way.
    let other = world.proof(0, "com.example.n0");
    world.lie(0, move |_, _| Answer::body(200, CAR, &other));
    let error = world.resolver().resolve(&nsid("com.example.n199")).await.unwrap_err();
    assert!(matches!(proof_error(&error), Invalid::Tree(mst::Error::Missing(_))), "{error}");
}

#[tokio::test]
async fn a_commit_of_another_key_is_not_believed_after_one_look_at_the_document() {
    let world = world().await;
    world.rotate(0, 5, false);
    assert!(matches!(proof_error(&failure(&world).await), Invalid::Signature));
    assert_eq!(world.asked("com.example.thing"), 1);
}

#[tokio::test]
async fn a_key_that_was_changed_is_found_by_asking_for_the_document_anew() {
    let world = world().await;
    let resolver = world.resolver();
    resolver.resolve(&nsid("com.example.thing")).await.unwrap();
    world.pass(Duration::from_secs(60));
    world.rotate(0, 5, true);
    resolver.resolve(&nsid("com.example.thing")).await.unwrap();
    assert_eq!(world.documents_asked(0), 2);
}

#[tokio::test]
async fn a_host_that_was_left_is_found_out_by_asking_for_the_document_anew() {
    let world = world().await;
    let resolver = world.resolver();
    let there = world.document(0, 0);
    let gone = DidDocument::new(did(0)).with_key("atproto", &there.signing_key().unwrap().to_did_key()).with_service(
        "atproto_pds",
        "AtprotoPersonalDataServer",
        "http://127.0.0.1:1",
    );
    world.describe(0, gone);
    assert!(matches!(resolver.resolve(&nsid("com.example.thing")).await, Err(LexiconError::Fetch(_))));
    world.describe(0, there);
    world.pass(Duration::from_secs(60));
    resolver.resolve(&nsid("com.example.thing")).await.unwrap();
}

#[tokio::test]
async fn a_commit_of_another_account_is_not_believed() {
    let world = world().await;
    let forged = world.forged(0, "com.example.thing", |commit| commit.did = did(1));
    world.lie(0, move |_, _| Answer::body(200, CAR, &forged));
    assert!(matches!(proof_error(&failure(&world).await), Invalid::Did { .. }));
}

#[tokio::test]
async fn what_was_published_has_to_be_the_lexicon_of_that_name() {
    let world = world().await;
    let put = |json: &str| world.write(0, &[Write::put(path("com.example.thing"), block(json))]);
    put(&token("com.example.Thing"));
    assert!(matches!(failure(&world).await, LexiconError::Id { found: Some(id) } if &*id == "com.example.Thing"));
    put(&token("com.example.thing").replace("\"lexicon\": 1", "\"lexicon\": 2"));
    assert!(matches!(failure(&world).await, LexiconError::Version));
    put(&lexicon("com.example.thing", r#"{ "type": "nothing" }"#));
    assert!(matches!(failure(&world).await, LexiconError::Document(mistakes) if mistakes.len() == 1));
}

#[tokio::test]
async fn an_answer_without_end_is_cut_and_one_that_stalls_is_left() {
    let world = world().await;
    world.lie(0, |_, _| Answer::head(CAR).then_endless(vec![0; 1 << 16]));
    assert!(matches!(failure(&world).await, LexiconError::Fetch(FetchError::TooLarge { .. })));
    world.lie(0, |_, _| Answer::head(CAR).then(b"x".as_slice()).then_stall());
    let resolver = world.resolver().timeout(Duration::from_millis(300));
    let error = resolver.resolve(&nsid("com.example.thing")).await.unwrap_err();
    assert!(matches!(error, LexiconError::Timeout | LexiconError::Fetch(FetchError::Timeout)));
    assert!(!error.is_permanent());
}

#[tokio::test]
async fn an_older_state_than_one_that_was_seen_is_refused_also_if_it_proves_absence() {
    let world = world().await;
    let old = world.proof(0, "com.example.other");
    let before = world.rev(0);
    world.publish(0, &[token("com.example.other")]);
    let seen = world.rev(0);
    world.lie(0, move |_, _| Answer::body(200, CAR, &old));
    let resolver = world.resolver();
    let error = resolver.resolve_since(&nsid("com.example.other"), |_| Some(seen.clone())).await.unwrap_err();
    assert!(matches!(&error, LexiconError::Downgrade { seen: s, found } if *s == seen && *found == before));
    world.be_honest(0);
    resolver.resolve_since(&nsid("com.example.other"), |_| Some(seen.clone())).await.unwrap();
}

#[tokio::test]
async fn a_revision_of_the_future_is_refused_but_a_clock_may_be_some_minutes_off() {
    let world = world().await;
    world.go_back(Duration::from_secs(4 * 60));
    world.resolver().resolve(&nsid("com.example.thing")).await.unwrap();
    world.go_back(Duration::from_secs(2 * 60));
    assert!(matches!(failure(&world).await, LexiconError::Future { rev } if rev == world.rev(0)));
}

#[tokio::test]
async fn the_lexicons_of_a_group_are_listed_over_all_pages() {
    let world = world().await;
    let more = ["com.example.a", "com.example.b", "com.example.c", "com.example.sub.d", "org.example.e"];
    world.publish(0, &more.map(token));
    let names = world.resolver().list(&nsid("com.example.any")).await.unwrap();
    let expected = ["com.example.a", "com.example.b", "com.example.c", "com.example.thing"];
    assert_eq!(names, expected.map(nsid));
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let world = world().await;
    world.lie(0, |_, _| Answer::body(200, "application/json", r#"{ "records": [], "cursor": "x" }"#));
    assert!(world.resolver().list(&nsid("com.example.any")).await.unwrap().is_empty());
}
