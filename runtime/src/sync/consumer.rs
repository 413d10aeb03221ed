//! Taking in events one by one: verifying them and keeping track of repositories.

mod commits;
mod fetches;
mod identity;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use arobase_lexicon::syntax::Did;

use super::{
    accounts::{Accounts, Slot},
    directory::{Directory, States},
    event::{AccountEvent, Event},
    outcome::{Outcome, Rejected},
    queue::QueueLimits,
    state::{Decision, Gap, Head, Ignored, Phase, RepoState, Start},
};
use crate::repo::SourceError;

/// Where events come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The PDS with this host, which speaks for its own accounts alone: name, and port unless it is the usual one.
    Pds(Box<str>),
    /// A relay, which passes on what others say. What it says about accounts has to be believed.
    Relay,
}

/// Takes in events, verifies them, and keeps track of repositories (Repository, events: consumer checklist).
///
/// It may be used from several tasks: the events of one account wait for each other. In which order they are taken
/// in is the caller's to decide, who therefore hands in the events of one account one after the other.
///
/// Every source has a consumer of its own, and every consumer has [`States`] of its own: what one host says must not
/// bear on what is known from another.
///
/// `Follower` feeds one from a host; there is an example. The program `firehose` among the examples of the project
/// follows a PDS with it.
pub struct Consumer {
    source: Source,
    directory: Arc<dyn Directory>,
    states: Arc<dyn States>,
    start: Start,
    queue: QueueLimits,
    accounts: Accounts,
}

/// Why an event could not be taken in; it may be handed in again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConsumerError {
    /// The directory failed.
    Directory(Arc<SourceError>),
    /// The states could not be loaded or stored.
    States(Arc<SourceError>),
    /// It took too long.
    TimedOut,
}

impl Consumer {
    /// A consumer of what comes from one source.
    pub fn new(source: Source, directory: Arc<dyn Directory>, states: Arc<dyn States>) -> Self {
        let (start, queue) = (Start::default(), QueueLimits::default());
        Self { source, directory, states, start, queue, accounts: Accounts::default() }
    }

    /// Says what to do where the first commit that is seen of a repository is not its first. Default: it is fetched.
    #[must_use]
    pub fn with_start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Sets how many events may wait for a repository that is being fetched.
    #[must_use]
    pub fn with_queue(mut self, limits: QueueLimits) -> Self {
        self.queue = limits;
        self
    }

    /// Takes in an event. `now` is in microseconds since 1970.
    ///
    /// # Errors
    /// The directory or the states failed. That an event is wrong is an outcome.
    pub async fn process(&self, event: Event, now: u64) -> Result<Outcome, ConsumerError> {
        let did = match event {
            Event::Info(event) => return Ok(Outcome::Info(event)),
            Event::Unknown { t } => return Ok(Outcome::Unknown { t }),
            Event::Identity(event) => {
                self.directory.forget(&event.did);
                return Ok(Outcome::Identity(event));
            }
            Event::Commit(ref event) => event.did.clone(),
            Event::Sync(ref event) => event.did.clone(),
            Event::Account(ref event) => event.did.clone(),
        };
        let mut slot = self.accounts.lock(&did).await;
        self.process_locked(&mut slot, event, now).await
    }

    async fn process_locked(&self, slot: &mut Slot, event: Event, now: u64) -> Result<Outcome, ConsumerError> {
        match event {
            Event::Commit(event) => self.commit(slot, *event, now).await,
            Event::Sync(event) => self.sync(slot, event, now).await,
            Event::Account(event) => self.account(slot, event).await,
            Event::Identity(event) => Ok(Outcome::Identity(event)),
            Event::Info(event) => Ok(Outcome::Info(event)),
            Event::Unknown { t } => Ok(Outcome::Unknown { t }),
        }
    }

    async fn account(&self, slot: &Slot, event: AccountEvent) -> Result<Outcome, ConsumerError> {
        if let Err(reason) = self.check_account(&event).await? {
            return Ok(Outcome::Rejected { did: event.did, reason });
        }
        let mut state = self.load(slot, &event.did).await?;
        state.account(event.active, event.status.clone());
        self.store(slot, &event.did, &state).await?;
        Ok(Outcome::Account(event))
    }

    /// Whether the source may say this of the account. An account that is gone may have no identity any more.
    async fn check_account(&self, event: &AccountEvent) -> Result<Result<(), Rejected>, ConsumerError> {
        if self.source == Source::Relay {
            return Ok(Ok(()));
        }
        Ok(match self.identify(&event.did).await? {
            Ok(_) => Ok(()),
            Err(Rejected::Unresolved) if !event.active && self.is_known(&event.did).await? => Ok(()),
            Err(reason) => Err(reason),
        })
    }

    async fn is_known(&self, did: &Did) -> Result<bool, ConsumerError> {
        Ok(self.states.load(did).await.map_err(ConsumerError::states)?.is_some())
    }

    /// Says that an event of the account was lost: its repository has to be fetched.
    ///
    /// # Errors
    /// The states failed.
    #[cfg(feature = "websocket")]
    pub(in crate::sync) async fn lost(&self, did: &Did) -> Result<(), ConsumerError> {
        let slot = self.accounts.lock(did).await;
        let mut state = self.load(&slot, did).await?;
        state.fail();
        self.store(&slot, did, &state).await
    }

    async fn load(&self, slot: &Slot, did: &Did) -> Result<RepoState, ConsumerError> {
        let loaded = self.states.load(did).await.map_err(ConsumerError::states)?;
        let mut state = loaded.unwrap_or_default();
        match slot.queue {
            Some(_) => state.begin(),
            None if state.phase() != Phase::InProgress => {}
            None if slot.drains => state.resume(),
            None => state.fail(),
        }
        Ok(state)
    }

    async fn store(&self, slot: &Slot, did: &Did, state: &RepoState) -> Result<(), ConsumerError> {
        let stored = if slot.drains && state.phase() == Phase::Synchronized {
            // Should the program end now, what waited is lost.
            let mut state = state.clone();
            state.begin();
            self.states.store(did, &state).await
        } else {
            self.states.store(did, state).await
        };
        stored.map_err(ConsumerError::states)
    }
}

impl ConsumerError {
    fn directory(error: SourceError) -> Self {
        Self::Directory(Arc::new(error))
    }

    fn states(error: SourceError) -> Self {
        Self::States(Arc::new(error))
    }
}

impl fmt::Display for ConsumerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(error) => write!(f, "the identity could not be resolved: {error}"),
            Self::States(error) => write!(f, "the state could not be loaded or stored: {error}"),
            Self::TimedOut => f.write_str("it took too long to take the event in"),
        }
    }
}

impl std::error::Error for ConsumerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Directory(error) | Self::States(error) => Some(&***error),
            Self::TimedOut => None,
        }
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("source", &self.source).finish_non_exhaustive()
    }
}
