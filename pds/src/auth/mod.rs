//! Who is calling.

mod authorization;
mod gate;
mod jwt;
mod login;
mod passwords;
mod scope;
mod secrets;
mod service;
mod sessions;
mod static_token;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use arobase::{Context, syntax::Did, xrpc::BoxFuture};
use http::StatusCode;

use self::authorization::Presented;
pub use self::static_token::StaticToken;
pub(crate) use self::{gate::Gate, login::Login, passwords::Passwords, secrets::Secrets, sessions::Session};
use crate::error::Error;

/// Who is calling, and what for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Credentials {
    /// Whose request it is; operators have no account.
    pub did: Option<Did>,
    /// What the caller may do.
    pub access: Access,
}

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Everything that the owner of the account may.
    Full,
    /// What an app password gives that may read messages too.
    PrivilegedAppPassword,
    /// What an app password gives.
    AppPassword,
    /// What is left to the owner of an account that was taken down: to leave.
    Takendown,
    /// What one service token gives: the method that it names.
    Service,
    /// What operators may.
    Admin,
}

/// Decides whose request it is, in place of sessions: for servers that are part of something else.
pub trait Authenticate: Send + Sync {
    /// Whose request it is; `None` leaves that to sessions, service tokens and the password of operators.
    fn authenticate<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Option<Credentials>, Error>>;
}

impl Credentials {
    /// Who owns an account, without limits.
    #[must_use]
    pub fn full(did: Did) -> Self {
        Self::of(did, Access::Full)
    }

    /// Somebody with this access to an account.
    #[must_use]
    pub fn of(did: Did, access: Access) -> Self {
        Self { did: Some(did), access }
    }

    /// An operator.
    #[must_use]
    pub fn admin() -> Self {
        Self { did: None, access: Access::Admin }
    }

    /// Whether the caller may read an account that others may not.
    pub(crate) fn may_read(&self, did: &Did) -> bool {
        self.access == Access::Admin || (self.access != Access::Service && self.did.as_ref() == Some(did))
    }
}

/// What the router's hook found out about a request.
pub(crate) fn caller(cx: &Context) -> Option<&Credentials> {
    cx.get::<Option<Credentials>>().and_then(Option::as_ref)
}

/// On whose behalf a request writes: an account, with everything that app passwords may, or any account for operators,
/// who have none. 401 `AuthMissing` without credentials, 400 `InvalidToken` with others. A service token gets here only
/// with the method that it names.
pub(crate) fn writer(cx: &Context) -> Result<&Credentials, Error> {
    match caller(cx).ok_or_else(missing)? {
        Credentials { access: Access::Takendown, .. } => Err(insufficient()),
        caller => Ok(caller),
    }
}

/// The account that is calling, if its access is one of these. 401 `AuthMissing` without credentials, 400 `InvalidToken`
/// with others.
pub(crate) fn account<'a>(cx: &'a Context, accepted: &[Access]) -> Result<(&'a Did, Access), Error> {
    let caller = caller(cx).ok_or_else(missing)?;
    match &caller.did {
        Some(did) if accepted.contains(&caller.access) => Ok((did, caller.access)),
        _ => Err(insufficient()),
    }
}

/// The token that a request brings as `Authorization: Bearer`, unread. 400 `InvalidToken` for anything else.
pub(crate) fn bearer(cx: &Context) -> Result<Option<&str>, Error> {
    match authorization::read(cx.headers())? {
        Some(Presented::Bearer(token)) => Ok(Some(token)),
        Some(Presented::Basic(..)) => Err(invalid("this needs a token")),
        None => Ok(None),
    }
}

/// What app passwords may, and what else may as much.
pub(crate) const STANDARD: &[Access] = &[Access::Full, Access::PrivilegedAppPassword, Access::AppPassword];

fn missing() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, "AuthMissing", "who is calling?")
}

fn insufficient() -> Error {
    invalid("the token is not good for this method")
}

fn invalid(message: &'static str) -> Error {
    Error::named("InvalidToken", message)
}

fn expired() -> Error {
    Error::named("ExpiredToken", "the token has expired")
}
