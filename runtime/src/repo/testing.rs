//! Repositories for tests.

use std::collections::BTreeMap;

use arobase_lexicon::syntax::TidGenerator;
use proptest::{collection::vec, prelude::*};

use crate::{
    crypto::{Curve, SigningKey},
    data::{Cid, Map, Value},
};

use super::{MemoryStore, Repo, RepoPath, Write, Written, blocks::Blocks};

pub(crate) const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";

/// What is in a repository: the CID of the record of each path.
pub(crate) type Content = BTreeMap<RepoPath, Cid>;

pub(crate) fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

/// A record of a collection.
pub(crate) fn record_of(collection: &str, number: u64) -> Vec<u8> {
    let mut map = Map::new();
    map.insert("$type".into(), collection.into());
    map.insert("number".into(), Value::Int(number as i64));
    Value::Map(map).to_cbor().unwrap()
}

/// A record for a path.
pub(crate) fn record(path: &RepoPath, number: u64) -> Vec<u8> {
    record_of(path.collection(), number)
}

pub(crate) fn create(text: &str, number: u64) -> Write {
    Write::create(path(text), record(&path(text), number))
}

pub(crate) fn update(text: &str, number: u64) -> Write {
    Write::update(path(text), record(&path(text), number))
}

pub(crate) fn delete(text: &str) -> Write {
    Write::delete(path(text))
}

/// A repository with its store, key and clock.
pub(crate) struct Account {
    pub(crate) repo: Repo,
    pub(crate) store: MemoryStore,
    pub(crate) key: SigningKey,
    pub(crate) clock: TidGenerator,
}

impl Account {
    pub(crate) fn new(writes: &[Write]) -> (Self, Written) {
        let (key, clock) = (SigningKey::from_bytes(Curve::K256, &[7; 32]).unwrap(), TidGenerator::new(1));
        let (repo, written) = Repo::create(DID.parse().unwrap(), writes, &clock, &key).unwrap();
        let mut store = MemoryStore::new();
        store.apply(&written);
        (Self { repo, store, key, clock }, written)
    }

    pub(crate) fn try_write(&mut self, writes: &[Write]) -> Result<Option<Written>, super::Error> {
        let written = self.repo.write(writes, &self.clock, &self.key, &self.store)?;
        written.iter().for_each(|written| self.store.apply(written));
        Ok(written)
    }

    pub(crate) fn write(&mut self, writes: &[Write]) -> Written {
        self.try_write(writes).unwrap().unwrap()
    }

    pub(crate) fn content(&self) -> Content {
        content(&self.repo, &self.store)
    }
}

/// What a walk finds.
pub(crate) fn content(repo: &Repo, blocks: &dyn Blocks) -> Content {
    let entry =
        |(key, value): (Vec<u8>, crate::data::CidLink)| (RepoPath::from_key(&key).unwrap(), value.as_cid().unwrap());
    repo.tree().walk(blocks).map(|found| entry(found.unwrap())).collect()
}

/// A change of a path among a few, so that they meet often: what is to stand there, of a few records.
pub(crate) type Change = (u8, Option<u8>);

pub(crate) fn batches(most: usize) -> impl Strategy<Value = Vec<Vec<Change>>> {
    vec(vec((0..40_u8, proptest::option::weighted(0.7, 0..3_u8)), 1..8), 1..most)
}

/// The batch that makes these changes, of which the last of a path counts.
pub(crate) fn writes(content: &Content, changes: &[Change]) -> Vec<Write> {
    let changes: BTreeMap<u8, Option<u8>> = changes.iter().copied().collect();
    let write = |(place, number): (u8, Option<u8>)| {
        let path = path(&format!("com.example.{}/{place}", ["note", "like"][usize::from(place % 2)]));
        match (content.contains_key(&path), number) {
            (false, None) => None,
            (false, Some(number)) => Some(Write::create(path.clone(), record(&path, number.into()))),
            (true, Some(number)) => Some(Write::update(path.clone(), record(&path, number.into()))),
            (true, None) => Some(Write::delete(path)),
        }
    };
    changes.into_iter().filter_map(write).collect()
}

/// Makes the changes of a batch.
pub(crate) fn change(content: &mut Content, batch: &[Write]) {
    for write in batch {
        match write.record() {
            Some(record) => content.insert(write.path().clone(), Cid::of_cbor(record)),
            None => content.remove(write.path()),
        };
    }
}
