//! What tests of repositories need.

use std::collections::BTreeMap;

use arobase::{
    crypto::{Curve, PublicKey, SigningKey},
    data::{Cid, CidLink, Map, Value},
    repo::{
        Commit, MemoryStore, Repo, Write,
        car::CarLimits,
        import::{self, ImportLimits, Item},
        mst::Direction,
    },
    sync::{Event, SyncEvent, verify},
    syntax::{Did, Nsid, RecordKey, TidGenerator},
};
use bytes::Bytes;

use super::{Change, RepoBlocks, open};
use crate::{
    error::Error,
    pds::Pds,
    store::{Account, Range, Record, Usage, View},
};

/// The collection of the notes of tests, whose lexicon nobody knows.
pub(crate) const NOTE: &str = "com.example.note";

pub(crate) fn nsid(text: &str) -> Nsid {
    text.parse().unwrap()
}

pub(crate) fn rkey(text: &str) -> RecordKey {
    text.parse().unwrap()
}

/// A record with this text, and without a type.
pub(crate) fn note(text: &str) -> Value {
    object([("text", text.into())])
}

pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let map: Map = members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    map.into()
}

/// Puts a note.
pub(crate) fn put(key: &str, text: &str) -> Change {
    Change::put(nsid(NOTE), rkey(key), note(text))
}

/// Creates a note that must be new.
pub(crate) fn create(key: &str, text: &str) -> Change {
    Change::Create { collection: nsid(NOTE), rkey: Some(rkey(key)), record: note(text) }
}

/// Deletes a note, if it is there.
pub(crate) fn delete(key: &str) -> Change {
    Change::delete(nsid(NOTE), rkey(key))
}

/// Writes without options.
pub(crate) async fn write(pds: &Pds, did: &Did, changes: Vec<Change>) -> super::Outcome {
    pds.write(did, changes, super::WriteOptions::default()).await.unwrap()
}

/// What is in a repository.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) commit: Commit,
    pub(crate) records: BTreeMap<String, Bytes>,
    pub(crate) usage: Usage,
}

/// What is in a repository, after a look at whether everything that the store has of it fits together: rows of nodes
/// and records with the tree and the commit, whose key is that of the account, collections, usage, and that the whole
/// can be exported and imported.
pub(crate) async fn content(pds: &Pds, did: &Did) -> Content {
    let (inner, wanted) = (std::sync::Arc::clone(&pds.inner), did.clone());
    let read = pds.inner.db.read(move |view| {
        let account = view.account_of_did(&wanted)?.unwrap();
        let key = inner.keys.open(&account.key).unwrap().public_key();
        Ok::<_, Error>(check(view, &account, &key))
    });
    read.await.unwrap()
}

fn check(view: &dyn View, account: &Account, key: &PublicKey) -> Content {
    let commit = view.commit(account.id).unwrap().unwrap();
    commit.verify(key).unwrap();
    assert_eq!(commit.did(), &account.did);
    let records = all_records(view, account);
    let car = export(view, account);
    let (nodes, exported) = reimport(&car, &commit);
    assert_eq!(exported, records, "the rows of records are those of the tree");
    let stored = view.nodes(account.id, None, usize::MAX).unwrap();
    assert_eq!(stored, nodes.keys().copied().collect::<Vec<_>>(), "the rows of nodes are those of the tree");
    for (cid, block) in &nodes {
        assert_eq!(&view.node(account.id, cid).unwrap().unwrap().block, block);
    }
    let collections: std::collections::BTreeSet<&str> =
        records.keys().map(|path| path.split_once('/').unwrap().0).collect();
    assert!(view.collections(account.id, usize::MAX).unwrap().iter().map(Nsid::as_str).eq(collections));
    let usage = view.usage(account.id).unwrap();
    assert_eq!(usage, Usage { blobs: usage.blobs, blob_bytes: usage.blob_bytes, ..taken(&nodes, &records) });
    Content { commit, records, usage }
}

fn taken(nodes: &BTreeMap<Cid, Bytes>, records: &BTreeMap<String, Bytes>) -> Usage {
    let bytes = |blocks: &mut dyn Iterator<Item = &Bytes>| blocks.map(|block| block.len() as i64).sum();
    Usage {
        records: records.len() as i64,
        record_bytes: bytes(&mut records.values()),
        nodes: nodes.len() as i64,
        node_bytes: bytes(&mut nodes.values()),
        ..Usage::default()
    }
}

fn all_records(view: &dyn View, account: &Account) -> BTreeMap<String, Bytes> {
    use std::ops::Bound::Unbounded;
    let range =
        Range { from: Unbounded, to: Unbounded, direction: Direction::Up, limit: usize::MAX, bytes: usize::MAX };
    let records = view.records(account.id, range).unwrap();
    let check = |record: Record| {
        assert_eq!(record.cid, CidLink::from(Cid::of_cbor(&record.block)));
        (record.path.as_str().to_owned(), record.block)
    };
    records.into_iter().map(check).collect()
}

/// The whole repository as a CAR file.
pub(crate) fn export(view: &dyn View, account: &Account) -> Vec<u8> {
    let blocks = RepoBlocks { view, id: account.id };
    let repo = open(view, account).unwrap();
    let car: Result<Vec<Bytes>, _> = repo.export(&blocks).into_car().collect();
    car.unwrap().concat()
}

/// A repository that was made elsewhere, as a CAR file.
pub(crate) fn car_of(did: &Did, writes: &[Write]) -> Vec<u8> {
    let (key, mut blocks) = (SigningKey::generate(Curve::K256), MemoryStore::new());
    let (repo, written) = Repo::create(did.clone(), writes, &TidGenerator::random(), &key).unwrap();
    blocks.apply(&written);
    let car: Result<Vec<Bytes>, _> = repo.export(&blocks).into_car().collect();
    car.unwrap().concat()
}

/// The whole repository of a DID as a CAR file.
pub(crate) async fn export_of(pds: &Pds, did: &Did) -> Vec<u8> {
    let wanted = did.clone();
    let read = pds.inner.db.read(move |view| {
        let account = view.account_of_did(&wanted)?.unwrap();
        Ok::<_, Error>(export(view, &account))
    });
    read.await.unwrap()
}

fn reimport(car: &[u8], commit: &Commit) -> (BTreeMap<Cid, Bytes>, BTreeMap<String, Bytes>) {
    let (mut nodes, mut records) = (BTreeMap::new(), BTreeMap::new());
    let limits = ImportLimits::DEFAULT.with_car(CarLimits::DEFAULT);
    let found = import::from_slice(car, limits, &(), &mut |item| match item {
        Item::Node { cid, bytes } => drop(nodes.insert(cid, Bytes::copy_from_slice(bytes))),
        Item::Record { key, bytes, .. } => {
            let path = String::from_utf8(key.to_vec()).unwrap();
            records.insert(path, Bytes::copy_from_slice(bytes));
        }
        _ => {}
    });
    assert_eq!(found.unwrap(), *commit);
    (nodes, records)
}

/// All events of the log.
pub(crate) async fn events(pds: &Pds) -> Vec<Event> {
    let logged = pds.inner.db.read(|view| view.events(0, usize::MAX, usize::MAX)).await.unwrap();
    logged.iter().map(|event| event.message().unwrap().event).collect()
}

/// Follows the commits of a repository through the log, as a consumer does: each is signed, undone by its operations,
/// and follows on the one before. It ends with the latest commit.
pub(crate) async fn follow(pds: &Pds, did: &Did) -> usize {
    let Content { commit, .. } = content(pds, did).await;
    let account = pds.account(&did.clone().into()).await.unwrap().unwrap();
    let key = pds.inner.keys.open(&account.key).unwrap().public_key();
    let (mut before, mut commits): (Option<Commit>, usize) = (None, 0);
    for event in events(pds).await.into_iter().filter(|event| event.did() == Some(did)) {
        let next = match &event {
            Event::Commit(event) => {
                let verified = verify::commit(event, &key).unwrap();
                assert_eq!(verified.since(), before.as_ref().map(Commit::rev));
                assert_eq!(verified.prev_data(), before.as_ref().map(Commit::data));
                commits += 1;
                verified.commit().clone()
            }
            Event::Sync(event) => sync_of(event, &key),
            _ => continue,
        };
        let behind = before.as_ref().is_none_or(|before| before.rev() <= next.rev());
        assert!(behind, "{} after {before:?}", next.rev());
        before = Some(next);
    }
    assert_eq!(before, Some(commit));
    commits
}

fn sync_of(event: &SyncEvent, key: &PublicKey) -> Commit {
    verify::sync(event, key).unwrap()
}
