//! What goes wrong with one event or one repository, after which the stream goes on.

use std::{fmt, sync::Arc, time::Duration};

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
    /// An event could not be taken in, although it was tried until the patience was over. If it was a commit or a
    /// `#sync` the repository is fetched.
    Consumer {
        /// The account; `None` if the event is about none.
        did: Option<Did>,
        /// Why.
        error: ConsumerError,
    },
    /// An attempt to fetch a repository failed. After the last one the repository rests for at least five minutes;
    /// it is fetched then if the account had another event.
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
    /// There was nothing to hear of it for this long, or it took this long in all.
    TimedOut(Duration),
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
            Self::Consumer { did: Some(did), error } => write!(f, "an event of {did} could not be taken in: {error}"),
            Self::Consumer { did: None, error } => error.fmt(f),
            Self::Fetch { did, error } => write!(f, "the repository of {did} could not be fetched: {error}"),
        }
    }
}

impl std::error::Error for FollowError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
            Self::TimedOut(after) => write!(f, "it took longer than {after:?}"),
            Self::Import(error) => error.fmt(f),
            Self::Rejected(error) => error.fmt(f),
            Self::Consumer(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FetchError {}
