//! What can go wrong with a repository.

use std::{fmt, sync::Arc};

use arobase_lexicon::syntax::Tid;

use super::{blocks::SourceError, car, commit, import, mst, path::PathError};
use crate::{
    crypto::SignError,
    data::{self, CidLink},
};

/// Why an operation on a repository failed. Such an operation has changed nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// In the tree.
    Tree(mst::Error),
    /// In a CAR file.
    Car(car::Error),
    /// In a commit.
    Commit(commit::Error),
    /// In an import.
    Import(import::Error),
    /// A path is none.
    Path(PathError),
    /// A record is no data that a repository holds.
    Record {
        /// Its path.
        path: String,
        /// What is wrong with it.
        error: Arc<data::Error>,
    },
    /// Two writes of a batch concern one path.
    Repeated(String),
    /// A write would create a record where there is one: its path.
    Exists(String),
    /// A write would replace or remove a record where there is none: its path.
    NotFound(String),
    /// A swap failed: the record is not the expected one, or the commit is not the expected one or not that on which
    /// something was prepared.
    Swap {
        /// The path of the record, or `None` for the commit.
        path: Option<String>,
        /// What is there.
        found: Option<CidLink>,
    },
    /// A limit is exceeded.
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The most that is accepted.
        limit: usize,
        /// How much there is.
        found: usize,
    },
    /// A revision is not greater than the one before; after the greatest there is none.
    Rev {
        /// The one before.
        previous: Tid,
        /// The one that should follow it.
        found: Tid,
    },
    /// The block of a record is missing.
    MissingRecord {
        /// Its key in the tree.
        key: Box<[u8]>,
        /// Its CID.
        cid: CidLink,
    },
    /// The source of blocks failed.
    Source(Arc<SourceError>),
    /// The key did not sign.
    Sign(SignError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tree(error) => error.fmt(f),
            Self::Car(error) => error.fmt(f),
            Self::Commit(error) => error.fmt(f),
            Self::Import(error) => error.fmt(f),
            Self::Path(error) => error.fmt(f),
            Self::Record { path, error } => write!(f, "the record {path} is invalid: {error}"),
            Self::Repeated(path) => write!(f, "more than one write to {path}"),
            Self::Swap { path, found } => {
                write!(f, "{} was expected to be another: ", path.as_deref().unwrap_or("the commit"))?;
                match found {
                    Some(cid) => write!(f, "it is {cid}"),
                    None => f.write_str("there is none"),
                }
            }
            Self::Limit { what, limit, found } => write!(f, "{found} {what}, of which at most {limit} are allowed"),
            Self::Exists(path) => write!(f, "there is a record {path} already"),
            Self::NotFound(path) => write!(f, "there is no record {path}"),
            Self::Rev { previous, found } => write!(f, "the revision {found} is not greater than {previous}"),
            Self::MissingRecord { key, cid } => write!(f, "the record {} ({cid}) is missing", key.escape_ascii()),
            Self::Source(error) => write!(f, "the block source failed: {error}"),
            Self::Sign(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Tree(error) => error.source(),
            Self::Commit(error) => error.source(),
            Self::Record { error, .. } => Some(&**error),
            Self::Source(error) => Some(&***error),
            _ => None,
        }
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::Source(Arc::new(error))
    }
}

macro_rules! from {
    ($($variant:ident($error:ty)),+ $(,)?) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from!(
    Tree(mst::Error),
    Car(car::Error),
    Commit(commit::Error),
    Import(import::Error),
    Path(PathError),
    Sign(SignError)
);
