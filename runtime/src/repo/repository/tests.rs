mod later;
mod limits;
mod properties;
mod reading;
mod revisions;

use std::collections::HashSet;

use arobase_lexicon::syntax::TidGenerator;
use sha2::{Digest, Sha256};

use super::*;
use crate::{
    crypto::{Curve, SignError, SigningKey},
    data::{CidLink, Value},
    repo::{
        Error, MAX_EVENT, MAX_RECORD, MAX_WRITES, MemoryBlocks, RepoOp, Swap, mst,
        testing::{Account, Content, DID, batches, change, content, create, delete, path, record, update, writes},
    },
};

const NOTE: &str = "com.example.note/a";

fn cid(text: &str, number: u64) -> CidLink {
    Cid::of_cbor(&record(&path(text), number)).into()
}

/// A batch that fails, and leaves everything as it was.
fn failure(account: &mut Account, writes: &[Write]) -> Error {
    let (commit, tree) = (account.repo.commit().clone(), account.content());
    let error = account.try_write(writes).unwrap_err();
    assert_eq!((account.repo.commit(), account.content()), (&commit, tree));
    error
}

#[test]
fn the_published_repository_is_made() {
    let record = br#"{"$type":"com.example.note","text":"hi","createdAt":"2024-01-01T00:00:00.000Z"}"#;
    let record = Value::from_json(record).unwrap().to_cbor().unwrap();
    let key = SigningKey::from_bytes(Curve::P256, &Sha256::digest("demo p256 key").into()).unwrap();
    let write = Write::create(path("com.example.note/3jzfcijpj2z2a"), record);
    let pending = Repo::prepare_create(DID.parse().unwrap(), &[write], &TidGenerator::new(0)).unwrap();
    let pending = pending.with_rev("3jzfcijpj2z2b".parse().unwrap()).unwrap();
    let (repo, written) = pending.sign(&key).unwrap();
    let root = "bafyreienxd636pisfkgczemb73ox5vqopetoizgnswey7amhny6nhdrd7y";
    assert_eq!(repo.tree().root().to_string(), root);
    assert_eq!(repo.commit().cid().to_string(), "bafyreib6u6qr3loalnk3xfwes6kx6s3w2prxtw7s5paezq65m5gho6fghe");
    let car = written.to_car();
    assert_eq!(car.len(), 518);
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&car));
    assert_eq!(digest, "2e5dbcb702865eefb6076d0e95a24b2e9c3db450a69dfe4e8e8d939bb9ae1ded");
}

#[test]
fn a_repository_without_records_has_the_empty_tree() {
    let (account, written) = Account::new(&[]);
    assert_eq!(account.repo.tree(), &Tree::new());
    assert_eq!((written.since, written.prev_data, written.ops), (None, None, vec![]));
    let nodes: Vec<Cid> = written.nodes.iter().map(|node| node.cid).collect();
    assert_eq!(nodes, [Tree::empty_root()]);
    assert_eq!(account.store.repo().unwrap().get(&path(NOTE), &account.store).unwrap(), None);
    account.repo.commit().verify(&account.key.public_key()).unwrap();
}

#[test]
fn a_first_commit_with_records_retires_nothing() {
    let (account, written) = Account::new(&[create(NOTE, 1)]);
    assert!(written.retired.is_empty());
    assert_eq!(account.repo.get(&path(NOTE), &()).unwrap(), Some(cid(NOTE, 1)));
}

#[test]
fn a_did_that_is_none_gets_no_repository() {
    let key = SigningKey::generate(Curve::K256);
    let error = Repo::create(Did::from_unchecked("alice"), &[], &TidGenerator::new(0), &key).unwrap_err();
    assert!(matches!(error, Error::Commit(_)));
}

#[test]
fn a_commit_tells_what_was_before() {
    let (mut account, first) = Account::new(&[create(NOTE, 1)]);
    let second = account.write(&[update(NOTE, 2), create("com.example.like/b", 3)]);
    assert_eq!(second.since.as_ref(), Some(first.commit.rev()));
    assert_eq!(second.prev_data, Some(first.commit.data()));
    assert_eq!(second.commit.prev(), None);
    let expected = [("com.example.like/b", None, Some(3)), (NOTE, Some(1), Some(2))].map(|(text, prev, now)| RepoOp {
        path: path(text),
        prev: prev.map(|number| cid(text, number)),
        cid: now.map(|number| cid(text, number)),
    });
    assert_eq!(second.ops, expected);
    let third = account.write(&[delete(NOTE)]);
    assert_eq!(third.ops, [RepoOp { path: path(NOTE), prev: Some(cid(NOTE, 2)), cid: None }]);
    assert!(third.records.is_empty());
}

#[test]
fn the_order_of_a_batch_does_not_matter() {
    let (account, _) = Account::new(&[create(NOTE, 1)]);
    let batch = [delete(NOTE), create("com.example.note/c", 3), create("com.example.like/b", 2)];
    let mut reversed = batch.clone();
    reversed.reverse();
    let made = |batch: &[Write]| account.repo.prepare(batch, &account.clock, &()).unwrap().unwrap();
    let (one, other) = (made(&batch), made(&reversed));
    assert_eq!(one.ops(), other.ops());
    assert_eq!(one.unsigned().data, other.unsigned().data);
}

#[test]
fn a_path_occurs_once_in_a_batch() {
    let (mut account, _) = Account::new(&[]);
    let error = failure(&mut account, &[create(NOTE, 1), create("com.example.note/b", 1), delete(NOTE)]);
    assert!(matches!(error, Error::Repeated(path) if path == NOTE));
}

#[test]
fn records_are_not_created_twice_nor_changed_where_there_are_none() {
    let (mut account, _) = Account::new(&[create(NOTE, 1)]);
    let other = "com.example.note/b";
    // Also where the record is the same.
    for number in [1, 2] {
        let error = failure(&mut account, &[create(other, 1), create(NOTE, number)]);
        assert!(matches!(error, Error::Exists(path) if path == NOTE));
    }
    for write in [update(other, 1), delete(other)] {
        assert!(matches!(failure(&mut account, &[update(NOTE, 2), write]), Error::NotFound(path) if path == other));
    }
}

#[test]
fn what_changes_nothing_makes_no_commit() {
    let (mut account, _) = Account::new(&[create(NOTE, 1)]);
    let gone = |swap| delete("com.example.note/b").swapping(swap);
    let (any, one) = (gone(Swap::Any), gone(Swap::Is(cid(NOTE, 1))));
    for batch in [vec![], vec![update(NOTE, 1)], vec![update(NOTE, 1), any], vec![one]] {
        let before = account.repo.commit().clone();
        assert!(account.try_write(&batch).unwrap().is_none());
        assert_eq!(account.repo.commit(), &before);
    }
    let written = account.write(&[update(NOTE, 1), create("com.example.note/b", 1)]);
    assert_eq!(written.ops.len(), 1);
}

#[test]
fn a_swap_replaces_only_what_is_expected() {
    let (mut account, _) = Account::new(&[create(NOTE, 1)]);
    let found = |error| match error {
        Error::Swap { path: Some(path), found } => (path, found),
        other => panic!("{other}"),
    };
    let wrong = Swap::Is(cid(NOTE, 2));
    for write in [update(NOTE, 3).swapping(wrong.clone()), delete(NOTE).swapping(wrong.clone())] {
        assert_eq!(found(failure(&mut account, &[write])), (NOTE.to_owned(), Some(cid(NOTE, 1))));
    }
    assert!(matches!(failure(&mut account, &[update(NOTE, 3).swapping(Swap::Absent)]), Error::Swap { .. }));
    let missing = "com.example.note/b";
    let error = failure(&mut account, &[update(missing, 1).swapping(wrong.clone())]);
    assert_eq!(found(error), (missing.to_owned(), None));

    account.write(&[update(NOTE, 3).swapping(Swap::Is(cid(NOTE, 1)))]);
    account.write(&[update(missing, 1).swapping(Swap::Absent)]);
    account.write(&[delete(missing).swapping(Swap::Is(cid(missing, 1)))]);
    account.write(&[Write::put(path(missing), record(&path(missing), 1))]);
    assert_eq!(account.repo.get(&path(NOTE), &()).unwrap(), Some(cid(NOTE, 3)));
}

#[test]
fn an_update_to_what_is_there_needs_no_swap() {
    let (mut account, _) = Account::new(&[create(NOTE, 1)]);
    for swap in [Swap::Absent, Swap::Is(cid(NOTE, 9)), Swap::Is(cid(NOTE, 1)), Swap::Any, Swap::Present] {
        assert!(account.try_write(&[update(NOTE, 1).swapping(swap)]).unwrap().is_none());
    }
}

#[test]
fn the_commit_before_can_be_checked() {
    let (mut account, first) = Account::new(&[]);
    account.repo.check_commit(&first.commit.cid()).unwrap();
    let second = account.write(&[create(NOTE, 1)]);
    let error = account.repo.check_commit(&first.commit.cid()).unwrap_err();
    let now = Some(CidLink::from(second.commit.cid()));
    assert!(matches!(error, Error::Swap { path: None, found } if found == now));
}

#[test]
fn a_record_of_another_collection_is_refused() {
    let (mut account, _) = Account::new(&[]);
    let write = Write::create(path(NOTE), record(&path("com.example.like/a"), 1));
    assert!(matches!(failure(&mut account, &[write]), Error::Record { path, .. } if path == NOTE));
}

#[test]
fn a_record_that_comes_again_is_in_the_event() {
    let (mut account, _) = Account::new(&[create(NOTE, 1)]);
    let moved = account.write(&[delete(NOTE), create("com.example.note/b", 1)]);
    assert_eq!(moved.records.len(), 1);
    let copied = account.write(&[create("com.example.note/c", 1)]);
    assert_eq!(copied.records.len(), 1);
}

#[test]
fn an_event_has_the_commit_first_and_each_block_once() {
    let (mut account, _) = Account::new(&[]);
    let batch: Vec<Write> = (0..60).map(|number| create(&format!("com.example.note/{number}"), 1)).collect();
    for batch in batch.chunks(20) {
        let written = account.write(batch);
        let cids: Vec<Cid> = written.blocks().map(|block| block.cid).collect();
        assert_eq!(cids[0], written.commit.cid());
        assert_eq!(cids.iter().collect::<HashSet<_>>().len(), cids.len());
    }
}

#[test]
fn a_commit_of_nothing_has_a_new_revision_and_key() {
    let (mut account, first) = Account::new(&[create(NOTE, 1)]);
    let key = SigningKey::generate(Curve::P256);
    let written = account.repo.recommit(&account.clock, &key).unwrap();
    assert_eq!((written.commit.data(), written.prev_data), (first.commit.data(), Some(first.commit.data())));
    assert_eq!(written.since.as_ref(), Some(first.commit.rev()));
    assert!(written.commit.rev() > first.commit.rev());
    assert!(written.ops.is_empty() && written.nodes.is_empty() && written.retired.is_empty());
    assert_eq!(written.blocks().count(), 1);
    account.repo.commit().verify(&key.public_key()).unwrap();
    assert!(account.repo.commit().verify(&account.key.public_key()).is_err());
}

#[test]
fn a_key_that_does_not_sign_changes_nothing() {
    struct Gone(SigningKey);
    impl Signer for Gone {
        fn public_key(&self) -> PublicKey {
            self.0.public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
            Err(SignError::new("the key is elsewhere"))
        }
    }
    let (mut account, first) = Account::new(&[]);
    let gone = Gone(SigningKey::generate(Curve::K256));
    let error = account.repo.write(&[create(NOTE, 1)], &account.clock, &gone, &account.store).unwrap_err();
    assert!(matches!(error, Error::Sign(_)));
    assert!(matches!(account.repo.recommit(&account.clock, &gone), Err(Error::Sign(_))));
    assert_eq!(account.repo.commit(), &first.commit);
    assert_eq!(account.content(), Content::new());
}

#[test]
fn a_missing_node_is_named_and_changes_nothing() {
    let (account, first) = Account::new(&[create(NOTE, 1)]);
    let mut repo = Repo::open(first.commit.clone());
    let error = repo.write(&[create("com.example.note/b", 1)], &account.clock, &account.key, &()).unwrap_err();
    assert!(matches!(error, Error::Tree(mst::Error::Missing(cid)) if cid == first.commit.data()));
    assert_eq!(repo.commit(), &first.commit);
    assert!(repo.write(&[create("com.example.note/b", 1)], &account.clock, &account.key, &account.store).is_ok());
}

fn memory(blocks: impl Iterator<Item = mst::Block>) -> MemoryBlocks {
    let mut memory = MemoryBlocks::new();
    blocks.for_each(|block| assert!(memory.insert(block.cid, block.bytes)));
    memory
}
