//! Tokens that a client asks its PDS for.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase_lexicon::syntax::{Did, Nsid};
use http::StatusCode;

use super::{
    Claims,
    claims::{LIFETIME, MAX_LIFETIME},
};
use crate::xrpc::XrpcError;

/// Methods that change an account itself, below `com.atproto.`: nobody calls them with a service token.
const PROTECTED: [&str; 16] = [
    "admin.sendEmail",
    "identity.requestPlcOperationSignature",
    "identity.signPlcOperation",
    "identity.updateHandle",
    "server.activateAccount",
    "server.confirmEmail",
    "server.createAppPassword",
    "server.deactivateAccount",
    "server.getAccountInviteCodes",
    "server.getSession",
    "server.listAppPasswords",
    "server.requestAccountDelete",
    "server.requestEmailConfirmation",
    "server.requestEmailUpdate",
    "server.revokeAppPassword",
    "server.updateEmail",
];
const PREFIX: &str = "com.atproto.";

/// Why a PDS does not make a token that it was asked for. It is an [`XrpcError`] by `From`, with status 400, and with
/// `?` a [`Failure`](crate::server::Failure).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// `aud` is neither a DID nor a DID, `#` and an id; or a DID of a method that is not supported. `InvalidRequest`.
    Audience,
    /// The method is one that nobody calls with a service token. `InvalidRequest`.
    Protected,
    /// `exp` is in the past. `BadExpiration`.
    Past,
    /// `exp` is more than an hour ahead. `BadExpiration`.
    TooLate,
    /// `exp` is more than a minute ahead, and there is no method. `BadExpiration`.
    TooLateWithoutMethod,
}

impl Claims {
    /// Checks what a client asked for through `com.atproto.server.getServiceAuth`, and gives the lifetime for it. `exp`
    /// is in seconds since 1970. What the client may ask for at all, by its session or its OAuth scopes, is not looked
    /// at.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// use arobase_runtime::service_auth::{Claims, RequestError};
    ///
    /// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    /// let lxm = "com.example.getThing".parse()?;
    /// let check = |exp| Claims::check_request("did:web:api.example.com#svc", Some(&lxm), exp, now);
    /// assert_eq!(check(None), Ok(Duration::from_secs(60)));
    /// assert_eq!(check(Some(1_700_000_300)), Ok(Duration::from_secs(300)));
    /// assert_eq!(check(Some(1_699_999_999)), Err(RequestError::Past));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn check_request(
        aud: &str,
        lxm: Option<&Nsid>,
        exp: Option<i64>,
        now: SystemTime,
    ) -> Result<Duration, RequestError> {
        if !is_audience(aud) {
            return Err(RequestError::Audience);
        }
        if lxm.is_some_and(is_protected) {
            return Err(RequestError::Protected);
        }
        let Some(exp) = exp else { return Ok(LIFETIME) };
        let lifetime = left(exp, now).ok_or(RequestError::Past)?;
        if lifetime > MAX_LIFETIME {
            return Err(RequestError::TooLate);
        }
        if lxm.is_none() && lifetime > LIFETIME {
            return Err(RequestError::TooLateWithoutMethod);
        }
        Ok(lifetime)
    }
}

/// The time that is left, counted from the second that has begun, as tokens count it. A token of no time at all would
/// be of no use.
fn left(exp: i64, now: SystemTime) -> Option<Duration> {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = u64::try_from(exp).ok()?.checked_sub(now)?;
    (left > 0).then(|| Duration::from_secs(left))
}

fn is_audience(aud: &str) -> bool {
    let (did, id) = aud.split_once('#').map_or((aud, None), |(did, id)| (did, Some(id)));
    let supported = did.parse::<Did>().is_ok_and(|did| did.check_method().is_ok());
    supported && id.is_none_or(is_id)
}

/// What may stand after the `#` of an address, and is not only allowed but sensible.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 256 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~:-".contains(&byte))
}

/// Whatever the case: what looks like a protected method to somebody is one.
pub(super) fn is_protected(lxm: &Nsid) -> bool {
    let lxm = lxm.as_str();
    let below = lxm.split_at_checked(PREFIX.len()).filter(|(prefix, _)| prefix.eq_ignore_ascii_case(PREFIX));
    below.is_some_and(|(_, name)| PROTECTED.iter().any(|protected| protected.eq_ignore_ascii_case(name)))
}

impl RequestError {
    /// The name for the answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Audience | Self::Protected => "InvalidRequest",
            Self::Past | Self::TooLate | Self::TooLateWithoutMethod => "BadExpiration",
        }
    }
}

impl From<RequestError> for XrpcError {
    fn from(error: RequestError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.name(), error.to_string())
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audience => "the audience is not a DID, or a DID with the id of a service",
            Self::Protected => "the method is not called with service tokens",
            Self::Past => "the expiration is in the past",
            Self::TooLate => "the expiration is more than an hour ahead",
            Self::TooLateWithoutMethod => "without a method, the expiration is at most a minute ahead",
        })
    }
}

impl std::error::Error for RequestError {}
