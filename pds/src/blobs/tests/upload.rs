use std::time::Duration;

use arobase::xrpc::{Body, BodyError};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use object_store::{ObjectStoreExt, path::Path};

use super::{
    super::{
        testing::{HOUR, SECOND, World, cid, world, world_with},
        upload::upload,
    },
    NOTE, OTHER, PNG, usage,
};
use crate::store::{BlobPlace, BlobState};

fn chunks(chunks: impl IntoIterator<Item = &'static [u8]>) -> Body {
    let chunks: Vec<_> = chunks.into_iter().map(|chunk| Ok(Bytes::from_static(chunk))).collect();
    Body::from_stream(stream::iter(chunks))
}

async fn reason(world: &World, body: Body) -> (u16, String) {
    let error = world.try_upload(body).await.unwrap_err();
    (error.status().as_u16(), error.name().to_owned())
}

#[tokio::test]
async fn an_upload_is_hashed_and_measured_and_waits_for_a_record() {
    let world = world().await;
    let blob = world.upload("some file bytes").await;
    assert_eq!(blob.cid().to_string(), "bafkreie4chhrpfx6kqftmzfzk3eadtr3vsfqahzrcf3bcyzy3u6iunwc7u");
    assert_eq!((blob.size(), blob.mime_type()), (Some(15), "application/octet-stream"));
    assert_eq!(world.row(&cid(&blob)).await.unwrap().state, BlobState::Temporary);
    assert_eq!(world.objects.keys().await.len(), 1);
    assert_eq!(world.usage(world.alice.id).await, usage(1, 15));
}

#[tokio::test]
async fn the_empty_blob_is_one() {
    let world = world().await;
    let blob = world.upload("").await;
    assert_eq!(blob.cid().to_string(), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    assert_eq!(blob.size(), Some(0));
    world.write(NOTE, Some(&[blob])).await.unwrap();
}

#[tokio::test]
async fn the_bytes_outweigh_the_header_except_for_text() {
    let world = world().await;
    let picture = world.try_upload(Body::new(PNG).content_type("image/jpeg")).await.unwrap();
    assert_eq!(picture.mime_type(), "image/png");
    let text = world.try_upload(Body::new("<html>").content_type("Text/Plain; charset=utf-8")).await.unwrap();
    assert_eq!(text.mime_type(), "text/plain");
}

#[tokio::test]
async fn the_first_bytes_may_come_one_by_one() {
    let world = world().await;
    assert_eq!(world.try_upload(chunks(PNG.chunks(1))).await.unwrap().mime_type(), "image/png");
}

#[tokio::test]
async fn what_is_too_long_leaves_nothing_behind() {
    let world = world_with(|settings| settings.blob_limit = 10).await;
    world.upload("0123456789").await;
    let before = world.objects.keys().await;
    assert_eq!(reason(&world, Body::new("0123456789a")).await, (413, "PayloadTooLarge".into()));
    assert_eq!(reason(&world, chunks([b"012345".as_slice(), b"6789a"])).await.0, 413);
    let cut = Body::from_stream(stream::iter([Err(BodyError::TooLarge { limit: 5 })]));
    assert_eq!(reason(&world, cut).await.0, 413);
    assert_eq!(world.objects.keys().await, before);
    assert_eq!(world.usage(world.alice.id).await, usage(1, 10));
}

#[tokio::test]
async fn what_is_announced_to_be_too_long_is_not_read() {
    let world = world_with(|settings| settings.blob_limit = 10).await;
    let body = Body::from_stream(stream::poll_fn(|_| panic!("it was read"))).sized(11);
    assert_eq!(reason(&world, body).await.0, 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_blob() {
    let world = world().await;
    let broken = stream::iter([Ok(Bytes::from("some")), Err(BodyError::source("gone"))]);
    assert_eq!(reason(&world, Body::from_stream(broken)).await, (400, "InvalidRequest".into()));
    assert_eq!(reason(&world, chunks([b"some".as_slice()]).sized(5)).await, (400, "InvalidRequest".into()));
    assert!(world.objects.keys().await.is_empty() && world.rows().await.is_empty());
}

/// 10 MiB in chunks of a MiB.
fn large() -> Body {
    let chunk = Bytes::from(vec![7; 1 << 20]);
    Body::from_stream(stream::iter(vec![chunk; 10]).map(Ok))
}

#[tokio::test]
async fn a_large_blob_is_written_in_parts() {
    let world = world().await;
    let blob = world.try_upload(large()).await.unwrap();
    assert_eq!(blob.size(), Some(10 << 20));
    let key = world.objects.keys().await.remove(0);
    let written = world.objects.get(&Path::from(key)).await.unwrap().bytes().await.unwrap();
    assert!(cid(&blob).verify(&written));
    assert_eq!(world.objects.open_uploads(), 0);
    // At once: as the one chunk of a body in memory.
    assert_eq!(world.upload(written).await, blob);
}

#[tokio::test]
async fn a_large_blob_that_fails_leaves_no_parts_behind() {
    for calls in 0..2 {
        let world = world_with(|settings| settings.blob_limit = (10 << 20) - 1).await;
        assert_eq!(reason(&world, large()).await.0, 413);
        world.objects.fail_after(calls);
        assert_eq!(reason(&world, large()).await.0, 500);
        tokio::task::yield_now().await;
        assert_eq!(world.objects.open_uploads(), 0, "{calls}");
        assert!(world.objects.keys().await.is_empty());
    }
}

#[tokio::test]
async fn a_large_blob_that_nobody_sends_to_its_end_leaves_no_parts_behind() {
    let world = world().await;
    let chunk = Bytes::from(vec![7; 9 << 20]);
    let body = Body::from_stream(stream::iter([Ok(chunk)]).chain(stream::pending()));
    assert!(tokio::time::timeout(Duration::from_millis(50), world.try_upload(body)).await.is_err());
    tokio::task::yield_now().await;
    assert_eq!(world.objects.open_uploads(), 0);
}

#[tokio::test]
async fn a_blob_that_is_known_is_kept_once_and_as_it_is() {
    let world = world().await;
    let first = world.try_upload(Body::new("text").content_type("text/plain")).await.unwrap();
    let row = world.row(&cid(&first)).await.unwrap();
    world.clock.pass(SECOND);
    let again = world.try_upload(Body::new("text").content_type("text/html")).await.unwrap();
    assert_eq!(again, first);
    let renewed = world.row(&cid(&first)).await.unwrap();
    assert_eq!(renewed.created_at, row.created_at + SECOND);
    world.link(NOTE, &first).await.unwrap();
    assert_eq!(world.try_upload(Body::new("text").content_type("text/html")).await.unwrap(), first);
    assert_eq!(
        world.row(&cid(&first)).await.unwrap(),
        crate::store::BlobRow { state: BlobState::Permanent, ..renewed }
    );
    world.collect().await;
    assert_eq!(world.objects.keys().await.len(), 1);
    assert_eq!(world.usage(world.alice.id).await, usage(1, 4));
}

#[tokio::test]
async fn the_same_blob_of_two_accounts_is_two() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    upload(&world.depot, &world.bob.did, Body::new("bytes")).await.unwrap();
    assert_eq!(world.objects.keys().await.len(), 2);
    world.write(NOTE, Some(&[blob])).await.unwrap();
    world.write(NOTE, None).await.unwrap();
    assert_eq!(world.collect().await, 1);
    let rows = world.rows().await;
    assert_eq!(rows.iter().map(|row| row.account).collect::<Vec<_>>(), [world.bob.id]);
    assert_eq!(world.usage(world.bob.id).await, usage(1, 5));
}

#[tokio::test]
async fn a_blob_that_records_wait_for_is_permanent_at_once() {
    let world = world().await;
    let blob = arobase::data::Blob::new(arobase::data::Cid::of_raw(b"bytes").into(), "video/mp4", 5);
    world.batch(&[(NOTE, Some(std::slice::from_ref(&blob)))], super::super::Absent::Tolerated).await.unwrap();
    world.upload("bytes").await;
    assert_eq!(world.row(&cid(&blob)).await.unwrap().state, BlobState::Permanent);
    // What it was kept as elsewhere does not count any more.
    world.write(OTHER, Some(&[blob])).await.unwrap();
}

#[tokio::test]
async fn a_blob_that_was_taken_down_does_not_come_back() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    world.change_row(&cid(&blob), |row| row.takedown = Some("x".into())).await;
    assert_eq!(reason(&world, Body::new("bytes")).await, (400, "InvalidRequest".into()));
    world.write(NOTE, None).await.unwrap();
    world.clock.pass(100 * HOUR);
    world.collect().await;
    assert_eq!(reason(&world, Body::new("bytes")).await, (400, "InvalidRequest".into()));
    world.collect().await;
    assert_eq!(world.objects.keys().await.len(), 1);
}

#[tokio::test]
async fn bytes_that_were_lost_come_back_with_the_next_upload() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    world.objects.delete(&Path::from(world.objects.keys().await.remove(0))).await.unwrap();
    world.upload("bytes").await;
    world.collect().await;
    let BlobPlace::Object(key) = world.row(&cid(&blob)).await.unwrap().place else { panic!() };
    assert_eq!(world.objects.keys().await, [String::from(key)]);
    assert_eq!(world.usage(world.alice.id).await, usage(1, 5));
}

#[tokio::test]
async fn deactivated_accounts_may_upload_and_others_may_not() {
    let world = world().await;
    world.change_alice(|alice| alice.deactivated_at = Some(1)).await;
    world.upload("bytes").await;
    world.change_alice(|alice| alice.suspended_at = Some(1)).await;
    assert_eq!(reason(&world, Body::new("bytes")).await, (400, "RepoSuspended".into()));
    world.change_alice(|alice| alice.takedown = Some("x".into())).await;
    assert_eq!(reason(&world, Body::new("bytes")).await, (400, "RepoTakendown".into()));
    let nobody = "did:plc:ewvi7nxzyoun6zhxrhs64oix".parse().unwrap();
    let error = upload(&world.depot, &nobody, Body::new("bytes")).await.unwrap_err();
    assert_eq!(error.name(), "RepoNotFound");
}

#[tokio::test]
async fn an_account_that_goes_meanwhile_takes_its_upload_along() {
    let world = world().await;
    let (id, db) = (world.alice.id, world.depot.db.clone());
    let gone = async move {
        db.write(move |unit| Ok::<_, crate::Error>(unit.delete_account(id)?)).await.unwrap();
        Ok(Bytes::from("bytes"))
    };
    assert_eq!(reason(&world, Body::from_stream(gone.boxed().into_stream())).await, (400, "RepoNotFound".into()));
    assert_eq!(world.objects.keys().await.len(), 1);
    world.collect().await;
    assert!(world.objects.keys().await.is_empty());
}

#[tokio::test]
async fn a_failing_object_store_is_our_fault_and_leaves_no_row() {
    let world = world().await;
    world.objects.fail_after(0);
    assert_eq!(reason(&world, Body::new("bytes")).await, (500, "InternalServerError".into()));
    assert!(world.rows().await.is_empty());
    world.upload("bytes").await;
}
