//! How accounts get other handles.
//!
//! The PLC directory is told before the account is changed: what the directory says counts for everybody else. If the
//! server dies in between, the same call made again does what is missing.

use std::sync::Arc;

use arobase::{
    identity::plc::PlcData,
    syntax::{Did, DidMethod, Handle},
};

use super::{Claim, Domain, events, find, new_did::from_plc, taken};
use crate::{
    error::Error,
    pds::{Inner, Pds},
    store::{Account, Unit, View},
};

impl Pds {
    /// Gives an account another handle, under the same rules as for new ones, and says so: `#identity`. In the PLC
    /// directory everything else about the DID stays; a did:web is its owner's to change. Nothing happens if it has the
    /// handle already. What began is finished even if the future is dropped.
    ///
    /// # Errors
    /// 400 `RepoNotFound`, `InvalidHandle`, `HandleNotAvailable`, or `InvalidRequest` while the account is getting another
    /// handle; 502 if the PLC directory failed; or the store failed.
    pub async fn update_handle(&self, did: &Did, handle: &Handle) -> Result<(), Error> {
        let (inner, handle) = (Arc::clone(&self.inner), handle.normalize());
        if inner.check_handle(&handle)? == Domain::Elsewhere {
            inner.check_leads_to(&handle, did).await?;
        }
        let claims = [inner.claims.claim_account(did)?, inner.claims.claim(&handle)?];
        let (wanted, name) = (did.clone().into(), handle.clone());
        let account = inner.db.read(move |view| {
            let account = find(view, &wanted)?;
            check_free(view, &account, &name).map(|()| account)
        });
        let account = account.await?;
        let renaming = tokio::spawn(async move { inner.rename(account, handle, claims).await });
        renaming.await.unwrap_or_else(|panic| Err(Error::internal(panic)))
    }
}

impl Inner {
    async fn rename(self: Arc<Self>, account: Account, handle: Handle, claims: [Claim; 2]) -> Result<(), Error> {
        let did = account.did;
        let published = self.publish(&did, &handle).await?;
        let (wanted, name) = (did.clone().into(), handle.clone());
        let renaming = self.db.write(move |unit| {
            let account = find(unit, &wanted)?;
            keep(unit, account, name, published)
        });
        renaming.await?;
        self.resolver.forget(&did);
        self.resolver.forget_handle(&handle);
        drop(claims);
        Ok(())
    }

    /// Tells the PLC directory of a handle; whether that changed anything. Who changed it there already, with a key of
    /// their own, needs no key of ours.
    async fn publish(&self, did: &Did, handle: &Handle) -> Result<bool, Error> {
        if did.check_method() != Ok(DidMethod::Plc) {
            return Ok(false);
        }
        let data = self.plc.data(did).await.map_err(from_plc)?;
        if renamed(&data, handle) == data {
            return Ok(false);
        }
        let change = |data: &mut PlcData| data.set_handle(handle.as_str());
        self.plc.update(did, &*self.secrets.rotation, change).await.map_err(from_plc)?;
        Ok(true)
    }
}

fn renamed(data: &PlcData, handle: &Handle) -> PlcData {
    let mut data = data.clone();
    data.set_handle(handle.as_str());
    data
}

fn keep(unit: &mut dyn Unit, mut account: Account, handle: Handle, published: bool) -> Result<(), Error> {
    check_free(unit, &account, &handle)?;
    let changes = account.handle.as_ref() != Some(&handle);
    if changes {
        account.handle = Some(handle);
        unit.update_account(&account)?;
    }
    if changes || published { events::identity(unit, &account) } else { Ok(()) }
}

fn check_free(view: &dyn View, account: &Account, handle: &Handle) -> Result<(), Error> {
    match view.account_of_handle(handle)? {
        Some(other) if other.id != account.id => Err(taken(handle)),
        _ => Ok(()),
    }
}
