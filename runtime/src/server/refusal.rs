use std::{error::Error, fmt::Write};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

use super::{Failure, failure::Kind, respond};
use crate::{
    data,
    xrpc::{DeclaredError, XrpcError},
};

/// The most characters of a message that says what is wrong with a request: it may quote it.
const MAX_MESSAGE: usize = 500;

/// A failure without its type. A redirect is an error with a status of 3xx and a `Location`.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) XrpcError);

impl Refusal {
    /// 400: a part of the request breaks its schema.
    pub(crate) fn invalid(part: &str, error: &data::Error) -> Self {
        let mut message = format!("invalid {part}: {error}");
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
            message.truncate(end);
        }
        Self(XrpcError::invalid_request(message))
    }

    /// 500: what the handler answered breaks its schema. The log says where, not what was there.
    pub(crate) fn invalid_output(error: &data::Error) -> Self {
        let (path, reason) = (error.path(), reason(error));
        tracing::error!(%path, reason, "the answer breaks the schema of its method, and was not sent");
        Self(internal())
    }
}

impl<E: DeclaredError> From<Failure<E>> for Refusal {
    fn from(failure: Failure<E>) -> Self {
        let (kind, headers) = failure.into_parts();
        let error = match kind {
            Kind::Declared(error, status) => XrpcError::new(status, error.name(), error.message().map(str::to_owned)),
            Kind::Xrpc(error) => without_cookies(error),
            Kind::Redirect(status, location) => redirect(status, location),
            Kind::Internal(error) => {
                log(&*error);
                internal()
            }
        };
        Self(with_headers(error, headers))
    }
}

/// For extractors and handlers of axum that are not methods of a [`Router`](super::Router).
impl<E: DeclaredError> IntoResponse for Failure<E> {
    fn into_response(self) -> Response {
        let Refusal(error) = self.into();
        respond::failure(&error, HeaderMap::new())
    }
}

impl From<XrpcError> for Refusal {
    fn from(error: XrpcError) -> Self {
        Self(error)
    }
}

/// 500, without detail.
pub(crate) fn internal() -> XrpcError {
    XrpcError::of(StatusCode::INTERNAL_SERVER_ERROR, "internal server error")
}

fn redirect(status: StatusCode, location: http::HeaderValue) -> XrpcError {
    XrpcError::new(status, "Redirect", None).with_headers(HeaderMap::from_iter([(header::LOCATION, location)]))
}

fn with_headers(mut error: XrpcError, headers: HeaderMap) -> XrpcError {
    error.headers_mut().extend(headers);
    error
}

/// An error may come from another server, whose cookies are not for our callers.
fn without_cookies(mut error: XrpcError) -> XrpcError {
    error.headers_mut().remove(header::SET_COOKIE);
    error
}

/// What is wrong, without the value at fault.
fn reason(error: &data::Error) -> String {
    use arobase_lexicon::check::Violation;
    let text = match error.kind() {
        data::ErrorKind::Violation(violation) => match violation {
            Violation::NotInEnum { .. } => "none of the allowed values",
            Violation::NotConst { .. } => "not the one allowed value",
            Violation::MimeNotAccepted { .. } => "a blob of a type that is not accepted",
            Violation::UnknownMember(_) => "no member of a closed union",
            Violation::TooSmall { .. } | Violation::TooLarge { .. } => "out of range",
            Violation::TypeMismatch { .. } | Violation::TypeSyntax { .. } => "a wrong `$type`",
            other => return other.to_string(),
        },
        other => return other.to_string(),
    };
    text.to_owned()
}

/// An error and what caused it, at most ten steps.
pub(crate) fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| (*error).source()).take(10)
}

/// Logs an internal failure with its causes.
pub(crate) fn log(error: &(dyn Error + 'static)) {
    let mut chain = String::from("internal failure");
    for cause in causes(error) {
        // Writing to a string does not fail.
        let _ = write!(chain, ": {cause}");
    }
    tracing::error!("{chain}");
}
