//! Verifying a file before anything is changed.

use std::{io::ErrorKind, path::Path};

use arobase::{
    data::{CidLink, Codec, Value},
    repo::{
        CarIndex, Commit, Import, RepoPath,
        car::CarLimits,
        import::{self, ImportLimits, Item},
    },
};

use crate::{
    error::Error,
    repos::RepoBlocks,
    store::{Account, View},
};

/// The most blocks of a file, each of which takes 16 bytes of memory for a while: more than any repository has that is
/// not longer than imports may be by default.
const MAX_BLOCKS: u64 = 4_000_000;

/// How far ahead of our clock a revision may be, in microseconds.
const MAX_AHEAD: u64 = 5 * 60 * 1_000_000;

/// Reads through a file once: its form, and the hash of every block.
pub(super) fn index(file: &Path, limit: u64) -> Result<CarIndex, Error> {
    CarIndex::open(file, limits(limit)).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Error::invalid_request(error.to_string()),
        _ => Error::internal(error),
    })
}

fn limits(bytes: u64) -> CarLimits {
    CarLimits::DEFAULT.with_bytes(bytes).with_blocks(MAX_BLOCKS)
}

/// Walks through the whole repository: every node and every record is there, in the file or in the repository as it is,
/// exactly one tree has these records, and they are data that a repository holds. The commit is of this account, whoever
/// signed it.
pub(super) fn verify(index: &CarIndex, view: &dyn View, account: &Account, now: i64) -> Result<Commit, Error> {
    let blocks = (index, RepoBlocks { view, id: account.id });
    let mut fault = None;
    let mut see = |item: Item<'_>| {
        if fault.is_none() {
            fault = check(&item, account, now).err();
        }
    };
    let import = Import::new(index.roots(), ImportLimits::DEFAULT).map_err(refuse)?;
    let commit = import.finish(&blocks, &mut see).map_err(refuse)?;
    fault.map_or(Ok(commit), Err)
}

fn refuse(error: import::Error) -> Error {
    match error {
        import::Error::Source(_) | import::Error::Read(_) => Error::internal(error),
        error => Error::invalid_request(error.to_string()),
    }
}

fn check(item: &Item<'_>, account: &Account, now: i64) -> Result<(), Error> {
    match item {
        Item::Commit(commit) => check_commit(commit, account, now),
        Item::Record { key, cid, bytes } => check_record(key, cid, bytes),
        _ => Ok(()),
    }
}

fn check_commit(commit: &Commit, account: &Account, now: i64) -> Result<(), Error> {
    if *commit.did() != account.did {
        return Err(Error::invalid_request(format!("this is the repository of {}", commit.did())));
    }
    let latest = u64::try_from(now).unwrap_or_default().saturating_add(MAX_AHEAD);
    match commit.rev().micros() {
        Some(micros) if micros <= latest => Ok(()),
        Some(_) => Err(Error::invalid_request(format!("the revision {} lies in the future", commit.rev()))),
        None => Err(Error::invalid_request("the revision is no TID")),
    }
}

/// Records that others could not be given again are no records: those that are no objects, and those whose CID is of
/// another form.
fn check_record(key: &[u8], cid: &CidLink, bytes: &[u8]) -> Result<(), Error> {
    let refuse = |reason: &str| {
        let path = RepoPath::from_key(key).map_or_else(|_| key.escape_ascii().to_string(), |path| path.to_string());
        Error::invalid_request(format!("the record {path}: {reason}"))
    };
    if cid.as_cid().is_none_or(|cid| cid.codec() != Codec::DagCbor) {
        return Err(refuse("its CID is none that records have"));
    }
    match Value::from_cbor(bytes) {
        Ok(Value::Map(_)) => Ok(()),
        Ok(_) => Err(refuse("it is no object")),
        Err(error) => Err(refuse(&error.to_string())),
    }
}
