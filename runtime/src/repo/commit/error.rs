//! What can be wrong with a commit.

use std::{fmt, sync::Arc};

use arobase_lexicon::syntax::Did;

use crate::data;

/// What is wrong with a commit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The block is no commit.
    Decode(Arc<data::Error>),
    /// The version is neither 3 nor 2.
    Version(i64),
    /// It was not signed by the key.
    Signature,
    /// It belongs to another account.
    Did {
        /// The account that it names.
        found: Did,
    },
}

impl From<data::Error> for Error {
    fn from(error: data::Error) -> Self {
        Self::Decode(Arc::new(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => write!(f, "invalid commit: {error}"),
            Self::Version(version) => write!(f, "a commit of version {version}, not 3"),
            Self::Signature => f.write_str("the commit was not signed by the key of its account"),
            Self::Did { found } => write!(f, "the commit belongs to {found}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Decode(error) => Some(&**error),
            _ => None,
        }
    }
}
