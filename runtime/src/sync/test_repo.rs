//! A publisher for tests: a repository with a key, and all its blocks.

use arobase_lexicon::syntax::{Did, Tid, TidGenerator};
use bytes::Bytes;

use super::{
    event::{CommitEvent, SyncEvent},
    state::Head,
};
use crate::{
    crypto::{Curve, PublicKey, Signer, SigningKey},
    data::{Cid, CidLink, Value},
    repo::{Commit, MemoryBlocks, Repo, RepoPath, Write, Written, car, commit::Unsigned},
};

pub(super) fn did(name: &str) -> Did {
    format!("did:web:{name}.example").parse().unwrap()
}

/// A key of its own for each number.
pub(super) fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(Curve::K256, &[number; 32]).unwrap()
}

/// The present time in microseconds.
pub(super) fn now() -> u64 {
    TidGenerator::new(0).next().micros().unwrap()
}

pub(super) fn path(key: &str) -> RepoPath {
    format!("com.example.note/{key}").parse().unwrap()
}

pub(super) fn record(text: u32) -> Bytes {
    let record = Value::from_json(format!(r#"{{ "$type": "com.example.note", "text": "{text}" }}"#).as_bytes());
    record.unwrap().to_cbor().unwrap().into()
}

/// Sets a record.
pub(super) fn put(key: &str, text: u32) -> Write {
    Write::put(path(key), record(text))
}

/// Removes a record.
pub(super) fn delete(key: &str) -> Write {
    Write::delete(path(key))
}

/// A CAR file.
pub(super) fn car_of<'a>(root: Cid, blocks: impl IntoIterator<Item = (&'a Cid, &'a Bytes)>) -> Bytes {
    let mut file = car::header(&[root]).to_vec();
    for (cid, bytes) in blocks {
        car::put_block(&mut file, &CidLink::from(*cid), bytes);
    }
    file.into()
}

/// The blocks of a CAR file.
pub(super) fn blocks_of(file: &Bytes) -> Vec<(Cid, Bytes)> {
    let file = car::CarSlice::new(file, car::CarLimits::DEFAULT).unwrap();
    let block = |block: Result<car::CarBlock<&[u8]>, _>| {
        let block = block.unwrap();
        (block.cid.as_cid().unwrap(), Bytes::copy_from_slice(block.bytes))
    };
    file.blocks().map(block).collect()
}

/// The commit again, with changes, signed.
pub(super) fn recommit(commit: &Commit, key: &SigningKey, change: impl FnOnce(&mut Unsigned)) -> Commit {
    let mut unsigned =
        Unsigned { did: commit.did().clone(), rev: commit.rev().clone(), data: commit.data(), prev: None };
    change(&mut unsigned);
    unsigned.sign(key).unwrap()
}

/// The event with another commit in place of its own.
pub(super) fn with_commit(event: &CommitEvent, commit: &Commit) -> CommitEvent {
    let mut blocks = blocks_of(&event.blocks);
    blocks.retain(|(cid, _)| *cid != event.commit);
    blocks.push((commit.cid(), commit.bytes().clone()));
    let blocks = car_of(commit.cid(), blocks.iter().map(|(cid, bytes)| (cid, bytes)));
    CommitEvent { commit: commit.cid(), rev: commit.rev().clone(), did: commit.did().clone(), blocks, ..event.clone() }
}

/// A repository and who writes to it.
pub(super) struct Publisher {
    pub(super) repo: Repo,
    pub(super) key: SigningKey,
    pub(super) blocks: MemoryBlocks,
    clock: TidGenerator,
}

impl Publisher {
    /// A repository with these records, and the event of its first commit.
    pub(super) fn new(name: &str, writes: &[Write]) -> (Self, CommitEvent) {
        let (key, clock) = (key(7), TidGenerator::new(1));
        let (repo, written) = Repo::create(did(name), writes, &clock, &key).unwrap();
        let mut publisher = Self { repo, key, blocks: MemoryBlocks::new(), clock };
        let event = publisher.keep(&written);
        (publisher, event)
    }

    /// The event of a commit.
    pub(super) fn write(&mut self, writes: &[Write]) -> CommitEvent {
        let written = self.written(writes);
        self.keep(&written)
    }

    /// What a commit wrote, which is not kept.
    pub(super) fn written(&mut self, writes: &[Write]) -> Written {
        self.repo.write(writes, &self.clock, &self.key, &self.blocks).unwrap().unwrap()
    }

    /// The event of a commit that changes nothing.
    pub(super) fn write_nothing(&mut self) -> CommitEvent {
        let written = self.repo.recommit(&self.clock, &self.key).unwrap();
        self.keep(&written)
    }

    fn keep(&mut self, written: &Written) -> CommitEvent {
        for block in written.blocks() {
            assert!(self.blocks.insert(block.cid, block.bytes));
        }
        CommitEvent::of(written).unwrap()
    }

    pub(super) fn did(&self) -> Did {
        self.repo.commit().did().clone()
    }

    pub(super) fn public(&self) -> PublicKey {
        self.key.public_key()
    }

    pub(super) fn rev(&self) -> Tid {
        self.repo.commit().rev().clone()
    }

    pub(super) fn head(&self) -> Head {
        Head { rev: self.rev(), data: self.repo.commit().data() }
    }

    /// The event that announces the latest commit.
    pub(super) fn announce(&self) -> SyncEvent {
        SyncEvent::of(self.repo.commit()).unwrap()
    }

    /// The whole repository, with much that it had before.
    #[cfg(all(feature = "server", feature = "websocket"))]
    pub(super) fn export(&self) -> Bytes {
        car_of(self.repo.commit().cid(), self.blocks.iter())
    }
}
