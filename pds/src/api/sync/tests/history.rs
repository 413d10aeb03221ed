//! Exports since a revision, for whatever happened.

use std::collections::BTreeMap;

use arobase::repo::{Blocks, MemoryBlocks, Repo, Write, import, mst::Direction};
use proptest::prelude::*;

use super::world::*;
use crate::firehose::testing::{Author, note, path};

/// What is written under a few keys: a number, or nothing.
type Batch = BTreeMap<u8, Option<u8>>;

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let batch = prop::collection::btree_map(0..60_u8, prop::option::of(0..5_u8), 1..25);
    prop::collection::vec(batch, 1..8)
}

fn writes(content: &mut BTreeMap<u8, u8>, batch: &Batch) -> Vec<Write> {
    let mut writes = Vec::new();
    for (key, value) in batch {
        let path = path(&format!("{key:03}"));
        match value {
            Some(value) => {
                content.insert(*key, *value);
                writes.push(Write::put(path, note(&value.to_string(), 0)));
            }
            None => {
                if content.remove(key).is_some() {
                    writes.push(Write::delete(path));
                }
            }
        }
    }
    writes
}

/// Everything that a receiver has after an answer, checked block by block.
fn check(author: &Author, reply: &Reply, had: &MemoryBlocks, expected: &BTreeMap<u8, u8>) {
    let (roots, new) = reply.car();
    assert_eq!(roots, [author.repo.commit().cid()]);
    let blocks = (new, had.clone());
    let repo = Repo::open(author.repo.commit().clone());
    let found: Vec<_> = repo.list("com.example.note", Direction::Up, &blocks).map(|entry| entry.unwrap().1).collect();
    let expected: Vec<_> = expected.values().map(|value| note(&value.to_string(), 0)).collect();
    assert_eq!(found.len(), expected.len());
    for (cid, record) in found.iter().zip(&expected) {
        assert_eq!(blocks.get_link(cid).unwrap().as_ref(), Some(record));
    }
}

/// A receiver with all of any earlier revision has all of the latest one with what is sent since then.
async fn hold(world: World, history: Vec<Batch>) {
    let mut author = world.author("alice").await;
    let call = format!("getRepo?did={}", author.did);
    let mut content = BTreeMap::new();
    let mut states = vec![(author.repo.commit().rev().clone(), world.get(&call).await.car().1)];
    for batch in &history {
        let writes = writes(&mut content, batch);
        author.write(world.pds.database(), writes).await;
        let reply = world.get(&call).await;
        check(&author, &reply, &MemoryBlocks::new(), &content);
        states.push((author.repo.commit().rev().clone(), reply.car().1));
    }
    for (rev, had) in states {
        let reply = world.get(&format!("{call}&since={rev}")).await;
        check(&author, &reply, &had, &content);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_sent_since_a_revision_completes_what_a_receiver_has(history in batches()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async { hold(World::new().await, history).await });
    }
}

#[tokio::test]
async fn so_it_is_on_disk() {
    let (store, folder) = on_disk("history");
    let world = World::over(store, |_| {}).await;
    let batch = |from: u8, to: u8, value| (from..to).map(|key| (key, value)).collect();
    hold(world, vec![batch(0, 50, Some(1)), batch(20, 30, None), batch(5, 60, Some(2)), batch(0, 50, Some(1))]).await;
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_small_change_in_a_large_repository_is_a_small_answer() {
    let world = World::new().await;
    let mut author = world.author("alice").await;
    for batch in 0..10 {
        let writes =
            (0..200).map(|number| Write::create(path(&format!("{:05}", batch * 200 + number)), note("n", 900)));
        author.write(world.pds.database(), writes.collect()).await;
    }
    let whole = world.get(&format!("getRepo?did={}", author.did)).await;
    let rev = author.repo.commit().rev().clone();
    let changes = ["00000", "00777", "01999"].map(|rkey| Write::update(path(rkey), note(rkey, 900)));
    author.write(world.pds.database(), changes.to_vec()).await;
    let reply = world.get(&format!("getRepo?did={}&since={rev}", author.did)).await;
    assert!(reply.cids().len() < 40, "{}", reply.cids().len());
    let blocks = (reply.car().1, whole.car().1);
    let mut records = 0;
    let mut found = |item: import::Item<'_>| records += usize::from(matches!(item, import::Item::Record { .. }));
    import::from_slice(&reply.body, import::ImportLimits::default(), &blocks, &mut found).unwrap();
    assert_eq!(records, 2_000);
}
