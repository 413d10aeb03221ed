//! Handles that somebody is about to get, and accounts that are about to get one.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arobase::syntax::{Did, Handle};

use crate::error::Error;

/// The handles for which something is being done outside of the store, in the PLC directory, before an account has
/// them; and the accounts that exist, by their DIDs. Without it, twenty who want the same handle would make twenty DIDs
/// for it, of which nineteen are of no use; and of two new handles of one account the directory could have one and the
/// store the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(Arc<Mutex<HashSet<Box<str>>>>);

/// A handle that nobody else gets while this lives, or an account whose handle nobody else changes.
#[derive(Debug)]
pub(crate) struct Claim {
    claims: Claims,
    name: Box<str>,
}

impl Claims {
    /// Claims a handle, which is in lower case: 400 `HandleNotAvailable` if somebody else is about to get it.
    pub(crate) fn claim(&self, handle: &Handle) -> Result<Claim, Error> {
        self.insert(handle.as_str()).ok_or_else(|| super::taken(handle))
    }

    /// Claims an account: 400 `InvalidRequest` if its handle is being changed.
    pub(crate) fn claim_account(&self, did: &Did) -> Result<Claim, Error> {
        let busy = || Error::invalid_request("the account is about to get another handle");
        self.insert(did.as_str()).ok_or_else(busy)
    }

    fn insert(&self, name: &str) -> Option<Claim> {
        self.lock().insert(name.into()).then(|| Claim { claims: self.clone(), name: name.into() })
    }

    /// A set is whole whatever happened to who changed it.
    fn lock(&self) -> MutexGuard<'_, HashSet<Box<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.lock().remove(&self.name);
    }
}
