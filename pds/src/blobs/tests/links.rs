use arobase::data::{Blob, Cid, CidLink, Codec, Value};

use super::{
    super::{
        Absent,
        testing::{HOUR, World, cid, record_of, world},
    },
    NOTE, OTHER, usage,
};
use crate::{error::Error, store::BlobState};

async fn refusal(world: &World, blob: &Blob) -> String {
    world.link(NOTE, blob).await.unwrap_err().name().to_owned()
}

async fn linked(world: &World) -> Vec<Cid> {
    let id = world.alice.id;
    world.depot.db.read(move |view| Ok::<_, Error>(view.linked_blobs(id, None, None, 100)?)).await.unwrap()
}

#[tokio::test]
async fn a_record_makes_its_blobs_permanent() {
    let world = world().await;
    let blobs = [world.upload("a").await, world.upload("b").await];
    world.write(NOTE, Some(&blobs)).await.unwrap();
    for blob in &blobs {
        assert_eq!(world.row(&cid(blob)).await.unwrap().state, BlobState::Permanent);
    }
    assert_eq!(linked(&world).await.len(), 2);
    assert_eq!(world.usage(world.alice.id).await, usage(2, 2));
}

#[tokio::test]
async fn a_record_may_not_refer_to_what_is_not_here() {
    let world = world().await;
    let known = world.upload("bytes").await;
    let unknown = Blob::new(Cid::of_raw(b"other").into(), "image/png", 5);
    assert_eq!(refusal(&world, &unknown).await, "BlobNotFound");
    let not_raw = Blob::new(Cid::new(Codec::DagCbor, *cid(&known).digest()).into(), known.mime_type(), 5);
    assert_eq!(refusal(&world, &not_raw).await, "BlobNotFound");
    let sha_512 = [[1, 0x55, 0x13, 64].as_slice(), &[7; 64]].concat();
    let general = CidLink::from_bytes(&sha_512).unwrap();
    assert_eq!(refusal(&world, &Blob::new(general, "image/png", 5)).await, "BlobNotFound");
    world.change_row(&cid(&known), |row| row.takedown = Some("x".into())).await;
    assert_eq!(refusal(&world, &known).await, "BlobNotFound");
    assert!(linked(&world).await.is_empty());
}

#[tokio::test]
async fn a_record_may_not_refer_to_the_blob_of_another() {
    let world = world().await;
    let blob = super::super::upload::upload(&world.depot, &world.bob.did, "bytes".into()).await.unwrap();
    assert_eq!(refusal(&world, &blob).await, "BlobNotFound");
}

#[tokio::test]
async fn size_and_type_have_to_be_those_of_the_upload() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    let other = |mime, size| Blob::new(blob.cid().clone(), mime, size);
    assert_eq!(refusal(&world, &other(blob.mime_type(), 6)).await, "InvalidSize");
    assert_eq!(refusal(&world, &other("image/png", 5)).await, "InvalidMimeType");
    world.link(NOTE, &blob).await.unwrap();
    world.write(OTHER, Some(&[other("image/png", 5)])).await.unwrap();
    assert_eq!(refusal(&world, &other("image/png", 6)).await, "InvalidSize");
}

#[tokio::test]
async fn an_import_may_refer_to_blobs_that_come_later() {
    let world = world().await;
    let absent = Blob::new(Cid::of_raw(b"other").into(), "image/png", 5);
    let here = world.upload("bytes").await;
    world.batch(&[(NOTE, Some(&[absent.clone(), here.clone()]))], Absent::Tolerated).await.unwrap();
    let id = world.alice.id;
    let missing = world.depot.db.read(move |view| Ok::<_, Error>(view.missing_blobs(id, None, 100)?)).await.unwrap();
    assert_eq!(missing, [(cid(&absent), NOTE.parse().unwrap())]);
    assert_eq!(world.row(&cid(&here)).await.unwrap().state, BlobState::Permanent);
    // One that never came leaves nothing behind either.
    world.write(NOTE, None).await.unwrap();
    assert!(linked(&world).await.is_empty());
}

#[tokio::test]
async fn a_blob_goes_with_the_last_record_that_refers_to_it() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    world.link(OTHER, &blob).await.unwrap();
    world.write(NOTE, None).await.unwrap();
    assert_eq!(world.collect().await, 0);
    world.write(OTHER, Some(&[])).await.unwrap();
    assert_eq!(world.row(&cid(&blob)).await, None);
    assert_eq!(world.collect().await, 1);
    assert!(world.objects.keys().await.is_empty());
    assert_eq!(world.usage(world.alice.id).await, usage(0, 0));
    assert_eq!(refusal(&world, &blob).await, "BlobNotFound");
}

#[tokio::test]
async fn a_blob_that_moves_to_another_record_in_one_commit_stays() {
    let world = world().await;
    let blobs = [world.upload("bytes").await];
    world.write(NOTE, Some(&blobs)).await.unwrap();
    world.batch(&[(NOTE, None), (OTHER, Some(&blobs))], Absent::Refused).await.unwrap();
    world.batch(&[(NOTE, Some(&blobs)), (OTHER, None)], Absent::Refused).await.unwrap();
    world.clock.pass(100 * HOUR);
    assert_eq!(world.collect().await, 0);
    assert_eq!(linked(&world).await, [cid(&blobs[0])]);
}

#[tokio::test]
async fn an_update_keeps_the_blobs_that_it_still_refers_to() {
    let world = world().await;
    let blobs = [world.upload("a").await, world.upload("b").await, world.upload("c").await];
    world.write(NOTE, Some(&blobs[..2])).await.unwrap();
    world.write(NOTE, Some(&blobs[1..])).await.unwrap();
    assert_eq!(world.row(&cid(&blobs[0])).await, None);
    let mut expected = [cid(&blobs[1]), cid(&blobs[2])];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(linked(&world).await, expected);
}

#[tokio::test]
async fn a_record_that_is_refused_changes_nothing() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    let unknown = Blob::new(Cid::of_raw(b"other").into(), "image/png", 5);
    assert_eq!(world.write(NOTE, Some(&[blob.clone(), unknown])).await.unwrap_err().name(), "BlobNotFound");
    assert_eq!(world.row(&cid(&blob)).await.unwrap().state, BlobState::Temporary);
    assert!(linked(&world).await.is_empty());
}

#[tokio::test]
async fn references_of_the_old_form_are_not_linked() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    let legacy = Blob::legacy(blob.cid().to_string(), "image/png").unwrap();
    world.write(NOTE, Some(&[legacy])).await.unwrap();
    assert!(linked(&world).await.is_empty());
}

#[test]
fn what_refers_to_a_blob_has_the_mark() {
    let blob = Blob::new(Cid::of_raw(b"bytes").into(), "image/png", 5);
    let has_mark = |block: &[u8]| block.windows(11).any(|bytes| bytes == b"\x65$type\x64blob");
    assert!(has_mark(&record_of(&[blob])));
    assert!(!has_mark(&record_of(&[Blob::legacy(Cid::of_raw(b"bytes").to_string(), "image/png").unwrap()])));
    assert!(!has_mark(&Value::from("blob").to_cbor().unwrap()));
}
