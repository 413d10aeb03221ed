//! A catalog that grows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::world::*;
use crate::{
    Catalog,
    catalog::{LexiconError, NetworkCatalog, RecordError, Unknown, Validity},
    data::Value,
    identity::{DnsError, testing::Answer},
    xrpc::BoxFuture,
};

const HOUR: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const CAR: &str = "application/vnd.ipld.car";

async fn world() -> World {
    let world = World::new().await;
    world.authority("example.com", 0, &[record("com.example.thing", &[])]);
    world
}

fn has(catalog: &Catalog, id: &str) -> bool {
    catalog.document(id).is_some()
}

/// Data of a record with a text.
fn data(id: &str, text: &str) -> Value {
    Value::from_json(format!(r#"{{ "$type": "{id}", "text": {text} }}"#).as_bytes()).unwrap()
}

async fn with(catalog: &NetworkCatalog, id: &str) -> Result<Catalog, LexiconError> {
    catalog.with(&nsid(id)).await
}

#[tokio::test]
async fn a_lexicon_comes_with_all_that_it_refers_to_across_authorities() {
    let world = world().await;
    world
        .publish(0, &[record("com.example.a", &["com.example.b", "org.example.c#main"]), record("com.example.b", &[])]);
    world.authority("example.org", 1, &[record("org.example.c", &["org.example.d"]), record("org.example.d", &[])]);
    let catalog = with(&world.catalog(), "com.example.a").await.unwrap();
    for id in ["com.example.a", "com.example.b", "org.example.c", "org.example.d"] {
        assert!(has(&catalog, id), "{id}");
    }
    assert!(!has(&catalog, "com.example.thing"));
    let nested = r#"{ "$type": "com.example.a", "r1": { "$type": "org.example.c", "r0": {
        "$type": "org.example.d", "text": 5 } } }"#;
    let error = catalog.validate_record("com.example.a", &Value::from_json(nested.as_bytes()).unwrap()).unwrap_err();
    assert_eq!(error.path().to_string(), "$.r1.r0.text");
}

#[tokio::test]
async fn references_may_lead_in_circles() {
    let world = world().await;
    world.publish(0, &[record("com.example.a", &["com.example.b"]), record("com.example.b", &["com.example.a"])]);
    let catalog = with(&world.catalog(), "com.example.a").await.unwrap();
    assert!(has(&catalog, "com.example.a") && has(&catalog, "com.example.b"));
    assert_eq!(world.asked("com.example.a"), 1);
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_harms_only_data_that_follows_it() {
    let world = world().await;
    world.publish(0, &[record("com.example.a", &["com.example.absent", "org.example.nobody"])]);
    let catalog = with(&world.catalog(), "com.example.a").await.unwrap();
    assert_eq!(catalog.validate_record("com.example.a", &data("com.example.a", "\"x\"")).unwrap(), Validity::Valid);
    let following = Value::from_json(br#"{ "$type": "com.example.a", "r0": {} }"#).unwrap();
    assert!(catalog.validate_record("com.example.a", &following).is_err());
}

#[tokio::test]
async fn of_hundreds_of_references_the_first_hundred_lexicons_are_fetched() {
    let world = world().await;
    let names: Vec<String> = (0..300).map(|n| format!("com.example.n{n:03}")).collect();
    world.publish(0, &names[..150].iter().map(|id| token(id)).collect::<Vec<_>>());
    world.publish(0, &names[150..].iter().map(|id| token(id)).collect::<Vec<_>>());
    let references: Vec<&str> = names.iter().map(String::as_str).collect();
    world.publish(0, &[record("com.example.all", &references)]);
    let catalog = with(&world.catalog(), "com.example.all").await.unwrap();
    assert_eq!(catalog.documents().count(), 100);
    assert!(has(&catalog, "com.example.n098") && !has(&catalog, "com.example.n099"));
    let asked: usize = names.iter().map(|id| world.asked(id)).sum();
    assert_eq!(asked, 99);
}

#[tokio::test]
async fn references_that_lead_nowhere_count_too() {
    let world = world().await;
    let names: Vec<String> = (0..300).map(|n| format!("com.example.n{n:03}")).collect();
    let references: Vec<&str> = names.iter().map(String::as_str).collect();
    world.publish(0, &[record("com.example.all", &references)]);
    assert_eq!(with(&world.catalog(), "com.example.all").await.unwrap().documents().count(), 1);
    let asked: usize = names.iter().map(|id| world.asked(id)).sum();
    assert_eq!(asked, 99);
}

#[tokio::test]
async fn a_long_chain_of_references_is_followed_so_far() {
    let world = world().await;
    let chain = |n: usize| record(&format!("com.example.n{n}"), &[&format!("com.example.n{}", n + 1)]);
    world.publish(0, &(0..60).map(chain).collect::<Vec<_>>());
    let catalog = with(&world.catalog(), "com.example.n0").await.unwrap();
    assert_eq!(catalog.documents().count(), 33);
}

#[tokio::test]
async fn references_that_stall_are_given_up() {
    let world = world().await;
    world.publish(0, &[record("com.example.a", &["org.example.c"])]);
    world.authority("example.org", 1, &[token("org.example.c")]);
    world.lie(1, |_, _| Answer::silence());
    let catalog =
        NetworkCatalog::builder(Catalog::new(), world.resolver()).patience(Duration::from_millis(200)).build();
    let found = with(&catalog, "com.example.a").await.unwrap();
    assert!(has(&found, "com.example.a") && !has(&found, "org.example.c"));
}

#[tokio::test]
async fn lexicons_of_the_base_are_neither_asked_for_nor_replaced() {
    let world = world().await;
    let base = Catalog::from_json(token("com.example.thing")).unwrap();
    world.publish(0, &[record("com.example.a", &["com.example.thing"])]);
    let catalog = NetworkCatalog::new(base.clone(), world.resolver());
    let found = with(&catalog, "com.example.a").await.unwrap();
    assert_eq!(found.document("com.example.thing"), base.document("com.example.thing"));
    assert!(has(&with(&catalog, "com.example.thing").await.unwrap(), "com.example.thing"));
    catalog.refresh(&nsid("com.example.thing")).await.unwrap();
    assert_eq!(world.asked("com.example.thing"), 0);
}

#[tokio::test]
async fn what_the_base_lacks_is_fetched_for_it() {
    let world = world().await;
    let base = Catalog::from_json(record("org.example.own", &["com.example.thing"])).unwrap();
    let found = with(&NetworkCatalog::new(base, world.resolver()), "org.example.own").await.unwrap();
    assert!(has(&found, "org.example.own") && has(&found, "com.example.thing"));
}

#[tokio::test]
async fn an_nsid_that_differs_from_one_of_the_base_in_case_alone_is_refused_without_being_asked_for() {
    let world = world().await;
    let base = Catalog::from_json(token("com.example.thing")).unwrap();
    let error = with(&NetworkCatalog::new(base, world.resolver()), "com.example.Thing").await.unwrap_err();
    assert!(matches!(error, LexiconError::Incompatible(_)));
    assert!(world.names.asked().is_empty());
}

#[tokio::test]
async fn two_lexicons_that_differ_in_case_alone_do_not_stand_together() {
    let world = world().await;
    world.publish(
        0,
        &[
            token("com.example.x"),
            token("com.example.X"),
            record("com.example.both", &["com.example.x", "com.example.X"]),
        ],
    );
    let catalog = world.catalog();
    let error = with(&catalog, "com.example.both").await.unwrap_err();
    assert!(matches!(error, LexiconError::Incompatible(_)));
    assert!(has(&with(&catalog, "com.example.x").await.unwrap(), "com.example.x"));
    assert!(has(&with(&catalog, "com.example.X").await.unwrap(), "com.example.X"));
}

#[tokio::test]
async fn a_lexicon_is_asked_for_again_after_an_hour() {
    let world = world().await;
    let catalog = world.catalog();
    for (time, asked) in [(Duration::ZERO, 1), (HOUR - MINUTE, 1), (MINUTE, 2), (HOUR, 3)] {
        world.pass(time);
        with(&catalog, "com.example.thing").await.unwrap();
        assert_eq!(world.asked("com.example.thing"), asked);
    }
}

#[tokio::test]
async fn a_lexicon_that_changed_takes_the_place_of_the_old_one() {
    let world = world().await;
    let catalog = world.catalog();
    let wrong = data("com.example.thing", "\"long\"");
    assert!(with(&catalog, "com.example.thing").await.unwrap().validate_record("com.example.thing", &wrong).is_ok());
    let strict = record("com.example.thing", &[]).replace(r#""type": "string""#, r#""type": "string", "maxLength": 2"#);
    world.publish(0, &[strict]);
    world.pass(HOUR);
    assert!(with(&catalog, "com.example.thing").await.unwrap().validate_record("com.example.thing", &wrong).is_err());
}

#[tokio::test]
async fn while_the_authority_does_not_answer_the_old_lexicon_stays_for_a_day() {
    let world = world().await;
    let catalog = world.catalog();
    with(&catalog, "com.example.thing").await.unwrap();
    world.lie(0, |_, _| Answer::text(503, ""));
    for time in [HOUR, 12 * HOUR, 11 * HOUR] {
        world.pass(time);
        assert!(has(&with(&catalog, "com.example.thing").await.unwrap(), "com.example.thing"));
    }
    world.pass(HOUR + MINUTE);
    let error = with(&catalog, "com.example.thing").await.unwrap_err();
    assert!(matches!(error, LexiconError::Refused { status: 503, .. }));
    world.be_honest(0);
    world.pass(MINUTE);
    with(&catalog, "com.example.thing").await.unwrap();
}

#[tokio::test]
async fn while_dns_fails_the_old_lexicon_stays_and_dns_is_not_asked_all_the_time() {
    let world = world().await;
    let catalog = world.catalog();
    with(&catalog, "com.example.thing").await.unwrap();
    let _ = world.names.clone().txt_fails("_lexicon.example.com", DnsError::Timeout);
    world.pass(HOUR);
    let before = world.names.asked().len();
    for _ in 0..5 {
        with(&catalog, "com.example.thing").await.unwrap();
    }
    assert_eq!(world.names.asked().len(), before + 1);
    world.pass(MINUTE);
    with(&catalog, "com.example.thing").await.unwrap();
    assert_eq!(world.names.asked().len(), before + 2);
}

#[tokio::test]
async fn a_lexicon_that_was_taken_back_goes() {
    let world = world().await;
    let catalog = world.catalog();
    with(&catalog, "com.example.thing").await.unwrap();
    world.withdraw(0, "com.example.thing");
    with(&catalog, "com.example.thing").await.unwrap();
    world.pass(HOUR);
    assert!(with(&catalog, "com.example.thing").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn what_does_not_exist_is_not_asked_for_again_for_five_minutes() {
    let world = world().await;
    let catalog = world.catalog();
    for (time, asked) in [(Duration::ZERO, 1), (4 * MINUTE, 1), (MINUTE, 2)] {
        world.pass(time);
        assert!(with(&catalog, "com.example.absent").await.unwrap_err().is_not_found());
        assert_eq!(world.asked("com.example.absent"), asked);
    }
    world.publish(0, &[token("com.example.absent")]);
    assert!(with(&catalog, "com.example.absent").await.is_err());
    catalog.refresh(&nsid("com.example.absent")).await.unwrap_err();
    world.pass(Duration::from_secs(5));
    catalog.refresh(&nsid("com.example.absent")).await.unwrap();
    with(&catalog, "com.example.absent").await.unwrap();
}

#[tokio::test]
async fn all_who_want_the_same_wait_for_one_answer() {
    let world = world().await;
    let catalog = world.catalog();
    let id = nsid("com.example.thing");
    let found = futures_util::future::join_all((0..20).map(|_| catalog.with(&id))).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(world.asked("com.example.thing"), 1);
}

#[tokio::test]
async fn one_who_leaves_does_not_take_the_answer_away_from_others() {
    let world = world().await;
    world.lie(0, |_, honest| after(Duration::from_millis(100), &honest));
    let (catalog, id) = (world.catalog(), nsid("com.example.thing"));
    let hasty = tokio::time::timeout(Duration::from_millis(20), catalog.with(&id));
    let (hasty, patient) = tokio::join!(hasty, catalog.with(&id));
    assert!(hasty.is_err() && patient.is_ok());
    assert_eq!(world.asked("com.example.thing"), 1);
}

#[tokio::test]
async fn a_forced_refresh_brings_news_at_once_but_not_more_often_than_every_five_seconds() {
    let world = world().await;
    let catalog = world.catalog();
    with(&catalog, "com.example.thing").await.unwrap();
    world.publish(0, &[record("com.example.thing", &["com.example.other"]), token("com.example.other")]);
    assert!(!has(&catalog.refresh(&nsid("com.example.thing")).await.unwrap(), "com.example.other"));
    world.pass(Duration::from_secs(5));
    assert!(!has(&with(&catalog, "com.example.thing").await.unwrap(), "com.example.other"));
    assert!(has(&catalog.refresh(&nsid("com.example.thing")).await.unwrap(), "com.example.other"));
    assert!(has(&with(&catalog, "com.example.thing").await.unwrap(), "com.example.other"));
}

#[tokio::test]
async fn an_older_state_is_refused_and_the_newer_lexicon_stays() {
    let world = world().await;
    let old = world.proof(0, "com.example.thing");
    world.publish(0, &[record("com.example.thing", &["com.example.other"]), token("com.example.other")]);
    let catalog = world.catalog();
    assert!(has(&with(&catalog, "com.example.thing").await.unwrap(), "com.example.other"));
    world.lie(0, move |_, _| Answer::body(200, CAR, &old));
    world.pass(HOUR);
    let error = catalog.refresh(&nsid("com.example.thing")).await.unwrap_err();
    assert!(matches!(error, LexiconError::Downgrade { .. }));
    assert!(has(&with(&catalog, "com.example.thing").await.unwrap(), "com.example.other"));
}

#[tokio::test]
async fn an_older_state_is_refused_also_for_lexicons_that_were_not_asked_for_before() {
    let world = world().await;
    let old = world.proof(0, "com.example.later");
    world.publish(0, &[token("com.example.later")]);
    let catalog = world.catalog();
    with(&catalog, "com.example.thing").await.unwrap();
    world.lie(0, move |_, _| Answer::body(200, CAR, &old));
    assert!(matches!(with(&catalog, "com.example.later").await, Err(LexiconError::Downgrade { .. })));
}

#[tokio::test]
async fn with_a_place_to_run_it_the_refresh_is_not_waited_for() {
    let world = world().await;
    let spawned = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&spawned);
    let spawn = move |future: BoxFuture<'static, ()>| {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(future);
    };
    let catalog = NetworkCatalog::builder(Catalog::new(), world.resolver()).spawn(spawn).build();
    with(&catalog, "com.example.thing").await.unwrap();
    world.pass(HOUR);
    world.lie(0, |_, honest| after(Duration::from_millis(50), &honest));
    let started = std::time::Instant::now();
    with(&catalog, "com.example.thing").await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(50));
    assert_eq!(spawned.load(Ordering::SeqCst), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(world.asked("com.example.thing"), 2);
}

#[tokio::test]
async fn a_record_is_checked_with_the_lexicon_of_its_collection() {
    let world = world().await;
    let catalog = world.catalog();
    let id = nsid("com.example.thing");
    let good = catalog.validate_new_record(&id, &data("com.example.thing", "\"x\"")).await;
    assert_eq!(good.unwrap(), Validity::Valid);
    let bad = catalog.validate_new_record(&id, &data("com.example.thing", "5")).await.unwrap_err();
    assert!(matches!(bad, RecordError::Invalid(_)) && !bad.is_unknown());
}

#[tokio::test]
async fn a_record_whose_lexicon_cannot_be_had_is_told_from_one_that_is_wrong() {
    let world = world().await;
    let id = nsid("com.example.absent");
    let refusing = world.catalog();
    let error = refusing.validate_new_record(&id, &data("com.example.absent", "5")).await.unwrap_err();
    assert!(error.is_unknown());
    let passing = NetworkCatalog::new(Catalog::new().unknown(Unknown::Pass), world.resolver());
    let passed = passing.validate_new_record(&id, &data("com.example.absent", "5")).await;
    assert_eq!(passed.unwrap(), Validity::Unknown);
    let error = passing.validate_new_record(&id, &data("com.example.other", "5")).await.unwrap_err();
    assert!(!error.is_unknown());
}

#[tokio::test]
async fn a_record_that_leads_to_a_lexicon_out_of_reach_is_told_from_one_that_is_wrong() {
    let world = world().await;
    world.publish(0, &[record("com.example.a", &["org.example.part", "com.example.absent"])]);
    world.authority("example.org", 1, &[lexicon("org.example.part", r#"{ "type": "object", "properties": {} }"#)]);
    world.lie(1, |_, _| Answer::body(503, "text/plain", "later"));
    let (catalog, id) = (world.catalog(), nsid("com.example.a"));
    let data = |text: &str| Value::from_json(text.as_bytes()).unwrap();
    let following = data(r#"{ "$type": "com.example.a", "r0": {} }"#);
    let error = catalog.validate_new_record(&id, &following).await.unwrap_err();
    assert!(error.is_unknown(), "{error}");
    let absent = data(r#"{ "$type": "com.example.a", "r1": {} }"#);
    assert!(!catalog.validate_new_record(&id, &absent).await.unwrap_err().is_unknown());
    world.be_honest(1);
    world.pass(MINUTE);
    assert_eq!(catalog.validate_new_record(&id, &following).await.unwrap(), Validity::Valid);
}

#[tokio::test]
async fn deep_validation_looks_for_the_lexicons_of_types_in_the_record() {
    let world = world().await;
    let open = lexicon(
        "com.example.open",
        r#"{ "type": "record", "key": "tid", "record": { "type": "object",
        "properties": { "any": { "type": "unknown" } } } }"#,
    );
    world.publish(0, &[open]);
    let nested = r#"{ "$type": "com.example.open", "any": { "$type": "com.example.thing", "text": 5 } }"#;
    let (id, nested) = (nsid("com.example.open"), Value::from_json(nested.as_bytes()).unwrap());
    assert!(world.catalog().validate_new_record(&id, &nested).await.is_ok());
    assert_eq!(world.asked("com.example.thing"), 0);
    let deep = NetworkCatalog::new(Catalog::new().deep(true), world.resolver());
    let error = deep.validate_new_record(&id, &nested).await.unwrap_err();
    let RecordError::Invalid(error) = error else { panic!("{error}") };
    assert_eq!(error.path().to_string(), "$.any.text");
}

#[tokio::test]
async fn a_union_member_that_became_something_else_leaves_the_catalog_as_it_was() {
    let world = world().await;
    let union = r#"{ "type": "object", "properties": { "u": { "type": "union", "refs": ["org.example.part"] } } }"#;
    world.publish(0, &[lexicon("com.example.union", union)]);
    let object = r#"{ "type": "object", "properties": {} }"#;
    world.authority("example.org", 1, &[lexicon("org.example.part", object)]);
    let catalog = world.catalog();
    with(&catalog, "com.example.union").await.unwrap();
    world.publish(1, &[lexicon("org.example.part", r#"{ "type": "string" }"#)]);
    world.pass(HOUR);
    let kept = with(&catalog, "com.example.union").await.unwrap();
    assert!(kept.schema("org.example.part").is_some_and(|schema| schema.fields().is_empty()));
    let error = with(&world.catalog(), "com.example.union").await.unwrap_err();
    assert!(matches!(error, LexiconError::Incompatible(_)));
}
