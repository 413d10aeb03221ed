//! Who may get whole repositories.

use arobase::Context;
use http::{HeaderValue, StatusCode, header};
use subtle::ConstantTimeEq;

use crate::{
    auth::Credentials,
    error::Error,
    pds::Pds,
    settings::{ExportPolicy, Settings},
    store::Account,
};

/// How old an account of a newcomer is at most, in microseconds.
const NEW: i64 = 12 * 60 * 60 * 1_000_000;

/// Whether one caller may get the repositories of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// All of them.
    All,
    /// Those of accounts that were created later than this (microseconds since 1970).
    NewerThan(i64),
}

impl Policy {
    /// For the caller of a request.
    pub(super) fn of(pds: &Pds, cx: &Context) -> Self {
        match pds.settings().exports {
            ExportPolicy::Everybody => Self::All,
            ExportPolicy::Newcomers { .. } if carries_export_token(pds.settings(), cx) => Self::All,
            ExportPolicy::Newcomers { .. } => Self::NewerThan(pds.inner.now().saturating_sub(NEW)),
        }
    }

    /// Owners and operators always may.
    ///
    /// # Errors
    /// 403.
    pub(super) fn check(self, account: &Account, reader: Option<&Credentials>) -> Result<(), Error> {
        let open = match self {
            Self::All => true,
            Self::NewerThan(time) => account.created_at > time,
        };
        if open || reader.is_some_and(|reader| reader.may_read(&account.did)) {
            return Ok(());
        }
        Err(Error::new(StatusCode::FORBIDDEN, "Forbidden", "this server does not give out whole repositories"))
    }
}

/// Whether a request has the token for exports, which is none of an account.
fn carries_export_token(settings: &Settings, cx: &Context) -> bool {
    let ExportPolicy::Newcomers { token: Some(token) } = &settings.exports else { return false };
    let given = cx.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let Some((scheme, given)) = given.and_then(|value| value.split_at_checked("Bearer ".len())) else { return false };
    scheme.eq_ignore_ascii_case(b"Bearer ") && bool::from(given.ct_eq(token.as_bytes()))
}
