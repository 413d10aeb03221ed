//! Resolving handles and DIDs: accounts here first, then the network.

use arobase::{
    com::atproto::identity::{defs::IdentityInfo, resolve_did, resolve_handle},
    data::Value,
    identity::{DidDocument, Freshness, HandleError, IdentityError},
    syntax::{AtIdentifier, Did, Handle},
};
use http::StatusCode;

use crate::{
    error::Error,
    pds::Pds,
    store::{Account, State},
};

/// The DID that a handle names. Whether its document agrees is not looked at.
pub(super) async fn handle(pds: &Pds, handle: Handle) -> Result<resolve_handle::Output, Error> {
    if let Some(did) = pds.did_of_hosted(handle.clone()).await? {
        return Ok(resolve_handle::Output::new(did));
    }
    if pds.settings().hosted_name(&handle).is_some() {
        return Err(handle_not_found(&HandleError::NotFound));
    }
    match pds.inner.resolver.named(&handle, Freshness::Cached).await {
        Ok(did) => Ok(resolve_handle::Output::new(did)),
        Err(error) => Err(handle_not_found(&error)),
    }
}

pub(super) async fn did(pds: &Pds, did: &Did) -> Result<resolve_did::Output, Error> {
    let document = pds.inner.resolver.document(did, Freshness::Cached).await.map_err(|error| unresolved(&error))?;
    Ok(resolve_did::Output::new(json(&document)?))
}

/// The identity of a handle or DID. For accounts here nobody is asked where the handle leads.
pub(super) async fn identity(pds: &Pds, who: &AtIdentifier, freshness: Freshness) -> Result<IdentityInfo, Error> {
    if let Some(account) = pds.account(who).await?.filter(is_shown) {
        return local(pds, account, freshness).await;
    }
    if who.as_handle().is_some_and(|handle| pds.settings().hosted_name(handle).is_some()) {
        return Err(handle_not_found(&HandleError::NotFound));
    }
    let found = pds.inner.resolver.identity(who, freshness).await.map_err(|error| unresolved(&error))?;
    Ok(IdentityInfo::new(found.did, found.handle, json(&found.document)?))
}

async fn local(pds: &Pds, account: Account, freshness: Freshness) -> Result<IdentityInfo, Error> {
    let document = pds.inner.resolver.document(&account.did, freshness).await.map_err(|error| unresolved(&error))?;
    let agreed = account.handle.filter(|handle| document.handle().as_ref() == Some(handle));
    let handle = agreed.unwrap_or_else(|| Handle::from_unchecked("handle.invalid"));
    Ok(IdentityInfo::new(account.did, handle, json(&document)?))
}

fn is_shown(account: &Account) -> bool {
    matches!(account.state(), State::Active | State::Deactivated)
}

fn json(document: &DidDocument) -> Result<Value, Error> {
    Value::from_json(&document.to_json()).map_err(Error::internal)
}

fn unresolved(error: &IdentityError) -> Error {
    match error {
        IdentityError::Handle(error) => handle_not_found(error),
        IdentityError::Tombstoned => Error::named("DidDeactivated", error.to_string()),
        error if error.is_permanent() => Error::named("DidNotFound", error.to_string()),
        error => upstream(error.to_string()),
    }
}

fn handle_not_found(error: &HandleError) -> Error {
    match error.is_permanent() {
        true => Error::named("HandleNotFound", error.to_string()),
        false => upstream(error.to_string()),
    }
}

fn upstream(message: String) -> Error {
    Error::new(StatusCode::BAD_GATEWAY, "UpstreamFailure", message)
}
