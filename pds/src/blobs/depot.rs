//! What work on blobs needs of a server.

use std::{sync::Arc, time::UNIX_EPOCH};

use arobase::{clock::Clock, syntax::Did};

use super::Blobs;
use crate::{
    error::Error,
    pds::Pds,
    settings::Settings,
    store::{Account, Database, View},
};

/// The least time that an upload may wait for a record, in microseconds: an hour.
const LEAST_GRACE: i64 = 60 * 60 * 1_000_000;

/// What work on blobs needs of a server. Cheap to clone.
#[derive(Clone)]
pub(super) struct Depot {
    pub(super) db: Database,
    pub(super) blobs: Blobs,
    pub(super) clock: Arc<dyn Clock>,
    /// The most bytes of an upload.
    pub(super) limit: u64,
    /// How long what nobody refers to is left alone, in microseconds.
    pub(super) grace: i64,
    /// Whether blobs may be behind any address.
    pub(super) development: bool,
}

impl Depot {
    pub(super) fn new(db: Database, blobs: Blobs, clock: Arc<dyn Clock>, settings: &Settings) -> Self {
        let grace = i64::try_from(settings.temporary_blobs.as_micros()).unwrap_or(i64::MAX).max(LEAST_GRACE);
        Self { db, blobs, clock, limit: settings.blob_limit, grace, development: settings.development }
    }

    /// Microseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        let since = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// An account, whatever its state.
    pub(super) async fn account(&self, did: &Did) -> Result<Account, Error> {
        let did = did.clone();
        self.db.read(move |view| account(view, &did)).await
    }
}

/// An account, whatever its state.
pub(super) fn account(view: &dyn View, did: &Did) -> Result<Account, Error> {
    view.account_of_did(did)?.ok_or_else(|| Error::repo_not_found(did))
}

impl Pds {
    pub(super) fn depot(&self) -> Depot {
        let inner = &self.inner;
        Depot::new(inner.db.clone(), inner.blobs.clone(), inner.clock.clone(), &inner.settings)
    }
}
