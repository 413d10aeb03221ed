//! The header `Authorization` (XRPC, headers).

use data_encoding::BASE64;
use http::{HeaderMap, header::AUTHORIZATION};

use super::invalid;
use crate::error::Error;

/// What a request brings to say who is calling.
#[derive(PartialEq, Eq)]
pub(super) enum Presented<'a> {
    /// `Bearer` and a token.
    Bearer(&'a str),
    /// `Basic`: a name and a password.
    Basic(String, String),
}

/// Reads the header: one, a scheme in any case, one space, one token. 400 `InvalidToken` for anything else.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<Presented<'_>>, Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid("there is more than one authorization"));
    }
    let text = value.to_str().map_err(|_| invalid("the authorization is no ASCII text"))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("the authorization is not a scheme and a token"));
    }
    match () {
        () if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(Presented::Bearer(token))),
        () if scheme.eq_ignore_ascii_case("basic") => basic(token).map(Some),
        () => Err(invalid("this scheme of authorization is not supported")),
    }
}

fn basic(token: &str) -> Result<Presented<'static>, Error> {
    let decoded = BASE64.decode(token.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    match pair {
        Some((name, password)) => Ok(Presented::Basic(name.to_owned(), password.to_owned())),
        None => Err(invalid("the authorization is not a name and a password")),
    }
}
