//! Whom a resolver asks, and how much it asks of them.

use std::{pin::pin, sync::Arc, time::Duration};

use arobase_lexicon::syntax::{Did, Handle};
use futures_util::future::{Either, select};

use super::{
    known::Known,
    memory::{Found, Kind},
    permits::Permits,
};
use crate::{
    client::{Transport, TransportError},
    identity::{HandleError, HandleResolver, IdentityError, fetch::FetchError, plc::PlcClient, web},
};

/// Whom a resolver asks.
pub(super) struct Sources {
    pub(super) handles: HandleResolver,
    pub(super) plc: PlcClient,
    pub(super) public: Arc<dyn Transport>,
    /// For what the directory is asked. Strangers who let the other ones wait do not take these.
    pub(super) trusted_permits: Permits,
    /// For what hosts of strangers are asked.
    pub(super) public_permits: Permits,
    pub(super) timeout: Duration,
    pub(super) development: bool,
}

/// Documents, under their DIDs.
#[derive(Debug)]
pub(super) struct Documents;

/// DIDs, under handles in their normal form.
#[derive(Debug)]
pub(super) struct Handles;

/// Why there is no answer in time.
enum Late {
    /// So many others were asking that nobody was asked.
    Busy,
    Asked,
}

impl Sources {
    /// Whether a handle may belong to anybody.
    pub(super) fn may_ask(&self, handle: &Handle) -> bool {
        !handle.is_invalid_marker() && !handle.has_disallowed_tld() && (self.development || !handle.has_test_tld())
    }

    /// The document of a DID whose method is known to be supported.
    pub(super) async fn document(self: Arc<Self>, did: Did) -> Found<Arc<Known>, IdentityError> {
        let answer = if did.method() == "plc" {
            self.in_time(&self.trusted_permits, self.plc.document(&did)).await
        } else {
            let asking = web::resolve(&did, self.public.as_ref(), self.timeout, self.development);
            self.in_time(&self.public_permits, asking).await
        };
        found(answer, IdentityError::Fetch(FetchError::Timeout), |document| Arc::new(Known::new(document)))
    }

    /// The DID of a handle.
    pub(super) async fn handle(self: Arc<Self>, handle: Handle) -> Found<Did, HandleError> {
        let answer = self.in_time(&self.public_permits, self.handles.resolve(&handle)).await;
        found(answer, HandleError::Failed { dns: None, http: Some(FetchError::Timeout) }, |did| did)
    }

    /// Asks when it is time to, and waits no longer than allowed.
    async fn in_time<T>(&self, permits: &Permits, asking: impl Future<Output = T>) -> Result<T, Late> {
        let mut late = self.public.sleep(self.timeout);
        let permit = match select(permits.acquire(), &mut late).await {
            Either::Left((permit, _)) => permit,
            Either::Right(_) => return Err(Late::Busy),
        };
        let answer = match select(pin!(asking), late).await {
            Either::Left((answer, _)) => Ok(answer),
            Either::Right(_) => Err(Late::Asked),
        };
        drop(permit);
        answer
    }
}

fn found<T, V, E>(answer: Result<Result<T, E>, Late>, timeout: E, make: impl FnOnce(T) -> V) -> Found<V, E> {
    match answer {
        Ok(result) => Found { result: result.map(make), was_asked: true },
        Err(late) => Found { result: Err(timeout), was_asked: matches!(late, Late::Asked) },
    }
}

impl Kind for Documents {
    type Key = Did;
    type Value = Arc<Known>;
    type Error = IdentityError;

    fn is_certain(error: &IdentityError) -> bool {
        // Everything else may be a fault of the host, such as half a document.
        matches!(error, IdentityError::NotFound | IdentityError::Tombstoned)
    }

    fn panicked() -> IdentityError {
        IdentityError::Fetch(panicked())
    }

    fn bytes(did: &Did, known: Option<&Arc<Known>>) -> usize {
        did.as_str().len() + known.map_or(0, |known| known.bytes())
    }
}

impl Kind for Handles {
    type Key = Handle;
    type Value = Did;
    type Error = HandleError;

    fn is_certain(error: &HandleError) -> bool {
        error.is_permanent()
    }

    fn panicked() -> HandleError {
        HandleError::Failed { dns: None, http: Some(panicked()) }
    }

    fn bytes(handle: &Handle, did: Option<&Did>) -> usize {
        handle.as_str().len() + did.map_or(0, |did| did.as_str().len())
    }
}

fn panicked() -> FetchError {
    FetchError::Transport(Arc::new(TransportError::new("the look-up panicked")))
}
