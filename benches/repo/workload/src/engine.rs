//! What an engine is asked to do. What its API does not offer stays [`Lack::None`].

use std::error::Error;
use std::path::Path;

use crate::inputs::{CidBytes, Entry, Event, Inputs};

/// Why there is no result.
#[derive(Debug)]
pub enum Lack {
    /// The API offers no such thing.
    None,
    /// It failed.
    Failed(String),
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Lack {
    fn from(error: E) -> Self {
        Self::Failed(error.into().to_string())
    }
}

pub type Outcome<T> = Result<T, Lack>;

/// A change of a key.
#[derive(Clone, Debug)]
pub struct Op<'a, C> {
    pub key: &'a str,
    /// The value afterwards; none removes the key.
    pub cid: Option<C>,
}

/// What a commit made: blocks for the store.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made {
    pub blocks: usize,
    pub bytes: usize,
}

impl Made {
    /// Counts blocks.
    pub fn of<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        blocks.into_iter().fold(Self::default(), |made, block| made.and(block.len()))
    }

    /// One more block.
    #[must_use]
    pub fn and(self, bytes: usize) -> Self {
        Self { blocks: self.blocks + 1, bytes: self.bytes + bytes }
    }
}

/// An engine with one tree in memory.
pub trait Engine: Sized {
    /// Its own type of CID: conversions are not measured.
    type Cid: Clone;
    /// Two trees to compare.
    type Pair;
    /// A repository with all its records, ready to be exported.
    type Store;

    const NAME: &'static str;
    /// What its import does not do itself and is done here for it, marked in the table.
    const HELPED: bool = false;

    fn cid(bytes: &CidBytes) -> Outcome<Self::Cid>;

    /// The tree of keys that are inserted one by one, with its root known.
    fn build(_entries: &[Entry<Self::Cid>]) -> Outcome<Self> {
        Err(Lack::None)
    }

    /// The root of sorted keys, with an operation made for that, which hands all nodes on to a store.
    fn bulk(_sorted: &[Entry<Self::Cid>]) -> Outcome<Vec<u8>> {
        Err(Lack::None)
    }

    fn root(&mut self) -> Outcome<Vec<u8>> {
        Err(Lack::None)
    }

    /// Carries out operations, with the new root and the new blocks.
    fn commit(&mut self, _ops: &[Op<'_, Self::Cid>]) -> Outcome<Made> {
        Err(Lack::None)
    }

    /// The same with a commit object: signed and encoded.
    fn sign(&mut self, _ops: &[Op<'_, Self::Cid>]) -> Outcome<Made> {
        Err(Lack::None)
    }

    fn get(&mut self, _key: &str) -> Outcome<Option<Self::Cid>> {
        Err(Lack::None)
    }

    /// All keys in order, without their records. How many there are.
    fn walk(&mut self) -> Outcome<usize> {
        Err(Lack::None)
    }

    /// The covering proof of a key.
    fn proof(&mut self, _key: &str) -> Outcome<Made> {
        Err(Lack::None)
    }

    fn pair(_before: &[Entry<Self::Cid>], _after: &[Entry<Self::Cid>]) -> Outcome<Self::Pair> {
        Err(Lack::None)
    }

    /// How many records differ.
    fn diff(_pair: &mut Self::Pair) -> Outcome<usize> {
        Err(Lack::None)
    }

    /// Everything that can be checked of a commit without its signature: the root before it.
    fn invert(_event: &Event) -> Outcome<()> {
        Err(Lack::None)
    }

    /// The same with the signature.
    fn verify(_event: &Event, _public: &[u8]) -> Outcome<()> {
        Err(Lack::None)
    }

    /// A repository out of a CAR file.
    fn open(_car: &[u8]) -> Outcome<Self::Store> {
        Err(Lack::None)
    }

    /// A CAR file out of a repository. How many bytes it has.
    fn export(_store: &mut Self::Store) -> Outcome<usize> {
        Err(Lack::None)
    }

    /// Reads a CAR file in memory, with every block hashed and the tree verified. How many records it has.
    fn import(_car: &[u8]) -> Outcome<usize> {
        Err(Lack::None)
    }

    /// The same of a file on disk, with as little memory as the API allows.
    fn import_file(path: &Path) -> Outcome<usize> {
        Self::import(&std::fs::read(path)?)
    }

    /// Reads what anybody may send, without help: as a user would who trusts the engine.
    fn judge(car: &[u8]) -> Outcome<usize> {
        Self::import(car)
    }

    /// Rows of its own.
    fn more(_inputs: &Inputs, _car: &[u8], _repeats: usize) {}
}
