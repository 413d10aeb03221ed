use std::time::Duration;

use arobase::data::Cid;

use super::{super::super::testing::HOUR, PNG, RemoteLimits, development, fetched, host::Then, public, reason, remote};

#[tokio::test]
async fn a_remote_blob_is_hashed_and_looked_at_and_not_stored() {
    let (world, host) = development().await;
    host.has("image/png; charset=binary", PNG);
    let media = fetched(&world, &host.url("/a")).await;
    assert_eq!(media.blob.cid().as_cid(), Some(Cid::of_raw(PNG)));
    assert_eq!((media.blob.mime_type(), media.blob.size()), ("image/png", Some(PNG.len() as u64)));
    assert_eq!((media.width, media.height, media.duration), (Some(3), Some(2), None));
    assert!(world.objects.keys().await.is_empty());
    assert_eq!(world.usage(world.alice.id).await, crate::store::Usage { blobs: 1, ..Default::default() });
}

#[tokio::test]
async fn the_type_is_what_the_host_says_or_the_url_or_the_bytes() {
    let (world, host) = development().await;
    for (path, said, body, expected) in [
        ("/a.png", "content-type: image/webp", PNG, "image/webp"),
        ("/b.webp?c.gif", "content-type: application/octet-stream", PNG, "image/webp"),
        ("/c.webp", "x: y", PNG, "image/webp"),
        ("/d", "content-type: nonsense", PNG, "image/png"),
        ("/e", "x: y", b"text".as_slice(), "application/octet-stream"),
    ] {
        host.set(&format!("200 OK\r\n{said}"), [body, path.as_bytes()].concat(), Then::Close);
        assert_eq!(fetched(&world, &host.url(path)).await.blob.mime_type(), expected, "{path}");
    }
}

#[tokio::test]
async fn the_limits_hold_before_and_while_it_comes() {
    let (world, host) = development().await;
    let mut limits = RemoteLimits { max_bytes: 10, ..RemoteLimits::default() };
    host.has("text/plain", "0123456789");
    remote(&world, &host.url("/a"), &limits).await.unwrap();
    host.has("text/plain", "0123456789a");
    assert_eq!(reason(&world, &host.url("/b"), &limits).await, "PayloadTooLarge");
    // Announced, and never sent.
    host.set("200 OK\r\ncontent-length: 11", "", Then::Silence);
    assert_eq!(reason(&world, &host.url("/c"), &limits).await, "PayloadTooLarge");
    // Sent, and never announced.
    host.set("200 OK", "01234", Then::Endless);
    assert_eq!(reason(&world, &host.url("/d"), &limits).await, "PayloadTooLarge");
    limits.accept = vec!["image/*".into(), "video/mp4".into()];
    host.has("video/webm", "01234");
    assert_eq!(reason(&world, &host.url("/e"), &limits).await, "InvalidMimeType");
    host.set("200 OK", "01234", Then::Close);
    assert_eq!(reason(&world, &host.url("/f"), &limits).await, "InvalidMimeType");
    host.has("Image/PNG", "01234");
    remote(&world, &host.url("/g"), &limits).await.unwrap();
}

#[tokio::test]
async fn a_film_that_is_too_long_is_refused() {
    let (world, host) = development().await;
    let film = |seconds: u32| {
        let mvhd = [b"\0\0\0\x64mvhd".as_slice(), &[0; 12], &1_u32.to_be_bytes(), &seconds.to_be_bytes(), &[0; 72]];
        [b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x6cmoov", mvhd.concat().as_slice()].concat()
    };
    host.has("video/mp4", film(600));
    assert_eq!(fetched(&world, &host.url("/a")).await.duration, Some(600_000));
    host.has("video/mp4", film(601));
    assert_eq!(reason(&world, &host.url("/b"), &RemoteLimits::default()).await, "BlobTooLong");
}

#[tokio::test]
async fn a_host_that_takes_too_long_is_given_up() {
    let (world, host) = development().await;
    let limits = RemoteLimits { timeout: Duration::from_millis(50), ..RemoteLimits::default() };
    host.set("200 OK", "some", Then::Silence);
    assert_eq!(reason(&world, &host.url("/a"), &limits).await, "BlobNotFound");
    host.set("200 OK\r\ncontent-length: 1000", "some", Then::Silence);
    assert_eq!(reason(&world, &host.url("/b"), &limits).await, "BlobNotFound");
}

#[tokio::test]
async fn what_breaks_off_or_is_compressed_is_no_blob() {
    let (world, host) = development().await;
    let limits = RemoteLimits::default();
    host.set("200 OK\r\ncontent-length: 10", "some", Then::Close);
    assert_eq!(reason(&world, &host.url("/a"), &limits).await, "BlobNotFound");
    host.set("200 OK\r\ntransfer-encoding: chunked", "4\r\nsome\r\n", Then::Close);
    assert_eq!(reason(&world, &host.url("/b"), &limits).await, "BlobNotFound");
    host.set("200 OK\r\ncontent-encoding: gzip", "some", Then::Close);
    assert_eq!(reason(&world, &host.url("/c"), &limits).await, "BlobNotFound");
    host.set("206 Partial Content", "some", Then::Close);
    assert_eq!(reason(&world, &host.url("/d"), &limits).await, "BlobNotFound");
    assert!(world.rows().await.is_empty());
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let (world, host) = development().await;
    let other = super::Host::start().await;
    other.has("image/png", PNG);
    host.set(&format!("302 Found\r\nlocation: {}", other.url("/b")), "", Then::Close);
    fetched(&world, &host.url("/a")).await;
    let row = &world.rows().await[0];
    assert!(matches!(&row.place, crate::store::BlobPlace::Remote(remote) if *remote.url == *host.url("/a")));
    host.set("302 Found\r\nlocation: /c", "", Then::Close);
    let asked = host.asked();
    assert_eq!(reason(&world, &host.url("/c"), &RemoteLimits::default()).await, "BlobNotFound");
    assert_eq!(host.asked() - asked, 6);
    for bad in ["ftp://a.example/b", "file:///etc/passwd", "http://me:secret@127.0.0.1/"] {
        host.set(&format!("302 Found\r\nlocation: {bad}"), "", Then::Close);
        assert_eq!(
            reason(&world, &host.url(&format!("/{}", bad.len())), &RemoteLimits::default()).await,
            "BlobNotFound"
        );
    }
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_reached() {
    let (_, host) = development().await;
    host.has("image/png", PNG);
    let address = host.url("/a").replace("http://", "https://");
    let world = public(address.clone()).await;
    for url in [
        "https://lure.example/a",
        &host.url("/b"),
        &address,
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://2130706433/",
    ] {
        assert_eq!(reason(&world, url, &RemoteLimits::default()).await, "BlobNotFound", "{url}");
    }
    assert_eq!(host.asked(), 0);
    let world = public(host.url("/a")).await;
    assert_eq!(reason(&world, "https://lure.example/a", &RemoteLimits::default()).await, "BlobNotFound");
    assert_eq!(host.asked(), 0);
}

#[tokio::test]
async fn a_url_is_fetched_once_however_many_ask() {
    let (world, host) = development().await;
    host.has("image/png", PNG);
    let url = host.url("/a");
    let both = tokio::join!(fetched(&world, &url), fetched(&world, &url));
    assert_eq!(both.0, both.1);
    world.clock.pass(HOUR);
    fetched(&world, &url).await;
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn errors_do_not_show_the_url() {
    let (world, host) = development().await;
    let url = host.url("/a?token=secret");
    host.says("403 Forbidden");
    let error = remote(&world, &url, &RemoteLimits::default()).await.unwrap_err();
    assert!(error.message().contains("403") && !format!("{error:?}").contains("secret"), "{error:?}");
    let closed = "http://127.0.0.1:1/b?token=secret";
    let error = remote(&world, closed, &RemoteLimits::default()).await.unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}
