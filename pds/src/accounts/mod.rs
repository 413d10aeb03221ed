//! Accounts: how they come, what becomes of them, how they go.

mod claims;
mod create;
mod document;
mod email;
mod events;
mod handles;
mod new_did;
mod rename;
mod sign_up;
mod state;
#[cfg(test)]
mod tests;

use arobase::syntax::{AtIdentifier, Handle};

pub use self::sign_up::{Password, SignUp};
pub(crate) use self::{
    claims::{Claim, Claims},
    handles::Domain,
    state::is_due,
};
use crate::{
    auth::Credentials,
    error::Error,
    pds::Pds,
    store::{Account, State, View},
};

impl Pds {
    /// The account of a handle or DID, whatever its state.
    ///
    /// # Errors
    /// The store failed.
    pub async fn account(&self, who: &AtIdentifier) -> Result<Option<Account>, Error> {
        let who = who.clone();
        self.inner.db.read(move |view| look_up(view, &who)).await
    }
}

fn look_up(view: &dyn View, who: &AtIdentifier) -> Result<Option<Account>, Error> {
    Ok(match who {
        AtIdentifier::Did(did) => view.account_of_did(did)?,
        AtIdentifier::Handle(handle) => view.account_of_handle(&handle.normalize())?,
    })
}

/// The account of a handle or DID, whatever its state.
pub(crate) fn find(view: &dyn View, who: &AtIdentifier) -> Result<Account, Error> {
    look_up(view, who)?.ok_or_else(|| Error::repo_not_found(who))
}

/// The account of a handle or DID, if everybody may see it, or this caller.
pub(crate) fn find_readable(
    view: &dyn View,
    who: &AtIdentifier,
    reader: Option<&Credentials>,
) -> Result<Account, Error> {
    let account = find(view, who)?;
    match account.state() {
        State::Active => Ok(account),
        _ if reader.is_some_and(|reader| reader.may_read(&account.did)) => Ok(account),
        state => Err(Error::inactive(&account.did, state)),
    }
}

fn taken(handle: &Handle) -> Error {
    Error::named("HandleNotAvailable", format!("the handle {handle} is taken"))
}
