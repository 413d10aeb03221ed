//! Repositories and their CAR files.

use arobase::{
    crypto::{Curve, Signer, SigningKey},
    data::{Cid, CidLink, Map, Value},
    repo::{MemoryStore, Repo, RepoPath, Write, car, mst::Block},
    syntax::{Tid, TidGenerator},
};

pub(crate) const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";

/// A repository that changes.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) repo: Repo,
    pub(crate) store: MemoryStore,
}

/// The key that signs.
pub(crate) fn key() -> SigningKey {
    SigningKey::from_bytes(Curve::K256, &[7; 32]).unwrap()
}

/// The public key as a `did:key`.
pub(crate) fn did_key() -> String {
    key().public_key().to_did_key()
}

/// A path from its text.
pub(crate) fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

/// A note.
pub(crate) fn note(text: &str) -> Vec<u8> {
    let note: Map = [("$type", Value::from("com.example.note")), ("text", Value::from(text))].into_iter().collect();
    Value::from(note).to_cbor().unwrap()
}

/// A picture, which refers to a blob.
pub(crate) fn picture(seed: &[u8], size: i64) -> Vec<u8> {
    let blob: Map = [
        ("$type", Value::from("blob")),
        ("ref", Value::from(Cid::of_raw(seed))),
        ("mimeType", Value::from("image/png")),
        ("size", Value::from(size)),
    ]
    .into_iter()
    .collect();
    let picture: Map =
        [("$type", Value::from("com.example.picture")), ("image", Value::from(blob))].into_iter().collect();
    Value::from(picture).to_cbor().unwrap()
}

/// The path of a numbered note.
pub(crate) fn note_path(number: usize) -> String {
    format!("com.example.note/n{number:05}")
}

impl Sample {
    /// A repository with so many notes, and a picture if there are any.
    pub(crate) fn new(notes: usize) -> Self {
        let clock = TidGenerator::new(7);
        let (repo, written) = Repo::create(DID.parse().unwrap(), &[], &clock, &key()).unwrap();
        let mut sample = Self { repo, store: MemoryStore::new() };
        sample.store.apply(&written);
        let mut writes: Vec<_> = (0..notes)
            .map(|number| Write::create(path(&note_path(number)), note(&format!("number {number}"))))
            .collect();
        if notes > 0 {
            writes.push(Write::create(path("com.example.picture/p:1"), picture(b"one", 1000)));
        }
        writes.chunks(200).for_each(|writes| sample.write(writes));
        sample
    }

    /// Writes with one more commit.
    pub(crate) fn write(&mut self, writes: &[Write]) {
        let clock = TidGenerator::new(7);
        if let Some(written) = self.repo.write(writes, &clock, &key(), &self.store).unwrap() {
            self.store.apply(&written);
        }
    }

    /// All blocks, in the order of the protocol.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        self.repo.export(&self.store).collect::<Result<_, _>>().unwrap()
    }

    /// The whole repository as a CAR file.
    pub(crate) fn car(&self) -> Vec<u8> {
        self.car_of(&self.blocks())
    }

    /// A CAR file with the root of the repository and these blocks.
    pub(crate) fn car_of(&self, blocks: &[Block]) -> Vec<u8> {
        car(&[self.repo.commit().cid()], blocks)
    }

    /// The CAR file of a proof, with its record if there is one.
    pub(crate) fn proof(&self, text: &str) -> Vec<u8> {
        let blocks = self.repo.select(&[&path(text)], &self.store).unwrap();
        self.car_of(&blocks)
    }

    /// What changed since another state of the repository.
    pub(crate) fn since(&self, old: &Self) -> Vec<u8> {
        let blocks = self.repo.export_since(old.repo.commit().rev(), &self.store, &self.store);
        self.car_of(&blocks.collect::<Result<Vec<_>, _>>().unwrap())
    }
}

/// A CAR file.
pub(crate) fn car(roots: &[Cid], blocks: &[Block]) -> Vec<u8> {
    let mut file = car::header(roots).to_vec();
    for block in blocks {
        car::put_block(&mut file, &CidLink::from(block.cid), &block.bytes);
    }
    file
}

/// A block under the CID of its bytes.
pub(crate) fn block(bytes: Vec<u8>) -> Block {
    Block { cid: Cid::of_cbor(&bytes), bytes: bytes.into() }
}

/// The revision of a sample.
pub(crate) fn rev(sample: &Sample) -> &Tid {
    sample.repo.commit().rev()
}
