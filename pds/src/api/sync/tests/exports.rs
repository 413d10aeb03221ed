//! Whole repositories.

use std::collections::BTreeMap;

use arobase::{
    data::CidLink,
    repo::{RepoPath, Write, import},
    syntax::Tid,
};

use super::world::*;
use crate::{
    firehose::testing::{Author, note, path},
    settings::ExportPolicy,
};

type Content = BTreeMap<RepoPath, CidLink>;

fn create(number: usize, bytes: usize) -> Write {
    Write::create(path(&format!("{number:05}")), note(&number.to_string(), bytes))
}

async fn many(world: &World, name: &str, count: usize, bytes: usize) -> Author {
    let mut author = world.author(name).await;
    let writes: Vec<Write> = (0..count).map(|number| create(number, bytes)).collect();
    for batch in writes.chunks((1_000_000 / (bytes + 200)).clamp(1, 200)) {
        author.write(world.pds.database(), batch.to_vec()).await;
    }
    author
}

/// What an export has, verified.
fn imported(reply: &Reply, author: &Author) -> (Tid, Content) {
    let mut content = Content::new();
    let mut found = |item: import::Item<'_>| {
        if let import::Item::Record { key, cid, .. } = item {
            content.insert(RepoPath::from_key(key).unwrap(), cid.clone());
        }
    };
    let commit = import::from_slice(&reply.body, import::ImportLimits::default(), &(), &mut found).unwrap();
    commit.verify(&author.public_key()).unwrap();
    assert_eq!(*commit.did(), author.did);
    (commit.rev().clone(), content)
}

fn call(author: &Author) -> String {
    format!("getRepo?did={}", author.did)
}

#[tokio::test]
async fn an_export_is_the_whole_repository_in_the_order_of_the_protocol() {
    let world = World::new().await;
    for count in [0, 1, 7, 1_500] {
        let author = many(&world, &format!("author{count}"), count, 100).await;
        for method in ["getRepo", "getCheckout"] {
            let reply = world.get(&format!("{method}?did={}", author.did)).await;
            let (roots, _) = reply.car();
            let cids = reply.cids();
            let (commit, tree) = (author.repo.commit().cid(), author.repo.tree().root());
            assert_eq!((roots, &cids[..2]), (vec![commit], &[commit, tree][..]));
            let (rev, content) = imported(&reply, &author);
            assert_eq!((rev, content.len()), (author.repo.commit().rev().clone(), count));
        }
    }
}

#[tokio::test]
async fn records_that_are_the_same_are_sent_once() {
    let world = World::new().await;
    let mut author = world.author("alice").await;
    let writes: Vec<Write> = (0..600)
        .map(|number| Write::create(path(&format!("{number:03}")), note(&(number % 7).to_string(), 90)))
        .collect();
    for batch in writes.chunks(200) {
        author.write(world.pds.database(), batch.to_vec()).await;
    }
    let reply = world.get(&call(&author)).await;
    let (_, blocks) = reply.car();
    assert_eq!(reply.cids().len(), blocks.len());
    let nodes = reply.cids().len() - 1 - 7;
    assert!(nodes > 50, "{nodes}");
}

#[tokio::test]
async fn large_records_are_sent_piece_by_piece() {
    let world = World::new().await;
    let author = many(&world, "alice", 20, 300_000).await;
    let reply = world.get(&call(&author)).await;
    assert_eq!((imported(&reply, &author).1.len(), reply.header("transfer-encoding")), (20, Some("chunked")));
}

#[tokio::test]
async fn nothing_newer_is_the_commit_alone() {
    let world = World::new().await;
    let author = many(&world, "alice", 50, 10).await;
    let rev = author.repo.commit().rev();
    for since in [rev.as_str(), "jzzzzzzzzzzzz"] {
        let reply = world.get(&format!("{}&since={since}", call(&author))).await;
        assert_eq!(reply.cids(), [author.repo.commit().cid()]);
    }
    world.get(&format!("{}&since=yesterday", call(&author))).await.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn an_export_during_writes_is_one_consistent_state() {
    export_during_writes(World::new().await).await;
}

#[tokio::test]
async fn so_it_is_on_disk() {
    let (store, folder) = on_disk("exports");
    export_during_writes(World::over(store, |_| {}).await).await;
    std::fs::remove_dir_all(folder).unwrap();
}

async fn export_during_writes(world: World) {
    let mut author = many(&world, "alice", 400, 500).await;
    let public = author.public_key();
    let (call, db) = (call(&author), world.pds.database().clone());
    let writing = tokio::spawn(async move {
        let mut revs = BTreeMap::from([(author.repo.commit().rev().clone(), 400)]);
        for number in 400..700 {
            author.write(&db, vec![create(number, 500)]).await;
            revs.insert(author.repo.commit().rev().clone(), number + 1);
            tokio::task::yield_now().await;
        }
        (author, revs)
    });
    let mut replies = Vec::new();
    while !writing.is_finished() {
        replies.push(world.get(&call).await);
    }
    let (author, revs) = writing.await.unwrap();
    assert_eq!(author.public_key(), public);
    for reply in replies {
        let (rev, content) = imported(&reply, &author);
        assert_eq!(revs.get(&rev), Some(&content.len()));
    }
}

#[tokio::test]
async fn whoever_has_an_export_already_does_not_get_it_again() {
    let world = World::new().await;
    let mut author = many(&world, "alice", 10, 10).await;
    let first = world.get(&call(&author)).await;
    let tag = first.header("etag").unwrap().to_owned();
    let known = format!("if-none-match: {tag}");
    let again = world.ask("GET", &call(&author), &[&known]).await;
    assert_eq!((again.status, again.header("etag"), again.body.len()), (304, Some(&*tag), 0));
    author.write(world.pds.database(), vec![create(99, 10)]).await;
    let newer = world.ask("GET", &call(&author), &[&known]).await;
    assert_eq!((newer.status, newer.header("etag") == Some(&*tag)), (200, false));
    let since = world.get(&format!("{}&since=2222222222222", call(&author))).await;
    assert_eq!(since.header("etag"), None);
}

#[tokio::test]
async fn head_asks_for_no_body() {
    let world = World::new().await;
    let author = many(&world, "alice", 10, 10).await;
    let reply = world.ask("HEAD", &call(&author), &[]).await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert!(reply.header("etag").is_some());
}

#[tokio::test]
async fn a_policy_can_keep_exports_to_newcomers_and_whoever_has_the_token() {
    let policy = ExportPolicy::Newcomers { token: Some("mirror".into()) };
    let world = World::with(|builder| builder.settings.exports = policy).await;
    // The account was created in 1970.
    let author = many(&world, "alice", 1, 10).await;
    for method in ["getRepo", "getCheckout"] {
        let call = format!("{method}?did={}", author.did);
        world.get(&call).await.is_error(403, "Forbidden");
        for (header, status) in [
            ("authorization: Bearer mirror", 200),
            ("authorization: bearer mirror", 200),
            (OPERATOR, 200),
            ("authorization: Bearer mirrors", 403),
            ("authorization: Bearer", 403),
            ("authorization: Basic mirror", 403),
        ] {
            assert_eq!(world.ask("GET", &call, &[header]).await.status, status, "{header}");
        }
    }
    let call = format!("getLatestCommit?did={}", author.did);
    assert_eq!(world.get(&call).await.status, 200);
}

#[tokio::test]
async fn the_repositories_of_newcomers_can_be_had_for_twelve_hours() {
    let policy = ExportPolicy::Newcomers { token: None };
    let world = World::with(|builder| builder.settings.exports = policy).await;
    let account = crate::testing::account(&world.pds, "new.test").await;
    assert_eq!(world.get(&format!("getRepo?did={}", account.did)).await.status, 200);
    let author = world.author("alice").await;
    let reply = world.ask("GET", &call(&author), &["authorization: Bearer "]).await;
    assert_eq!(reply.status, 403);
}
