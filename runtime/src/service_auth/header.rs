//! What the header of a token says.

use arobase_lexicon::json::Json;

use super::TokenError;

/// The types of tokens that are made for something else: sessions, OAuth, proofs of possession.
const OTHER_TYPES: [&str; 3] = ["at+jwt", "refresh+jwt", "dpop+jwt"];

/// The header of a token that came in.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) alg: &'a str,
    /// The name of the key, without `#`.
    pub(super) kid: Option<&'a str>,
}

impl<'a> Header<'a> {
    pub(super) fn read(json: &'a Json) -> Result<Self, TokenError> {
        let alg = json.get("alg").and_then(Json::as_str).ok_or(TokenError::Malformed("`alg` is not a string"))?;
        check_type(json)?;
        if json.get("crit").is_some() {
            return Err(TokenError::Malformed("it has critical extensions, and none is known"));
        }
        Ok(Self { alg, kid: json.get("kid").map(key_name).transpose()? })
    }
}

/// Types that are not known are none of ours to judge; there may be none.
fn check_type(json: &Json) -> Result<(), TokenError> {
    let Some(typ) = json.get("typ") else { return Ok(()) };
    let typ = typ.as_str().ok_or(TokenError::Malformed("`typ` is not a string"))?.to_ascii_lowercase();
    // The two spellings of a media type are one in JWTs.
    let bare = typ.strip_prefix("application/").unwrap_or(&typ);
    if OTHER_TYPES.contains(&bare) { Err(TokenError::Type) } else { Ok(()) }
}

fn key_name(kid: &Json) -> Result<&str, TokenError> {
    let kid = kid.as_str().ok_or(TokenError::Malformed("`kid` is not a string"))?;
    kid.strip_prefix('#').ok_or(TokenError::KeyName)
}
