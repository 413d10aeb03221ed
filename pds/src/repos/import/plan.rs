//! What an import has to change, in a file of its own.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Write},
};

use arobase::{
    data::{Cid, CidLink},
    repo::{
        Blocks, CarIndex, Commit, RepoPath,
        mst::{Difference, Tree},
    },
};
use bytes::Bytes;

use super::spool::Spool;
use crate::{
    error::Error,
    repos::{self, RepoBlocks},
    store::{Account, AccountId, View},
};

/// What an import has to change in the repository as of a commit.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) account: AccountId,
    /// The commit of the repository.
    pub(super) base: Cid,
    /// The commit that is imported.
    pub(super) imported: Commit,
    file: Spool,
}

/// A step of a plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A node that the tree did not have before.
    Node(Cid, Bytes),
    /// A node that the tree does not have any more.
    Retired(Cid),
    /// What is under a path now.
    Record {
        path: RepoPath,
        /// Whether there was a record before.
        replaces: bool,
        after: Option<(CidLink, Bytes)>,
    },
}

/// The first byte of a step.
mod tag {
    pub(super) const NODE: u8 = 1;
    pub(super) const RETIRED: u8 = 2;
    pub(super) const CREATE: u8 = 3;
    pub(super) const UPDATE: u8 = 4;
    pub(super) const DELETE: u8 = 5;
}

impl Plan {
    /// Compares an imported repository, which was verified, with the one that is here.
    pub(super) fn make(index: &CarIndex, view: &dyn View, account: &Account, imported: &Commit) -> Result<Self, Error> {
        let current = repos::open(view, account)?;
        let blocks = RepoBlocks { view, id: account.id };
        let (file, out) = Spool::create().map_err(Error::internal)?;
        let mut writer = Writer { out: BufWriter::new(out), index };
        let mut result = Ok(());
        let mut each = |difference: Difference<'_>| {
            if result.is_ok() {
                result = writer.difference(&difference);
            }
        };
        let compared = current.tree().diff_with(&Tree::at(imported.data()), &blocks, &(index, &blocks), &mut each);
        compared.map_err(|error| Error::internal(error.to_string()))?;
        result?;
        writer.out.flush().map_err(Error::internal)?;
        Ok(Self { account: account.id, base: current.commit().cid(), imported: imported.clone(), file })
    }

    #[cfg(test)]
    pub(super) fn truncate(&self, bytes: u64) {
        let file = std::fs::OpenOptions::new().write(true).open(self.file.path()).unwrap();
        file.set_len(bytes).unwrap();
    }

    /// The steps: records in the order of their paths, nodes in between.
    pub(super) fn steps(&self) -> io::Result<Steps> {
        Ok(Steps { file: BufReader::with_capacity(1 << 18, File::open(self.file.path())?) })
    }
}

struct Writer<'a> {
    out: BufWriter<File>,
    index: &'a CarIndex,
}

impl Writer<'_> {
    fn difference(&mut self, difference: &Difference<'_>) -> Result<(), Error> {
        match difference {
            Difference::Created(node) => {
                self.put(&[&[tag::NODE], &node.cid().to_bytes()])?;
                self.block(node.bytes())
            }
            Difference::Retired(node) => self.put(&[&[tag::RETIRED], &node.cid().to_bytes()]),
            Difference::Record { key, before, after } => self.record(key, before.is_some(), after.as_ref()),
        }
    }

    fn record(&mut self, key: &[u8], replaces: bool, after: Option<&CidLink>) -> Result<(), Error> {
        let tag = match (replaces, after) {
            (_, None) => tag::DELETE,
            (true, Some(_)) => tag::UPDATE,
            (false, Some(_)) => tag::CREATE,
        };
        let length = u16::try_from(key.len()).map_err(Error::internal)?;
        self.put(&[&[tag], &length.to_le_bytes(), key])?;
        let Some(after) = after else { return Ok(()) };
        let missing = || Error::invalid_request(format!("the record {} is not in the file", key.escape_ascii()));
        let block = self.index.get_link(after).map_err(Error::internal)?.ok_or_else(missing)?;
        let cid = after.as_cid().ok_or_else(|| Error::internal("a record whose CID was not verified"))?;
        self.put(&[&cid.to_bytes()])?;
        self.block(&block)
    }

    fn block(&mut self, block: &[u8]) -> Result<(), Error> {
        let length = u32::try_from(block.len()).map_err(Error::internal)?;
        self.put(&[&length.to_le_bytes(), block])
    }

    fn put(&mut self, parts: &[&[u8]]) -> Result<(), Error> {
        parts.iter().try_for_each(|part| self.out.write_all(part)).map_err(Error::internal)
    }
}

/// The steps of a plan, read one after the other.
pub(super) struct Steps {
    file: BufReader<File>,
}

impl Steps {
    fn step(&mut self) -> io::Result<Option<Step>> {
        let mut tag = [0];
        if self.file.read(&mut tag)? == 0 {
            return Ok(None);
        }
        let [tag] = tag;
        Ok(Some(match tag {
            tag::NODE => {
                let cid = self.cid()?;
                Step::Node(cid, self.block()?)
            }
            tag::RETIRED => Step::Retired(self.cid()?),
            tag::CREATE | tag::UPDATE => {
                let (path, cid) = (self.path()?, self.cid()?);
                let after = Some((cid.into(), self.block()?));
                Step::Record { path, replaces: tag == tag::UPDATE, after }
            }
            tag::DELETE => Step::Record { path: self.path()?, replaces: true, after: None },
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }))
    }

    fn path(&mut self) -> io::Result<RepoPath> {
        let length = u16::from_le_bytes(self.array()?);
        let key = self.bytes(length.into())?;
        RepoPath::from_key(&key).map_err(io::Error::other)
    }

    fn cid(&mut self) -> io::Result<Cid> {
        let bytes: [u8; Cid::BYTES] = self.array()?;
        Cid::from_bytes(&bytes).map_err(io::Error::other)
    }

    fn block(&mut self) -> io::Result<Bytes> {
        let length = u32::from_le_bytes(self.array()?);
        Ok(self.bytes(length as usize)?.into())
    }

    fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl Iterator for Steps {
    type Item = io::Result<Step>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
