//! What all who fetch blobs share.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, OnceLock},
};

use arobase::{
    client::Transport,
    identity::{AddressPolicy, Dns, PublicTransport, SystemDns},
};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{super::depot::Depot, Address, RemoteLimits};
use crate::error::Error;

/// How many blobs are fetched at a time.
const TURNS: usize = 64;
/// How many URLs are remembered that failed.
const FAILURES: usize = 16_384;

/// What all who fetch blobs share. Cheap to clone.
#[derive(Clone)]
pub(in super::super) struct Remotes {
    /// When a blob is looked at again because somebody gets it.
    pub(super) limits: Arc<RemoteLimits>,
    transport: Arc<OnceLock<Arc<dyn Transport>>>,
    /// When URLs failed last, by the hashes of the URLs.
    failures: Arc<Cache<[u8; 32], i64>>,
    /// One who fetches a URL has its turn. Several URLs share one, which bounds how many are fetched at a time.
    turns: Arc<[Arc<Mutex<()>>]>,
    hasher: RandomState,
}

/// While it is held nobody else fetches the same URL.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Remotes {
    pub(in super::super) fn new(limits: RemoteLimits) -> Self {
        Self {
            limits: Arc::new(limits),
            transport: Arc::default(),
            failures: Arc::new(Cache::new(FAILURES)),
            turns: (0..TURNS).map(|_| Arc::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Waits until nobody else fetches a URL.
    pub(super) async fn turn(&self, address: &Address) -> Option<Turn> {
        Some(self.turn_of(address)?.lock_owned().await)
    }

    /// The same, without waiting.
    pub(super) fn try_turn(&self, address: &Address) -> Option<Turn> {
        self.turn_of(address)?.try_lock_owned().ok()
    }

    fn turn_of(&self, address: &Address) -> Option<Arc<Mutex<()>>> {
        let hash = usize::try_from(self.hasher.hash_one(address.as_str()) % TURNS as u64).ok()?;
        self.turns.get(hash).cloned()
    }

    /// Whether a URL failed lately.
    pub(super) fn failed_within(&self, address: &Address, now: i64, time: i64) -> bool {
        self.failures.get(&key(address)).is_some_and(|at| now.saturating_sub(at) < time)
    }

    pub(super) fn note_failure(&self, address: &Address, now: i64) {
        self.failures.insert(key(address), now);
    }

    pub(super) fn forget_failure(&self, address: &Address) {
        self.failures.remove(&key(address));
    }

    /// What blobs are fetched through from now on.
    #[cfg(test)]
    pub(super) fn set_transport(&self, transport: Arc<dyn Transport>) {
        assert!(self.transport.set(transport).is_ok());
    }
}

impl Depot {
    /// What blobs are fetched through. It reaches public addresses only, except in development.
    pub(super) fn transport(&self) -> Result<Arc<dyn Transport>, Error> {
        let shared = &self.blobs.remotes.transport;
        if let Some(transport) = shared.get() {
            return Ok(transport.clone());
        }
        let policy = if self.development { AddressPolicy::Any } else { AddressPolicy::Public };
        let dns: Arc<dyn Dns> = Arc::new(SystemDns::new().map_err(Error::internal)?);
        let transport = PublicTransport::new(dns, policy).map_err(Error::internal)?;
        Ok(shared.get_or_init(|| Arc::new(transport)).clone())
    }
}

fn key(address: &Address) -> [u8; 32] {
    Sha256::digest(address.as_str()).into()
}

impl fmt::Debug for Remotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remotes").field("limits", &self.limits).finish_non_exhaustive()
    }
}
