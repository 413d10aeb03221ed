//! What is asked of a token before its key is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arobase_lexicon::syntax::{Did, Nsid};

use super::{
    TokenError, Verified, algorithm,
    claims::{DEFAULT_KEY, MAX_LIFETIME},
    header::Header,
    payload::Payload,
    request::is_protected,
    token::Token,
};
use crate::crypto::{Curve, PublicKey};

/// How far ahead the clock of the caller may be.
const MAX_AHEAD: Duration = Duration::from_secs(300);
/// The most leeway.
const MAX_LEEWAY: Duration = Duration::from_secs(60);
/// The name that labelers wrote after their DID before there was `kid`, and the key that it means.
const OLD_LABELER: (&str, &str) = ("atproto_labeler", "atproto_label");

/// The settings of a verifier.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) audiences: Box<[Box<str>]>,
    pub(super) keys: Box<[Box<str>]>,
    pub(super) max_lifetime: Duration,
    pub(super) leeway: Duration,
    pub(super) any_method: bool,
    pub(super) legacy: bool,
}

/// A token in which nothing is wrong, if the key says so too.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) verified: Verified,
    /// Its nonce, which only a legacy token does without.
    pub(super) jti: Option<Box<str>>,
    /// The end of its time.
    pub(super) until: SystemTime,
    curve: Curve,
    signed: &'a str,
    signature: Vec<u8>,
}

impl Rules {
    pub(super) fn new(audiences: Box<[Box<str>]>) -> Self {
        let keys = Box::new([DEFAULT_KEY.into()]);
        Self { audiences, keys, max_lifetime: MAX_LIFETIME, leeway: Duration::ZERO, any_method: false, legacy: false }
    }

    /// Longer would make the end of a token meaningless.
    pub(super) fn set_leeway(&mut self, leeway: Duration) {
        self.leeway = leeway.min(MAX_LEEWAY);
    }

    /// Looks at everything but the signature. What is wrong first is told in the order of the official implementation.
    pub(super) fn check<'a>(
        &self,
        token: &'a str,
        method: &Nsid,
        now: SystemTime,
    ) -> Result<Candidate<'a>, TokenError> {
        let token = Token::parse(token)?;
        let header = Header::read(&token.header)?;
        let payload = Payload::read(&token.payload)?;
        let until = self.check_times(&payload, now)?;
        let aud = self.audience(payload.aud)?;
        let lxm = self.method(payload.lxm, method)?;
        let (iss, key) = self.issuer(payload.iss, header.kid)?;
        let jti = self.nonce(payload.jti)?;
        let curve = algorithm::curve(header.alg).ok_or(TokenError::Algorithm)?;
        if token.signature.len() != 64 {
            return Err(TokenError::Signature);
        }
        let verified = Verified { iss, aud, lxm, key };
        Ok(Candidate { verified, jti, until, curve, signed: token.signed, signature: token.signature })
    }

    /// The end of the time of a token, leeway included.
    fn check_times(&self, payload: &Payload<'_>, now: SystemTime) -> Result<SystemTime, TokenError> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let exp = since_1970(payload.exp);
        let until = exp.saturating_add(self.leeway);
        if now > until {
            return Err(TokenError::Expired);
        }
        if exp > now.saturating_add(self.max_lifetime).saturating_add(self.leeway) {
            return Err(TokenError::Lifetime);
        }
        self.check_start(payload, now)?;
        UNIX_EPOCH.checked_add(until).ok_or(TokenError::Lifetime)
    }

    fn check_start(&self, payload: &Payload<'_>, now: Duration) -> Result<(), TokenError> {
        match payload.iat.map(since_1970) {
            None if !self.legacy => return Err(TokenError::Malformed("it has no `iat`")),
            Some(iat) if iat > now.saturating_add(MAX_AHEAD) => return Err(TokenError::NotYetValid),
            _ => {}
        }
        match payload.nbf.map(since_1970) {
            Some(nbf) if nbf > now.saturating_add(self.leeway) => Err(TokenError::NotYetValid),
            _ => Ok(()),
        }
    }

    fn audience(&self, aud: &str) -> Result<Box<str>, TokenError> {
        self.audiences.iter().find(|own| &***own == aud).cloned().ok_or(TokenError::Audience)
    }

    /// The method. What changes an account itself is not called with these tokens, whatever they say.
    fn method(&self, lxm: Option<&str>, method: &Nsid) -> Result<Option<Nsid>, TokenError> {
        if is_protected(method) {
            return Err(TokenError::Method);
        }
        match lxm {
            None if self.any_method => Ok(None),
            Some(lxm) if lxm == method.as_str() => Ok(Some(method.clone())),
            _ => Err(TokenError::Method),
        }
    }

    /// The issuer, and the name of the key that is to have signed.
    fn issuer(&self, iss: &str, kid: Option<&str>) -> Result<(Did, Box<str>), TokenError> {
        let (did, hint) = match iss.split_once('#') {
            Some((did, service)) if self.legacy && service == OLD_LABELER.0 => (did, Some(OLD_LABELER.1)),
            Some(_) => return Err(TokenError::Issuer),
            None => (iss, None),
        };
        let did: Did = did.parse().map_err(|_| TokenError::Issuer)?;
        did.check_method().map_err(|_| TokenError::Issuer)?;
        let key = match (kid, hint) {
            (Some(kid), Some(hint)) if kid != hint => return Err(TokenError::KeyName),
            (kid, hint) => kid.or(hint).unwrap_or(DEFAULT_KEY),
        };
        self.keys.iter().find(|own| &***own == key).map(|key| (did, key.clone())).ok_or(TokenError::KeyName)
    }

    fn nonce(&self, jti: Option<&str>) -> Result<Option<Box<str>>, TokenError> {
        match jti {
            None if !self.legacy => Err(TokenError::Malformed("it has no `jti`")),
            jti => Ok(jti.map(Into::into)),
        }
    }
}

impl Candidate<'_> {
    /// Whether it is of this key. The protocol has signatures with a low S, but other people's libraries make the
    /// others too, and for a token it does not matter: its nonce and not its text is what may pass once.
    pub(super) fn check_key(&self, key: &PublicKey) -> Result<(), TokenError> {
        if key.curve() != self.curve {
            return Err(TokenError::Algorithm);
        }
        if key.verify_lenient(self.signed.as_bytes(), &self.signature) { Ok(()) } else { Err(TokenError::Signature) }
    }
}

/// What was before 1970 has been over as long as that.
fn since_1970(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}
