use std::{borrow::Cow, fmt};

use http::{HeaderMap, StatusCode};

/// An error as it goes over the wire (XRPC, errors): a status, a name for programs, a message for
/// people. Both sides use it; errors that a method declares have types of their own.
#[derive(Clone, PartialEq, Eq)]
pub struct XrpcError(Box<Inner>);

#[derive(Clone, Eq)]
struct Inner {
    status: StatusCode,
    name: Cow<'static, str>,
    message: Option<String>,
    headers: HeaderMap,
    /// Whether it was read from the answer of another server. Says nothing about what it is.
    #[cfg(feature = "server")]
    received: bool,
}

impl PartialEq for Inner {
    fn eq(&self, other: &Self) -> bool {
        let Self { status, name, message, headers, .. } = other;
        self.status == *status && self.name == *name && self.message == *message && self.headers == *headers
    }
}

impl XrpcError {
    /// An error of a status, a name (ASCII, no spaces) and a message.
    #[must_use]
    pub fn new(status: StatusCode, name: impl Into<Cow<'static, str>>, message: impl Into<Option<String>>) -> Self {
        Self(Box::new(Inner {
            status,
            name: name.into(),
            message: message.into(),
            headers: HeaderMap::new(),
            #[cfg(feature = "server")]
            received: false,
        }))
    }

    /// An error of a status, with its generic name.
    #[must_use]
    pub fn of(status: StatusCode, message: impl Into<String>) -> Self {
        Self::new(status, generic_name(status), message.into())
    }

    /// 400: the request is wrong.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, message)
    }

    /// The same with headers.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers = headers;
        self
    }

    /// An error that another server answered with, with the headers of its answer.
    #[cfg(feature = "client")]
    pub(crate) fn received(
        status: StatusCode,
        name: impl Into<Cow<'static, str>>,
        message: impl Into<Option<String>>,
        headers: HeaderMap,
    ) -> Self {
        let error = Self::new(status, name, message).with_headers(headers);
        #[cfg(feature = "server")]
        let error = Self(Box::new(Inner { received: true, ..*error.0 }));
        error
    }

    /// Whether another server answered with it.
    #[cfg(feature = "server")]
    pub(crate) fn is_received(&self) -> bool {
        self.0.received
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The name, for programs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The message, for people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The headers that came or go with it.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The headers that go with it.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }
}

/// What an error is called where it has no name of its own, by its status (XRPC, errors).
#[must_use]
pub fn generic_name(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "AuthenticationRequired",
        403 => "Forbidden",
        404 => "XRPCNotSupported",
        406 => "NotAcceptable",
        413 => "PayloadTooLarge",
        415 => "UnsupportedMediaType",
        429 => "RateLimitExceeded",
        501 => "MethodNotImplemented",
        502 => "UpstreamFailure",
        503 => "NotEnoughResources",
        504 => "UpstreamTimeout",
        500.. => "InternalServerError",
        _ => "InvalidRequest",
    }
}

impl fmt::Display for XrpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { status, name, message, .. } = &*self.0;
        write!(f, "{name} ({})", status.as_u16())?;
        match message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

/// Without the headers, which may hold secrets.
impl fmt::Debug for XrpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "XrpcError({self})")
    }
}

impl std::error::Error for XrpcError {}
