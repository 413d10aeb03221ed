//! Why the server did not do what it was asked.

use std::{borrow::Cow, error, fmt};

use arobase::{Failure, repo, sync::AccountStatus, syntax::Did};
use http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE};

use crate::store::{State, StoreError, StoreErrorKind};

/// Why the server did not do what it was asked: a status and a name of the protocol (XRPC, errors), and for failures of
/// its own the cause, which is for the log and not for the caller.
pub struct Error {
    status: StatusCode,
    name: Cow<'static, str>,
    message: String,
    cause: Option<Box<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// An error of a status, a name and a message.
    #[must_use]
    pub fn new(status: StatusCode, name: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { status, name: name.into(), message: message.into(), cause: None }
    }

    /// 400 with a name of its own.
    #[must_use]
    pub fn named(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, name, message)
    }

    /// 400: the request is wrong.
    #[must_use]
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::named("InvalidRequest", message)
    }

    /// 400: there is no such account.
    #[must_use]
    pub fn repo_not_found(who: &(impl fmt::Display + ?Sized)) -> Self {
        Self::named("RepoNotFound", format!("no repository of {who} is here"))
    }

    /// 400: the account is not to be seen now.
    #[must_use]
    pub fn inactive(did: &Did, state: State) -> Self {
        let name = match state {
            State::Takendown => "RepoTakendown",
            State::Suspended => "RepoSuspended",
            State::Deactivated | State::Active => "RepoDeactivated",
        };
        let status = state.status().unwrap_or(AccountStatus::Deactivated);
        Self::named(name, format!("the repository of {did} is {status}"))
    }

    /// 500, with a cause for the log.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn error::Error + Send + Sync>>) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self { cause: Some(cause.into()), ..Self::new(status, "InternalServerError", "internal failure") }
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is wrong, in words for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The answer of a handler. Declared errors of methods have the same form as these.
    pub(crate) fn into_failure<E>(self) -> Failure<E> {
        match self.cause {
            Some(cause) if self.status == StatusCode::INTERNAL_SERVER_ERROR => Failure::internal(cause),
            cause => {
                if let Some(cause) = cause {
                    tracing::error!("{}: {cause}", self.message);
                }
                let failure = Failure::new(self.status, self.name, self.message);
                match self.status {
                    StatusCode::UNAUTHORIZED => failure.header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
                    _ => failure,
                }
            }
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Full | StoreErrorKind::ReadOnly | StoreErrorKind::Closed | StoreErrorKind::Broken => Self {
                cause: Some(error.into()),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "NotEnoughResources", "nothing can be stored now")
            },
            _ => Self::internal(error),
        }
    }
}

impl From<repo::Error> for Error {
    fn from(error: repo::Error) -> Self {
        match error {
            repo::Error::Swap { .. } => Self::named("InvalidSwap", error.to_string()),
            repo::Error::Exists(_)
            | repo::Error::NotFound(_)
            | repo::Error::Limit { .. }
            | repo::Error::Repeated(_)
            | repo::Error::Path(_)
            | repo::Error::Record { .. }
            | repo::Error::Tree(repo::mst::Error::TooWide(_)) => Self::invalid_request(error.to_string()),
            error => Self::internal(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.status.as_u16())?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, " ({cause})"))
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
