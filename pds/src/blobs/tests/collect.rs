use arobase::xrpc::Body;
use futures_util::{StreamExt, stream};
use object_store::{ObjectStoreExt, path::Path};

use super::{
    super::{
        depot::Depot,
        testing::{HOUR, SECOND, cid, world, world_with},
    },
    NOTE, usage,
};
use crate::{error::Error, settings::Settings};

#[tokio::test]
async fn a_temporary_blob_goes_when_its_time_is_over() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.clock.pass(6 * HOUR);
    assert_eq!(world.collect().await, 0);
    world.clock.pass(1);
    assert_eq!(world.collect().await, 1);
    assert_eq!(world.row(&cid(&blob)).await, None);
    assert!(world.objects.keys().await.is_empty());
    assert_eq!(world.usage(world.alice.id).await, usage(0, 0));
    assert_eq!(world.write(NOTE, Some(&[blob])).await.unwrap_err().name(), "BlobNotFound");
}

#[tokio::test]
async fn no_setting_makes_temporary_blobs_go_within_an_hour() {
    let world = world_with(|settings| settings.temporary_blobs = std::time::Duration::ZERO).await;
    let blob = world.upload("bytes").await;
    world.clock.pass(HOUR);
    world.collect().await;
    assert!(world.row(&cid(&blob)).await.is_some());
}

#[tokio::test]
async fn a_blob_to_which_a_record_refers_stays_for_good() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.clock.pass(7 * HOUR);
    world.write(NOTE, Some(&[blob])).await.unwrap();
    assert_eq!(world.collect().await, 0);
    assert_eq!(world.objects.keys().await.len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_repeated_has_its_time_again() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.clock.pass(5 * HOUR);
    world.upload("bytes").await;
    world.clock.pass(5 * HOUR);
    world.collect().await;
    world.write(NOTE, Some(&[blob])).await.unwrap();
}

#[tokio::test]
async fn many_go_at_once() {
    let world = world().await;
    for number in 0..250_u32 {
        world.upload(number.to_be_bytes().to_vec()).await;
    }
    world.clock.pass(7 * HOUR);
    assert_eq!(world.collect().await, 250);
    assert_eq!(world.usage(world.alice.id).await, usage(0, 0));
}

#[tokio::test]
async fn what_cannot_be_deleted_is_tried_later_and_keeps_nobody_waiting() {
    let world = world().await;
    for number in 0..250_u32 {
        world.upload(number.to_be_bytes().to_vec()).await;
    }
    let mut keys = world.objects.keys().await;
    *world.objects.stuck.lock().unwrap() = keys.split_off(50);
    world.clock.pass(7 * HOUR);
    assert_eq!(world.collect().await, 50);
    assert_eq!(world.collect().await, 0);
    world.objects.stuck.lock().unwrap().clear();
    world.clock.pass(HOUR);
    assert_eq!(world.collect().await, 200);
}

#[tokio::test]
async fn an_object_that_is_gone_already_counts_as_done() {
    let world = world().await;
    world.upload("bytes").await;
    world.objects.delete(&Path::from(world.objects.keys().await.remove(0))).await.unwrap();
    world.clock.pass(7 * HOUR);
    assert_eq!(world.collect().await, 1);
    assert_eq!(world.collect().await, 0);
}

/// What a crash between the object and its row leaves behind.
async fn orphan(depot: &Depot, did: &str) -> Path {
    let key = super::super::key::new(&did.parse().unwrap(), depot.now()).unwrap();
    let path = Path::from(&*key);
    depot.blobs.objects.put(&path, "bytes".into()).await.unwrap();
    path
}

#[tokio::test]
async fn objects_without_rows_go_after_a_while() {
    let world = world().await;
    let kept = world.upload("kept").await;
    world.write(NOTE, Some(&[kept])).await.unwrap();
    for did in [world.alice.did.as_str(), world.bob.did.as_str(), "did:plc:ewvi7nxzyoun6zhxrhs64oix"] {
        orphan(&world.depot, did).await;
    }
    assert_eq!(world.collect().await, 0);
    world.clock.pass(25 * HOUR);
    assert_eq!(world.collect().await, 3);
    assert_eq!(world.objects.keys().await.len(), 1);
}

#[tokio::test]
async fn an_upload_that_takes_its_time_is_no_surplus() {
    let world = world().await;
    world.collect().await;
    let (send, receive) = tokio::sync::oneshot::channel::<()>();
    let rest = stream::once(async move {
        receive.await.unwrap();
        Ok("bytes".into())
    });
    // The object is there, and its row is not yet.
    let key = world.depot.blobs.underway.begin(super::super::key::new(&world.alice.did, world.depot.now()).unwrap());
    world.depot.blobs.objects.put(&Path::from(key.key()), "bytes".into()).await.unwrap();
    world.clock.pass(100 * HOUR);
    let uploading = world.try_upload(Body::from_stream(rest.boxed()));
    let collecting = async {
        assert_eq!(world.collect().await, 0);
        send.send(()).unwrap();
    };
    let (uploaded, ()) = tokio::join!(uploading, collecting);
    uploaded.unwrap();
    drop(key);
    world.clock.pass(25 * HOUR);
    // The one that never got its row, and the one that no record came for.
    assert_eq!(world.collect().await, 2);
}

#[tokio::test]
async fn objects_that_somebody_else_put_there_stay() {
    let world = world().await;
    let prefix = super::super::key::prefix(&world.alice.did);
    for key in ["notes".to_owned(), "blobs/notes".to_owned(), format!("{prefix}/notes")] {
        world.objects.put(&Path::from(key), "mine".into()).await.unwrap();
    }
    world.clock.pass(100 * HOUR);
    assert_eq!(world.collect().await, 0);
}

#[tokio::test]
async fn a_new_database_does_not_take_the_blobs_of_another_for_surplus() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.write(NOTE, Some(&[blob])).await.unwrap();
    world.collect().await;
    let db =
        crate::store::Database::new(std::sync::Arc::new(crate::store::MemoryStore::with_clock(world.clock.clone())));
    let settings = Settings::new("http://localhost:2583").unwrap();
    let other = Depot::new(db, world.depot.blobs.clone(), world.clock.clone(), &settings);
    for _ in 0..3 {
        world.clock.pass(25 * HOUR);
        assert_eq!(super::super::collect::collect(&other).await.unwrap(), 0);
    }
    assert_eq!(world.objects.keys().await.len(), 1);
}

#[tokio::test]
async fn a_listing_that_fails_keeps_nothing_from_being_deleted() {
    let world = world().await;
    world.upload("bytes").await;
    world.clock.pass(7 * HOUR);
    world.objects.fail_after(0);
    let error = super::super::collect::collect(&world.depot).await.unwrap_err();
    assert_eq!(error.status().as_u16(), 500);
    assert!(world.objects.keys().await.is_empty());
}

#[tokio::test]
async fn blobs_of_accounts_that_were_deleted_go() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.write(NOTE, Some(&[blob])).await.unwrap();
    let id = world.alice.id;
    let delete = move |unit: &mut dyn crate::store::Unit| {
        unit.delete_account(id)?;
        while unit.purge(10)? {}
        Ok::<_, Error>(())
    };
    world.depot.db.write(delete).await.unwrap();
    world.clock.pass(SECOND);
    assert_eq!(world.collect().await, 1);
    assert!(world.objects.keys().await.is_empty());
}

#[tokio::test]
async fn temporary_blobs_of_an_account_that_is_being_deleted_keep_nobody_waiting() {
    let world = world().await;
    for number in 0..100_u32 {
        world.upload(number.to_be_bytes().to_vec()).await;
    }
    let id = world.alice.id;
    world.depot.db.write(move |unit| Ok::<_, Error>(unit.delete_account(id)?)).await.unwrap();
    world.clock.pass(7 * HOUR);
    assert_eq!(world.collect().await, 100);
    assert!(world.rows().await.is_empty());
}
