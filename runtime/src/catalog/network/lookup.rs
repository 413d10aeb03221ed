//! Looking lexicons up, with a memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use arobase_lexicon::syntax::{Did, Nsid, Tid};
use futures_util::{
    FutureExt,
    future::{Shared, WeakShared},
};

use super::{
    LexiconError, LexiconResolver,
    bounded::Bounded,
    entry::{Entry, Known, Times, Verdict, Want},
    resolve::Answer,
};
use crate::xrpc::BoxFuture;

/// The most lexicons that are remembered, and the most bytes of their records. In memory, a lexicon that is made for it
/// takes forty times as much.
const MAX_LEXICONS: usize = 2_000;
const MAX_BYTES: usize = 8 << 20;

/// The most authorities whose latest revision is remembered.
const MAX_AUTHORITIES: usize = 10_000;

/// How futures run beside those who wait for others.
pub(super) type Spawn = Arc<dyn Fn(BoxFuture<'static, ()>) + Send + Sync>;

pub(super) type Found = Result<Arc<Known>, LexiconError>;

/// A look-up that all who want the same lexicon wait for.
type Running = Shared<BoxFuture<'static, Found>>;

/// Looks lexicons up, and remembers them.
pub(super) struct Lookup {
    pub(super) resolver: LexiconResolver,
    pub(super) times: Times,
    pub(super) spawn: Option<Spawn>,
    memory: Mutex<Memory>,
}

struct Memory {
    entries: Bounded<Nsid, Entry>,
    /// The latest revision that each authority showed.
    revs: Bounded<Did, Tid>,
    running: HashMap<Nsid, (u64, WeakShared<BoxFuture<'static, Found>>)>,
    /// Counts the look-ups.
    last: u64,
    /// Counts what made catalogs out of date.
    changes: u64,
}

impl Lookup {
    pub(super) fn new(resolver: LexiconResolver, times: Times, spawn: Option<Spawn>) -> Self {
        let memory = Memory {
            entries: Bounded::new(MAX_BYTES),
            revs: Bounded::new(MAX_AUTHORITIES),
            running: HashMap::new(),
            last: 0,
            changes: 0,
        };
        Self { resolver, times, spawn, memory: Mutex::new(memory) }
    }

    /// The lexicon of an NSID.
    pub(super) async fn get(self: &Arc<Self>, nsid: &Nsid, want: Want) -> Found {
        let (running, kept) = match self.judge(nsid, want) {
            Verdict::Serve(known) => return Ok(known),
            Verdict::Refuse(error) => return Err(error),
            Verdict::Ask(kept) => (self.join(nsid), kept.filter(|_| want == Want::Remembered)),
        };
        if let (Some(kept), Some(spawn)) = (&kept, &self.spawn) {
            spawn(Box::pin(running.map(drop)));
            return Ok(Arc::clone(kept));
        }
        match (running.await, kept) {
            (Err(error), Some(kept)) if !error.is_not_found() => Ok(kept),
            (found, _) => found,
        }
    }

    /// Why a lexicon is not there, if another attempt may bring it: also where nobody has waited for the answer.
    pub(super) fn passing_failure(&self, nsid: &Nsid) -> Option<LexiconError> {
        match self.judge(nsid, Want::Remembered) {
            Verdict::Refuse(error) => Some(error).filter(|error| !error.is_permanent()),
            Verdict::Ask(None) => Some(LexiconError::Timeout),
            Verdict::Serve(_) | Verdict::Ask(Some(_)) => None,
        }
    }

    /// How often catalogs went out of date so far.
    pub(super) fn changes(&self) -> u64 {
        self.memory().changes
    }

    fn judge(&self, nsid: &Nsid, want: Want) -> Verdict {
        let now = self.resolver.now();
        let mut memory = self.memory();
        memory.entries.get(nsid).map_or(Verdict::Ask(None), |entry| entry.judge(now, want, &self.times))
    }

    /// Joins the look-up that is under way, or begins one.
    fn join(self: &Arc<Self>, nsid: &Nsid) -> Running {
        let mut memory = self.memory();
        if let Some(running) = memory.running.get(nsid).and_then(|(_, running)| running.upgrade()) {
            return running;
        }
        memory.last += 1;
        let number = memory.last;
        let leave = Leave { lookup: Arc::clone(self), nsid: nsid.clone(), number };
        let running = (Box::pin(leave.ask()) as BoxFuture<'static, Found>).shared();
        if let Some(weak) = running.downgrade() {
            memory.running.insert(nsid.clone(), (number, weak));
        }
        running
    }

    fn keep(&self, nsid: &Nsid, answer: Result<Answer, LexiconError>) -> Found {
        let seen = answer.as_ref().ok().map(|answer| (answer.did.clone(), answer.rev.clone()));
        let found = answer.and_then(|answer| Ok(Known::new(answer.lexicon?, answer.bytes)));
        let now = self.resolver.now();
        let mut memory = self.memory();
        if let Some((did, rev)) = seen {
            memory.see(did, rev);
        }
        memory.update(nsid, found, now)
    }

    /// The latest revision that an authority showed, of what is remembered.
    fn seen(&self, did: &Did, nsid: &Nsid) -> Option<Tid> {
        let mut memory = self.memory();
        let entry = memory.entries.get(nsid).and_then(Entry::known).filter(|known| known.did == *did);
        let of_entry = entry.map(|known| known.rev.clone());
        memory.revs.get(did).cloned().max(of_entry)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn see(&mut self, did: Did, rev: Tid) {
        if self.revs.get(&did).is_none_or(|seen| *seen < rev) {
            self.revs.insert(did, rev, 1);
        }
    }

    fn update(&mut self, nsid: &Nsid, found: Result<Known, LexiconError>, now: SystemTime) -> Found {
        let mut entry = self.entries.get(nsid).cloned().unwrap_or_default();
        let before = entry.known().map(|known| known.cid);
        let found = found.map(|known| entry.confirm(known, now)).inspect_err(|error| entry.fail(error.clone(), now));
        if entry.known().map(|known| known.cid) != before {
            self.changes += 1;
        }
        let weight = entry.bytes().max(MAX_BYTES / MAX_LEXICONS);
        self.entries.insert(nsid.clone(), entry, weight);
        found
    }
}

/// Takes a look-up off the list when it is over, also if nobody waited for its end.
struct Leave {
    lookup: Arc<Lookup>,
    nsid: Nsid,
    number: u64,
}

impl Leave {
    async fn ask(self) -> Found {
        let Self { lookup, nsid, .. } = &self;
        let answer = lookup.resolver.ask(nsid, |did| lookup.seen(did, nsid)).await;
        lookup.keep(nsid, answer)
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let mut memory = self.lookup.memory();
        if memory.running.get(&self.nsid).is_some_and(|(number, _)| *number == self.number) {
            memory.running.remove(&self.nsid);
        }
    }
}
