//! Look-ups that are under way: one for each key, shared by all who want it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::future::{Shared, WeakShared};

use crate::xrpc::BoxFuture;

/// A look-up that many may wait for. It goes on while anybody does.
pub(super) type Flight<T> = Shared<BoxFuture<'static, T>>;

/// The look-ups that are under way.
pub(super) struct Flights<K, T> {
    table: Mutex<Table<K, T>>,
}

/// The same, locked. What is kept here of a look-up does not keep it going.
pub(super) struct Table<K, T> {
    last: u64,
    under_way: HashMap<K, Entry<T>>,
}

struct Entry<T> {
    number: u64,
    /// Whether somebody wants it past what is remembered.
    forced: bool,
    flight: WeakShared<BoxFuture<'static, T>>,
}

impl<K, T> Flights<K, T> {
    pub(super) fn new() -> Self {
        Self { table: Mutex::new(Table { last: 0, under_way: HashMap::new() }) }
    }

    /// Locks the table. No [`Flight`] may be dropped meanwhile: with the last one goes the look-up, which then wants
    /// to leave the table.
    pub(super) fn lock(&self) -> MutexGuard<'_, Table<K, T>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, T: Clone> Table<K, T> {
    /// The look-up of a key, if there is one.
    pub(super) fn join(&mut self, key: &K, forced: bool) -> Option<Flight<T>> {
        let entry = self.under_way.get_mut(key)?;
        let flight = entry.flight.upgrade()?;
        entry.forced |= forced;
        Some(flight)
    }

    /// The number of the next look-up. No two have the same.
    pub(super) fn number(&mut self) -> u64 {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    /// Enters a look-up in place of any other of its key.
    pub(super) fn enter(&mut self, key: K, number: u64, forced: bool, flight: &Flight<T>) {
        if let Some(flight) = flight.downgrade() {
            self.under_way.insert(key, Entry { number, forced, flight });
        }
    }

    /// Takes a look-up out, and tells whether it was forced. `None` if it is not the one of its key any more: somebody
    /// forgot the key, and perhaps there is a newer one.
    pub(super) fn leave(&mut self, key: &K, number: u64) -> Option<bool> {
        if self.under_way.get(key)?.number != number {
            return None;
        }
        self.under_way.remove(key).map(|entry| entry.forced)
    }

    /// How many look-ups are under way.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Takes the look-up of a key out, whatever it is. Who waits for it still gets its answer.
    pub(super) fn detach(&mut self, key: &K) {
        self.under_way.remove(key);
    }
}
