//! What a consumer needs of the world: identities, and a place for its states.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use arobase_lexicon::syntax::Did;

use super::state::RepoState;
use crate::{
    crypto::PublicKey,
    repo::SourceError,
    xrpc::{BoxFuture, MaybeSend, MaybeSync},
};

/// What the DID document of an account says about its repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The key that signs its commits.
    pub key: PublicKey,
    /// The host of its PDS: name, and port unless it is the usual one, such as `pds.example.com`.
    pub host: Box<str>,
}

/// Who knows identities.
pub trait Directory: MaybeSend + MaybeSync {
    /// The identity of an account; `None` if it does not exist, or has no key or no PDS. `fresh`: what is remembered
    /// is not good enough. Events that are wrong cause fresh look-ups, so their rate is for the directory to bound.
    ///
    /// It should have a time limit of its own, of a few seconds: the outcomes of a `Follower` come in the order of the
    /// events, so that all wait for one answer. After the follower's patience the event is given up.
    fn resolve<'a>(&'a self, did: &'a Did, fresh: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>>;

    /// Forgets what is remembered of an account. It may do nothing where nothing is remembered.
    fn forget(&self, did: &Did);
}

/// Where a consumer keeps its states.
///
/// They are the states of one [`Consumer`](super::Consumer) alone.
///
/// A state is stored before the outcome is handed out. A program that must not miss an outcome when it crashes
/// between the two keeps the states in memory ([`MemoryStates`]), writes what outcomes say in one transaction with
/// its own data, and loads from there when it starts.
pub trait States: MaybeSend + MaybeSync {
    /// The state of an account; `None` if it was never heard of.
    fn load<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<RepoState>, SourceError>>;

    /// Keeps the state of an account.
    fn store<'a>(&'a self, did: &'a Did, state: &'a RepoState) -> BoxFuture<'a, Result<(), SourceError>>;
}

/// States in memory.
#[derive(Default)]
pub struct MemoryStates {
    states: Mutex<HashMap<Did, RepoState>>,
}

impl MemoryStates {
    /// No states.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The state of an account.
    #[must_use]
    pub fn get(&self, did: &Did) -> Option<RepoState> {
        self.states().get(did).cloned()
    }

    /// Sets the state of an account.
    pub fn set(&self, did: Did, state: RepoState) {
        self.states().insert(did, state);
    }

    fn states(&self) -> MutexGuard<'_, HashMap<Did, RepoState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl States for MemoryStates {
    fn load<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<Option<RepoState>, SourceError>> {
        Box::pin(std::future::ready(Ok(self.get(did))))
    }

    fn store<'a>(&'a self, did: &'a Did, state: &'a RepoState) -> BoxFuture<'a, Result<(), SourceError>> {
        self.set(did.clone(), state.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for MemoryStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStates").field("len", &self.states().len()).finish()
    }
}
