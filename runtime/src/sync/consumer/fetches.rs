//! Fetched repositories, and what came while they were fetched.

use arobase_lexicon::syntax::Did;

use super::{Consumer, ConsumerError, Decision, Head, Outcome, Rejected, RepoState, Slot};
use crate::{
    repo::Commit,
    sync::{event::Event, invalid::Invalid, state::is_ahead},
};

/// Where outcomes go, one after the other.
type Out<'o> = &'o mut (dyn FnMut(Result<Outcome, ConsumerError>) + Send);

impl Consumer {
    /// Says that the repository of an account is being fetched from now on: its events wait, until
    /// [`Consumer::fetched`] or [`Consumer::failed`] is called.
    pub async fn begin(&self, did: &Did) {
        self.accounts.lock(did).await.queue.get_or_insert_default();
    }

    /// The same, if the repository is missing. Whether it is.
    ///
    /// # Errors
    /// The states failed.
    #[cfg(feature = "websocket")]
    pub(in crate::sync) async fn begin_if_missing(&self, did: &Did) -> Result<bool, ConsumerError> {
        let mut slot = self.accounts.lock(did).await;
        let is_missing = self.load(&slot, did).await?.phase() != super::Phase::Synchronized;
        if is_missing {
            slot.queue.get_or_insert_default();
        }
        Ok(is_missing)
    }

    /// Checks the commit of a repository that is being fetched, which comes before all else: there is no need to go
    /// on with one that [`Consumer::fetched`] would not take.
    ///
    /// # Errors
    /// The directory or the states failed.
    pub async fn check_fetched(
        &self,
        did: &Did,
        commit: &Commit,
        now: u64,
    ) -> Result<Result<(), Rejected>, ConsumerError> {
        if let Err(reason) = self.check_author(did, commit).await? {
            return Ok(Err(reason));
        }
        let mut state = self.states.load(did).await.map_err(ConsumerError::states)?.unwrap_or_default();
        Ok(take(&mut state, commit, now))
    }

    /// Says that a repository was fetched, verified and stored, whose commit this is. Its signature, account and
    /// revision are checked here, and then it is where the account goes on: the events that waited are taken in,
    /// after the first outcome, which is about the fetch.
    ///
    /// An error stands for an event that could not be taken in, after which the repository is missing again; if it is
    /// the only one, the fetch was not taken in. Until all events are taken in, the stored state is
    /// [`Phase::InProgress`](crate::sync::state::Phase).
    pub async fn fetched(&self, did: &Did, commit: &Commit, now: u64) -> Vec<Result<Outcome, ConsumerError>> {
        let mut outcomes = Vec::new();
        self.fetched_to(did, commit, now, &mut |outcome| outcomes.push(outcome)).await;
        outcomes
    }

    /// The same. The outcomes are handed out before any other event of the account is taken in.
    pub(in crate::sync) async fn fetched_to(&self, did: &Did, commit: &Commit, now: u64, out: Out<'_>) {
        let mut slot = self.accounts.lock(did).await;
        let events = slot.queue.take().unwrap_or_default().into_events();
        // It is not kept in the account's own place, so that it is over with this call, however that ends.
        let mut draining = Slot { queue: None, drains: !events.is_empty() };
        let outcome = self.take_fetched(&draining, did, commit, now).await;
        let is_fetched = matches!(outcome, Ok(Outcome::Fetched { .. }));
        out(outcome);
        if is_fetched && draining.drains {
            self.drain(&mut draining, did, events, now, out).await;
        }
    }

    /// Takes in what waited. After an error the repository is missing again.
    async fn drain(&self, slot: &mut Slot, did: &Did, events: Vec<Event>, now: u64, out: Out<'_>) {
        for event in events {
            let outcome = self.process_locked(slot, event, now).await;
            slot.drains &= outcome.is_ok();
            out(outcome);
        }
        if let Err(error) = self.drained(slot, did).await {
            out(Err(error));
        }
    }

    /// Stores that nothing waits any more.
    async fn drained(&self, slot: &mut Slot, did: &Did) -> Result<(), ConsumerError> {
        let state = self.load(slot, did).await?;
        slot.drains = false;
        self.store(slot, did, &state).await
    }

    /// Says that a fetch failed. The events that waited are dropped.
    ///
    /// # Errors
    /// The states failed.
    pub async fn failed(&self, did: &Did) -> Result<(), ConsumerError> {
        let mut slot = self.accounts.lock(did).await;
        slot.queue = None;
        let mut state = self.load(&slot, did).await?;
        state.fail();
        self.store(&slot, did, &state).await
    }

    async fn take_fetched(&self, slot: &Slot, did: &Did, commit: &Commit, now: u64) -> Result<Outcome, ConsumerError> {
        let author = self.check_author(did, commit).await;
        let mut state = self.load(slot, did).await?;
        state.fail();
        let taken = match author {
            Ok(Ok(())) => Ok(take(&mut state, commit, now)),
            other => other,
        };
        self.store(slot, did, &state).await?;
        Ok(match taken? {
            Ok(()) => Outcome::Fetched { did: did.clone(), head: head(commit) },
            Err(reason) => Outcome::Rejected { did: did.clone(), reason },
        })
    }

    /// Whether the account signed the commit and may speak here.
    async fn check_author(&self, did: &Did, commit: &Commit) -> Result<Result<(), Rejected>, ConsumerError> {
        if commit.did() != did {
            let (expected, found) = (did.clone(), commit.did().clone());
            return Ok(Err(Invalid::Did { expected, found }.into()));
        }
        match self.identify(did).await? {
            Ok(speaker) => self.check_signer(commit, speaker).await,
            Err(reason) => Ok(Err(reason)),
        }
    }
}

/// Takes a fetched repository in.
fn take(state: &mut RepoState, commit: &Commit, now: u64) -> Result<(), Rejected> {
    match state.fetched(head(commit), now) {
        Decision::Apply => Ok(()),
        _ if is_ahead(commit.rev(), now) => Err(Rejected::Future(commit.rev().clone())),
        _ => Err(Rejected::Behind { rev: commit.rev().clone() }),
    }
}

fn head(commit: &Commit) -> Head {
    Head { rev: commit.rev().clone(), data: commit.data() }
}
