use arobase::data::Blob;
use bytes::Bytes;

use super::{
    super::{
        BlobBytes, BlobContent, BlobRange,
        read::read,
        testing::{World, cid, world},
    },
    NOTE, PNG,
};
use crate::error::Error;

async fn get(world: &World, blob: &Blob, range: Option<BlobRange>) -> Result<BlobBytes, Error> {
    match read(&world.depot, &world.alice.did, &cid(blob), range).await? {
        BlobContent::Bytes(bytes) => Ok(bytes),
        BlobContent::Remote(_) => panic!("it is here"),
    }
}

async fn bytes(found: BlobBytes) -> Bytes {
    assert_eq!(found.body.size(), Some(found.range.end - found.range.start));
    found.body.collect(u64::MAX).await.unwrap()
}

#[tokio::test]
async fn a_blob_is_given_out_once_a_record_refers_to_it() {
    let world = world().await;
    let blob = world.upload(PNG).await;
    assert_eq!(get(&world, &blob, None).await.unwrap_err().name(), "BlobNotFound");
    world.link(NOTE, &blob).await.unwrap();
    let found = get(&world, &blob, None).await.unwrap();
    assert_eq!(
        (&*found.mime_type, found.size, found.range.clone()),
        ("image/png", PNG.len() as u64, 0..PNG.len() as u64)
    );
    assert_eq!(bytes(found).await, PNG);
}

#[tokio::test]
async fn a_part_of_a_blob_can_be_had() {
    let world = world().await;
    let blob = world.upload("0123456789").await;
    world.link(NOTE, &blob).await.unwrap();
    for (range, from, part) in [
        (BlobRange::Bounded(0..1), 0, "0"),
        (BlobRange::Bounded(8..100), 8, "89"),
        (BlobRange::From(7), 7, "789"),
        (BlobRange::Last(3), 7, "789"),
        (BlobRange::Last(30), 0, "0123456789"),
    ] {
        let found = get(&world, &blob, Some(range)).await.unwrap();
        assert_eq!((found.size, found.range.start), (10, from));
        assert_eq!(bytes(found).await, part);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "strangers ask for such")]
    for range in [BlobRange::Bounded(10..11), BlobRange::Bounded(3..2), BlobRange::From(10), BlobRange::Last(0)] {
        let error = get(&world, &blob, Some(range)).await.unwrap_err();
        assert_eq!(error.status().as_u16(), 416);
    }
}

#[tokio::test]
async fn the_empty_blob_can_be_had_but_no_part_of_it() {
    let world = world().await;
    let blob = world.upload("").await;
    world.link(NOTE, &blob).await.unwrap();
    assert_eq!(bytes(get(&world, &blob, None).await.unwrap()).await, "");
    assert_eq!(get(&world, &blob, Some(BlobRange::Last(1))).await.unwrap_err().status().as_u16(), 416);
}

#[tokio::test]
async fn what_was_taken_down_or_is_lost_cannot_be_had() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    world.change_row(&cid(&blob), |row| row.takedown = Some("x".into())).await;
    assert_eq!(get(&world, &blob, None).await.unwrap_err().name(), "BlobNotFound");
    world.change_row(&cid(&blob), |row| row.takedown = None).await;
    get(&world, &blob, None).await.unwrap();
    let key = world.objects.keys().await.remove(0);
    object_store::ObjectStoreExt::delete(&*world.objects, &key.into()).await.unwrap();
    assert_eq!(get(&world, &blob, None).await.unwrap_err().name(), "BlobNotFound");
}

#[tokio::test]
async fn a_failing_object_store_does_not_look_like_an_absent_blob() {
    let world = world().await;
    let blob = world.upload("bytes").await;
    world.link(NOTE, &blob).await.unwrap();
    world.objects.fail_after(0);
    assert_eq!(get(&world, &blob, None).await.unwrap_err().status().as_u16(), 500);
}
