//! Handles that somebody is about to get.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arobase::syntax::Handle;

use crate::error::Error;

/// The handles for which something is being done outside of the store, in the PLC directory, before an account has
/// them. Without it, twenty who want the same handle would make twenty DIDs for it, of which nineteen are of no use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(Arc<Mutex<HashSet<Handle>>>);

/// A handle that nobody else gets while this lives.
#[derive(Debug)]
pub(crate) struct Claim {
    claims: Claims,
    handle: Handle,
}

impl Claims {
    /// Claims a handle, which is in lower case: 400 `HandleNotAvailable` if somebody else is about to get it.
    pub(crate) fn claim(&self, handle: Handle) -> Result<Claim, Error> {
        match self.lock().insert(handle.clone()) {
            true => Ok(Claim { claims: self.clone(), handle }),
            false => Err(super::taken(&handle)),
        }
    }

    /// A set is whole whatever happened to who changed it.
    fn lock(&self) -> MutexGuard<'_, HashSet<Handle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.lock().remove(&self.handle);
    }
}
