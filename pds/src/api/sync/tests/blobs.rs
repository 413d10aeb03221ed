//! Blobs.

use arobase::{
    data::Cid,
    syntax::{Did, Tid},
    xrpc::Body,
};

use super::world::*;
use crate::{
    error::Error,
    firehose::testing::{Author, path},
    store::{BlobPlace, BlobRow, BlobState, Remote, Unit},
};

const TEXT: &[u8] = b"0123456789";

fn call(did: &Did, cid: &Cid) -> String {
    format!("getBlob?did={did}&cid={cid}")
}

/// A blob to which a record of an author refers.
async fn blob(world: &World, author: &Author, bytes: &'static [u8], change: fn(&mut BlobRow)) -> Cid {
    let uploaded = world.pds.upload_blob(&author.did, Body::new(bytes).content_type("text/plain")).await.unwrap();
    let (id, rev, cid) = (author.id, author.repo.commit().rev().clone(), uploaded.cid().as_cid().unwrap());
    let link = move |unit: &mut dyn Unit| {
        let mut row = unit.blob(id, &cid)?.unwrap();
        row.state = BlobState::Permanent;
        change(&mut row);
        unit.put_blob(&row)?;
        unit.link_blob(id, &cid, &path("a"), &rev)?;
        Ok::<_, Error>(cid)
    };
    world.pds.database().write(link).await.unwrap()
}

#[tokio::test]
async fn a_blob_comes_as_it_is_and_can_do_no_harm() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cid = blob(&world, &alice, TEXT, |_| {}).await;
    let reply = world.ask("GET", &call(&alice.did, &cid), &["accept-encoding: gzip"]).await;
    assert_eq!((reply.status, &*reply.body), (200, TEXT));
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-length", "10"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", &format!("attachment; filename=\"{cid}\"")),
        ("accept-ranges", "bytes"),
        ("etag", &format!("\"{cid}\"")),
        ("cache-control", "public, max-age=3600"),
        ("access-control-allow-origin", "*"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
    let head = world.ask("HEAD", &call(&alice.did, &cid), &["range: bytes=1-2"]).await;
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some("10")));
}

#[tokio::test]
async fn parts_of_a_blob_can_be_had() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cid = blob(&world, &alice, TEXT, |_| {}).await;
    let call = call(&alice.did, &cid);
    for (range, part, said) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-1000", "89", "bytes 8-9/10"),
        ("bytes=0-0", "0", "bytes 0-0/10"),
    ] {
        let reply = world.ask("GET", &call, &[&format!("range: {range}")]).await;
        assert_eq!((reply.status, &*reply.body), (206, part.as_bytes()), "{range}");
        assert_eq!(reply.header("content-range"), Some(said));
        assert_eq!(reply.header("content-length"), Some(&*part.len().to_string()));
    }
    for range in ["bytes=10-", "bytes=-0"] {
        assert_eq!(world.ask("GET", &call, &[&format!("range: {range}")]).await.status, 416, "{range}");
    }
    for headers in [&["range: bytes=0-1,4-5"][..], &["range: lines=1-2"], &["range: bytes=1-2", "if-range: \"other\""]]
    {
        let reply = world.ask("GET", &call, headers).await;
        assert_eq!((reply.status, &*reply.body), (200, TEXT), "{headers:?}");
    }
    let fresh = format!("if-range: \"{cid}\"");
    assert_eq!(world.ask("GET", &call, &["range: bytes=1-2", &fresh]).await.status, 206);
}

#[tokio::test]
async fn an_empty_blob_is_one_too() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cid = blob(&world, &alice, b"", |_| {}).await;
    let reply = world.get(&call(&alice.did, &cid)).await;
    assert_eq!((reply.status, reply.header("content-length"), reply.body.len()), (200, Some("0"), 0));
}

#[tokio::test]
async fn whoever_has_a_blob_already_does_not_get_it_again() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cid = blob(&world, &alice, TEXT, |_| {}).await;
    let reply = world.ask("GET", &call(&alice.did, &cid), &[&format!("if-none-match: \"{cid}\"")]).await;
    assert_eq!((reply.status, reply.body.len()), (304, 0));
}

#[tokio::test]
async fn what_is_not_there_or_not_for_everybody_is_not_found() {
    let world = World::new().await;
    let (alice, bob) = (world.author("alice").await, world.author("bob").await);
    let cid = blob(&world, &alice, TEXT, |_| {}).await;
    let temporary = blob(&world, &alice, b"temporary", |row| row.state = BlobState::Temporary).await;
    let takendown = blob(&world, &alice, b"takendown", |row| row.takedown = Some("a".into())).await;
    for call in [
        call(&bob.did, &cid),
        call(&alice.did, &Cid::of_raw(b"nowhere")),
        call(&alice.did, &temporary),
        call(&alice.did, &takendown),
        format!("getBlob?did={}&cid=bafkreih", alice.did),
    ] {
        let reply = world.get(&call).await;
        assert_eq!((reply.status, &*reply.text("error")), (400, "BlobNotFound"), "{call}");
    }
    world.get(&call(&nobody(), &cid)).await.is_error(400, "RepoNotFound");
}

#[tokio::test]
async fn the_blobs_of_an_inactive_account_are_its_owners_and_nobodys_to_keep() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cid = blob(&world, &alice, TEXT, |_| {}).await;
    alice.change(world.pds.database(), |account| account.deactivated_at = Some(1)).await;
    world.get(&call(&alice.did, &cid)).await.is_error(400, "RepoDeactivated");
    let reply = world.ask("GET", &call(&alice.did, &cid), &[OPERATOR]).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("private, no-store")));
}

#[tokio::test]
async fn a_blob_behind_a_url_is_there() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cid = blob(&world, &alice, TEXT, |row| {
        row.place = BlobPlace::Remote(Remote {
            url: "https://media.example.com/a.png?b=c".into(),
            checked_at: i64::MAX,
            gone: false,
            width: None,
            height: None,
            duration: None,
        });
    })
    .await;
    let reply = world.get(&call(&alice.did, &cid)).await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("https://media.example.com/a.png?b=c")));
    assert!(reply.header("cache-control").unwrap().starts_with("public, max-age="));
    alice.change(world.pds.database(), |account| account.deactivated_at = Some(1)).await;
    let reply = world.ask("GET", &call(&alice.did, &cid), &[OPERATOR]).await;
    assert_eq!((reply.status, reply.header("cache-control")), (302, Some("private, no-store")));
}

#[tokio::test]
async fn blobs_are_listed_page_by_page_and_since_a_revision() {
    let world = World::new().await;
    let mut alice = world.author("alice").await;
    let mut early = Vec::new();
    for bytes in [&b"a"[..], b"b", b"c"] {
        early.push(blob(&world, &alice, bytes, |_| {}).await.to_string());
    }
    early.sort();
    let rev = alice.repo.commit().rev().clone();
    alice
        .write(
            world.pds.database(),
            vec![arobase::repo::Write::create(path("z"), crate::firehose::testing::note("z", 0))],
        )
        .await;
    let late = blob(&world, &alice, b"d", |_| {}).await.to_string();
    let first = world.get(&format!("listBlobs?did={}&limit=2", alice.did)).await;
    let next = world.get(&format!("listBlobs?did={}&limit=2&cursor={}", alice.did, first.text("cursor"))).await;
    let listed: Vec<String> =
        [first.list("cids"), next.list("cids")].concat().iter().map(|cid| cid.as_str().unwrap().to_owned()).collect();
    let mut all = [&early[..], std::slice::from_ref(&late)].concat();
    all.sort();
    assert_eq!(listed, all);
    let since = |rev: &Tid| format!("listBlobs?did={}&since={rev}", alice.did);
    assert_eq!(world.get(&since(&rev)).await.list("cids"), [late.as_str().into()]);
}
