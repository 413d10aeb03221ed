//! One token for everything.

use std::fmt;

use arobase::{Context, syntax::Did, xrpc::BoxFuture};

use super::{
    Authenticate, Credentials,
    authorization::{self, Presented},
    secrets::same,
};
use crate::error::Error;

/// One token that may write to all repositories, or to one: for servers with one owner. It is sent as
/// `Authorization: Bearer`. An empty token fits nothing.
pub struct StaticToken {
    token: Box<str>,
    did: Option<Did>,
}

impl StaticToken {
    /// A token that may do everything that operators may.
    #[must_use]
    pub fn new(token: impl Into<Box<str>>) -> Self {
        Self { token: token.into(), did: None }
    }

    /// A token for one account.
    #[must_use]
    pub fn of(did: Did, token: impl Into<Box<str>>) -> Self {
        Self { token: token.into(), did: Some(did) }
    }

    fn check(&self, cx: &Context) -> Option<Credentials> {
        let Ok(Some(Presented::Bearer(token))) = authorization::read(cx.headers()) else { return None };
        if self.token.is_empty() || !same(token, &self.token) {
            return None;
        }
        Some(self.did.clone().map_or_else(Credentials::admin, Credentials::full))
    }
}

impl Authenticate for StaticToken {
    fn authenticate<'a>(&'a self, cx: &'a Context) -> BoxFuture<'a, Result<Option<Credentials>, Error>> {
        Box::pin(std::future::ready(Ok(self.check(cx))))
    }
}

impl fmt::Debug for StaticToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticToken").field("did", &self.did).finish_non_exhaustive()
    }
}
