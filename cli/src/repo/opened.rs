//! A repository in a CAR file on disk, for reading it in any order.

use std::{io, path::Path};

use arobase::{
    data::CidLink,
    repo::{
        Blocks, CarIndex, Commit,
        car::{self, CarLimits},
        mst::Tree,
    },
};
use bytes::Bytes;

use crate::{
    failure::Failure,
    progress::{Progress, Show},
    source::Source,
};

use super::stream::Stop;

/// A repository in a CAR file on disk.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The name of the file.
    pub(crate) name: String,
    /// Its blocks.
    pub(crate) index: CarIndex,
    /// The commit.
    pub(crate) commit: Commit,
    /// The tree of the commit.
    pub(crate) tree: Tree,
}

impl Opened {
    /// Opens a file and reads its commit.
    ///
    /// # Errors
    /// It cannot be read, is no CAR file or has no commit.
    pub(crate) fn open(source: &Source, progress: Show) -> Result<Self, Failure> {
        let name = source.to_string();
        let index = index(source, progress).map_err(|stop| stop.in_file(&name))?;
        let commit = commit(&index).map_err(|reason| Failure::faulty(&name, reason))?;
        let tree = Tree::at(commit.data());
        Ok(Self { name, index, commit, tree })
    }

    /// The block of a record, `None` if it is not in the file.
    ///
    /// # Errors
    /// The file cannot be read, or is not as it was.
    pub(crate) fn record(&self, link: &CidLink) -> Result<Option<Bytes>, Failure> {
        let Some(cid) = link.as_cid() else { return Ok(None) };
        self.index.get(&cid).map_err(|error| self.fault(error))
    }

    /// A fault in the file.
    pub(crate) fn fault(&self, fault: impl std::fmt::Display) -> Failure {
        Failure::faulty(&self.name, fault)
    }
}

/// Reads through a file, to find its blocks later.
///
/// # Errors
/// It cannot be read, or is no CAR file.
pub(crate) fn index(source: &Source, progress: Show) -> Result<CarIndex, Stop> {
    let (path, len) = source.seekable()?;
    let mut progress = Progress::start("reading", Some(len), progress);
    read(path, &mut progress).map_err(|error| stop(source, &error))
}

fn read(path: &Path, progress: &mut Progress) -> io::Result<CarIndex> {
    CarIndex::open_with(path, CarLimits::DEFAULT, &mut |offset| progress.reach(offset))
}

/// A fault in a CAR file comes as an error in an error.
fn stop(source: &Source, error: &io::Error) -> Stop {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<car::Error>()) {
        Some(fault) => fault.clone().into(),
        None => Failure::io(source.to_string(), error).into(),
    }
}

fn commit(index: &CarIndex) -> Result<Commit, String> {
    let root = index.roots().first().ok_or("the file names no root, so there is no commit")?;
    let cid = root.as_cid().ok_or_else(|| format!("the root {root} is no CID of a commit"))?;
    let block = index.get(&cid).map_err(|error| error.to_string())?;
    let block = block.ok_or_else(|| format!("the commit {cid} is missing"))?;
    Commit::decode(block).map_err(|error| error.to_string())
}
