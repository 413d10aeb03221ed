//! What became of an event.

use std::fmt;

use arobase_lexicon::syntax::{Did, Tid};

use super::{
    event::{AccountEvent, IdentityEvent, InfoEvent},
    invalid::Invalid,
    state::{Gap, Head, Ignored},
    verify::Verified,
};

/// What became of an event, or of a fetched repository.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// A commit that was verified and follows the last one.
    Commit(Box<Verified>),
    /// A `#sync` with a new commit and the tree that is known: nothing to fetch.
    Sync {
        /// The account.
        did: Did,
        /// Where its repository is now.
        head: Head,
    },
    /// A fetched repository was taken in.
    Fetched {
        /// The account.
        did: Did,
        /// Where its repository is now.
        head: Head,
    },
    /// The receiver does not keep up any more, or never did: the repository has to be fetched.
    Resync {
        /// The account.
        did: Did,
        /// What is missing.
        gap: Gap,
        /// What is wrong with the commit, where that is the reason.
        cause: Option<Box<Invalid>>,
    },
    /// The event waits until the repository is fetched.
    Queued(Did),
    /// The event was passed over.
    Ignored {
        /// The account.
        did: Did,
        /// Why.
        reason: Ignored,
    },
    /// The event, or the fetched repository, is not believed. An event that is not changes nothing; after a fetch the
    /// repository is still missing, and the events that waited for it are dropped.
    Rejected {
        /// The account.
        did: Did,
        /// Why.
        reason: Rejected,
    },
    /// An identity may have changed; what the directory remembered is forgotten.
    Identity(IdentityEvent),
    /// An account changed.
    Account(AccountEvent),
    /// The host said something about the stream.
    Info(InfoEvent),
    /// The event is of a type that is not known here.
    Unknown {
        /// Its type.
        t: String,
    },
}

/// Why an event is not believed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Rejected {
    /// The account has no key or no host.
    Unresolved,
    /// The account is at another host than the one that sent the event.
    Host {
        /// The host of the account.
        of_account: Box<str>,
    },
    /// The event is wrong.
    Invalid(Box<Invalid>),
    /// The revision is too far ahead of the clock.
    Future(Tid),
    /// The fetched repository is older than what is known.
    Behind {
        /// The revision that was fetched.
        rev: Tid,
    },
}

impl From<Invalid> for Rejected {
    fn from(error: Invalid) -> Self {
        Self::Invalid(error.into())
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved => f.write_str("the account has no key or no host"),
            Self::Host { of_account } => write!(f, "the account is at {of_account}, which did not send this"),
            Self::Invalid(error) => error.fmt(f),
            Self::Future(rev) => write!(f, "the revision {rev} is too far ahead of the clock"),
            Self::Behind { rev } => write!(f, "the fetched revision {rev} is older than what is known"),
        }
    }
}

impl std::error::Error for Rejected {}
