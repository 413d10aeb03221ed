//! What is remembered of many keys, and how it comes to be known.

use std::{fmt, hash::Hash, panic::AssertUnwindSafe, sync::Arc, time::SystemTime};

use futures_util::FutureExt;
use quick_cache::{DefaultHashBuilder, Weighter, sync::Cache};

use super::{
    Freshness, Spawn,
    entry::{Decision, Entry, Landed},
    flights::{Flight, Flights},
    times::Times,
};
use crate::{
    clock::Clock,
    xrpc::{BoxFuture, MaybeSend, MaybeSync},
};

/// So many bytes count as one entry; what takes more counts as several.
const UNIT: usize = 4 << 10;

/// What is remembered: documents under DIDs, or DIDs under handles.
pub(super) trait Kind: 'static {
    type Key: Clone + Eq + Hash + MaybeSend + MaybeSync + 'static;
    type Value: Clone + MaybeSend + MaybeSync + 'static;
    type Error: Clone + MaybeSend + MaybeSync + 'static;

    /// Whether an error says for certain that there is nothing.
    fn is_certain(error: &Self::Error) -> bool;
    /// A look-up that ended in a panic.
    fn panicked() -> Self::Error;
    /// About how many bytes a key and its value take.
    fn bytes(key: &Self::Key, value: Option<&Self::Value>) -> usize;
}

/// An answer to who asked for a key.
pub(super) type Answer<K> = Result<<K as Kind>::Value, <K as Kind>::Error>;

type Remembered<K> = Entry<<K as Kind>::Value, <K as Kind>::Error>;

/// What a look-up brings.
#[derive(Debug)]
pub(super) struct Found<V, E> {
    pub(super) result: Result<V, E>,
    /// Whether anybody was asked. If not, the result says nothing of the key.
    pub(super) was_asked: bool,
}

/// A look-up that has not begun.
pub(super) type Asking<K> = BoxFuture<'static, Found<<K as Kind>::Value, <K as Kind>::Error>>;

/// What is remembered of many keys.
pub(super) struct Memory<K: Kind> {
    entries: Cache<K::Key, Arc<Remembered<K>>, Weight<K>>,
    flights: Flights<K::Key, Answer<K>>,
    times: Times,
    clock: Arc<dyn Clock>,
    spawn: Option<Spawn>,
}

/// How a request gets its answer.
enum Joined<K: Kind> {
    Answer(Answer<K>),
    /// A look-up that was under way.
    Old(Flight<Answer<K>>),
    New(Flight<Answer<K>>),
}

/// A look-up on its way. Dropped, it leaves the table, so that the next request begins another.
struct Pending<K: Kind> {
    memory: Arc<Memory<K>>,
    key: K::Key,
    number: u64,
    began: SystemTime,
}

impl<K: Kind> Memory<K> {
    /// With room for so many keys.
    pub(super) fn new(capacity: usize, times: Times, clock: Arc<dyn Clock>, spawn: Option<Spawn>) -> Self {
        let entries =
            Cache::with(capacity, capacity as u64, Weight::new(), DefaultHashBuilder::default(), Default::default());
        Self { entries, flights: Flights::new(), times, clock, spawn }
    }

    /// The value of a key.
    pub(super) async fn get(
        self: &Arc<Self>,
        key: &K::Key,
        freshness: Freshness,
        ask: impl FnOnce() -> Asking<K>,
    ) -> Answer<K> {
        match self.decide(key, freshness) {
            Decision::Give(answer) => answer,
            Decision::Refresh(value) => self.refresh(key, value, ask).await,
            Decision::Ask => match self.join(key, freshness, ask) {
                Joined::Answer(answer) => answer,
                Joined::Old(flight) | Joined::New(flight) => flight.await,
            },
        }
    }

    /// The value of a key, if there is one that may be given in need.
    pub(super) fn usable(&self, key: &K::Key) -> Option<K::Value> {
        self.entries.get(key)?.usable(self.clock.now(), &self.times).cloned()
    }

    /// The value that is remembered under a key, however old it is.
    pub(super) fn peek(&self, key: &K::Key) -> Option<K::Value> {
        self.entries.peek(key)?.value().cloned()
    }

    /// Forgets a key. What a look-up that is under way brings is not remembered.
    pub(super) fn forget(&self, key: &K::Key) {
        let mut flights = self.flights.lock();
        flights.detach(key);
        self.entries.remove(key);
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many look-ups are under way.
    #[cfg(test)]
    pub(super) fn under_way(&self) -> usize {
        self.flights.lock().len()
    }

    fn decide(&self, key: &K::Key, freshness: Freshness) -> Decision<K::Value, K::Error> {
        self.entries.get(key).map_or(Decision::Ask, |entry| entry.decide(freshness, self.clock.now(), &self.times))
    }

    /// Gives what is stale and sees to it that it is renewed.
    async fn refresh(self: &Arc<Self>, key: &K::Key, stale: K::Value, ask: impl FnOnce() -> Asking<K>) -> Answer<K> {
        let joined = self.join(key, Freshness::Cached, ask);
        match (joined, &self.spawn) {
            (Joined::Answer(answer), _) => answer,
            (Joined::New(flight), Some(spawn)) => {
                spawn(Box::pin(flight.map(drop)));
                Ok(stale)
            }
            (Joined::Old(_), Some(_)) => Ok(stale),
            (Joined::Old(flight) | Joined::New(flight), None) => {
                let answer = flight.await;
                let failed = answer.as_ref().is_err_and(|error| !K::is_certain(error));
                if failed { Ok(self.usable(key).unwrap_or(stale)) } else { answer }
            }
        }
    }

    /// Joins the look-up that is under way, or begins one.
    fn join(self: &Arc<Self>, key: &K::Key, freshness: Freshness, ask: impl FnOnce() -> Asking<K>) -> Joined<K> {
        let forced = freshness == Freshness::Fresh;
        let mut flights = self.flights.lock();
        // Since it was decided to ask, another look-up may have ended.
        if let Decision::Give(answer) = self.decide(key, freshness) {
            return Joined::Answer(answer);
        }
        if let Some(flight) = flights.join(key, forced) {
            return Joined::Old(flight);
        }
        let asking = ask();
        let number = flights.number();
        let pending = Pending { memory: self.clone(), key: key.clone(), number, began: self.clock.now() };
        let fly: BoxFuture<'static, Answer<K>> = Box::pin(pending.fly(asking));
        let flight = fly.shared();
        flights.enter(key.clone(), number, forced, &flight);
        Joined::New(flight)
    }
}

impl<K: Kind> Pending<K> {
    async fn fly(self, asking: Asking<K>) -> Answer<K> {
        // Those who share the look-up do not share a panic.
        let found = AssertUnwindSafe(asking).catch_unwind().await;
        let found = found.unwrap_or_else(|_| Found { result: Err(K::panicked()), was_asked: true });
        self.land(&found);
        found.result
    }

    /// Remembers what was found, unless the key was forgotten meanwhile.
    fn land(&self, found: &Found<K::Value, K::Error>) {
        let memory = &self.memory;
        let mut flights = memory.flights.lock();
        let Some(was_forced) = flights.leave(&self.key, self.number) else { return };
        if !found.was_asked {
            return;
        }
        let previous = memory.entries.peek(&self.key);
        let landed = Landed {
            result: found.result.clone(),
            is_certain: found.result.as_ref().err().is_none_or(K::is_certain),
            was_forced,
            began: self.began,
            ended: memory.clock.now(),
        };
        let entry = Entry::after(previous.as_deref(), &landed, &memory.times);
        memory.entries.insert(self.key.clone(), Arc::new(entry));
    }
}

impl<K: Kind> Drop for Pending<K> {
    fn drop(&mut self) {
        self.memory.flights.lock().leave(&self.key, self.number);
    }
}

/// What an entry counts in the cache.
struct Weight<K>(std::marker::PhantomData<fn(K)>);

impl<K> Weight<K> {
    fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<K> Clone for Weight<K> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<K: Kind> Weighter<K::Key, Arc<Remembered<K>>> for Weight<K> {
    fn weight(&self, key: &K::Key, entry: &Arc<Remembered<K>>) -> u64 {
        (K::bytes(key, entry.value()) / UNIT) as u64 + 1
    }
}

impl<K: Kind> fmt::Debug for Memory<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("len", &self.entries.len()).finish_non_exhaustive()
    }
}
