//! How accounts are created.
//!
//! A new DID is registered before the account is kept. So there is never an account whose DID does not resolve; and if
//! the server dies in between, there is a DID that nobody uses, whose handle is as free here as it was before, so that
//! the sign-up can be made again. If the account is refused after the DID was made, the DID is given up. If nobody can
//! say whether the account was kept, it is not.

use std::{error::Error as _, sync::Arc};

use arobase::{
    crypto::Signer,
    syntax::{Did, Handle},
};

use super::{
    Claim, Domain, SignUp, email, events,
    new_did::{Found, Origin},
    taken,
};
use crate::{
    error::Error,
    keys::SealedKey,
    pds::{Inner, Pds},
    repos,
    store::{Account, NewAccount, StoreError, StoreErrorKind, Unit, View},
};

/// A sign-up in which nothing is wrong.
struct Plan {
    origin: Origin,
    handle: Option<Handle>,
    email: Option<Box<str>>,
    password: Option<Box<str>>,
    key: SealedKey,
    signer: Arc<dyn Signer>,
    deactivated: bool,
    delete_after: Option<i64>,
}

impl Pds {
    /// Creates an account with an empty repository, and says so in the log of events: `#identity`, `#account`,
    /// `#commit`, `#sync`. What began is finished even if the future is dropped.
    ///
    /// # Errors
    /// 400 `InvalidHandle`, `HandleNotAvailable`, `UnsupportedDomain`, `InvalidPassword`, `UnresolvableDid`,
    /// `IncompatibleDidDoc` or `InvalidRequest`; 502 if the PLC directory failed; or the store failed.
    pub async fn create_account(&self, wanted: SignUp) -> Result<Account, Error> {
        self.create_until(wanted, None).await
    }

    /// The same for an account that is to be deleted unless it is activated by a time (microseconds since 1970).
    pub(crate) async fn create_until(&self, wanted: SignUp, delete_after: Option<i64>) -> Result<Account, Error> {
        let inner = Arc::clone(&self.inner);
        let handle = wanted.handle.as_ref().map(Handle::normalize);
        let claim = handle.as_ref().map(|handle| inner.claims.claim(handle)).transpose()?;
        let plan = Plan { delete_after, ..inner.plan(wanted, handle).await? };
        let creating = tokio::spawn(async move { inner.create(plan, claim).await });
        creating.await.unwrap_or_else(|panic| Err(Error::internal(panic)))
    }
}

impl Inner {
    /// Checks everything about a sign-up that can be checked before anything is made.
    async fn plan(&self, wanted: SignUp, handle: Option<Handle>) -> Result<Plan, Error> {
        let email = wanted.email.as_deref().map(email::normalize).transpose()?;
        let domain = handle.as_ref().map(|handle| self.check_wanted(handle, wanted.vouched)).transpose()?;
        self.check_free(wanted.did.clone(), handle.clone(), email.clone()).await?;
        let (key, signer) = self.key_of(&wanted)?;
        let origin = self.origin(&wanted, handle.as_ref(), &*signer)?;
        if let (Some(handle), Some(Domain::Elsewhere)) = (&handle, domain) {
            self.check_own(handle, &origin).await?;
        }
        if let (Origin::Given(did), false, false) = (&origin, wanted.deactivated, wanted.vouched) {
            self.check_document(did, &signer.public_key()).await?;
        }
        let password = match &wanted.password {
            Some(password) => Some(self.gate.passwords.hash(password).await?),
            None => None,
        };
        let deactivated = wanted.deactivated;
        Ok(Plan { origin, handle, email, password, key, signer, deactivated, delete_after: None })
    }

    fn check_wanted(&self, handle: &Handle, vouched: bool) -> Result<Domain, Error> {
        match vouched {
            true => self.check_usable(handle).map(|()| Domain::Ours),
            false => self.check_handle(handle),
        }
    }

    fn key_of(&self, wanted: &SignUp) -> Result<(SealedKey, Arc<dyn Signer>), Error> {
        match &wanted.key {
            Some(key) => {
                Ok((self.keys.seal(key).map_err(Error::internal)?, Arc::<arobase::crypto::SigningKey>::clone(key)))
            }
            None => self.keys.generate().map_err(Error::internal),
        }
    }

    fn origin(&self, wanted: &SignUp, handle: Option<&Handle>, key: &dyn Signer) -> Result<Origin, Error> {
        let recovery = wanted.recovery_key.as_deref();
        match (&wanted.did, &wanted.operation) {
            (did, Some(operation)) => {
                let found = self.check_operation(operation, handle, key)?;
                match did {
                    Some(did) if *did != found => Err(Error::invalid_request("the operation makes another DID")),
                    _ => Ok(Origin::Brought(found, Box::new(operation.clone()))),
                }
            }
            (Some(did), None) => match did.check_method() {
                Ok(_) => Ok(Origin::Given(did.clone())),
                Err(error) => Err(Error::invalid_request(error.to_string())),
            },
            (None, None) => Ok(Origin::New(Box::new(self.genesis(handle, key, recovery)?))),
        }
    }

    /// Checks that a handle under somebody else's domain is the account's.
    async fn check_own(&self, handle: &Handle, origin: &Origin) -> Result<(), Error> {
        match origin {
            Origin::Given(did) | Origin::Brought(did, _) => self.check_leads_to(handle, did).await,
            Origin::New(_) => {
                Err(Error::named("UnsupportedDomain", "handles under this domain are not given out here"))
            }
        }
    }

    /// Whether the names are free, before work is put into it. The unit looks again.
    async fn check_free(&self, did: Option<Did>, handle: Option<Handle>, email: Option<Box<str>>) -> Result<(), Error> {
        self.db.read(move |view| check_free(view, did.as_ref(), handle.as_ref(), email.as_deref())).await
    }

    /// Carries out a sign-up. Nobody else gets the handle in the meantime.
    async fn create(self: Arc<Self>, plan: Plan, claim: Option<Claim>) -> Result<Account, Error> {
        let Plan { origin, handle, email, password, key, signer, deactivated, delete_after } = plan;
        let Found { did, made } = self.find_or_make(origin).await?;
        let created_at = self.now();
        let deactivated_at = deactivated.then_some(created_at);
        let row = NewAccount { did: did.clone(), handle, email, password, key, created_at, deactivated_at };
        let inner = Arc::clone(&self);
        let kept = self.db.write(move |unit| keep(&inner, unit, &row, &*signer, delete_after)).await;
        if let Err(error) = &kept
            && made
            && was_refused(error)
        {
            self.give_up(&did).await;
        }
        drop(claim);
        kept
    }
}

/// Whether it is certain that nothing was kept.
fn was_refused(error: &Error) -> bool {
    let store = error.source().and_then(|cause| cause.downcast_ref::<StoreError>());
    store.is_none_or(|error| matches!(error.kind(), StoreErrorKind::Full | StoreErrorKind::ReadOnly))
}

/// Keeps a new account, with its first commit and its events.
fn keep(
    inner: &Inner,
    unit: &mut dyn Unit,
    row: &NewAccount,
    signer: &dyn Signer,
    delete_after: Option<i64>,
) -> Result<Account, Error> {
    check_free(unit, Some(&row.did), row.handle.as_ref(), row.email.as_deref())?;
    let id = unit.create_account(row)?;
    let mut account = unit.account(id)?.ok_or_else(|| Error::internal("a new account is not there"))?;
    let written = repos::create(inner, unit, &account, signer)?;
    match row.deactivated_at {
        None => events::created(unit, &account, &written)?,
        Some(_) if delete_after.is_some() => {
            account.delete_after = delete_after;
            unit.update_account(&account)?;
        }
        Some(_) => {}
    }
    Ok(account)
}

fn check_free(view: &dyn View, did: Option<&Did>, handle: Option<&Handle>, email: Option<&str>) -> Result<(), Error> {
    if let Some(did) = did
        && view.account_of_did(did)?.is_some()
    {
        return Err(Error::invalid_request("an account of this DID is here already"));
    }
    if let Some(handle) = handle
        && view.account_of_handle(handle)?.is_some()
    {
        return Err(taken(handle));
    }
    if let Some(email) = email
        && view.account_of_email(email)?.is_some()
    {
        return Err(Error::invalid_request("the e-mail address is taken"));
    }
    Ok(())
}
