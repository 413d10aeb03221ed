//! Checking tokens.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arobase_lexicon::syntax::{Did, Nsid};
use http::HeaderMap;

use super::{
    KeySource, Nonces, Noted, SeenNonces, TokenError, bearer,
    rules::{Candidate, Rules},
};
use crate::{
    clock::{Clock, SystemClock},
    identity::Freshness,
};

/// Checks tokens that come in (XRPC, inter-service authentication).
///
/// A token is good for one call of one method of one service. What can be refused without a key is refused before the
/// issuer's key is asked for; where a key does not fit, it is asked for once more, past what is remembered, because
/// keys are changed. Only a token that was signed by its issuer counts as used.
///
/// Cheap to clone; clones remember the same tokens.
///
/// ```
/// use std::sync::Arc;
///
/// use arobase_runtime::service_auth::{KeySource, Verifier};
///
/// // The keys: of a `Resolver`, for example.
/// fn verifier(keys: Arc<dyn KeySource>) -> Verifier {
///     // Nearly all callers still write the bare DID of a service.
///     Verifier::new(["did:web:api.example.com#svc", "did:web:api.example.com"], keys)
/// }
/// ```
#[derive(Clone)]
pub struct Verifier {
    rules: Arc<Rules>,
    keys: Arc<dyn KeySource>,
    nonces: Arc<dyn Nonces>,
    clock: Arc<dyn Clock>,
}

/// A token that was verified: who calls, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The account that calls.
    pub iss: Did,
    /// What the token was made for, of the verifier's list.
    pub aud: Box<str>,
    /// The method. It can only be absent where the verifier accepts that ([`Verifier::any_method`]).
    pub lxm: Option<Nsid>,
    /// The name of the key that signed it, without `#`: `atproto`, unless the verifier accepts others.
    pub key: Box<str>,
}

impl Verifier {
    /// For services of these names (compared whole): `did:web:api.example.com#svc`, `did:web:api.example.com`.
    #[must_use]
    pub fn new<A: Into<Box<str>>>(audiences: impl IntoIterator<Item = A>, keys: Arc<dyn KeySource>) -> Self {
        Self {
            rules: Arc::new(Rules::new(audiences.into_iter().map(Into::into).collect())),
            keys,
            nonces: Arc::new(SeenNonces::default()),
            clock: Arc::new(SystemClock),
        }
    }

    /// With another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With another place for the nonces of tokens that were used. Default: [`SeenNonces`] of its own.
    #[must_use]
    pub fn nonces(mut self, nonces: Arc<dyn Nonces>) -> Self {
        self.nonces = nonces;
        self
    }

    /// Accepts signatures of the keys of these names (without `#`). Default: `atproto` alone; a service that labelers
    /// call adds `atproto_label`.
    #[must_use]
    pub fn key_names<N: Into<Box<str>>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.with(|rules| rules.keys = names.into_iter().map(Into::into).collect())
    }

    /// Accepts tokens for this long after they expired, and before their time begins (`nbf`): for callers whose clocks
    /// go wrong. At most 60 s. Default: 0. A token that was issued (`iat`) up to 300 s ahead is accepted in any case.
    #[must_use]
    pub fn leeway(self, leeway: Duration) -> Self {
        self.with(|rules| rules.set_leeway(leeway))
    }

    /// Refuses tokens that expire later than this from now on. Default: 1 h, for as long as `getServiceAuth` hands them
    /// out.
    #[must_use]
    pub fn max_lifetime(self, lifetime: Duration) -> Self {
        self.with(|rules| rules.max_lifetime = lifetime)
    }

    /// Whether tokens without a method (`lxm`) are accepted for every method that takes tokens at all. One with a
    /// method has to have the right one in any case. Default: no.
    #[must_use]
    pub fn any_method(self, accepts: bool) -> Self {
        self.with(|rules| rules.any_method = accepts)
    }

    /// Whether tokens are accepted that were made before the protocol asked for all of it: without `iat`, without
    /// `jti`, and with an issuer of the form `did:plc:...#atproto_labeler`, which means the key `atproto_label` (if
    /// that is among [`Verifier::key_names`]) and nothing else. Default: no, because a token without `jti` can be used
    /// again until it expires by everybody who saw it.
    #[must_use]
    pub fn legacy(self, accepts: bool) -> Self {
        self.with(|rules| rules.legacy = accepts)
    }

    fn with(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(Arc::make_mut(&mut self.rules));
        self
    }

    /// Checks a token for a call of a method. It passes once. Methods that change an account itself, such as
    /// `com.atproto.server.updateEmail`, are never called with such tokens: none passes for them.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn verify(&self, token: &str, method: &Nsid) -> Result<Verified, TokenError> {
        let candidate = self.rules.check(token, method, self.clock.now())?;
        self.check_signature(&candidate).await?;
        self.note(&candidate).await?;
        Ok(candidate.verified)
    }

    /// Checks the token in the headers of a request, for a call of a method.
    ///
    /// # Errors
    /// See [`TokenError`]; [`TokenError::Missing`] if there is no `Authorization` at all.
    pub async fn verify_headers(&self, headers: &HeaderMap, method: &Nsid) -> Result<Verified, TokenError> {
        self.verify(bearer::token(headers)?, method).await
    }

    /// With the key that is remembered, and if that does not do, with the key that there is now.
    async fn check_signature(&self, candidate: &Candidate<'_>) -> Result<(), TokenError> {
        let Verified { iss, key: name, .. } = &candidate.verified;
        let known = self.keys.key(iss, name, Freshness::Cached).await;
        let refusal = match &known {
            Ok(key) => match candidate.check_key(key) {
                Ok(()) => return Ok(()),
                Err(refusal) => refusal,
            },
            Err(error) if error.is_permanent() => TokenError::Identity(error.clone()),
            // Who could not be asked just now cannot be asked again.
            Err(error) => return Err(TokenError::Identity(error.clone())),
        };
        let fresh = self.keys.key(iss, name, Freshness::Fresh).await.map_err(TokenError::Identity)?;
        if known.is_ok_and(|known| known == fresh) {
            return Err(refusal);
        }
        candidate.check_key(&fresh)
    }

    /// Notes that the token was used. Its time may have come to an end while its key was asked for, and its nonce may
    /// have been forgotten since.
    async fn note(&self, candidate: &Candidate<'_>) -> Result<(), TokenError> {
        let now: SystemTime = self.clock.now();
        if now > candidate.until {
            return Err(TokenError::Expired);
        }
        let Some(jti) = &candidate.jti else { return Ok(()) };
        match self.nonces.note(&candidate.verified.iss, jti, candidate.until, now).await {
            Noted::New => Ok(()),
            Noted::Seen => Err(TokenError::Replayed),
            Noted::Full => Err(TokenError::Full),
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("rules", &self.rules).finish_non_exhaustive()
    }
}
