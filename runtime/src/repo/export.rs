//! Exports of repositories as CAR files.

mod pieces;
mod revs;
mod seen;
mod select;
#[cfg(test)]
mod tests;

pub use pieces::CarPieces;
pub use revs::Revs;

use std::{borrow::Cow, fmt, sync::Arc};

use arobase_lexicon::syntax::Tid;
use bytes::Bytes;

use crate::data::{self, Cid, CidLink};

use super::{
    blocks::Blocks,
    commit::Commit,
    error::Error,
    mst::{
        Block,
        preorder::{Part, Preorder},
    },
    repository::Repo,
};
use revs::Since;
use seen::Seen;

/// The blocks of an export in the order of the protocol (Repository, CAR v1: write order), made as they are asked
/// for: the commit, then each node before what is below it, and the records where the nodes name them.
///
/// It reads as it goes and borrows the store: a server makes it in a thread for work that blocks, and sends the pieces
/// on through a channel.
///
/// A record whose CID is not a [`Cid`], but one of another codec or hash function, cannot be exported: the error is
/// [`Error::MissingRecord`].
///
/// It holds one node for each layer, and remembers some hundred thousand records, of which it gives each once; only
/// those beyond may come again. An error ends it.
pub struct Export<'a> {
    commit: &'a Commit,
    parts: Preorder<'a>,
    blocks: &'a dyn Blocks,
    since: Option<Since<'a>>,
    seen: Seen,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The commit is next.
    Commit,
    /// The tree goes on.
    Tree,
    Over,
}

/// The bytes of a block, lent so that they are not copied without need.
enum Lent<'a> {
    Slice(&'a [u8]),
    Shared(&'a Bytes),
}

impl Repo {
    /// The whole repository.
    pub fn export<'a>(&'a self, blocks: &'a dyn Blocks) -> Export<'a> {
        Export::new(self, blocks, None)
    }

    /// What a receiver needs that has the repository as of a revision: the commit, the nodes that came into the tree
    /// after the revision, and the records that were last written after it. If there is nothing newer, this is the
    /// commit alone.
    pub fn export_since<'a>(&'a self, rev: &Tid, revs: &'a dyn Revs, blocks: &'a dyn Blocks) -> Export<'a> {
        Export::new(self, blocks, Some(Since::new(rev.clone(), revs)))
    }
}

impl<'a> Export<'a> {
    fn new(repo: &'a Repo, blocks: &'a dyn Blocks, since: Option<Since<'a>>) -> Self {
        Self {
            commit: repo.commit(),
            parts: repo.tree().preorder(blocks),
            blocks,
            since,
            seen: Seen::default(),
            state: State::Commit,
        }
    }

    /// The same as pieces of a CAR file, header first, of about 64 KiB. No block is divided.
    #[must_use]
    pub fn into_car(self) -> CarPieces<'a> {
        CarPieces::new(self)
    }

    /// What `take` makes of the next block.
    fn with_next<T>(&mut self, take: impl FnOnce(Cid, Lent<'_>) -> T) -> Result<Option<T>, Error> {
        match self.state {
            State::Commit => {
                self.state = State::Tree;
                Ok(Some(take(self.commit.cid(), Lent::Shared(self.commit.bytes()))))
            }
            State::Tree => {
                let taken = self.with_part(take);
                if !matches!(taken, Ok(Some(_))) {
                    self.state = State::Over;
                }
                taken
            }
            State::Over => Ok(None),
        }
    }

    /// The same for the blocks after the commit.
    fn with_part<T>(&mut self, take: impl FnOnce(Cid, Lent<'_>) -> T) -> Result<Option<T>, Error> {
        let Self { parts, blocks, since, seen, .. } = self;
        let since = since.as_ref();
        while let Some(part) = parts.advance()? {
            match part {
                Part::Node(node) => match since.map_or(Ok(true), |since| since.wants_node(node.cid()))? {
                    true => return Ok(Some(take(node.cid(), Lent::Slice(node.bytes())))),
                    false => parts.skip(),
                },
                Part::Record { key, value } => {
                    let link = CidLink::from_bytes(value).map_err(|error| invalid(key, error.to_string()))?;
                    if since.map_or(Ok(true), |since| since.wants_record(key, &link))? && seen.insert(&link) {
                        return lend(key, link, *blocks, take).map(Some);
                    }
                }
            }
        }
        Ok(None)
    }
}

/// What `take` makes of the block of a record.
fn lend<T>(key: &[u8], link: CidLink, blocks: &dyn Blocks, take: impl FnOnce(Cid, Lent<'_>) -> T) -> Result<T, Error> {
    let (mut take, mut taken, mut sound) = (Some(take), None, true);
    if let Some(cid) = link.as_cid() {
        blocks.lend(&cid, &mut |bytes| {
            sound = blocks.verified() || cid.verify(bytes);
            taken = take.take().filter(|_| sound).map(|take| take(cid, Lent::Shared(bytes)));
        })?;
    }
    match taken {
        Some(taken) => Ok(taken),
        None if sound => Err(Error::MissingRecord { key: key.into(), cid: link }),
        None => Err(invalid(key, "the bytes are not those of its CID")),
    }
}

fn invalid(key: &[u8], reason: impl Into<Cow<'static, str>>) -> Error {
    Error::Record { path: key.escape_ascii().to_string(), error: Arc::new(data::Error::model(reason)) }
}

impl Lent<'_> {
    fn into_block(self, cid: Cid) -> Block {
        let bytes = match self {
            Self::Slice(bytes) => Bytes::copy_from_slice(bytes),
            Self::Shared(bytes) => bytes.clone(),
        };
        Block { cid, bytes }
    }

    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Slice(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl Iterator for Export<'_> {
    type Item = Result<Block, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.with_next(|cid, bytes| bytes.into_block(cid)).transpose()
    }
}

impl fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("commit", &self.commit.cid()).finish_non_exhaustive()
    }
}
