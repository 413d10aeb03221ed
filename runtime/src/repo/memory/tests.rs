use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::repo::testing::{Account, batches, change, create, delete, path, record, update, writes};

const NOTE: &str = "com.example.note/a";

fn record_cid(text: &str, number: u64) -> Cid {
    Cid::of_cbor(&record(&path(text), number))
}

fn has(account: &Account, cid: Cid) -> bool {
    account.store.get(&cid).unwrap().is_some()
}

#[test]
fn a_store_without_commits_has_nothing() {
    let store = MemoryStore::new();
    assert!(store.is_empty() && store.repo().is_none() && store.commit().is_none());
    assert_eq!(store.get(&Cid::of_cbor(b"any")).unwrap(), None);
}

#[test]
fn an_old_commit_makes_room_for_the_new_one() {
    let (mut account, first) = Account::new(&[]);
    let second = account.write(&[create(NOTE, 1)]);
    assert!(!has(&account, first.commit.cid()) && has(&account, second.commit.cid()));
    assert_eq!(account.store.commit(), Some(&second.commit));
    assert_eq!(account.store.len(), 3);
}

#[test]
fn a_record_stays_as_long_as_a_path_has_it() {
    let (mut account, _) = Account::new(&[create(NOTE, 1)]);
    let (other, third) = ("com.example.note/b", "com.example.note/c");
    account.write(&[create(other, 1), create(third, 1)]);
    let cid = record_cid(NOTE, 1);
    account.write(&[delete(NOTE)]);
    account.write(&[update(third, 2)]);
    assert!(has(&account, cid));
    account.write(&[delete(other)]);
    assert!(!has(&account, cid));
}

#[test]
fn a_record_that_moves_in_one_commit_stays() {
    for (from, to) in [(NOTE, "com.example.note/b"), ("com.example.note/b", NOTE)] {
        let (mut account, _) = Account::new(&[create(from, 1)]);
        account.write(&[delete(from), create(to, 1)]);
        assert!(has(&account, record_cid(from, 1)));
    }
}

#[test]
fn a_node_that_comes_back_is_as_young_as_its_return() {
    let (mut account, first) = Account::new(&[create(NOTE, 1)]);
    let rev = |account: &Account, cid| account.store.node_rev(&cid).unwrap();
    let root = first.commit.data();
    assert_eq!(rev(&account, root).as_ref(), Some(first.commit.rev()));
    account.write(&[create("com.example.note/b", 1)]);
    assert_eq!(rev(&account, root), None);
    let third = account.write(&[delete("com.example.note/b")]);
    assert_eq!(third.commit.data(), root);
    assert_eq!(rev(&account, root).as_ref(), Some(third.commit.rev()));
}

#[test]
fn a_record_is_as_young_as_it_was_last_written() {
    let (mut account, first) = Account::new(&[create(NOTE, 1)]);
    let rev = |account: &Account| account.store.record_rev(NOTE.as_bytes(), &record_cid(NOTE, 1).into()).unwrap();
    account.write(&[create("com.example.note/b", 1)]);
    assert_eq!(rev(&account).as_ref(), Some(first.commit.rev()));
    account.write(&[delete(NOTE)]);
    assert_eq!(rev(&account), None);
    let again = account.write(&[create(NOTE, 1)]);
    assert_eq!(rev(&account).as_ref(), Some(again.commit.rev()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_store_holds_exactly_what_the_latest_commit_refers_to(batches in batches(10)) {
        let (mut account, _) = Account::new(&[]);
        let mut content = account.content();
        for changes in batches {
            let batch = writes(&content, &changes);
            change(&mut content, &batch);
            account.try_write(&batch).unwrap();
            let referred: BTreeSet<Cid> = account.repo.export(&account.store).map(|block| block.unwrap().cid).collect();
            prop_assert_eq!(account.store.len(), referred.len());
        }
    }
}
