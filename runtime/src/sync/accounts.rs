//! One lock for each account that somebody works on.

use std::{
    collections::HashMap,
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex as SyncMutex, MutexGuard, PoisonError},
};

use arobase_lexicon::syntax::Did;
use futures_util::lock::{Mutex, OwnedMutexGuard};

use super::queue::Queue;

/// What is remembered of an account while somebody works on it, or while its repository is fetched.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The events that wait; `None` if no fetch is in progress.
    pub(super) queue: Option<Queue>,
    /// Whether events are taken in that waited. What is stored meanwhile says that this is in progress.
    pub(super) drains: bool,
}

/// The accounts that somebody works on.
#[derive(Default)]
pub(super) struct Accounts {
    slots: SyncMutex<HashMap<Did, Arc<Mutex<Slot>>>>,
}

impl Accounts {
    /// Waits until nobody else works on the account.
    pub(super) async fn lock(&self, did: &Did) -> Locked<'_> {
        let forget = Forget { accounts: self, did: did.clone() };
        let slot = Arc::clone(self.slots().entry(did.clone()).or_default());
        Locked { slot: slot.lock_owned().await, _forget: forget }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Did, Arc<Mutex<Slot>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many accounts are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots().len()
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("len", &self.slots().len()).finish()
    }
}

/// An account that nobody else works on. When it goes, the account is forgotten, unless somebody waits for it or
/// events wait in it.
#[derive(Debug)]
pub(super) struct Locked<'a> {
    slot: OwnedMutexGuard<Slot>,
    // After the slot: what is declared first goes first.
    _forget: Forget<'a>,
}

impl Deref for Locked<'_> {
    type Target = Slot;

    fn deref(&self) -> &Slot {
        &self.slot
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Slot {
        &mut self.slot
    }
}

/// Forgets an account, if nobody has it any more and nothing waits in it.
#[derive(Debug)]
struct Forget<'a> {
    accounts: &'a Accounts,
    did: Did,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        let mut slots = self.accounts.slots();
        let idle = |slot: &Arc<Mutex<Slot>>| {
            Arc::strong_count(slot) == 1 && slot.try_lock().is_some_and(|slot| slot.queue.is_none())
        };
        if slots.get(&self.did).is_some_and(idle) {
            slots.remove(&self.did);
        }
    }
}
