use proptest::prelude::*;

use super::*;
use crate::{
    crypto::{Signature, Signer},
    data::Value,
    repo::{Write, commit::Unsigned},
    sync::test_repo::{Publisher, blocks_of, car_of, delete, did, key, path, put, recommit, record, with_commit},
};

/// A repository of many records, and the event of a commit that creates, updates and deletes.
fn busy() -> (Publisher, CommitEvent) {
    let writes: Vec<Write> = (0..300).map(|n| put(&format!("k{n:03}"), n)).collect();
    let (mut publisher, _) = Publisher::new("a", &writes[..200]);
    publisher.write(&writes[200..]);
    let event = publisher.write(&[put("new", 1), put("k007", 1000), delete("k123"), put("zzz", 2), delete("k250")]);
    (publisher, event)
}

fn refused(event: &CommitEvent) -> Invalid {
    commit(event, &key(7).public_key()).unwrap_err()
}

fn op_mut<'a>(event: &'a mut CommitEvent, key: &str) -> &'a mut RepoOp {
    event.ops.iter_mut().find(|op| op.path == path(key)).unwrap()
}

fn other() -> CidLink {
    Cid::of_cbor(&record(4711)).into()
}

/// A history of writes and its events, the first commit included.
fn history(batches: &[Vec<(u8, Option<u32>)>]) -> (Publisher, Vec<CommitEvent>) {
    let (mut publisher, first) = Publisher::new("a", &[]);
    let mut events = vec![first];
    let mut records = std::collections::BTreeMap::new();
    for batch in batches {
        let batch: std::collections::BTreeMap<_, _> = batch.iter().copied().collect();
        let mut writes = Vec::new();
        for (key, text) in batch {
            let name = format!("k{key}");
            match text {
                Some(text) if records.insert(key, text) != Some(text) => writes.push(put(&name, text)),
                None if records.remove(&key).is_some() => writes.push(delete(&name)),
                _ => {}
            }
        }
        events.push(if writes.is_empty() { publisher.write_nothing() } else { publisher.write(&writes) });
    }
    (publisher, events)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_event_of_a_history_is_verified_and_follows_the_one_before(
        batches in prop::collection::vec(prop::collection::vec((0..40_u8, prop::option::of(0..5_u32)), 0..12), 0..10)
    ) {
        let (publisher, events) = history(&batches);
        let mut before: Option<Commit> = None;
        for event in &events {
            let verified = commit(event, &publisher.public()).unwrap();
            prop_assert_eq!(verified.since(), before.as_ref().map(Commit::rev));
            prop_assert_eq!(verified.prev_data(), before.as_ref().map(Commit::data));
            for cid in verified.ops().iter().filter_map(|op| op.cid.as_ref()) {
                prop_assert!(verified.record(cid).is_some());
            }
            before = Some(verified.commit().clone());
        }
        prop_assert_eq!(before.as_ref(), Some(publisher.repo.commit()));
    }

    #[test]
    fn an_event_is_verified_whatever_the_order_of_its_operations(seed in prop::collection::vec(any::<u32>(), 5)) {
        let (publisher, mut event) = busy();
        let mut ops: Vec<_> = event.ops.drain(..).zip(seed).collect();
        ops.sort_by_key(|(_, order)| *order);
        event.ops = ops.into_iter().map(|(op, _)| op).collect();
        prop_assert!(commit(&event, &publisher.public()).is_ok());
    }
}

#[test]
fn a_first_commit_may_hold_records_or_none() {
    for writes in [vec![], vec![put("a", 1), put("b", 2)]] {
        let (publisher, event) = Publisher::new("a", &writes);
        let verified = commit(&event, &publisher.public()).unwrap();
        assert_eq!((verified.since(), verified.prev_data(), verified.ops().len()), (None, None, writes.len()));
    }
}

#[test]
fn a_commit_may_change_nothing() {
    let (mut publisher, _) = busy();
    let event = publisher.write_nothing();
    assert_eq!(event.prev_data, Some(publisher.repo.commit().data()));
    assert!(commit(&event, &publisher.public()).is_ok());
}

#[test]
fn the_same_record_may_come_back_under_another_path() {
    let (mut publisher, _) = Publisher::new("a", &[put("a", 1), put("b", 2)]);
    let event = publisher.write(&[delete("a"), put("c", 1), put("d", 2)]);
    let verified = commit(&event, &publisher.public()).unwrap();
    assert_eq!(verified.record(&Cid::of_cbor(&record(1)).into()), Some(&record(1)));
}

#[test]
fn an_update_that_leaves_what_it_replaces_is_let_pass() {
    let (mut publisher, _) = Publisher::new("a", &[put("a", 1), put("b", 2)]);
    let mut event = publisher.write(&[put("a", 3)]);
    let cid = CidLink::from(Cid::of_cbor(&record(2)));
    event.ops.push(RepoOp { path: path("b"), prev: Some(cid.clone()), cid: Some(cid) });
    let mut blocks = blocks_of(&event.blocks);
    blocks.push((Cid::of_cbor(&record(2)), record(2)));
    event.blocks = car_of(event.commit, blocks.iter().map(|(cid, bytes)| (cid, bytes)));
    assert!(commit(&event, &publisher.public()).is_ok());
}

#[test]
fn blocks_may_come_in_any_order_twice_and_with_others() {
    let (publisher, mut event) = busy();
    let mut blocks = blocks_of(&event.blocks);
    blocks.reverse();
    blocks.extend(blocks.clone());
    blocks.push((Cid::of_raw(b"extra"), Bytes::from_static(b"extra")));
    event.blocks = car_of(event.commit, blocks.iter().map(|(cid, bytes)| (cid, bytes)));
    assert!(commit(&event, &publisher.public()).is_ok());
}

#[test]
fn more_roots_may_follow_the_commit() {
    let (publisher, mut event) = busy();
    let header = crate::repo::car::header(&[event.commit, Cid::of_raw(b"extra")]);
    let one = crate::repo::car::header(&[event.commit]);
    event.blocks = [&header[..], &event.blocks[one.len()..]].concat().into();
    assert!(commit(&event, &publisher.public()).is_ok());
    let header = crate::repo::car::header(&[Cid::of_cbor(b"extra"), event.commit]);
    let two = crate::repo::car::header(&[event.commit, Cid::of_raw(b"extra")]);
    event.blocks = [&header[..], &event.blocks[two.len()..]].concat().into();
    assert!(matches!(refused(&event), Invalid::Root { commit: Some(_), .. }));
}

#[test]
fn each_block_but_the_commit_is_needed_for_its_own_reason() {
    let (_, event) = busy();
    let blocks = blocks_of(&event.blocks);
    let records: Vec<Cid> = event.ops.iter().filter_map(|op| op.cid.as_ref()?.as_cid()).collect();
    for (left_out, _) in &blocks {
        let rest = blocks.iter().filter(|(cid, _)| cid != left_out).map(|(cid, bytes)| (cid, bytes));
        let event = CommitEvent { blocks: car_of(event.commit, rest), ..event.clone() };
        match refused(&event) {
            Invalid::MissingCommit(cid) => assert_eq!(cid, event.commit),
            Invalid::MissingRecord { cid, .. } => {
                assert!(records.contains(left_out));
                assert_eq!(cid, (*left_out).into());
            }
            Invalid::Tree(mst::Error::Missing(cid)) => assert_eq!(cid, *left_out),
            // Of a neighbour only the CID may be needed; then another node stands in its place.
            error => panic!("{left_out}: {error}"),
        }
    }
}

#[test]
fn a_block_with_other_bytes_is_refused() {
    let (_, event) = busy();
    let at = event.blocks.len() - 3;
    let mut bytes = event.blocks.to_vec();
    bytes[at] ^= 1;
    assert!(matches!(refused(&CommitEvent { blocks: bytes.into(), ..event }), Invalid::Car(_)));
}

#[test]
fn what_an_operation_left_has_to_be_in_the_tree() {
    let (_, event) = busy();
    for key in ["new", "k007"] {
        let mut event = event.clone();
        op_mut(&mut event, key).cid = Some(other());
        let mut blocks = blocks_of(&event.blocks);
        blocks.push((Cid::of_cbor(&record(4711)), record(4711)));
        event.blocks = car_of(event.commit, blocks.iter().map(|(cid, bytes)| (cid, bytes)));
        match refused(&event) {
            Invalid::Op { path: at, expected, found } => {
                assert_eq!((at, expected), (path(key), Some(other())));
                assert!(found.is_some() && found != Some(other()));
            }
            error => panic!("{error}"),
        }
    }
    // The record that was deleted is there still, it is said.
    let mut event = event;
    *op_mut(&mut event, "new") = RepoOp { path: path("new"), prev: Some(other()), cid: None };
    assert!(matches!(refused(&event), Invalid::Op { expected: None, found: Some(_), .. }));
}

#[test]
fn what_an_operation_replaced_has_to_lead_to_the_tree_before() {
    let (_, event) = busy();
    for key in ["k007", "k123"] {
        let mut event = event.clone();
        op_mut(&mut event, key).prev = Some(other());
        assert!(matches!(refused(&event), Invalid::PrevData { .. }));
    }
    // A creation that was an update, and the other way round.
    let mut update = event.clone();
    op_mut(&mut update, "new").prev = Some(other());
    assert!(matches!(refused(&update), Invalid::PrevData { .. } | Invalid::Tree(_)));
    let mut create = event;
    op_mut(&mut create, "k007").prev = None;
    assert!(matches!(refused(&create), Invalid::PrevData { .. } | Invalid::Tree(_)));
}

#[test]
fn an_operation_less_or_more_is_noticed() {
    let (_, event) = busy();
    for left_out in 0..event.ops.len() {
        let mut event = event.clone();
        event.ops.remove(left_out);
        assert!(matches!(refused(&event), Invalid::PrevData { .. } | Invalid::Tree(_)), "{left_out}");
    }
    let mut more = event;
    more.ops.push(RepoOp { path: path("k200"), prev: None, cid: Some(other()) });
    assert!(matches!(refused(&more), Invalid::MissingRecord { .. }));
}

#[test]
fn the_tree_before_has_to_be_the_one_that_is_said() {
    let (_, event) = busy();
    let wrong = Cid::of_cbor(b"wrong");
    match refused(&CommitEvent { prev_data: Some(wrong), ..event.clone() }) {
        Invalid::PrevData { expected, found } => assert_eq!((expected, Some(found)), (wrong, event.prev_data)),
        error => panic!("{error}"),
    }
}

#[test]
fn a_commit_that_changes_nothing_has_the_tree_before() {
    let (mut publisher, _) = busy();
    let event = CommitEvent { prev_data: Some(Cid::of_cbor(b"wrong")), ..publisher.write_nothing() };
    assert!(matches!(refused(&event), Invalid::PrevData { .. }));
}

#[test]
fn what_is_before_has_to_make_sense() {
    let (publisher, event) = busy();
    assert!(matches!(refused(&CommitEvent { prev_data: None, ..event.clone() }), Invalid::MissingPrevData));
    assert!(matches!(refused(&CommitEvent { since: None, ..event.clone() }), Invalid::FirstWithPrevData(_)));
    assert!(matches!(refused(&CommitEvent { since: Some(publisher.rev()), ..event.clone() }), Invalid::Since(_)));
    let first = CommitEvent { since: None, prev_data: None, ..event };
    assert!(matches!(refused(&first), Invalid::FirstChanges(_)));
}

#[test]
fn a_first_commit_leads_from_the_empty_tree() {
    let (_, mut event) = Publisher::new("a", &[put("a", 1), put("b", 2)]);
    event.ops.pop();
    assert!(matches!(refused(&event), Invalid::PrevData { expected, .. } if expected == Tree::empty_root()));
    event.ops.clear();
    assert!(matches!(refused(&event), Invalid::PrevData { .. }));
}

#[test]
fn a_path_occurs_once() {
    let (_, mut event) = busy();
    let again = event.ops[0].clone();
    event.ops.push(again.clone());
    assert!(matches!(refused(&event), Invalid::Repeated(path) if path == again.path));
}

#[test]
fn an_operation_of_nothing_is_refused() {
    let (_, mut event) = busy();
    event.ops.push(RepoOp { path: path("q"), prev: None, cid: None });
    assert!(matches!(refused(&event), Invalid::EmptyOp(_)));
}

#[test]
fn another_key_is_refused() {
    let (_, event) = busy();
    assert!(matches!(commit(&event, &key(8).public_key()), Err(Invalid::Signature)));
    let forged = with_commit(&event, &recommit(&open(&event).unwrap().0.commit, &key(8), |_| {}));
    assert!(matches!(refused(&forged), Invalid::Signature));
}

#[test]
fn a_signature_in_its_high_form_is_refused() {
    let (publisher, event) = busy();
    let unsigned = || {
        let commit = publisher.repo.commit();
        Unsigned { did: commit.did().clone(), rev: commit.rev().clone(), data: commit.data(), prev: None }
    };
    let mut signature: [u8; 64] = publisher.repo.commit().signature().try_into().unwrap();
    // The order of K-256 minus s.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae,
        0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
    ];
    let low = unsigned().with_signature(&Signature::from_bytes(signature));
    assert_eq!(&low, publisher.repo.commit());
    let mut borrow = 0;
    for (s, order) in signature[32..].iter_mut().zip(ORDER).rev() {
        let difference = i32::from(order) - i32::from(*s) - borrow;
        borrow = i32::from(difference < 0);
        *s = difference.rem_euclid(256) as u8;
    }
    let high = unsigned().with_signature(&Signature::from_bytes(signature));
    assert!(matches!(refused(&with_commit(&event, &high)), Invalid::Signature));
}

#[test]
fn the_commit_has_to_be_that_of_the_event() {
    let (publisher, event) = busy();
    let wrong = |event| refused(&event);
    assert!(matches!(wrong(CommitEvent { did: did("b"), ..event.clone() }), Invalid::Did { .. }));
    let later = CommitEvent { rev: "3zzzzzzzzzzzz".parse().unwrap(), ..event.clone() };
    assert!(matches!(wrong(later), Invalid::Rev { .. }));
    let root = CommitEvent { commit: Cid::of_cbor(b"wrong"), ..event.clone() };
    assert!(matches!(wrong(root), Invalid::Root { commit: Some(_), .. }));
    let of_other = recommit(publisher.repo.commit(), &publisher.key, |unsigned| unsigned.did = did("b"));
    let event = CommitEvent { did: did("a"), ..with_commit(&event, &of_other) };
    assert!(matches!(wrong(event), Invalid::Did { .. }));
}

#[test]
fn a_commit_of_another_tree_is_refused() {
    let (publisher, event) = busy();
    let commit = recommit(publisher.repo.commit(), &publisher.key, |unsigned| unsigned.data = Tree::empty_root());
    assert!(matches!(refused(&with_commit(&event, &commit)), Invalid::Tree(mst::Error::Missing(_))));
}

#[test]
fn a_block_that_is_no_commit_is_refused() {
    let (_, event) = busy();
    let cid = open(&event).unwrap().commit().data();
    let blocks = blocks_of(&event.blocks);
    let event = CommitEvent { commit: cid, blocks: car_of(cid, blocks.iter().map(|(cid, b)| (cid, b))), ..event };
    assert!(matches!(refused(&event), Invalid::Commit(_)));
}

#[test]
fn files_that_are_none_are_refused() {
    let (_, event) = busy();
    let file = |blocks: &[u8]| refused(&CommitEvent { blocks: Bytes::copy_from_slice(blocks), ..event.clone() });
    assert!(matches!(file(b""), Invalid::Car(_)));
    assert!(matches!(file(&event.blocks[..event.blocks.len() - 1]), Invalid::Car(_)));
    assert!(matches!(file(&crate::repo::car::header(&[])), Invalid::NoRoot));
    assert!(matches!(file(&crate::repo::car::header(&[event.commit])), Invalid::MissingCommit(_)));
}

#[test]
fn events_over_a_limit_are_refused() {
    let (_, event) = busy();
    let long = CommitEvent { blocks: vec![0; MAX_COMMIT_BLOCKS + 1].into(), ..event.clone() };
    assert!(matches!(refused(&long), Invalid::Limit(_)));
    let ops = std::iter::repeat_n(event.ops[0].clone(), MAX_OPS + 1).collect();
    assert!(matches!(refused(&CommitEvent { ops, ..event }), Invalid::Limit(_)));
}

#[test]
fn a_record_over_its_limit_is_refused() {
    let (mut publisher, _) = Publisher::new("a", &[]);
    let event = publisher.write(&[put("a", 1)]);
    let long = Value::Bytes(vec![0; MAX_RECORD].into()).to_cbor().unwrap();
    let mut event = CommitEvent { ops: event.ops, ..event };
    let cid = Cid::of_cbor(&long);
    op_mut(&mut event, "a").cid = Some(cid.into());
    let mut blocks = blocks_of(&event.blocks);
    blocks.push((cid, long.into()));
    event.blocks = car_of(event.commit, blocks.iter().map(|(cid, bytes)| (cid, bytes)));
    assert!(matches!(refused(&event), Invalid::Limit(TooLarge { what: "bytes of a record", .. })));
}

#[test]
fn an_announcement_is_verified() {
    let (publisher, _) = busy();
    let event = publisher.announce();
    assert_eq!(sync(&event, &publisher.public()).unwrap(), *publisher.repo.commit());
    assert!(matches!(sync(&event, &key(8).public_key()), Err(Invalid::Signature)));
    let refused = |event: SyncEvent| sync(&event, &publisher.public()).unwrap_err();
    assert!(matches!(refused(SyncEvent { did: did("b"), ..event.clone() }), Invalid::Did { .. }));
    let later = SyncEvent { rev: "3zzzzzzzzzzzz".parse().unwrap(), ..event.clone() };
    assert!(matches!(refused(later), Invalid::Rev { .. }));
    let long = SyncEvent { blocks: vec![0; MAX_SYNC_BLOCKS + 1].into(), ..event };
    assert!(matches!(refused(long), Invalid::Limit(_)));
}

/// The proof of a path as a file.
fn proof_of(publisher: &Publisher, key: &str, with_record: bool) -> Bytes {
    let mut blocks: Vec<(Cid, Bytes)> = publisher
        .repo
        .proof(&path(key), &publisher.blocks)
        .unwrap()
        .into_iter()
        .map(|block| (block.cid, block.bytes))
        .collect();
    if let Some(cid) = publisher.repo.get(&path(key), &publisher.blocks).unwrap().filter(|_| with_record) {
        let cid = cid.as_cid().unwrap();
        blocks.push((cid, publisher.blocks.block(&cid).unwrap().clone()));
    }
    car_of(publisher.repo.commit().cid(), blocks.iter().map(|(cid, bytes)| (cid, bytes)))
}

#[test]
fn a_proof_shows_a_record_or_that_there_is_none() {
    let (publisher, _) = busy();
    let prove = |key: &str, with_record| {
        record_proof(&proof_of(&publisher, key, with_record), &publisher.did(), &path(key), &publisher.public())
            .unwrap()
    };
    let cid = CidLink::from(Cid::of_cbor(&record(1000)));
    assert_eq!(prove("k007", true), Some((cid.clone(), Some(record(1000)))));
    assert_eq!(prove("k007", false), Some((cid, None)));
    for absent in ["k123", "nothing", "0"] {
        assert_eq!(prove(absent, true), None, "{absent}");
    }
}

#[test]
fn a_proof_that_proves_nothing_is_refused() {
    let (publisher, _) = busy();
    let file = proof_of(&publisher, "k007", true);
    let prove = |file: &Bytes, of: &Did, number| record_proof(file, of, &path("k007"), &key(number).public_key());
    assert!(matches!(prove(&file, &publisher.did(), 8), Err(Invalid::Signature)));
    assert!(matches!(prove(&file, &did("b"), 7), Err(Invalid::Did { .. })));
    let blocks = blocks_of(&file);
    for (left_out, _) in blocks.iter().filter(|(cid, _)| *cid != Cid::of_cbor(&record(1000))) {
        let rest = blocks.iter().filter(|(cid, _)| cid != left_out).map(|(cid, bytes)| (cid, bytes));
        let error = prove(&car_of(publisher.repo.commit().cid(), rest), &publisher.did(), 7).unwrap_err();
        assert!(matches!(error, Invalid::MissingCommit(_) | Invalid::Tree(mst::Error::Missing(_))), "{error}");
    }
    let no_commit = car_of(publisher.repo.commit().data(), blocks.iter().map(|(cid, bytes)| (cid, bytes)));
    assert!(matches!(prove(&no_commit, &publisher.did(), 7), Err(Invalid::Commit(_))));
    let raw = car_of(Cid::of_raw(b"x"), []);
    assert!(matches!(prove(&raw, &publisher.did(), 7), Err(Invalid::Root { commit: None, .. })));
}
