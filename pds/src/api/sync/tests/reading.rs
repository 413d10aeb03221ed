//! What is said about accounts, and single blocks.

use arobase::{
    data::{Cid, Value},
    repo::{Blocks, MemoryBlocks, Repo, Write},
};

use super::world::*;
use crate::{
    firehose::testing::{Author, note, path},
    store::Account,
};

/// Switches an account off in each of the ways, one after the other, and calls back with the names.
async fn in_each_state(world: &World, author: &Author, mut check: impl AsyncFnMut(&str, &str)) {
    type Change = fn(&mut Account);
    let states: [(&str, &str, Change); 3] = [
        ("deactivated", "RepoDeactivated", |account| account.deactivated_at = Some(1)),
        ("suspended", "RepoSuspended", |account| account.suspended_at = Some(1)),
        ("takendown", "RepoTakendown", |account| account.takedown = Some("a".into())),
    ];
    for (status, name, switch_off) in states {
        author.change(world.pds.database(), switch_off).await;
        check(status, name).await;
    }
}

fn calls(author: &Author) -> Vec<String> {
    let (did, cid) = (&author.did, author.repo.commit().cid());
    vec![
        format!("getRepo?did={did}"),
        format!("getRepo?did={did}&since=3jzfcijpj2z2a"),
        format!("getCheckout?did={did}"),
        format!("getHead?did={did}"),
        format!("getLatestCommit?did={did}"),
        format!("getRecord?did={did}&collection=com.example.note&rkey=a"),
        format!("getBlocks?did={did}&cids={cid}"),
        format!("listBlobs?did={did}"),
    ]
}

#[tokio::test]
async fn nothing_is_given_out_of_accounts_that_are_not_active() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    for call in calls(&alice) {
        assert_eq!(world.get(&call).await.status, 200, "{call}");
    }
    in_each_state(&world, &alice, async |_, name| {
        for call in calls(&alice) {
            world.get(&call).await.is_error(400, name);
            assert_eq!(world.ask("GET", &call, &[OPERATOR]).await.status, 200, "{call}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_not_here_is_said_not_to_be() {
    let world = World::new().await;
    let mut alice = world.author("alice").await;
    alice.did = nobody();
    for call in calls(&alice) {
        let name = if call.starts_with("getHead") { "HeadNotFound" } else { "RepoNotFound" };
        world.get(&call).await.is_error(400, name);
    }
    world.get(&format!("getRepoStatus?did={}", nobody())).await.is_error(400, "RepoNotFound");
    world.get("getRepo?did=alice").await.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn the_latest_commit_is_named() {
    let world = World::new().await;
    let mut alice = world.author("alice").await;
    alice.write(world.pds.database(), vec![Write::create(path("a"), note("a", 0))]).await;
    let commit = alice.repo.commit();
    let latest = world.get(&format!("getLatestCommit?did={}", alice.did)).await;
    assert_eq!((latest.text("cid"), latest.text("rev")), (commit.cid().to_string(), commit.rev().to_string()));
    let head = world.get(&format!("getHead?did={}", alice.did)).await;
    assert_eq!(head.text("root"), commit.cid().to_string());
}

#[tokio::test]
async fn the_status_says_whether_an_account_is_active_and_why_not() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let call = format!("getRepoStatus?did={}", alice.did);
    let reply = world.get(&call).await.json();
    let rev = Value::from(alice.repo.commit().rev().as_str());
    assert_eq!((reply.get("active"), reply.get("status"), reply.get("rev")), (Some(&true.into()), None, Some(&rev)));
    in_each_state(&world, &alice, async |status, _| {
        let reply = world.get(&call).await.json();
        let expected = (Some(&Value::from(false)), Some(&Value::from(status)), None);
        assert_eq!((reply.get("active"), reply.get("status"), reply.get("rev")), expected);
    })
    .await;
}

/// All pages of a list.
async fn pages(world: &World, call: &str, key: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = world.get(&format!("{call}{cursor}")).await;
        pages.push(reply.list(key));
        match reply.json().get("cursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

fn dids(pages: &[Vec<Value>]) -> Vec<String> {
    pages.iter().flatten().map(|repo| repo.get("did").and_then(Value::as_str).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn all_repositories_are_listed_in_the_order_of_their_creation() {
    let world = World::new().await;
    let mut authors = Vec::new();
    for name in ["zoe", "alice", "mallory", "bob", "carol"] {
        authors.push(world.author(name).await);
    }
    authors[2].change(world.pds.database(), |account| account.takedown = Some("a".into())).await;
    let expected: Vec<String> = authors.iter().map(|author| author.did.to_string()).collect();
    for (limit, count) in [(1, 6), (2, 3), (5, 2), (6, 1)] {
        let pages = pages(&world, &format!("listRepos?limit={limit}"), "repos").await;
        assert_eq!((pages.len(), dids(&pages)), (count, expected.clone()));
    }
    let repos = world.get("listRepos").await.list("repos");
    for (repo, author) in repos.iter().zip(&authors) {
        let active = author.did != authors[2].did;
        assert_eq!(repo.get("head").unwrap().as_str().unwrap(), author.repo.commit().cid().to_string());
        assert_eq!(repo.get("rev").unwrap().as_str().unwrap(), author.repo.commit().rev().as_str());
        assert_eq!(repo.get("active"), Some(&active.into()));
        assert_eq!(repo.get("status").and_then(Value::as_str), if active { None } else { Some("takendown") });
    }
}

#[tokio::test]
async fn a_cursor_of_somebody_else_is_refused() {
    let world = World::new().await;
    for call in ["listRepos?cursor=x", "listRepos?limit=0", "listRepos?limit=1001"] {
        world.get(call).await.is_error(400, "InvalidRequest");
    }
    assert!(world.get("listRepos?cursor=99").await.list("repos").is_empty());
}

#[tokio::test]
async fn repositories_are_listed_by_the_collections_that_they_have() {
    let world = World::new().await;
    let db = world.pds.database();
    let mut authors = Vec::new();
    for (name, writes) in [("alice", true), ("bob", false), ("carol", true), ("dave", true)] {
        let mut author = world.author(name).await;
        if writes {
            author.write(db, vec![Write::create(path("a"), note("a", 0))]).await;
        }
        authors.push(author);
    }
    authors[2].change(db, |account| account.deactivated_at = Some(1)).await;
    let expected = vec![authors[0].did.to_string(), authors[3].did.to_string()];
    for limit in [1, 2, 500] {
        let call = format!("listReposByCollection?collection=com.example.note&limit={limit}");
        assert_eq!(dids(&pages(&world, &call, "repos").await), expected);
    }
    assert!(world.get("listReposByCollection?collection=com.example.other").await.list("repos").is_empty());
}

#[tokio::test]
async fn a_collection_that_is_not_served_is_not_listed() {
    let served = "com.example.other".parse().unwrap();
    let world = World::with(|builder| builder.settings.collections = Some(vec![served])).await;
    let mut alice = world.author("alice").await;
    alice.write(world.pds.database(), vec![Write::create(path("a"), note("a", 0))]).await;
    assert!(world.get("listReposByCollection?collection=com.example.note").await.list("repos").is_empty());
}

#[tokio::test]
async fn a_record_comes_with_its_proof_and_none_with_the_proof_of_that() {
    let world = World::new().await;
    let mut alice = world.author("alice").await;
    let writes = (0..150).map(|number| Write::create(path(&format!("{number:03}")), note(&number.to_string(), 0)));
    alice.write(world.pds.database(), writes.collect()).await;
    for (rkey, expected) in [("000", true), ("077", true), ("149", true), ("077x", false), ("zzz", false)] {
        let call = format!("getRecord?did={}&collection=com.example.note&rkey={rkey}", alice.did);
        let reply = world.get(&call).await;
        assert_eq!(reply.cids()[0], alice.repo.commit().cid());
        let (roots, blocks) = reply.car();
        assert_eq!(roots, [alice.repo.commit().cid()]);
        let found = proven(&blocks, roots[0], &alice, rkey);
        let record = Cid::of_cbor(&note(&rkey.parse().unwrap_or(0).to_string(), 0));
        assert_eq!(found, expected.then_some(record));
        assert!(found.is_none_or(|cid| blocks.block(&cid).is_some()));
    }
}

/// The record, by nothing but the blocks and the key of the account.
fn proven(blocks: &MemoryBlocks, root: Cid, author: &Author, rkey: &str) -> Option<Cid> {
    let commit = arobase::repo::Commit::decode(blocks.get(&root).unwrap().unwrap()).unwrap();
    commit.verify(&author.public_key()).unwrap();
    assert_eq!(*commit.did(), author.did);
    Repo::open(commit).get(&path(rkey), blocks).unwrap().map(|link| link.as_cid().unwrap())
}

#[tokio::test]
async fn blocks_of_an_account_can_be_had_one_by_one() {
    let world = World::new().await;
    let mut alice = world.author("alice").await;
    let written = alice.write(world.pds.database(), vec![Write::create(path("a"), note("a", 0))]).await.unwrap();
    let (commit, node, record) = (alice.repo.commit().cid(), alice.repo.tree().root(), written.records[0].cid);
    let call = format!("getBlocks?did={}&cids={record}&cids={commit}&cids={node}&cids={record}", alice.did);
    let reply = world.get(&call).await;
    assert_eq!((reply.car().0, reply.cids()), (vec![], vec![record, commit, node]));
}

#[tokio::test]
async fn blocks_that_an_account_does_not_have_are_not_found() {
    let world = World::new().await;
    let db = world.pds.database();
    let mut alice = world.author("alice").await;
    let mut bob = world.author("bob").await;
    let before = alice.repo.commit().cid();
    let foreign = bob.write(db, vec![Write::create(path("b"), note("b", 0))]).await.unwrap().records[0].cid;
    let deleted = alice.write(db, vec![Write::create(path("a"), note("a", 0))]).await.unwrap();
    alice.write(db, vec![Write::delete(path("a"))]).await;
    let own = alice.repo.commit().cid();
    let general = "zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA";
    for missing in [before, foreign, deleted.records[0].cid, deleted.nodes[0].cid]
        .map(|cid| cid.to_string())
        .iter()
        .map(|cid| &**cid)
        .chain([general])
    {
        let call = format!("getBlocks?did={}&cids={own}&cids={missing}", alice.did);
        world.get(&call).await.is_error(400, "BlockNotFound");
    }
}

#[tokio::test]
async fn too_many_blocks_at_a_time_are_refused() {
    let world = World::new().await;
    let alice = world.author("alice").await;
    let cids = format!("&cids={}", alice.repo.commit().cid());
    for (count, status) in [(300, 200), (1_001, 400)] {
        let reply = world.get(&format!("getBlocks?did={}{}", alice.did, cids.repeat(count))).await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn what_is_for_relays_is_not_implemented() {
    let world = World::new().await;
    for call in ["listHosts", "getHostStatus?hostname=a.example.com"] {
        world.get(call).await.is_error(501, "MethodNotImplemented");
    }
}
