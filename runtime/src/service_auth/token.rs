//! The text form: three parts of base64url, with a dot between them.

use arobase_lexicon::json::Json;
use data_encoding::BASE64URL_NOPAD;

use super::TokenError;

/// The most bytes of a token. A DID may have 2 KiB, and a name of a service as much.
pub(super) const MAX_TOKEN: usize = 8 * 1024;

/// A token that was taken apart. Nothing of it was checked yet.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) header: Json,
    pub(super) payload: Json,
    /// What is signed: the first two parts, as they came.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
}

impl<'a> Token<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > MAX_TOKEN {
            return Err(TokenError::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(PARTS)?;
        let (header, payload) = signed.split_once('.').ok_or(PARTS)?;
        if payload.contains('.') {
            return Err(PARTS);
        }
        Ok(Self { header: object(header)?, payload: object(payload)?, signed, signature: decode(signature)? })
    }
}

const PARTS: TokenError = TokenError::Malformed("it does not have three parts");

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| TokenError::Malformed("a part is not base64url"))
}

/// Keys that stand twice are refused: another reader might take the other one.
fn object(part: &str) -> Result<Json, TokenError> {
    match Json::parse_bytes(&decode(part)?) {
        Ok(json @ Json::Object(_)) => Ok(json),
        Ok(_) => Err(TokenError::Malformed("a part is not a JSON object")),
        Err(_) => Err(TokenError::Malformed("a part is not JSON with each key once")),
    }
}
