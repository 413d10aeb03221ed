//! Lists, collections, proofs.

use std::ops::Bound;

use super::*;
use crate::repo::mst::{Direction, model};

fn keys(walk: mst::Walk<'_>) -> Vec<String> {
    walk.map(|entry| String::from_utf8(entry.unwrap().0).unwrap()).collect()
}

#[test]
fn a_collection_is_listed_both_ways_without_its_neighbours() {
    let collections = ["com.example.a", "com.example.ab", "com.example.a-c.x", "com.example.b"];
    let batch: Vec<Write> = (collections.iter())
        .flat_map(|collection| ["1", "2", "3", "~"].map(|rkey| create(&format!("{collection}/{rkey}"), 1)))
        .collect();
    let (account, _) = Account::new(&batch);
    let (repo, store) = (&account.repo, &account.store);
    for collection in collections {
        let mut expected = ["1", "2", "3", "~"].map(|rkey| format!("{collection}/{rkey}")).to_vec();
        assert_eq!(keys(repo.list(collection, Direction::Up, store)), expected);
        expected.reverse();
        assert_eq!(keys(repo.list(collection, Direction::Down, store)), expected);
    }
    assert!(keys(repo.list("com.example", Direction::Up, store)).is_empty());
    let a = |rkeys: &[&str]| rkeys.iter().map(|rkey| format!("com.example.a/{rkey}")).collect::<Vec<_>>();
    let range = |from, to, direction| keys(repo.range("com.example.a", from, to, direction, store));
    let (up, down) = (Direction::Up, Direction::Down);
    assert_eq!(range(Bound::Included("2"), Bound::Unbounded, up), a(&["2", "3", "~"]));
    assert_eq!(range(Bound::Excluded("2"), Bound::Included("3"), up), a(&["3"]));
    assert_eq!(range(Bound::Unbounded, Bound::Excluded("3"), down), a(&["2", "1"]));
    assert_eq!(range(Bound::Excluded("3"), Bound::Excluded("2"), up), a(&[]));
}

#[test]
fn collections_are_found_one_after_the_other() {
    let names = ["com.example.a", "com.example.a-b.c", "com.example.ab", "org.example.note"];
    let batch: Vec<Write> =
        (names.iter()).flat_map(|name| (0..20).map(move |rkey| create(&format!("{name}/{rkey}"), 1))).collect();
    let (account, _) = Account::new(&batch);
    let found = account.repo.collections(&account.store).map(|found| found.unwrap().into_string());
    // `-` comes before `/`.
    let expected = ["com.example.a-b.c", "com.example.a", "com.example.ab", "org.example.note"];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let (empty, _) = Account::new(&[]);
    assert_eq!(empty.repo.collections(&empty.store).count(), 0);
}

#[test]
fn collections_end_with_the_first_error() {
    let content = [b"abc".to_vec()].map(|key| (key, model::value(1))).into_iter().collect();
    let (root, blocks) = model::build(&content);
    let (account, _) = Account::new(&[]);
    let mut unsigned = account.repo.prepare_recommit(&account.clock).unwrap().unsigned().clone();
    unsigned.data = root;
    let repo = Repo::open(unsigned.sign(&account.key).unwrap());
    let found: Vec<_> = repo.collections(&blocks).collect();
    assert!(matches!(found[..], [Err(Error::Path(_))]));
    let found: Vec<_> = repo.collections(&()).collect();
    assert!(matches!(found[..], [Err(Error::Tree(mst::Error::Missing(_)))]));
}

#[test]
fn a_proof_begins_with_the_commit() {
    let batch: Vec<Write> = (0..100).map(|number| create(&format!("com.example.note/{number}"), 1)).collect();
    let (account, _) = Account::new(&batch);
    for text in ["com.example.note/7", "com.example.note/none"] {
        let proof = account.repo.proof(&path(text), &account.store).unwrap();
        assert_eq!(proof[0].cid, account.repo.commit().cid());
        let blocks = memory(proof.into_iter());
        let repo = Repo::open(account.repo.commit().clone());
        assert_eq!(repo.get(&path(text), &blocks).unwrap(), account.repo.get(&path(text), &()).unwrap());
    }
}
