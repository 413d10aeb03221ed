//! Commits and announcements of commits.

use arobase_lexicon::syntax::{Did, Tid};

use super::{Consumer, ConsumerError, Decision, Gap, Head, Ignored, Outcome, Rejected, Slot};
use crate::sync::{
    event::{CommitEvent, Event, SyncEvent},
    state::Step,
    verify::{self, Candidate, Verified},
};

impl Consumer {
    pub(super) async fn commit(&self, slot: &mut Slot, event: CommitEvent, now: u64) -> Result<Outcome, ConsumerError> {
        let did = event.did.clone();
        let mut state = self.load(slot, &did).await?;
        if let Some(decision) = state.triage(&event.rev, now) {
            let rev = event.rev.clone();
            return Ok(self.put_off(slot, did, rev, decision, event.into()));
        }
        let candidate = match self.candidate(&event).await? {
            Ok(candidate) => candidate,
            Err(reason) => return Ok(Outcome::Rejected { did, reason }),
        };
        // It is signed: if it does not prove what it did and to what, the repository has gone on without us.
        if let Err(cause) = candidate.check_ops() {
            state.lose(Gap::Unproven);
            self.store(slot, &did, &state).await?;
            return Ok(Outcome::Resync { did, gap: Gap::Unproven, cause: Some(cause.into()) });
        }
        let verified = candidate.into_verified();
        let decision = state.commit(step(&verified), self.start, now);
        self.store(slot, &did, &state).await?;
        Ok(match decision {
            Decision::Apply => Outcome::Commit(verified.into()),
            other => decided(did, event.rev, other),
        })
    }

    /// The commit of an event, if its account signed it and may speak here.
    async fn candidate(&self, event: &CommitEvent) -> Result<Result<Candidate, Rejected>, ConsumerError> {
        let speaker = match self.identify(&event.did).await? {
            Ok(speaker) => speaker,
            Err(reason) => return Ok(Err(reason)),
        };
        let candidate = match verify::open(event) {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error.into())),
        };
        Ok(self.check_signer(candidate.commit(), speaker).await?.map(|()| candidate))
    }

    pub(super) async fn sync(&self, slot: &mut Slot, event: SyncEvent, now: u64) -> Result<Outcome, ConsumerError> {
        let did = event.did.clone();
        let mut state = self.load(slot, &did).await?;
        if let Some(decision) = state.triage(&event.rev, now) {
            let rev = event.rev.clone();
            return Ok(self.put_off(slot, did, rev, decision, event.into()));
        }
        let head = match self.announced(&event).await? {
            Ok(head) => head,
            Err(reason) => return Ok(Outcome::Rejected { did, reason }),
        };
        let decision = state.sync(head.clone(), now);
        self.store(slot, &did, &state).await?;
        Ok(match decision {
            Decision::Apply => Outcome::Sync { did, head },
            other => decided(did, event.rev, other),
        })
    }

    /// The commit that a `#sync` announces, if its account signed it and may speak here.
    async fn announced(&self, event: &SyncEvent) -> Result<Result<Head, Rejected>, ConsumerError> {
        let speaker = match self.identify(&event.did).await? {
            Ok(speaker) => speaker,
            Err(reason) => return Ok(Err(reason)),
        };
        let commit = match verify::open_sync(event) {
            Ok(commit) => commit,
            Err(error) => return Ok(Err(error.into())),
        };
        let head = Head { rev: commit.rev().clone(), data: commit.data() };
        Ok(self.check_signer(&commit, speaker).await?.map(|()| head))
    }

    /// What becomes of an event that is not looked into now.
    fn put_off(&self, slot: &mut Slot, did: Did, rev: Tid, decision: Decision, event: Event) -> Outcome {
        if decision != Decision::Queue {
            return decided(did, rev, decision);
        }
        match slot.queue.as_mut().map(|queue| queue.push(event, self.queue)) {
            Some(true) => Outcome::Queued(did),
            _ => Outcome::Ignored { did, reason: Ignored::QueueFull },
        }
    }
}

/// What a commit says about itself and about the one before.
fn step(verified: &Verified) -> Step {
    let commit = verified.commit();
    let before = verified.since().cloned().zip(verified.prev_data()).map(|(rev, data)| Head { rev, data });
    Step { before, after: Head { rev: commit.rev().clone(), data: commit.data() } }
}

/// The outcome of a decision that changes no records.
fn decided(did: Did, rev: Tid, decision: Decision) -> Outcome {
    match decision {
        Decision::Ignore(reason) => Outcome::Ignored { did, reason },
        Decision::Resync(gap) => Outcome::Resync { did, gap, cause: None },
        Decision::Future => Outcome::Rejected { did, reason: Rejected::Future(rev) },
        Decision::Queue | Decision::Apply => Outcome::Queued(did),
    }
}
