//! Where a token comes from.

use http::{HeaderMap, header::AUTHORIZATION};

use super::TokenError;

/// The token of a request (XRPC, headers): one header, the word `Bearer` in any case, one space, one token.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(TokenError::Missing)?;
    if values.next().is_some() {
        return Err(TokenError::Header);
    }
    let text = value.to_str().map_err(|_| TokenError::Header)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && is_token(token) => Ok(token),
        _ => Err(TokenError::Header),
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
