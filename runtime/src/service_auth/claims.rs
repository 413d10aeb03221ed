//! What a token says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arobase_lexicon::{
    json::Json,
    syntax::{Did, Nsid},
};
use data_encoding::HEXLOWER;
use k256::elliptic_curve::Generate;

use super::{Draft, algorithm};
use crate::{
    clock::Clock,
    crypto::{Curve, SignError, Signer},
};

/// How long a token is good unless it says otherwise.
pub(super) const LIFETIME: Duration = Duration::from_secs(60);
/// How long a token may be good at most.
pub(super) const MAX_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The key that signs unless a token says otherwise.
pub(super) const DEFAULT_KEY: &str = "atproto";

/// What a token says, for those who make one.
///
/// ```
/// use arobase_runtime::{
///     clock::SystemClock,
///     crypto::{Curve, SigningKey},
///     service_auth::Claims,
/// };
///
/// let key = SigningKey::generate(Curve::K256);
/// let iss = "did:plc:abcdefghijklmnopqrstuvwx".parse()?;
/// let claims = Claims::new(iss, "did:web:api.example.com#svc", "com.example.getThing".parse()?);
/// let token = claims.sign(&key, &SystemClock)?;
/// assert_eq!(token.split('.').count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// The account that calls.
    pub iss: Did,
    /// The service that is called: a DID, or a DID, `#` and the id of the service. The protocol wants the second, but
    /// many services still accept nothing but the first.
    pub aud: Box<str>,
    /// The method that is called. A token without is good for every method of the service that takes such tokens.
    pub lxm: Option<Nsid>,
    /// How long it is good, from 1 s to 1 h; fractions of a second do not count. Default: 60 s.
    pub lifetime: Duration,
    /// The name of the key (without `#`), where that is not `atproto`.
    pub kid: Option<Box<str>>,
}

impl Claims {
    /// For a call of a method.
    #[must_use]
    pub fn new(iss: Did, aud: impl Into<Box<str>>, lxm: Nsid) -> Self {
        Self { iss, aud: aud.into(), lxm: Some(lxm), lifetime: LIFETIME, kid: None }
    }

    /// The token: signed now, with a random `jti`. It is a secret until it was used or has expired.
    ///
    /// # Errors
    /// The key could not be used, the lifetime is out of range, or there are no random numbers to be had.
    pub fn sign(&self, signer: &dyn Signer, clock: &dyn Clock) -> Result<String, SignError> {
        self.sign_as(signer, clock.now(), &nonce()?)
    }

    /// The token without its signature, for a key on this curve that answers later.
    ///
    /// # Errors
    /// The lifetime is out of range, or there are no random numbers to be had.
    pub fn draft(&self, curve: Curve, clock: &dyn Clock) -> Result<Draft, SignError> {
        self.draft_as(curve, clock.now(), &nonce()?)
    }

    /// The token of a time and a nonce.
    pub(super) fn sign_as(&self, signer: &dyn Signer, now: SystemTime, jti: &str) -> Result<String, SignError> {
        let draft = self.draft_as(signer.public_key().curve(), now, jti)?;
        let signature = signer.sign(draft.signing_bytes())?;
        Ok(draft.signed_with(&signature))
    }

    fn draft_as(&self, curve: Curve, now: SystemTime, jti: &str) -> Result<Draft, SignError> {
        if self.lifetime < Duration::from_secs(1) || self.lifetime > MAX_LIFETIME {
            return Err(SignError::new("the lifetime of a token is from one second to one hour"));
        }
        let iat = now.duration_since(UNIX_EPOCH).map_err(|_| SignError::new("the clock is before 1970"))?.as_secs();
        let exp = iat.saturating_add(self.lifetime.as_secs());
        Ok(Draft::new(&self.header(curve), &self.payload(iat, exp, jti)))
    }

    fn header(&self, curve: Curve) -> Json {
        let mut header = vec![entry("typ", "JWT"), entry("alg", algorithm::name(curve))];
        if let Some(kid) = self.kid.as_deref().filter(|kid| *kid != DEFAULT_KEY) {
            header.push(entry("kid", format!("#{kid}")));
        }
        Json::Object(header)
    }

    /// In the order of the official implementation.
    fn payload(&self, iat: u64, exp: u64, jti: &str) -> Json {
        let mut payload = vec![
            entry("iat", time(iat)),
            entry("iss", self.iss.as_str()),
            entry("aud", &*self.aud),
            entry("exp", time(exp)),
        ];
        if let Some(lxm) = &self.lxm {
            payload.push(entry("lxm", lxm.as_str()));
        }
        payload.push(entry("jti", jti));
        Json::Object(payload)
    }
}

fn nonce() -> Result<String, SignError> {
    let nonce = <[u8; 16]>::try_generate().map_err(|_| SignError::new("there are no random numbers"))?;
    Ok(HEXLOWER.encode(&nonce))
}

fn entry(key: &str, value: impl Into<Json>) -> (String, Json) {
    (key.to_owned(), value.into())
}

/// Clocks are not set that far.
fn time(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
