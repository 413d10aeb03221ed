use std::{error, fmt};

use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header::AUTHORIZATION};

use super::Client;
use crate::xrpc::{BoxFuture, Endpoint, MaybeSend, MaybeSync, XrpcError};

/// How a client shows who it is. A new client has a [`Session`](super::Session) to be; another way is
/// set with [`Client::with_auth`].
///
/// The way is asked for each attempt anew, redirects within the service included, so that it can
/// sign method and address, and it sees the head of each answer, where nonces come from.
pub trait Auth: MaybeSend + MaybeSync + 'static {
    /// Adds its headers to a request.
    ///
    /// # Errors
    /// When it has no credentials and cannot do without; nothing is sent then.
    fn authorize<'a>(
        &'a self,
        attempt: Attempt<'a>,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<(), AuthError>>;

    /// Hears of an answer, also of one that is an error. It comes before [`Auth::recover`].
    fn answered(&self, attempt: Attempt<'_>, answer: Answer<'_>) {
        let _ = (attempt, answer);
    }

    /// Hears that a request was refused with 400, 401 or 403, and does something about it, such as
    /// getting another token. `sent` are the headers of that request. Returns whether to send the
    /// call once more; it is asked once in a call.
    fn recover<'a>(&'a self, attempt: Attempt<'a>, sent: &'a HeaderMap, error: &'a XrpcError) -> BoxFuture<'a, bool> {
        let _ = (attempt, sent, error);
        Box::pin(std::future::ready(false))
    }
}

/// A request as it is about to be sent, or was.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The client that sends it.
    pub client: &'a Client,
    /// The method of the lexicon.
    pub endpoint: &'a Endpoint,
    /// The HTTP method.
    pub method: &'a Method,
    /// The whole address.
    pub url: &'a Uri,
}

/// What came back.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, where it is the JSON that the method describes.
    pub json: Option<&'a Bytes>,
}

/// Why a request could not be authorised.
#[derive(Debug)]
pub struct AuthError {
    message: String,
    source: Option<Box<dyn error::Error + Send + Sync>>,
}

/// A token that does not change (`Authorization: Bearer`): of a service, for example.
#[derive(Clone)]
pub struct Bearer(HeaderValue);

/// A name and a password (`Authorization: Basic`): `admin` and the password of a PDS.
#[derive(Clone)]
pub struct Basic(HeaderValue);

impl Bearer {
    /// A token.
    ///
    /// # Errors
    /// Text that is no token: anything but visible ASCII.
    pub fn new(token: &str) -> Result<Self, AuthError> {
        bearer(token).map(Self)
    }
}

impl Basic {
    /// A name, which has no `:`, and a password.
    ///
    /// # Errors
    /// A name with `:`.
    pub fn new(name: &str, password: &str) -> Result<Self, AuthError> {
        if name.contains(':') {
            return Err(AuthError::new("the name has a `:`"));
        }
        let encoded = BASE64.encode(format!("{name}:{password}").as_bytes());
        secret(&format!("Basic {encoded}")).map(Self)
    }
}

impl Auth for Bearer {
    fn authorize<'a>(&'a self, _: Attempt<'a>, headers: &'a mut HeaderMap) -> BoxFuture<'a, Result<(), AuthError>> {
        headers.insert(AUTHORIZATION, self.0.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Auth for Basic {
    fn authorize<'a>(&'a self, _: Attempt<'a>, headers: &'a mut HeaderMap) -> BoxFuture<'a, Result<(), AuthError>> {
        headers.insert(AUTHORIZATION, self.0.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The header for a token.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, AuthError> {
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AuthError::new("this is no token"));
    }
    secret(&format!("Bearer {token}"))
}

fn secret(text: &str) -> Result<HeaderValue, AuthError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| AuthError::new("this is no token"))?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(..)")
    }
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Basic(..)")
    }
}

/// Without the address: its query is private.
impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("nsid", &&*self.endpoint.nsid)
            .field("method", &self.method)
            .field("query_bytes", &self.url.query().map_or(0, str::len))
            .finish_non_exhaustive()
    }
}

/// The status only: headers and body may hold secrets.
impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl AuthError {
    /// A fault. The message has no secrets.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// With what is behind it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for AuthError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
