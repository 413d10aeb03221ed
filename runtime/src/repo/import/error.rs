//! Why an import fails.

use std::{fmt, io, sync::Arc};

use crate::{
    data::{Cid, CidLink},
    repo::{
        SourceError,
        car::{self, Broken},
        commit, mst,
        path::PathError,
    },
};

/// Why an import failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The CAR file is wrong.
    Car(car::Error),
    /// The file names no root.
    NoRoot,
    /// The first root is no CID that a commit can have.
    Root(CidLink),
    /// The commit is missing.
    MissingCommit(Cid),
    /// The commit is wrong.
    Commit(commit::Error),
    /// The tree is wrong or not whole.
    Tree(mst::Error),
    /// A key of the tree is no path of a record.
    Path(PathError),
    /// A record is missing.
    MissingRecord {
        /// Its key.
        key: Box<[u8]>,
        /// Its CID.
        cid: CidLink,
    },
    /// The hash function of a record's CID is not SHA-256, so that nobody can tell whether a block is
    /// that record, be it there or not.
    Unverifiable {
        /// Its key.
        key: Box<[u8]>,
        /// Its CID.
        cid: CidLink,
    },
    /// The source that completes the file gave other bytes than those of the CID.
    Hash(CidLink),
    /// The source that completes the file failed.
    Source(Arc<SourceError>),
    /// The file cannot be read.
    Read(Arc<io::Error>),
    /// A limit is exceeded.
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The most that is accepted.
        limit: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Car(error) => error.fmt(f),
            Self::NoRoot => f.write_str("the CAR file names no root"),
            Self::Root(cid) => write!(f, "the root {cid} is no CID of a commit"),
            Self::MissingCommit(cid) => write!(f, "the commit {cid} is missing"),
            Self::Commit(error) => error.fmt(f),
            Self::Tree(error) => error.fmt(f),
            Self::Path(error) => error.fmt(f),
            Self::MissingRecord { key, cid } => write!(f, "the record {} ({cid}) is missing", key.escape_ascii()),
            Self::Unverifiable { key, cid } => {
                write!(f, "the record {} ({cid}) cannot be verified", key.escape_ascii())
            }
            Self::Hash(cid) => write!(f, "the block source gave other bytes than those of {cid}"),
            Self::Source(error) => write!(f, "the block source failed: {error}"),
            Self::Read(error) => write!(f, "the CAR file cannot be read: {error}"),
            Self::Limit { what, limit } => write!(f, "more than {limit} {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(&***error),
            Self::Read(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<car::Error> for Error {
    fn from(error: car::Error) -> Self {
        Self::Car(error)
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Source(Arc::new(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Read(Arc::new(error))
    }
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Car(error) => Self::Car(error),
            Broken::Io(error) => error.into(),
        }
    }
}
