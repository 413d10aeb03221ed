//! Fresh commits for repositories that came from a backup, so that everybody sees where they are now.

use arobase::sync::{AccountEvent, Event, SyncEvent};

use super::BackupError;
use crate::{
    error::Error,
    pds::{Inner, Pds},
    progress::Progress,
    repos,
    store::{Account, AccountId, Unit},
};

/// The setting that says which account was the last to get its commit; empty if all have.
const PENDING: &str = "restore-pending";
/// How many repositories one unit takes: each has to be signed, and writers wait.
const BATCH: usize = 20;

/// Says that all repositories need a fresh commit.
pub(super) fn begin(unit: &mut dyn Unit) -> Result<(), Error> {
    Ok(unit.put_setting(PENDING, &0_i64.to_be_bytes())?)
}

/// Gives some repositories their fresh commits; whether there may be more. Where it was broken off it goes on.
pub(crate) async fn heal(pds: &Pds) -> Result<bool, Error> {
    let is_pending = pds.inner.db.read::<_, Error, _>(|view| Ok(view.setting(PENDING)?)).await?;
    if is_pending.is_none_or(|value| value.is_empty()) {
        return Ok(false);
    }
    let pds = pds.clone();
    let inner = std::sync::Arc::clone(&pds.inner);
    pds.inner.db.write(move |unit| heal_some(&inner, unit)).await
}

fn heal_some(inner: &Inner, unit: &mut dyn Unit) -> Result<bool, Error> {
    let Some(after) = pending(unit)? else { return Ok(false) };
    let accounts = unit.accounts(Some(after), BATCH)?;
    for account in &accounts {
        heal_one(inner, unit, account)?;
    }
    let next = accounts.last().map(|account| account.id.0.to_be_bytes());
    unit.put_setting(PENDING, next.as_ref().map_or(&[], |next| next.as_slice()))?;
    if next.is_none() {
        tracing::info!("all repositories have fresh commits after the restoration");
    }
    Ok(next.is_some())
}

fn pending(unit: &mut dyn Unit) -> Result<Option<AccountId>, Error> {
    let value = unit.setting(PENDING)?.unwrap_or_default();
    if value.is_empty() {
        return Ok(None);
    }
    let id = value[..].try_into().map(i64::from_be_bytes);
    // A value that cannot be read means to begin anew: one commit too many does no harm.
    Ok(Some(AccountId(id.unwrap_or_default())))
}

/// A fresh commit, and what relays may have wrong: whether the account is active, and where its repository is.
fn heal_one(inner: &Inner, unit: &mut dyn Unit, account: &Account) -> Result<(), Error> {
    if unit.commit(account.id)?.is_none() {
        return Ok(());
    }
    let did = account.did.clone();
    // A key that is lost must not keep all others from going on.
    if let Err(error) = inner.keys.open(&account.key) {
        tracing::error!(did = did.as_str(), "the key of an account cannot be used: {error}");
        return Ok(());
    }
    let written = repos::recommit(inner, unit, account)?;
    let event = match account.state().status() {
        None => AccountEvent::active(did),
        Some(status) => AccountEvent::inactive(did, status),
    };
    unit.emit(account.id, Event::Account(event))?;
    if account.state().is_active() {
        let event = SyncEvent::of(&written.commit).map_err(Error::internal)?;
        unit.emit(account.id, Event::Sync(event))?;
    }
    Ok(())
}

impl Pds {
    /// Gives all repositories their fresh commits that wait for them since a [restoration](super::Restore). Nothing
    /// happens where there was none.
    ///
    /// # Errors
    /// The store failed. It can be called again.
    pub async fn finish_restoration(&self, progress: &Progress) -> Result<(), BackupError> {
        let total = self.inner.db.read::<_, Error, _>(|view| Ok(view.count_accounts()?)).await?;
        let mut done = 0;
        while heal(self).await? {
            done += BATCH as u64;
            progress.tell("making fresh commits", done.min(total), total);
        }
        Ok(())
    }
}
