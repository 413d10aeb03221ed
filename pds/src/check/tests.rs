use arobase::{data::Cid, syntax::Did};
use bytes::Bytes;

use super::*;
use crate::{
    repos::testing::{delete, put, write},
    store::{Unit, Usage},
    testing,
};

async fn check(pds: &Pds) -> Vec<String> {
    let report = pds.check(&Progress::silent()).await.unwrap();
    assert_eq!(report.count, report.faults.len() as u64);
    report.faults.iter().map(ToString::to_string).collect()
}

/// A server with a repository of some size, of which something is changed behind everybody's back.
async fn damaged(damage: impl FnOnce(&mut dyn Unit, &Account) + Send + 'static) -> Vec<String> {
    let (pds, alice) = with_notes().await;
    assert_eq!(check(&pds).await, [""; 0]);
    let did = alice.clone();
    let damaging = pds.database().write::<_, Error, _>(move |unit| {
        let account = unit.account_of_did(&did)?.unwrap();
        damage(unit, &account);
        Ok(())
    });
    damaging.await.unwrap();
    let alice = format!("{alice}: ");
    check(&pds).await.into_iter().map(|fault| fault.strip_prefix(&alice).map(str::to_owned).unwrap_or(fault)).collect()
}

async fn with_notes() -> (Pds, Did) {
    let (pds, alice) = testing::with_alice().await;
    for n in 0..30 {
        write(&pds, &alice, vec![put(&format!("n{n}"), "a note")]).await;
    }
    write(&pds, &alice, vec![delete("n3")]).await;
    (pds, alice)
}

#[tokio::test]
async fn a_server_that_is_well_has_no_faults() {
    let (pds, _) = with_notes().await;
    testing::account(&pds, "bobby.test").await;
    let report = pds.check(&Progress::silent()).await.unwrap();
    assert!(report.is_well(), "{:?}", report.faults);
    assert_eq!((report.accounts, report.records), (2, 29));
    assert!(report.nodes > 2 && report.events > 31);
}

#[tokio::test]
async fn a_record_that_is_not_in_the_tree_is_found() {
    let faults = damaged(|unit, account| {
        let mut record = unit.record(account.id, &"com.example.note/n5".parse().unwrap()).unwrap().unwrap();
        record.path = "com.example.note/n51".parse().unwrap();
        unit.put_record(account.id, &record).unwrap();
    });
    assert_eq!(faults.await, ["the record com.example.note/n51 is there, but not in the tree"]);
}

#[tokio::test]
async fn a_record_that_is_missing_or_damaged_is_found() {
    let faults =
        damaged(|unit, account| unit.delete_record(account.id, &"com.example.note/n5".parse().unwrap()).unwrap());
    assert_eq!(faults.await, ["the record com.example.note/n5 is in the tree, but not there"]);
    let faults = damaged(|unit, account| {
        let mut record = unit.record(account.id, &"com.example.note/n5".parse().unwrap()).unwrap().unwrap();
        record.block = Bytes::from_static(b"\xa0");
        unit.put_record(account.id, &record).unwrap();
    });
    assert_eq!(faults.await, ["the block of the record com.example.note/n5 is damaged"]);
}

#[tokio::test]
async fn nodes_that_are_missing_or_too_many_are_found() {
    let faults = damaged(|unit, account| {
        let root = unit.commit(account.id).unwrap().unwrap().data();
        unit.delete_node(account.id, &root).unwrap();
    });
    assert!(faults.await[0].starts_with("the tree: "));
    let faults = damaged(|unit, account| {
        let rev = unit.commit(account.id).unwrap().unwrap().rev().clone();
        unit.put_node(account.id, &Cid::of_cbor(b"\xa0"), &rev, &Bytes::from_static(b"\xa0")).unwrap();
    });
    assert!(faults.await[0].ends_with(" is no part of the tree"));
}

#[tokio::test]
async fn sums_that_are_not_right_are_found() {
    let change = Usage { records: 1, node_bytes: -1, ..Usage::default() };
    let faults = damaged(move |unit, account| unit.add_usage(account.id, change).unwrap()).await;
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[0], "it has 29 records, but 30 are noted");
    let faults = damaged(|unit, account| unit.note_collection(account.id, "com.example.other", true).unwrap());
    assert!(faults.await[0].starts_with("its collections are "));
}

#[tokio::test]
async fn a_commit_of_somebody_else_is_found() {
    let (pds, alice) = with_notes().await;
    let bob = testing::account(&pds, "bobby.test").await.did;
    let swapping = pds.database().write::<_, Error, _>(move |unit| {
        let (alice, bob) = (unit.account_of_did(&alice)?.unwrap(), unit.account_of_did(&bob)?.unwrap());
        let commit = unit.commit(bob.id)?.unwrap();
        Ok(unit.put_commit(alice.id, &commit)?)
    });
    swapping.await.unwrap();
    let faults = check(&pds).await;
    assert!(faults.iter().filter(|fault| fault.contains("the commit: ")).count() == 2, "{faults:#?}");
}

#[tokio::test]
async fn a_repository_that_is_not_where_its_events_say_is_found() {
    let faults = damaged(|unit, account| {
        let commit = unit.commit(account.id).unwrap().unwrap();
        let sync = arobase::sync::SyncEvent::of(&commit).unwrap();
        let later = arobase::sync::SyncEvent { rev: "3zzzzzzzzzz2z".parse().unwrap(), ..sync };
        unit.emit(account.id, arobase::sync::Event::Sync(later)).unwrap();
    });
    let faults = faults.await;
    assert!(faults.iter().any(|fault| fault.ends_with("but the log says 3zzzzzzzzzz2z")), "{faults:#?}");
}
