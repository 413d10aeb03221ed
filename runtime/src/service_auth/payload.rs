//! What the payload of a token says.

use arobase_lexicon::json::Json;

use super::TokenError;

/// The most bytes of a nonce. Ours have 32.
const MAX_JTI: usize = 256;

/// The payload of a token that came in: of the right types, and no more than that. Times are seconds since 1970.
#[derive(Debug)]
pub(super) struct Payload<'a> {
    pub(super) iss: &'a str,
    pub(super) aud: &'a str,
    pub(super) exp: i64,
    pub(super) iat: Option<i64>,
    pub(super) nbf: Option<i64>,
    pub(super) lxm: Option<&'a str>,
    pub(super) jti: Option<&'a str>,
}

impl<'a> Payload<'a> {
    pub(super) fn read(json: &'a Json) -> Result<Self, TokenError> {
        Ok(Self {
            iss: text(json, "iss", "`iss` is not a string")?.ok_or(TokenError::Malformed("it has no `iss`"))?,
            aud: text(json, "aud", "`aud` is not a string")?.ok_or(TokenError::Malformed("it has no `aud`"))?,
            exp: seconds(json, "exp", "`exp` is not an integer")?.ok_or(TokenError::Malformed("it has no `exp`"))?,
            iat: seconds(json, "iat", "`iat` is not an integer")?,
            nbf: seconds(json, "nbf", "`nbf` is not an integer")?,
            lxm: text(json, "lxm", "`lxm` is not a string")?,
            jti: text(json, "jti", "`jti` is not a string")?.map(bounded).transpose()?,
        })
    }
}

fn text<'a>(json: &'a Json, name: &str, fault: &'static str) -> Result<Option<&'a str>, TokenError> {
    json.get(name).map(|value| value.as_str().ok_or(TokenError::Malformed(fault))).transpose()
}

fn seconds(json: &Json, name: &str, fault: &'static str) -> Result<Option<i64>, TokenError> {
    json.get(name).map(|value| value.as_i64().ok_or(TokenError::Malformed(fault))).transpose()
}

/// A nonce is kept for a while, so it has to be worth it.
fn bounded(jti: &str) -> Result<&str, TokenError> {
    match jti.len() {
        0 => Err(TokenError::Malformed("`jti` is empty")),
        1..=MAX_JTI => Ok(jti),
        _ => Err(TokenError::Malformed("`jti` is longer than 256 bytes")),
    }
}
