use std::time::Duration;

use arobase::{data::Blob, xrpc::Body};

use super::{
    super::super::{
        BlobContent,
        read::read,
        testing::{HOUR, SECOND, World, cid},
    },
    Host, Media, NOTE, PNG, RemoteLimits, development, fetched,
    host::Then,
    reason, remote, row,
};
use crate::{
    error::Error,
    store::{BlobPlace, BlobState, Remote},
};

const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// The URL that somebody is sent to who gets a blob.
async fn redirect(world: &World, blob: &Blob) -> Result<String, String> {
    match read(&world.depot, &world.alice.did, &cid(blob), None).await {
        Ok(BlobContent::Remote(found)) => {
            assert!(found.max_age <= Duration::from_secs(600));
            Ok(found.url.into())
        }
        Ok(BlobContent::Bytes(_)) => Err("here".into()),
        Err(error) => Err(error.name().to_owned()),
    }
}

fn place(row: &crate::store::BlobRow) -> &Remote {
    match &row.place {
        BlobPlace::Remote(remote) => remote,
        BlobPlace::Object(_) => panic!("it is here"),
    }
}

/// A picture that a record refers to, and that was fetched once.
async fn linked(world: &World, host: &Host) -> Media {
    host.has("image/png", PNG);
    let media = fetched(world, &host.url("/a")).await;
    world.link(NOTE, &media.blob).await.unwrap();
    media
}

#[tokio::test]
async fn a_record_may_refer_to_a_remote_blob() {
    let (world, host) = development().await;
    host.has("image/png", PNG);
    let media = fetched(&world, &host.url("/a")).await;
    assert_eq!(redirect(&world, &media.blob).await, Err("BlobNotFound".into()));
    world.link(NOTE, &media.blob).await.unwrap();
    assert_eq!(redirect(&world, &media.blob).await, Ok(host.url("/a")));
    world.write(NOTE, None).await.unwrap();
    assert_eq!(row(&world, &media.blob).await, None);
    assert_eq!(world.usage(world.alice.id).await, crate::store::Usage::default());
    assert_eq!(redirect(&world, &media.blob).await, Err("BlobNotFound".into()));
}

#[tokio::test]
async fn one_that_no_record_came_for_goes_and_one_that_is_asked_for_again_stays() {
    let (world, host) = development().await;
    host.has("image/png", PNG);
    let media = fetched(&world, &host.url("/a")).await;
    world.clock.pass(5 * HOUR);
    fetched(&world, &host.url("/a")).await;
    world.clock.pass(5 * HOUR);
    world.collect().await;
    assert!(row(&world, &media.blob).await.is_some());
    world.clock.pass(5 * HOUR);
    world.collect().await;
    assert_eq!(row(&world, &media.blob).await, None);
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn it_is_looked_at_again_when_it_is_time() {
    let (world, host) = development().await;
    let media = linked(&world, &host).await;
    world.clock.pass(WEEK - 1);
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    redirect(&world, &media.blob).await.unwrap();
    assert_eq!(host.asked(), 1);
    world.clock.pass(1);
    redirect(&world, &media.blob).await.unwrap();
    redirect(&world, &media.blob).await.unwrap();
    assert_eq!(host.asked(), 2);
    world.clock.pass(WEEK);
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    redirect(&world, &media.blob).await.unwrap();
    assert_eq!(host.asked(), 3);
}

#[tokio::test]
async fn only_some_types_are_looked_at_again() {
    let (world, host) = development().await;
    host.has("video/mp4", "film");
    let media = fetched(&world, &host.url("/a")).await;
    world.link(NOTE, &media.blob).await.unwrap();
    world.clock.pass(100 * WEEK);
    redirect(&world, &media.blob).await.unwrap();
    fetched(&world, &host.url("/a")).await;
    assert_eq!(host.asked(), 1);
    let limits = RemoteLimits { refetch: vec!["video".into()], ..RemoteLimits::default() };
    remote(&world, &host.url("/a"), &limits).await.unwrap();
    assert_eq!(host.asked(), 2);
}

#[tokio::test]
async fn one_whose_host_says_that_it_is_gone_is_gone() {
    let (world, host) = development().await;
    let media = linked(&world, &host).await;
    world.clock.pass(WEEK);
    host.says("404 Not Found");
    assert_eq!(redirect(&world, &media.blob).await, Err("BlobNotFound".into()));
    host.has("image/png", PNG);
    assert_eq!(redirect(&world, &media.blob).await, Err("BlobNotFound".into()));
    assert_eq!(reason(&world, &host.url("/a"), &RemoteLimits::default()).await, "BlobNotFound");
    assert_eq!(host.asked(), 2);
    assert_eq!(world.link("com.example.note/b", &media.blob).await.unwrap_err().name(), "BlobNotFound");
    // Who asks for it after a while has it looked for.
    world.clock.pass(WEEK);
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    assert_eq!(redirect(&world, &media.blob).await, Ok(host.url("/a")));
}

#[tokio::test]
async fn one_that_was_good_outlives_failures_of_its_host() {
    let (world, host) = development().await;
    let media = linked(&world, &host).await;
    world.clock.pass(WEEK);
    host.says("500 Internal Server Error");
    assert_eq!(redirect(&world, &media.blob).await, Ok(host.url("/a")));
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    assert_eq!(host.asked(), 2);
    // It is tried again before the week is over.
    world.clock.pass(HOUR);
    host.set("200 OK\r\ncontent-length: 100", "some", Then::Close);
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    world.clock.pass(HOUR);
    host.has("image/png", PNG);
    redirect(&world, &media.blob).await.unwrap();
    redirect(&world, &media.blob).await.unwrap();
    assert_eq!(host.asked(), 4);
    assert_eq!(place(&row(&world, &media.blob).await.unwrap()).checked_at, world.depot.now());
}

#[tokio::test]
async fn one_that_fails_at_first_is_not_tried_again_for_a_while() {
    let (world, host) = development().await;
    for (path, status) in [("/a", "404 Not Found"), ("/b", "500 Internal Server Error")] {
        host.says(status);
        assert_eq!(reason(&world, &host.url(path), &RemoteLimits::default()).await, "BlobNotFound");
    }
    host.has("image/png", PNG);
    world.clock.pass(WEEK - 1);
    for path in ["/a", "/b"] {
        assert_eq!(reason(&world, &host.url(path), &RemoteLimits::default()).await, "BlobNotFound");
    }
    assert_eq!(host.asked(), 2);
    world.clock.pass(1);
    fetched(&world, &host.url("/a")).await;
}

#[tokio::test]
async fn nobody_is_sent_to_other_bytes() {
    let (world, host) = development().await;
    let old = linked(&world, &host).await;
    world.clock.pass(WEEK);
    host.has("image/png", [PNG, b"other"].concat());
    assert_eq!(redirect(&world, &old.blob).await, Err("BlobNotFound".into()));
    // The new ones are a blob of their own.
    let new = fetched(&world, &host.url("/a")).await;
    assert_ne!(new.blob, old.blob);
    world.link("com.example.note/b", &new.blob).await.unwrap();
    assert_eq!(redirect(&world, &new.blob).await, Ok(host.url("/a")));
    assert_eq!(redirect(&world, &old.blob).await, Err("BlobNotFound".into()));
    assert_eq!(fetched(&world, &host.url("/a")).await, new);
    assert_eq!(host.asked(), 3);
}

#[tokio::test]
async fn other_bytes_are_noticed_also_by_who_asks_for_the_url() {
    let (world, host) = development().await;
    let old = linked(&world, &host).await;
    world.clock.pass(WEEK);
    host.has("image/png", [PNG, b"other"].concat());
    let new = fetched(&world, &host.url("/a")).await;
    assert!(place(&row(&world, &old.blob).await.unwrap()).gone);
    assert_eq!(redirect(&world, &old.blob).await, Err("BlobNotFound".into()));
    // And back again.
    world.clock.pass(WEEK);
    host.has("image/png", PNG);
    assert_eq!(fetched(&world, &host.url("/a")).await, old);
    assert!(place(&row(&world, &new.blob).await.unwrap()).gone);
    assert_eq!(redirect(&world, &old.blob).await, Ok(host.url("/a")));
    assert_eq!(fetched(&world, &host.url("/a")).await, old);
    assert_eq!(host.asked(), 3);
}

#[tokio::test]
async fn a_url_whose_new_blob_went_is_fetched_again() {
    let (world, host) = development().await;
    linked(&world, &host).await;
    world.clock.pass(WEEK);
    host.has("image/png", [PNG, b"other"].concat());
    let new = fetched(&world, &host.url("/a")).await;
    world.clock.pass(DAY);
    world.collect().await;
    assert_eq!(row(&world, &new.blob).await, None);
    assert_eq!(fetched(&world, &host.url("/a")).await, new);
}

#[tokio::test]
async fn a_change_is_told_by_length_without_reading_on() {
    let (world, host) = development().await;
    let old = linked(&world, &host).await;
    world.clock.pass(WEEK);
    host.set("200 OK\r\ncontent-type: image/png", "other", Then::Endless);
    assert_eq!(redirect(&world, &old.blob).await, Err("BlobNotFound".into()));
    assert!(place(&row(&world, &old.blob).await.unwrap()).gone);
}

#[tokio::test]
async fn two_urls_of_the_same_bytes_are_one_blob() {
    let (world, host) = development().await;
    let first = linked(&world, &host).await;
    assert_eq!(fetched(&world, &host.url("/b")).await, first);
    assert_eq!(redirect(&world, &first.blob).await, Ok(host.url("/b")));
    assert_eq!(world.rows().await.len(), 1);
}

#[tokio::test]
async fn bytes_that_are_here_are_better_than_those_elsewhere() {
    let (world, host) = development().await;
    let media = linked(&world, &host).await;
    world.try_upload(Body::new(PNG)).await.unwrap();
    assert_eq!(redirect(&world, &media.blob).await, Err("here".into()));
    let usage = crate::store::Usage { blobs: 1, blob_bytes: PNG.len() as i64, ..Default::default() };
    assert_eq!(world.usage(world.alice.id).await, usage);
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    assert_eq!(redirect(&world, &media.blob).await, Err("here".into()));
}

#[tokio::test]
async fn bytes_at_hand_need_not_be_fetched() {
    let (world, host) = development().await;
    let take = async |mime| super::super::take(&world.depot, &world.alice.did, &host.url("/a"), PNG.into(), mime).await;
    let media = take("image/png; a=b").await.unwrap();
    assert_eq!((media.blob.mime_type(), media.width), ("image/png", Some(3)));
    assert_eq!(fetched(&world, &host.url("/a")).await, media);
    world.link(NOTE, &media.blob).await.unwrap();
    assert_eq!(redirect(&world, &media.blob).await, Ok(host.url("/a")));
    assert_eq!(host.asked(), 0);
    assert_eq!(take("picture").await.unwrap_err().name(), "InvalidRequest");
}

#[tokio::test]
async fn a_remote_blob_that_was_taken_down_does_not_come_back() {
    let (world, host) = development().await;
    let media = linked(&world, &host).await;
    world.change_row(&cid(&media.blob), |row| row.takedown = Some("x".into())).await;
    assert_eq!(redirect(&world, &media.blob).await, Err("BlobNotFound".into()));
    for path in ["/a", "/b"] {
        assert_eq!(reason(&world, &host.url(path), &RemoteLimits::default()).await, "InvalidRequest");
    }
    assert!(row(&world, &media.blob).await.unwrap().takedown.is_some());
}

#[tokio::test]
async fn a_known_blob_still_has_to_be_within_the_limits() {
    let (world, host) = development().await;
    linked(&world, &host).await;
    let small = RemoteLimits { max_bytes: 5, ..RemoteLimits::default() };
    assert_eq!(reason(&world, &host.url("/a"), &small).await, "PayloadTooLarge");
    let films = RemoteLimits { accept: vec!["video/*".into()], ..RemoteLimits::default() };
    assert_eq!(reason(&world, &host.url("/a"), &films).await, "InvalidMimeType");
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn a_blob_that_records_wait_for_may_be_remote() {
    let (world, host) = development().await;
    let blob = Blob::new(arobase::data::Cid::of_raw(PNG).into(), "image/png", PNG.len() as u64);
    world.batch(&[(NOTE, Some(std::slice::from_ref(&blob)))], super::super::super::Absent::Tolerated).await.unwrap();
    host.has("image/png", PNG);
    fetched(&world, &host.url("/a")).await;
    assert_eq!(row(&world, &blob).await.unwrap().state, BlobState::Permanent);
    assert_eq!(redirect(&world, &blob).await, Ok(host.url("/a")));
}

#[tokio::test]
async fn an_account_that_is_not_here_has_no_remote_blobs() {
    let (world, host) = development().await;
    world.change_alice(|alice| alice.suspended_at = Some(SECOND)).await;
    let result: Result<Media, Error> = remote(&world, &host.url("/a"), &RemoteLimits::default()).await;
    assert_eq!(result.unwrap_err().name(), "RepoSuspended");
    assert_eq!(host.asked(), 0);
}
