//! Logging in.

use arobase::syntax::AtIdentifier;
use http::StatusCode;
use tokio::time::{Instant, sleep_until};

use super::{Access, Session, gate::taken_down};
use crate::{
    accounts::Password,
    error::Error,
    pds::Inner,
    store::{Account, State, StoreError, View},
};

/// Who wants in.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// A handle, a DID or an e-mail address, as it was typed.
    pub(crate) identifier: String,
    pub(crate) password: Password,
    /// Whether the owner of an account that was taken down wants in to leave.
    pub(crate) allow_takendown: bool,
}

impl Inner {
    /// Begins a session for somebody with a password. 401 `AuthenticationRequired`, whether there is no such account or
    /// the password is another one; 401 `AccountTakedown`. It takes a while in any case, so that the time tells neither.
    pub(crate) async fn log_in(&self, login: Login) -> Result<Session, Error> {
        let until = Instant::now() + self.gate.patience;
        let result = self.check_login(login).await;
        sleep_until(until).await;
        result
    }

    async fn check_login(&self, login: Login) -> Result<Session, Error> {
        let Login { identifier, password, allow_takendown } = login;
        let found = self.db.read(move |view| by_identifier(view, &identifier)).await?;
        let hash = found.as_ref().and_then(|account| account.password.as_deref());
        let fits = self.gate.passwords.verify(&password, hash).await?;
        let Some(account) = found.filter(|_| fits) else { return Err(wrong()) };
        let access = match account.state() {
            State::Active | State::Deactivated => Access::Full,
            State::Takendown | State::Suspended if allow_takendown => Access::Takendown,
            State::Takendown | State::Suspended => return Err(taken_down()),
        };
        self.begin_session(account, access).await
    }
}

fn by_identifier(view: &dyn View, typed: &str) -> Result<Option<Account>, StoreError> {
    let typed = typed.trim();
    if typed.contains('@') {
        return view.account_of_email(&typed.to_ascii_lowercase());
    }
    match typed.parse::<AtIdentifier>() {
        Ok(AtIdentifier::Did(did)) => view.account_of_did(&did),
        Ok(AtIdentifier::Handle(handle)) => view.account_of_handle(&handle.normalize()),
        Err(_) => Ok(None),
    }
}

fn wrong() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, "AuthenticationRequired", "the identifier or the password is wrong")
}
