//! What becomes of accounts.

use std::sync::Arc;

use arobase::syntax::Did;

use super::{events, find};
use crate::{
    error::Error,
    pds::{Inner, Pds},
    repos,
    store::{Account, State, Unit},
};

impl Pds {
    /// Switches an account off for its owner, and says when it is to be deleted (microseconds since 1970), if it is. An
    /// account that is off already only gets another time.
    ///
    /// # Errors
    /// 400 `RepoNotFound`; or the store failed.
    pub async fn deactivate(&self, did: &Did, delete_after: Option<i64>) -> Result<(), Error> {
        let now = self.inner.now();
        self.change(did, move |account| {
            account.deactivated_at.get_or_insert(now);
            account.delete_after = delete_after;
        })
        .await
    }

    /// Switches an account on again: with a fresh commit, `#account`, `#identity` and `#sync`. Nothing happens if it is
    /// on. Whether its DID document names this server is not looked at. What the operator decided stays.
    ///
    /// # Errors
    /// 400 `RepoNotFound`; or the store failed.
    pub async fn activate(&self, did: &Did) -> Result<(), Error> {
        self.change(did, |account| (account.deactivated_at, account.delete_after) = (None, None)).await
    }

    /// Takes an account down, with a reference to the decision, or lets it come back. Its sessions end.
    ///
    /// # Errors
    /// 400 `RepoNotFound`; or the store failed.
    pub async fn set_takedown(&self, did: &Did, reference: Option<&str>) -> Result<(), Error> {
        let reference: Option<Box<str>> = reference.map(Into::into);
        self.change(did, move |account| account.takedown = reference).await
    }

    /// Suspends an account, or lets it come back. Its sessions end.
    ///
    /// # Errors
    /// 400 `RepoNotFound`; or the store failed.
    pub async fn set_suspended(&self, did: &Did, suspended: bool) -> Result<(), Error> {
        let now = self.inner.now();
        self.change(did, move |account| {
            account.suspended_at = suspended.then(|| account.suspended_at.unwrap_or(now));
        })
        .await
    }

    /// Deletes an account with all that it has here. Its names are free at once; what it stored goes in the background.
    /// Its DID lives on.
    ///
    /// # Errors
    /// 400 `RepoNotFound`; or the store failed.
    pub async fn delete_account(&self, did: &Did) -> Result<(), Error> {
        let wanted = did.clone().into();
        let deleting = self.inner.db.write(move |unit| {
            let account = find(unit, &wanted)?;
            delete(unit, &account)
        });
        deleting.await
    }

    /// Deletes an account if its time has come, which is seen in the unit that does it: its owner may come back at any
    /// moment. Whether it was deleted.
    pub(crate) async fn delete_if_due(&self, did: &Did) -> Result<bool, Error> {
        let (now, wanted) = (self.inner.now(), did.clone().into());
        let deleting = self.inner.db.write(move |unit| {
            let account = find(unit, &wanted)?;
            if is_due(&account, now) {
                delete(unit, &account)?;
            }
            Ok(is_due(&account, now))
        });
        deleting.await
    }

    /// Changes an account, and says so if its state is another one then.
    async fn change(&self, did: &Did, edit: impl FnOnce(&mut Account) + Send + 'static) -> Result<(), Error> {
        let (inner, wanted) = (Arc::clone(&self.inner), did.clone().into());
        let changing = self.inner.db.write(move |unit| {
            let before = find(unit, &wanted)?;
            let mut account = before.clone();
            edit(&mut account);
            unit.update_account(&account)?;
            tell(&inner, unit, &before, &account)
        });
        changing.await
    }
}

/// Whether the time of an account has come. Only what the owner switched off is deleted: whoever came back has changed
/// their mind, and what the operator took down is kept as evidence.
pub(crate) fn is_due(account: &Account, now: i64) -> bool {
    account.state() == State::Deactivated && account.delete_after.is_some_and(|time| time <= now)
}

fn delete(unit: &mut dyn Unit, account: &Account) -> Result<(), Error> {
    // What the log has of it goes first, so that the last word stays.
    unit.delete_account(account.id)?;
    events::deleted(unit, account)
}

fn tell(inner: &Inner, unit: &mut dyn Unit, before: &Account, account: &Account) -> Result<(), Error> {
    let (was, is) = (before.state(), account.state());
    if was == is {
        return Ok(());
    }
    if matches!(is, State::Suspended | State::Takendown) {
        unit.delete_sessions(account.id)?;
    }
    match is.is_active() {
        true => {
            let written = repos::recommit(inner, unit, account)?;
            events::returned(unit, account, &written.commit)
        }
        false => events::state(unit, account),
    }
}
