use arobase::data::{Blob, Cid};

use super::{
    super::{
        read::read,
        takedown::set,
        testing::{HOUR, World, cid, world},
    },
    NOTE,
};

async fn take_down(world: &World, blob: &Blob, reference: Option<&str>) {
    set(&world.depot, &world.alice.did, &cid(blob), reference).await.unwrap();
}

async fn is_readable(world: &World, blob: &Blob) -> bool {
    read(&world.depot, &world.alice.did, &cid(blob), None).await.is_ok()
}

#[tokio::test]
async fn a_blob_can_be_taken_down_and_come_back() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    take_down(&world, &blob, Some("report 5")).await;
    assert!(!is_readable(&world, &blob).await);
    take_down(&world, &blob, None).await;
    assert!(is_readable(&world, &blob).await);
}

#[tokio::test]
async fn one_that_lost_its_record_meanwhile_waits_for_another() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    take_down(&world, &blob, Some("report 5")).await;
    world.write(NOTE, None).await.unwrap();
    world.clock.pass(100 * HOUR);
    world.collect().await;
    take_down(&world, &blob, None).await;
    world.collect().await;
    world.link(NOTE, &blob).await.unwrap();
    assert!(is_readable(&world, &blob).await);
}

#[tokio::test]
async fn a_temporary_blob_that_is_taken_down_keeps_no_other_from_going() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    take_down(&world, &blob, Some("report 5")).await;
    world.upload("other").await;
    world.clock.pass(100 * HOUR);
    assert_eq!(world.collect().await, 1);
    take_down(&world, &blob, None).await;
    world.clock.pass(100 * HOUR);
    assert_eq!(world.collect().await, 1);
}

#[tokio::test]
async fn to_let_come_back_what_was_never_down_changes_nothing() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    let before = world.row(&cid(&blob)).await;
    world.clock.pass(HOUR);
    take_down(&world, &blob, None).await;
    assert_eq!(world.row(&cid(&blob)).await, before);
}

#[tokio::test]
async fn what_is_not_here_cannot_be_taken_down() {
    let world = world().await;
    let error = set(&world.depot, &world.alice.did, &Cid::of_raw(b"other"), Some("x")).await.unwrap_err();
    assert_eq!(error.name(), "BlobNotFound");
}
