//! What is said of accounts in the log (Repository, events: emission order).

use arobase::{
    repo::{Commit, Written},
    sync::{AccountEvent, AccountStatus, CommitEvent, Event, IdentityEvent, SyncEvent},
};

use crate::{
    error::Error,
    store::{Account, Unit},
};

/// A new account: who it is, that it is active, and its first commit.
pub(super) fn created(unit: &mut dyn Unit, account: &Account, first: &Written) -> Result<(), Error> {
    identity(unit, account)?;
    state(unit, account)?;
    let commit = CommitEvent::of(first).map_err(Error::internal)?;
    unit.emit(account.id, Event::from(commit))?;
    sync(unit, account, &first.commit)
}

/// An account that is to be seen again: its repository may have changed while it was not.
pub(super) fn returned(unit: &mut dyn Unit, account: &Account, commit: &Commit) -> Result<(), Error> {
    state(unit, account)?;
    identity(unit, account)?;
    sync(unit, account, commit)
}

/// The identity changed.
pub(super) fn identity(unit: &mut dyn Unit, account: &Account) -> Result<(), Error> {
    let event = IdentityEvent::new(account.did.clone(), account.handle.clone());
    Ok(unit.emit(account.id, event.into())?)
}

/// The state in which the account is now.
pub(super) fn state(unit: &mut dyn Unit, account: &Account) -> Result<(), Error> {
    let event = match account.state().status() {
        None => AccountEvent::active(account.did.clone()),
        Some(status) => AccountEvent::inactive(account.did.clone(), status),
    };
    Ok(unit.emit(account.id, event.into())?)
}

/// The account is gone.
pub(super) fn deleted(unit: &mut dyn Unit, account: &Account) -> Result<(), Error> {
    let event = AccountEvent::inactive(account.did.clone(), AccountStatus::Deleted);
    Ok(unit.emit(account.id, event.into())?)
}

fn sync(unit: &mut dyn Unit, account: &Account, commit: &Commit) -> Result<(), Error> {
    let event = SyncEvent::of(commit).map_err(Error::internal)?;
    Ok(unit.emit(account.id, event.into())?)
}
