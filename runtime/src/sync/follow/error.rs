//! What goes wrong with one event or one repository, after which the stream goes on.

use std::{fmt, sync::Arc};

use arobase_lexicon::syntax::Did;

use crate::{
    data,
    repo::{SourceError, import},
    sync::{consumer::ConsumerError, outcome::Rejected},
};

/// Why there is no outcome.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FollowError {
    /// The event breaks the protocol. Whose it is, nobody knows; if a commit got lost with it, the next one shows
    /// that.
    Malformed(Arc<data::Error>),
    /// The event could not be taken in.
    Consumer(ConsumerError),
    /// A repository could not be fetched. It is tried again later.
    Fetch {
        /// The account.
        did: Did,
        /// Why.
        error: FetchError,
    },
}

/// Why a repository could not be fetched.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// It did not arrive, or could not be stored.
    Source(Arc<SourceError>),
    /// It is no whole and valid repository.
    Import(import::Error),
    /// It is not believed.
    Rejected(Rejected),
    /// The directory or the states failed.
    Consumer(ConsumerError),
}

impl From<SourceError> for FetchError {
    fn from(error: SourceError) -> Self {
        Self::Source(Arc::new(error))
    }
}

impl From<ConsumerError> for FetchError {
    fn from(error: ConsumerError) -> Self {
        Self::Consumer(error)
    }
}

impl From<import::Error> for FetchError {
    fn from(error: import::Error) -> Self {
        Self::Import(error)
    }
}

impl fmt::Display for FollowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "the event is malformed: {error}"),
            Self::Consumer(error) => error.fmt(f),
            Self::Fetch { did, error } => write!(f, "the repository of {did} could not be fetched: {error}"),
        }
    }
}

impl std::error::Error for FollowError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::Import(error) => error.fmt(f),
            Self::Rejected(error) => error.fmt(f),
            Self::Consumer(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FetchError {}
