//! Why a token is refused.

use std::fmt;

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{identity::IdentityError, xrpc::XrpcError};

/// Why a token is refused. Each has a name and a status for the answer: [`TokenError::name`], [`TokenError::status`].
///
/// It is an [`XrpcError`] by `From`, and with `?` a [`Failure`](crate::server::Failure) in handlers and hooks. With 401
/// the answer has the name in its header too: `WWW-Authenticate: Bearer error="JwtExpired"`.
///
/// Where nobody could say which key the issuer has, because a directory or a host did not answer, that is not the
/// caller's fault: the status is then 502, so that clients try again, where an issuer that does not exist or has no key
/// is 401. Both are named `DidResolutionFailed`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// The request has no token. `AuthMissing`, 401.
    Missing,
    /// The header `Authorization` is there, and is not `Bearer`, one space and one token. `InvalidToken`, 400.
    Header,
    /// The token is longer than 8 KiB. `BadJwt`, 401.
    TooLong,
    /// The token is not three parts of base64url with two JSON objects, or something in these has the wrong type or is
    /// not there. `BadJwt`, 401.
    Malformed(&'static str),
    /// The token is of a type that is for something else: an access token, a refresh token, a proof. `BadJwtType`, 401.
    Type,
    /// It has expired. `JwtExpired`, 401.
    Expired,
    /// It is made for another service. `BadJwtAudience`, 401.
    Audience,
    /// It is made for another method, or for none, or the method is never called with service tokens.
    /// `BadJwtLexiconMethod`, 401.
    Method,
    /// The issuer is not a DID of a supported method. `BadJwtIss`, 401.
    Issuer,
    /// It names a key of the issuer that is not accepted here. `BadJwtIss`, 401.
    KeyName,
    /// Its time is still to come. `JwtNotYetValid`, 401.
    NotYetValid,
    /// It would be good for longer than is accepted here. `BadExpiration`, 401.
    Lifetime,
    /// The algorithm is neither ES256K nor ES256, or not that of the issuer's key. `BadJwtSignature`, 401.
    Algorithm,
    /// The signature is not that of the issuer's key, or is not 64 bytes. `BadJwtSignature`, 401.
    Signature,
    /// The key of the issuer is not known. `DidResolutionFailed`, 401, or 502 where another attempt may know it.
    Identity(IdentityError),
    /// It was used before. `NonceNotUnique`, 401.
    Replayed,
    /// Whether it was used before cannot be told, because no more nonces can be noted now. `NotEnoughResources`, 503.
    Full,
}

impl TokenError {
    /// The name for the answer.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Missing => "AuthMissing",
            Self::Header => "InvalidToken",
            Self::TooLong | Self::Malformed(_) => "BadJwt",
            Self::Type => "BadJwtType",
            Self::Expired => "JwtExpired",
            Self::Audience => "BadJwtAudience",
            Self::Method => "BadJwtLexiconMethod",
            Self::Issuer | Self::KeyName => "BadJwtIss",
            Self::NotYetValid => "JwtNotYetValid",
            Self::Lifetime => "BadExpiration",
            Self::Algorithm | Self::Signature => "BadJwtSignature",
            Self::Identity(_) => "DidResolutionFailed",
            Self::Replayed => "NonceNotUnique",
            Self::Full => "NotEnoughResources",
        }
    }

    /// The status for the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Header => StatusCode::BAD_REQUEST,
            Self::Identity(error) if !error.is_permanent() => StatusCode::BAD_GATEWAY,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// What a 401 asks for.
    fn challenge(&self) -> HeaderValue {
        let text = format!("Bearer error=\"{}\"", self.name());
        // The names are ASCII, so that there is no other case.
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

impl From<TokenError> for XrpcError {
    fn from(error: TokenError) -> Self {
        let status = error.status();
        let xrpc = Self::new(status, error.name(), error.to_string());
        match status {
            StatusCode::UNAUTHORIZED => {
                xrpc.with_headers(HeaderMap::from_iter([(header::WWW_AUTHENTICATE, error.challenge())]))
            }
            _ => xrpc,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the request has no service token",
            Self::Header => "the authorization is not a bearer token",
            Self::TooLong => "the token is too long",
            Self::Malformed(what) => return write!(f, "the token is malformed: {what}"),
            Self::Type => "the token is of a type that is no service token",
            Self::Expired => "the token has expired",
            Self::Audience => "the token is for another service",
            Self::Method => "the token is not for this method",
            Self::Issuer => "the issuer of the token is not a DID that is supported",
            Self::KeyName => "the token names a key that is not accepted here",
            Self::NotYetValid => "the token is not valid yet",
            Self::Lifetime => "the token expires too late",
            Self::Algorithm => "the algorithm of the token is not that of the issuer's key",
            Self::Signature => "the signature of the token is not the issuer's",
            Self::Identity(_) => "the issuer's key could not be resolved",
            Self::Replayed => "the token was used before",
            Self::Full => "no more tokens can be taken at the moment",
        })
    }
}

impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Identity(error) => Some(error),
            _ => None,
        }
    }
}
