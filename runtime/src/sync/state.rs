//! What a receiver knows of a repository, and what an event makes of it (Repository, events: consumer checklist).
//!
//! Everything here is a function of states and events, without keys, blocks or time of its own: events come in
//! here after they were verified.

#[cfg(test)]
mod tests;

use std::fmt;

use arobase_lexicon::syntax::Tid;

use super::{event::AccountStatus, limits::MAX_AHEAD};
use crate::data::Cid;

/// What a receiver knows of a repository: where it is, whether the receiver keeps up with it, and whether its
/// account is active. The state of an account that was never heard of is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepoState {
    head: Option<Head>,
    phase: Phase,
    inactive: bool,
    status: Option<AccountStatus>,
}

/// The last commit that a receiver has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its revision.
    pub rev: Tid,
    /// The root of its tree.
    pub data: Cid,
}

/// Whether a receiver keeps up with a repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It has everything up to its last commit, or nothing and knows of no commit.
    #[default]
    Synchronized,
    /// Something is missing: commits are passed over until the repository is fetched.
    Desynchronized,
    /// The repository is being fetched: events wait for that.
    InProgress,
}

/// What a receiver does where the first commit that it sees of a repository is not the first of the repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// It fetches the repository.
    #[default]
    Fetch,
    /// It begins there, as a relay may that has no use for older records.
    Adopt,
}

/// A commit that was verified: what it says about itself and about the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is before; `None` for the first commit.
    pub before: Option<Head>,
    /// What it made of that.
    pub after: Head,
}

/// What becomes of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It follows: the state is its commit now.
    Apply,
    /// It is passed over, and the state is as it was.
    Ignore(Ignored),
    /// It has to wait until the repository is fetched.
    Queue,
    /// Something is missing: the repository has to be fetched.
    Resync(Gap),
    /// It is against the rules, and the state is as it was.
    Future,
}

/// Why an event is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// Its revision is not behind the last one that is known.
    Old,
    /// The account is not active.
    Inactive,
    /// The receiver does not keep up with the repository, which was not fetched yet.
    Desynchronized,
    /// Too many events wait already for the repository to be fetched.
    QueueFull,
}

/// Why something is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// Nothing is known of the repository.
    Unknown,
    /// The commit follows another one than the last that is known.
    Broken {
        /// The revision that it follows; `None` if it says that it is the first.
        since: Option<Tid>,
        /// The last that is known.
        known: Tid,
    },
    /// The commit follows the last one that is known, but with another tree.
    Data {
        /// The root of the tree before, as the commit says.
        said: Cid,
        /// The root that is known.
        known: Cid,
    },
    /// A `#sync` names a tree that is not the known one.
    Moved,
    /// A signed commit whose operations do not lead to its tree, or that does not say what was before it.
    Unproven,
}

impl RepoState {
    /// What is known after a fetch, an import or a commit of one's own.
    #[must_use]
    pub fn at(head: Head) -> Self {
        Self { head: Some(head), ..Self::default() }
    }

    /// From its parts, as they were stored. A fetch does not outlive the program: what was in progress is
    /// desynchronized.
    #[must_use]
    pub fn from_parts(head: Option<Head>, phase: Phase, active: bool, status: Option<AccountStatus>) -> Self {
        let phase = if phase == Phase::InProgress { Phase::Desynchronized } else { phase };
        Self { head, phase, inactive: !active, status }
    }

    /// The last commit that the receiver has.
    #[must_use]
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// Whether the receiver keeps up.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the account is active, as far as its host said anything.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !self.inactive
    }

    /// What the host said last of the account.
    #[must_use]
    pub fn status(&self) -> Option<&AccountStatus> {
        self.status.as_ref()
    }

    /// What can be said of a commit or a `#sync` by its revision alone, before it is verified. `None`: it has to be
    /// verified. `now` is in microseconds since 1970.
    #[must_use]
    pub fn triage(&self, rev: &Tid, now: u64) -> Option<Decision> {
        if self.inactive {
            return Some(Decision::Ignore(Ignored::Inactive));
        }
        if self.is_old(rev) {
            return Some(Decision::Ignore(Ignored::Old));
        }
        if is_ahead(rev, now) {
            return Some(Decision::Future);
        }
        match self.phase {
            Phase::Synchronized => None,
            Phase::Desynchronized => Some(Decision::Ignore(Ignored::Desynchronized)),
            Phase::InProgress => Some(Decision::Queue),
        }
    }

    /// Takes in a verified commit. `now` is in microseconds since 1970.
    pub fn commit(&mut self, step: Step, start: Start, now: u64) -> Decision {
        if let Some(decision) = self.triage(&step.after.rev, now) {
            return decision;
        }
        match self.gap(&step, start) {
            Some(gap) => self.lose(gap),
            None => {
                self.head = Some(step.after);
                Decision::Apply
            }
        }
    }

    /// Takes in the verified commit of a `#sync`. `now` is in microseconds since 1970.
    pub fn sync(&mut self, head: Head, now: u64) -> Decision {
        if let Some(decision) = self.triage(&head.rev, now) {
            return decision;
        }
        match &self.head {
            None => self.lose(Gap::Unknown),
            Some(known) if known.data != head.data => self.lose(Gap::Moved),
            Some(_) => {
                self.head = Some(head);
                Decision::Apply
            }
        }
    }

    /// Takes in that something is missing.
    pub fn lose(&mut self, gap: Gap) -> Decision {
        self.phase = Phase::Desynchronized;
        Decision::Resync(gap)
    }

    /// Takes in an `#account`. Whether the receiver keeps up with the repository stays as it is.
    pub fn account(&mut self, active: bool, status: Option<AccountStatus>) {
        self.inactive = !active;
        self.status = status;
    }

    /// A fetch of the repository begins.
    pub fn begin(&mut self) {
        self.phase = Phase::InProgress;
    }

    /// A fetch of the repository failed.
    pub fn fail(&mut self) {
        self.phase = Phase::Desynchronized;
    }

    /// Takes in a fetched and verified repository. `now` is in microseconds since 1970. Unless the decision is
    /// [`Decision::Apply`], the state is desynchronized.
    pub fn fetched(&mut self, head: Head, now: u64) -> Decision {
        self.phase = Phase::Desynchronized;
        if self.head.as_ref().is_some_and(|known| head.rev < known.rev) {
            return Decision::Ignore(Ignored::Old);
        }
        if is_ahead(&head.rev, now) {
            return Decision::Future;
        }
        self.head = Some(head);
        self.phase = Phase::Synchronized;
        Decision::Apply
    }

    /// Goes on after a fetch, whose repository was taken in.
    pub(super) fn resume(&mut self) {
        self.phase = Phase::Synchronized;
    }

    fn is_old(&self, rev: &Tid) -> bool {
        self.head.as_ref().is_some_and(|known| *rev <= known.rev)
    }

    /// Why a commit does not follow.
    fn gap(&self, step: &Step, start: Start) -> Option<Gap> {
        match (&self.head, &step.before) {
            (None, None) => None,
            (None, Some(_)) => (start == Start::Fetch).then_some(Gap::Unknown),
            (Some(known), Some(before)) if known.rev == before.rev => {
                let gap = || Gap::Data { said: before.data, known: known.data };
                (known.data != before.data).then(gap)
            }
            (Some(known), before) => {
                Some(Gap::Broken { since: before.as_ref().map(|before| before.rev.clone()), known: known.rev.clone() })
            }
        }
    }
}

/// Whether a revision is too far ahead of the clock, in microseconds since 1970.
pub(super) fn is_ahead(rev: &Tid, now: u64) -> bool {
    let most = now.saturating_add(MAX_AHEAD.as_secs() * 1_000_000);
    rev.micros().is_none_or(|micros| micros > most)
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Old => "its revision is not behind the last one that is known",
            Self::Inactive => "the account is not active",
            Self::Desynchronized => "the repository has to be fetched first",
            Self::QueueFull => "too many events wait already for the repository to be fetched",
        })
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("nothing is known of the repository"),
            Self::Broken { since: Some(since), known } => write!(f, "the commit follows {since}, but {known} is known"),
            Self::Broken { since: None, known } => write!(f, "the commit calls itself the first, but {known} is known"),
            Self::Data { said, known } => write!(f, "the commit follows the tree {said}, but {known} is known"),
            Self::Moved => f.write_str("the repository has another tree"),
            Self::Unproven => f.write_str("the commit does not prove what it did"),
        }
    }
}
