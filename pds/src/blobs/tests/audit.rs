use object_store::{ObjectStoreExt, path::Path};

use super::{
    super::{
        Audit,
        audit::audit,
        key,
        testing::{HOUR, World, account, cid, world},
    },
    NOTE,
};
use crate::error::Error;

async fn look(world: &World, deep: bool) -> Audit {
    let mut last = 0;
    let mut progress = |count| {
        assert!(count > last);
        last = count;
    };
    let found = audit(&world.depot, deep, &mut progress).await.unwrap();
    assert_eq!(last, found.blobs + found.missing.len() as u64);
    found
}

async fn key_of(world: &World, bytes: &'static str) -> Path {
    let blob = world.upload(bytes).await;
    match world.row(&cid(&blob)).await.unwrap().place {
        crate::store::BlobPlace::Object(key) => Path::from(&*key),
        crate::store::BlobPlace::Remote(_) => panic!("it is here"),
    }
}

#[tokio::test]
async fn a_server_without_blobs_has_nothing_to_find() {
    assert_eq!(look(&world().await, true).await, Audit::default());
}

#[tokio::test]
async fn all_blobs_of_all_accounts_are_looked_at() {
    let world = world().await;
    for number in 0..2_100_u32 {
        world.upload(number.to_be_bytes().to_vec()).await;
    }
    for bytes in ["a", "b"] {
        super::super::upload::upload(&world.depot, &world.bob.did, bytes.into()).await.unwrap();
    }
    let expected = Audit { blobs: 2_102, bytes: 8_402, ..Audit::default() };
    assert_eq!(look(&world, false).await, expected);
    assert_eq!(look(&world, true).await, expected);
}

#[tokio::test]
async fn what_is_missing_or_cut_off_is_found() {
    let world = world().await;
    let (gone, short, _) = (key_of(&world, "gone").await, key_of(&world, "short").await, key_of(&world, "here").await);
    world.objects.delete(&gone).await.unwrap();
    world.objects.put(&short, "shor".into()).await.unwrap();
    let found = look(&world, false).await;
    let mut missing: Vec<_> = found.missing.iter().map(|(did, cid)| (did.clone(), *cid)).collect();
    missing.sort_by_key(|(_, cid)| *cid);
    let mut expected =
        [b"gone".as_slice(), b"short"].map(|bytes| (world.alice.did.clone(), arobase::data::Cid::of_raw(bytes)));
    expected.sort_by_key(|(_, cid)| *cid);
    assert_eq!(missing, expected);
    assert_eq!((found.blobs, found.bytes, found.surplus.len()), (1, 4, 0));
}

#[tokio::test]
async fn only_a_deep_look_finds_bytes_that_changed() {
    let world = world().await;
    let key = key_of(&world, "bytes").await;
    world.objects.put(&key, "bytez".into()).await.unwrap();
    assert_eq!(look(&world, false).await.missing, []);
    assert_eq!(look(&world, true).await.missing, [(world.alice.did.clone(), arobase::data::Cid::of_raw(b"bytes"))]);
}

#[tokio::test]
async fn surplus_is_what_is_old_and_unknown() {
    let world = world().await;
    let kept = world.upload("kept").await;
    world.write(NOTE, Some(&[kept])).await.unwrap();
    let old = key::new(&world.alice.did, world.depot.now()).unwrap();
    let beside = key::new(&world.bob.did, world.depot.now()).unwrap();
    world.clock.pass(7 * HOUR);
    let young = key::new(&world.alice.did, world.depot.now()).unwrap();
    for key in [&old, &beside, &young] {
        world.objects.put(&Path::from(&**key), "bytes".into()).await.unwrap();
    }
    let mut expected = vec![old.clone(), beside];
    expected.sort();
    assert_eq!(look(&world, false).await.surplus, expected);
    let underway = world.depot.blobs.underway.begin(old.clone());
    expected.retain(|key| *key != old);
    assert_eq!(look(&world, false).await.surplus, expected);
    drop(underway);
}

#[tokio::test]
async fn what_is_left_of_a_deleted_account_takes_no_blob_from_the_next_one_with_its_did() {
    let mut world = world().await;
    world.upload("of the first").await;
    let first = world.alice.id;
    world.depot.db.write(move |unit| Ok::<_, Error>(unit.delete_account(first)?)).await.unwrap();
    world.alice = account(&world.depot.db, world.alice.did.as_str()).await;
    let blob = world.upload("of the second").await;
    world.link("com.example.note/a", &blob).await.unwrap();
    assert_eq!(world.rows().await.len(), 2);
    world.clock.pass(7 * HOUR);
    let crate::store::BlobPlace::Object(key) = world.row(&cid(&blob)).await.unwrap().place else { panic!() };
    assert!(!look(&world, false).await.surplus.contains(&key));
    world.collect().await;
    world.bytes(&blob, None).await;
}

#[tokio::test]
async fn what_is_doomed_is_no_surplus() {
    let world = world().await;
    world.upload("bytes").await;
    world.clock.pass(7 * HOUR);
    *world.objects.stuck.lock().unwrap() = world.objects.keys().await;
    world.collect().await;
    assert_eq!(world.objects.keys().await.len(), 1);
    assert_eq!(look(&world, true).await, Audit::default());
}

#[tokio::test]
async fn an_audit_that_cannot_read_says_so() {
    let world = world().await;
    world.upload("bytes").await;
    for calls in 0..2 {
        world.objects.fail_after(calls);
        assert!(audit(&world.depot, true, &mut |_| ()).await.is_err(), "{calls}");
    }
}
