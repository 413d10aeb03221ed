//! The tokens of sessions: JWTs that nobody but this server makes and reads (XRPC, sessions).

use arobase::syntax::Did;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Access, scope};

/// The most bytes of a token. A DID may have 2 KiB.
const MAX: usize = 8 * 1024;
/// `{"typ":"at+jwt","alg":"HS256"}` and `{"typ":"refresh+jwt","alg":"HS256"}`. Tokens of ours have exactly these
/// headers, so that there is nothing in a header that could be believed.
const ACCESS: &str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9";
const REFRESH: &str = "eyJ0eXAiOiJyZWZyZXNoK2p3dCIsImFsZyI6IkhTMjU2In0";

/// The key of tokens, and whom they are for.
pub(super) struct Signing<'a> {
    pub(super) secret: &'a [u8; 32],
    pub(super) audience: &'a Did,
}

/// What a token says. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) did: Did,
    pub(super) purpose: Purpose,
    pub(super) issued: i64,
    pub(super) expires: i64,
}

/// What a token is for.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Calls.
    Access(Access),
    /// The next tokens, under its own ID.
    Refresh(Box<str>),
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not one of ours.
    Foreign,
    /// It is one, and its time is over.
    Expired,
}

/// Whether a token begins like an access token.
pub(super) fn is_access(token: &str) -> bool {
    token.split('.').next() == Some(ACCESS)
}

impl Signing<'_> {
    /// The token. Nothing for an access that has no tokens.
    pub(super) fn sign(&self, claims: &Claims) -> Option<String> {
        let (header, scope, jti) = match &claims.purpose {
            Purpose::Access(access) => (ACCESS, scope::of(*access)?, None),
            Purpose::Refresh(jti) => (REFRESH, scope::REFRESH, Some(&**jti)),
        };
        let mut payload = Map::new();
        payload.insert("scope".into(), scope.into());
        payload.insert("aud".into(), self.audience.as_str().into());
        payload.insert("sub".into(), claims.did.as_str().into());
        payload.insert("iat".into(), claims.issued.into());
        payload.insert("exp".into(), claims.expires.into());
        if let Some(jti) = jti {
            payload.insert("jti".into(), jti.into());
        }
        let payload = Value::Object(payload).to_string();
        let mut token = format!("{header}.{}", BASE64URL_NOPAD.encode(payload.as_bytes()));
        let tag = self.mac(token.as_bytes()).finalize().into_bytes();
        token.push('.');
        BASE64URL_NOPAD.encode_append(&tag, &mut token);
        Some(token)
    }

    /// What a token says, that is one of ours, and when its time is over at the latest.
    pub(super) fn read(&self, token: &str, now: i64) -> Result<Claims, Fault> {
        let claims = self.read_old(token)?;
        if claims.expires <= now { Err(Fault::Expired) } else { Ok(claims) }
    }

    /// The same, whatever its time.
    pub(super) fn read_old(&self, token: &str) -> Result<Claims, Fault> {
        let (header, payload) = self.verified(token).ok_or(Fault::Foreign)?;
        let payload: Value = serde_json::from_slice(&payload).map_err(|_| Fault::Foreign)?;
        self.claims(header, &payload).ok_or(Fault::Foreign)
    }

    /// The header and the payload of a token that this server signed.
    fn verified<'a>(&self, token: &'a str) -> Option<(&'a str, Vec<u8>)> {
        if token.len() > MAX {
            return None;
        }
        let (signed, tag) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        self.mac(signed.as_bytes()).verify_slice(&tag).ok()?;
        Some((header, BASE64URL_NOPAD.decode(payload.as_bytes()).ok()?))
    }

    /// What other kinds of tokens say (`lxm`, `cnf`), ours never do.
    fn claims(&self, header: &str, payload: &Value) -> Option<Claims> {
        let text = |name: &str| payload.get(name).and_then(Value::as_str);
        let time = |name: &str| payload.get(name).and_then(Value::as_i64);
        if payload.get("lxm").is_some() || payload.get("cnf").is_some() || text("aud") != Some(self.audience.as_str()) {
            return None;
        }
        let purpose = match (header, text("scope")?) {
            (ACCESS, scope) => Purpose::Access(scope::access(scope)?),
            (REFRESH, scope::REFRESH) => Purpose::Refresh(text("jti")?.into()),
            _ => return None,
        };
        Some(Claims { did: text("sub")?.parse().ok()?, purpose, issued: time("iat")?, expires: time("exp")? })
    }

    fn mac(&self, message: &[u8]) -> Hmac<Sha256> {
        // A key that is shorter than a block is filled up with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(self.secret);
        let mut mac = Hmac::<Sha256>::new(&(*block).into());
        mac.update(message);
        mac
    }
}

/// Without the ID of a session.
impl std::fmt::Debug for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Access(access) => f.debug_tuple("Access").field(access).finish(),
            Self::Refresh(_) => f.write_str("Refresh"),
        }
    }
}
