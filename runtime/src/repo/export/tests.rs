use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::crypto::{Curve, SigningKey};
use crate::repo::{
    MemoryBlocks, MemoryStore, SourceError, Write,
    blocks::Blocks,
    car,
    commit::Unsigned,
    mst::{self, Tree},
    path::RepoPath,
    testing::{Account, Content, batches, change, content, create, delete, path, record_of, update, writes},
};

const NOTE: &str = "com.example.note/a";

fn many(count: usize) -> Account {
    let batch: Vec<Write> =
        (0..count).map(|number| create(&format!("com.example.note/{number:04}"), number as u64)).collect();
    let (mut account, _) = Account::new(&[]);
    batch.chunks(200).for_each(|batch| drop(account.write(batch)));
    account
}

fn blocks(export: Export<'_>) -> Vec<Block> {
    export.map(Result::unwrap).collect()
}

fn cids(export: Export<'_>) -> Vec<Cid> {
    export.map(|block| block.unwrap().cid).collect()
}

fn memory(blocks: impl IntoIterator<Item = Block>) -> MemoryBlocks {
    let mut memory = MemoryBlocks::new();
    blocks.into_iter().for_each(|block| assert!(memory.insert(block.cid, block.bytes)));
    memory
}

/// All records of a tree can be read.
fn check_whole(repo: &Repo, blocks: &dyn Blocks, expected: &Content) {
    assert_eq!(&content(repo, blocks), expected);
    for cid in expected.values() {
        assert!(blocks.get(cid).unwrap().is_some_and(|bytes| cid.verify(&bytes)), "{cid}");
    }
}

#[test]
fn an_export_has_everything_in_the_order_of_the_protocol() {
    let account = many(500);
    let exported = cids(account.repo.export(&account.store));
    assert_eq!(exported[0], account.repo.commit().cid());
    assert_eq!(exported[1], account.repo.tree().root());
    let mut expected = exported[..1].to_vec();
    preorder(account.repo.tree().root(), &account.store, &mut expected);
    assert_eq!(exported, expected);
    assert_eq!(exported.iter().collect::<HashSet<_>>().len(), exported.len());
    assert_eq!(exported.len(), account.store.len());
}

/// The same order, read off the nodes as plain data.
fn preorder(node: Cid, blocks: &dyn Blocks, out: &mut Vec<Cid>) {
    use crate::data::Value;
    out.push(node);
    let value = Value::from_cbor(&blocks.get(&node).unwrap().unwrap()).unwrap();
    let below = |link: Option<&Value>, out: &mut Vec<Cid>| {
        if let Some(cid) = link.and_then(Value::as_link).and_then(CidLink::as_cid) {
            preorder(cid, blocks, out);
        }
    };
    below(value.get("l"), out);
    for entry in value.get("e").and_then(Value::as_list).unwrap() {
        out.push(entry.get("v").and_then(Value::as_link).and_then(CidLink::as_cid).unwrap());
        below(entry.get("t"), out);
    }
}

#[test]
fn a_repository_without_records_exports_commit_and_node() {
    let (account, _) = Account::new(&[]);
    assert_eq!(cids(account.repo.export(&account.store)), [account.repo.commit().cid(), Tree::empty_root()]);
}

#[test]
fn a_record_of_two_paths_is_exported_once() {
    let (account, _) = Account::new(&[create(NOTE, 1), create("com.example.note/b", 1)]);
    let record = Cid::of_cbor(&record_of("com.example.note", 1));
    let exported = cids(account.repo.export(&account.store));
    assert_eq!(exported.iter().filter(|cid| **cid == record).count(), 1);
}

#[test]
fn the_same_bytes_under_both_codecs_are_exported_once_each() {
    let bytes = record_of("com.example.note", 1);
    let links = [Cid::of_raw(&bytes), Cid::of_cbor(&bytes)];
    let content: mst::model::Content =
        (0..200).map(|number| (format!("com.example.note/{number:04}").into(), links[number % 2].into())).collect();
    let (data, mut blocks) = mst::model::build(&content);
    let nodes = blocks.len();
    links.iter().for_each(|link| assert!(blocks.insert(*link, bytes.clone())));
    let did = "did:web:alice.example.com".parse().unwrap();
    let unsigned = Unsigned { did, rev: "3jzfcijpj2z2a".parse().unwrap(), data, prev: None };
    let repo = Repo::open(unsigned.sign(&SigningKey::generate(Curve::K256)).unwrap());
    assert_eq!(repo.export(&blocks).count(), 1 + nodes + links.len());
}

#[test]
fn the_pieces_are_one_car_file() {
    let account = many(2000);
    let pieces: Vec<Bytes> = account.repo.export(&account.store).into_car().map(Result::unwrap).collect();
    let (last, full) = pieces.split_last().unwrap();
    assert!(full.len() > 2 && !last.is_empty());
    for piece in full {
        assert!((64 << 10..66 << 10).contains(&piece.len()), "{}", piece.len());
    }
    let mut expected = car::header(&[account.repo.commit().cid()]).to_vec();
    for block in account.repo.export(&account.store) {
        let block = block.unwrap();
        car::put_block(&mut expected, &block.cid.into(), &block.bytes);
    }
    assert_eq!(pieces.concat(), expected);
}

#[test]
fn a_missing_record_is_named_and_ends_the_export() {
    let account = many(50);
    let whole = memory(blocks(account.repo.export(&account.store)));
    for (path, cid) in account.content() {
        let mut without = whole.clone();
        without.remove(&cid);
        let mut export = account.repo.export(&without);
        let error = export.find_map(Result::err).unwrap();
        let named = matches!(&error, Error::MissingRecord { key, cid: missing }
            if **key == *path.as_key() && *missing == cid.into());
        assert!(named, "{error}");
        assert!(export.next().is_none());
        let pieces: Vec<_> = account.repo.export(&without).into_car().collect();
        assert!(matches!(pieces[..], [Err(_)]));
    }
}

#[test]
fn a_missing_node_is_named_and_ends_the_export() {
    let account = many(50);
    let whole = memory(blocks(account.repo.export(&account.store)));
    let root = account.repo.tree().root();
    let mut without = whole.clone();
    without.remove(&root);
    let repo = Repo::open(account.repo.commit().clone());
    let exported: Vec<_> = repo.export(&without).collect();
    assert!(matches!(exported[..], [Ok(_), Err(Error::Tree(mst::Error::Missing(cid)))] if cid == root));
}

/// A source that nobody vouches for, with one wrong block.
struct Wrong<'a>(&'a MemoryStore, Cid);

impl Blocks for Wrong<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        match *cid == self.1 {
            true => Ok(Some(Bytes::from_static(b"\xa0"))),
            false => self.0.get(cid),
        }
    }
}

#[test]
fn a_record_with_other_bytes_is_not_exported() {
    let (account, _) = Account::new(&[create(NOTE, 1)]);
    let source = Wrong(&account.store, Cid::of_cbor(&record_of("com.example.note", 1)));
    let error = account.repo.export(&source).find_map(Result::err).unwrap();
    assert!(matches!(&error, Error::Record { path, .. } if path == NOTE), "{error}");
    assert!(account.repo.proof_car(&path(NOTE), &source).is_err());
    let source = Wrong(&account.store, Cid::of_cbor(b"another"));
    assert!(account.repo.export(&source).all(|block| block.is_ok()));
}

#[test]
fn nothing_newer_is_the_commit_alone() {
    let account = many(100);
    let rev = account.repo.commit().rev();
    let exported = cids(account.repo.export_since(rev, &account.store, &account.store));
    assert_eq!(exported, [account.repo.commit().cid()]);
    let future = "jzzzzzzzzzzzz".parse().unwrap();
    assert_eq!(account.repo.export_since(&future, &account.store, &account.store).count(), 1);
}

#[test]
fn since_the_beginning_is_everything() {
    let account = many(100);
    let rev = "2222222222222".parse().unwrap();
    let since = cids(account.repo.export_since(&rev, &account.store, &account.store));
    assert_eq!(since, cids(account.repo.export(&account.store)));
}

/// A store that has forgotten how old things are.
struct Unknown;

impl Revs for Unknown {
    fn node_rev(&self, _: &Cid) -> Result<Option<Tid>, SourceError> {
        Ok(None)
    }
    fn record_rev(&self, _: &[u8], _: &CidLink) -> Result<Option<Tid>, SourceError> {
        Ok(None)
    }
}

#[test]
fn what_the_store_does_not_know_is_sent() {
    let account = many(100);
    let since = account.repo.export_since(account.repo.commit().rev(), &Unknown, &account.store);
    assert_eq!(cids(since), cids(account.repo.export(&account.store)));
}

#[test]
fn a_change_since_a_revision_is_the_way_to_it() {
    let mut account = many(1000);
    let rev = account.repo.commit().rev().clone();
    let written = account.write(&[update("com.example.note/0500", 7_000)]);
    let sent: HashSet<Cid> =
        cids(account.repo.export_since(&rev, &account.store, &account.store)).into_iter().collect();
    let nodes = written.nodes.iter().chain(&written.records).map(|block| block.cid);
    let expected: HashSet<Cid> = nodes.chain([written.commit.cid()]).collect();
    assert_eq!(sent, expected);
}

#[test]
fn a_record_that_was_deleted_and_written_again_is_sent_again() {
    let (mut account, first) = Account::new(&[create(NOTE, 1), create("com.example.note/b", 2)]);
    account.write(&[delete(NOTE)]);
    account.write(&[create(NOTE, 1)]);
    assert_eq!(account.repo.tree().root(), first.commit.data());
    let sent = cids(account.repo.export_since(first.commit.rev(), &account.store, &account.store));
    let record = Cid::of_cbor(&record_of("com.example.note", 1));
    assert_eq!(sent, [account.repo.commit().cid(), account.repo.tree().root(), record]);
}

#[test]
fn a_proof_of_a_record_has_the_record_and_one_of_absence_none() {
    let account = many(300);
    for (text, exists) in [("com.example.note/0123", true), ("com.example.note/x", false)] {
        let car = account.repo.proof_car(&path(text), &account.store).unwrap();
        let proof = account.repo.proof(&path(text), &account.store).unwrap();
        let selected = account.repo.select(&[&path(text)], &account.store).unwrap();
        assert_eq!(selected.len(), proof.len() + usize::from(exists));
        let framed: usize = selected.iter().map(|block| car::block_len(block.bytes.len())).sum();
        assert_eq!(car.len(), car::header(&[account.repo.commit().cid()]).len() + framed);
        let blocks = memory(selected);
        let repo = Repo::open(account.repo.commit().clone());
        let found = repo.get(&path(text), &blocks).unwrap();
        assert_eq!(found.is_some(), exists);
        assert!(found.and_then(|link| link.as_cid()).is_none_or(|cid| blocks.block(&cid).is_some()));
    }
}

#[test]
fn a_selection_has_each_block_once() {
    let account = many(300);
    let paths: Vec<RepoPath> = account.content().into_keys().take(30).chain([path("com.example.note/x")]).collect();
    let twice: Vec<&RepoPath> = paths.iter().chain(&paths).collect();
    let selected = account.repo.select(&twice, &account.store).unwrap();
    let distinct: HashSet<Cid> = selected.iter().map(|block| block.cid).collect();
    assert_eq!(distinct.len(), selected.len());
    let records =
        selected.iter().filter(|block| paths.iter().any(|path| account.content().get(path) == Some(&block.cid)));
    assert_eq!(records.count(), 30);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A receiver with all of any earlier revision has all of the latest one with what is sent since then.
    #[test]
    fn what_is_sent_since_a_revision_completes_what_a_receiver_has(batches in batches(10)) {
        let (mut account, first) = Account::new(&[]);
        let mut content = Content::new();
        let mut states = vec![(first.commit.rev().clone(), memory(blocks(account.repo.export(&account.store))))];
        for changes in batches {
            let batch = writes(&content, &changes);
            change(&mut content, &batch);
            if let Some(written) = account.try_write(&batch).unwrap() {
                states.push((written.commit.rev().clone(), memory(blocks(account.repo.export(&account.store)))));
            }
        }
        let last = Repo::open(account.repo.commit().clone());
        for (rev, state) in states {
            let answer = memory(blocks(account.repo.export_since(&rev, &account.store, &account.store)));
            check_whole(&last, &(answer, state), &content);
        }
    }
}

#[test]
fn going_back_to_an_old_tree_is_sent_too() {
    let mut account = many(200);
    let old = account.content();
    let (added, changed) = ("com.example.note/zzz", "com.example.note/0100");
    account.write(&[create(added, 1), update(changed, 9_000)]);
    let rev = account.repo.commit().rev().clone();
    let state = memory(blocks(account.repo.export(&account.store)));
    account.write(&[delete(added), update(changed, 100)]);
    assert_eq!(account.content(), old);
    let answer = memory(blocks(account.repo.export_since(&rev, &account.store, &account.store)));
    check_whole(&Repo::open(account.repo.commit().clone()), &(answer, state), &old);
}
