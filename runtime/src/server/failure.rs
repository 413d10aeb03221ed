use std::{borrow::Cow, convert::Infallible, error::Error, fmt};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::LengthLimitError;

use super::{refusal::causes, upstream::passed_on};
use crate::xrpc::{BodyError, DeclaredError, XrpcError};

/// Why a handler does not answer with its output. `E` are the errors that the method declares.
///
/// `?` makes one of any error: a declared error stays one, an [`XrpcError`] too, a body that is too
/// long is answered with 413 and one that breaks off with 400; anything else is an internal failure,
/// which is logged and answered with 500 and no detail.
///
/// An error that our client got from another server is passed on with its status, its name and its
/// message, but of its headers only with those about rate limits (`Retry-After`, `RateLimit-*`),
/// `Atproto-Repo-Rev` and `Atproto-Content-Labelers`. Where that server failed itself (500), or gave
/// no answer at all, the answer is 502 `UpstreamFailure`. That holds for an [`XrpcError`], and for
/// an error of the client for a method that declares no errors or those of this one; others have to
/// be told apart by the handler.
pub struct Failure<E = Infallible> {
    kind: Kind<E>,
    /// On the heap, because few have any and a failure is the error of every handler.
    headers: Option<Box<HeaderMap>>,
}

#[derive(Debug)]
pub(crate) enum Kind<E> {
    Declared(E, StatusCode),
    Xrpc(XrpcError),
    Redirect(StatusCode, HeaderValue),
    Internal(Box<dyn Error + Send + Sync>),
}

impl<E> Failure<E> {
    fn of(kind: Kind<E>) -> Self {
        Self { kind, headers: None }
    }

    fn generic(status: StatusCode, message: impl Into<String>) -> Self {
        Self::of(Kind::Xrpc(XrpcError::of(status, message)))
    }

    /// A generic error with a header that [`Failure::header`] can replace.
    fn generic_with(status: StatusCode, message: impl Into<String>, name: HeaderName, value: HeaderValue) -> Self {
        let headers = HeaderMap::from_iter([(name, value)]);
        Self::of(Kind::Xrpc(XrpcError::of(status, message).with_headers(headers)))
    }

    /// An error of a status, a name (ASCII, no spaces) and a message.
    #[must_use]
    pub fn new(status: StatusCode, name: impl Into<Cow<'static, str>>, message: impl Into<Option<String>>) -> Self {
        Self::of(Kind::Xrpc(XrpcError::new(status, name, message)))
    }

    /// An error that the method declares; its status is 400 unless [`Failure::with_status`] says
    /// otherwise.
    #[must_use]
    pub fn declared(error: E) -> Self {
        Self::of(Kind::Declared(error, StatusCode::BAD_REQUEST))
    }

    /// 400: the request is wrong.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::generic(StatusCode::BAD_REQUEST, message)
    }

    /// 401: the caller has to say who it is, or said it wrongly. Asks for a bearer token; another
    /// `WWW-Authenticate` given through [`Failure::header`] takes the place of that.
    #[must_use]
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::generic_with(
            StatusCode::UNAUTHORIZED,
            message,
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer"),
        )
    }

    /// 403: the caller may not do this.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::generic(StatusCode::FORBIDDEN, message)
    }

    /// Status 404, which XRPC calls `XRPCNotSupported`. For a record or an account that is not there,
    /// methods declare errors or use a name of their own, see [`Failure::new`].
    #[must_use]
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::generic(StatusCode::NOT_FOUND, message)
    }

    /// 429: too many requests. Says after how many seconds to come back.
    #[must_use]
    pub fn rate_limited(retry_after: u64) -> Self {
        Self::generic_with(StatusCode::TOO_MANY_REQUESTS, "too many requests", header::RETRY_AFTER, retry_after.into())
    }

    /// 500: logged with all its causes, and answered without any detail.
    #[must_use]
    pub fn internal(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::of(Kind::Internal(error.into()))
    }

    /// 501: the server does not implement the method.
    #[must_use]
    pub fn not_implemented() -> Self {
        Self::generic(StatusCode::NOT_IMPLEMENTED, "method not implemented")
    }

    /// Sends the caller elsewhere: a status of 300 to 399, and what becomes the `Location`. Another
    /// status, or a location that no header can hold, is an internal failure.
    #[must_use]
    pub fn redirect(status: StatusCode, location: &str) -> Self {
        match HeaderValue::try_from(location) {
            Ok(location) if status.is_redirection() => Self::of(Kind::Redirect(status, location)),
            Ok(_) => Self::internal(format!("{} is no status of a redirect", status.as_u16())),
            Err(error) => Self::internal(error),
        }
    }

    /// The same with another status. An internal failure stays one, and a redirect takes only
    /// statuses of redirects.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        match &mut self.kind {
            Kind::Declared(_, own) => *own = status,
            Kind::Redirect(own, _) if status.is_redirection() => *own = status,
            Kind::Xrpc(error) => *error = restated(error, status),
            Kind::Redirect(..) | Kind::Internal(_) => {}
        }
        self
    }

    /// Adds a header to the answer. It replaces what the failure itself or the
    /// [`Context`](super::Context) has under this name; called twice, both values are sent.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.get_or_insert_default().append(name, value);
        self
    }

    pub(crate) fn into_parts(self) -> (Kind<E>, HeaderMap) {
        (self.kind, self.headers.map_or_else(HeaderMap::new, |headers| *headers))
    }
}

fn restated(error: &XrpcError, status: StatusCode) -> XrpcError {
    let message = error.message().map(str::to_owned);
    XrpcError::new(status, error.name().to_owned(), message).with_headers(error.headers().clone())
}

impl Failure {
    /// The same for a method that declares errors: for what several handlers share.
    #[must_use]
    pub fn widen<E>(self) -> Failure<E> {
        let kind = match self.kind {
            Kind::Declared(never, _) => match never {},
            Kind::Xrpc(error) => Kind::Xrpc(error),
            Kind::Redirect(status, location) => Kind::Redirect(status, location),
            Kind::Internal(error) => Kind::Internal(error),
        };
        Failure { kind, headers: self.headers }
    }
}

impl<E: DeclaredError, X: Error + Send + Sync + 'static> From<X> for Failure<E> {
    fn from(error: X) -> Self {
        Self::of(sort(Box::new(error)))
    }
}

fn sort<E: DeclaredError>(error: Box<dyn Error + Send + Sync>) -> Kind<E> {
    let error = match error.downcast::<E>() {
        Ok(declared) => return Kind::Declared(*declared, StatusCode::BAD_REQUEST),
        Err(error) => error,
    };
    let error = match error.downcast::<BodyError>() {
        Ok(error) => return sort_body(*error),
        Err(error) => error,
    };
    #[cfg(feature = "client")]
    let error = match sort_client(error) {
        Ok(kind) => return kind,
        Err(error) => error,
    };
    #[cfg(feature = "identity")]
    let error = match sort_token(error) {
        Ok(kind) => return kind,
        Err(error) => error,
    };
    match error.downcast::<XrpcError>() {
        Ok(error) => Kind::Xrpc(passed_on(*error)),
        Err(error) => sort_other(error),
    }
}

/// A service token that is refused. That there is no more room for them is for the operator to know. An issuer that
/// cannot be resolved is not: anybody can name one.
#[cfg(feature = "identity")]
fn sort_token<E>(error: Box<dyn Error + Send + Sync>) -> Result<Kind<E>, Box<dyn Error + Send + Sync>> {
    use crate::service_auth::{RequestError, TokenError};
    let error = match error.downcast::<TokenError>() {
        Ok(error) => {
            match &*error {
                TokenError::Full => super::refusal::log(&*error),
                TokenError::Identity(cause) => tracing::debug!(%cause, "the key of an issuer is not known"),
                _ => {}
            }
            return Ok(Kind::Xrpc((*error).into()));
        }
        Err(error) => error,
    };
    error.downcast::<RequestError>().map(|error| Kind::Xrpc((*error).into()))
}

/// An error of our client, where its type is one that can be known here.
#[cfg(feature = "client")]
fn sort_client<E: DeclaredError>(error: Box<dyn Error + Send + Sync>) -> Result<Kind<E>, Box<dyn Error + Send + Sync>> {
    use crate::client;
    let error = match error.downcast::<client::Error<E>>() {
        Ok(error) => match *error {
            client::Error::Declared(declared) => return Ok(Kind::Declared(declared, StatusCode::BAD_REQUEST)),
            client::Error::Xrpc(error) => return Ok(Kind::Xrpc(passed_on(error))),
            error @ (client::Error::Timeout | client::Error::Transport(_)) => return Ok(unreachable(&error)),
            error => return Ok(Kind::Internal(error.into())),
        },
        Err(error) => error,
    };
    error.downcast::<client::Error>().map(|error| match *error {
        client::Error::Declared(never) => match never {},
        client::Error::Xrpc(error) => Kind::Xrpc(passed_on(error)),
        error @ (client::Error::Timeout | client::Error::Transport(_)) => unreachable(&error),
        error => Kind::Internal(error.into()),
    })
}

#[cfg(feature = "client")]
fn unreachable<E>(error: &(dyn Error + 'static)) -> Kind<E> {
    super::refusal::log(error);
    Kind::Xrpc(super::upstream::failed("a service behind this one did not answer"))
}

/// A limit that a tower layer set makes an error far down.
fn sort_other<E>(error: Box<dyn Error + Send + Sync>) -> Kind<E> {
    if causes(&*error).any(<dyn Error>::is::<LengthLimitError>) {
        return Kind::Xrpc(XrpcError::of(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
    }
    Kind::Internal(error)
}

/// A body that is too long is the fault of the caller, and so is a request body that breaks off,
/// whose reader says so with an [`XrpcError`].
fn sort_body<E>(error: BodyError) -> Kind<E> {
    match error {
        BodyError::TooLarge { .. } => Kind::Xrpc(XrpcError::of(StatusCode::PAYLOAD_TOO_LARGE, error.to_string())),
        BodyError::Source(source) => match source.downcast::<XrpcError>() {
            Ok(error) => Kind::Xrpc(passed_on(*error)),
            Err(source) => sort_other(BodyError::Source(source).into()),
        },
    }
}

/// Without the headers, which may hold secrets.
impl<E: fmt::Debug> fmt::Debug for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Failure").field(&self.kind).finish()
    }
}
