//! Answers.

use arobase_runtime::lexicon::json::Json;
use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};

use crate::DirectoryError;

pub(super) const JSON: &str = "application/json; charset=utf-8";
pub(super) const DOCUMENT: &str = "application/did+ld+json; charset=utf-8";
pub(super) const LINES: &str = "application/jsonlines";

/// Why there is nothing to tell.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// What went wrong with a DID.
    pub(super) fn of(did: &str, error: &DirectoryError) -> Self {
        match error {
            DirectoryError::NotRegistered | DirectoryError::Tombstoned => {
                Self::new(StatusCode::NOT_FOUND, format!("{error}: {did}"))
            }
            _ => Self::from(error),
        }
    }
}

impl From<&DirectoryError> for Failure {
    fn from(error: &DirectoryError) -> Self {
        let status = match error {
            DirectoryError::NotRegistered | DirectoryError::Tombstoned => StatusCode::NOT_FOUND,
            DirectoryError::Operation(_)
            | DirectoryError::Log(_)
            | DirectoryError::RateLimit(_)
            | DirectoryError::Full => StatusCode::BAD_REQUEST,
            DirectoryError::Conflict => StatusCode::CONFLICT,
            DirectoryError::Store(error) => {
                // What is wrong with the store is not for strangers.
                tracing::error!("{error}");
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
            }
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let message = Json::Object(vec![("message".to_owned(), Json::String(self.message))]);
        (self.status, [(CONTENT_TYPE, JSON)], message.to_string()).into_response()
    }
}

/// A JSON text.
pub(super) fn json(text: impl IntoResponse) -> Response {
    typed(JSON, text)
}

pub(super) fn typed(content_type: &'static str, body: impl IntoResponse) -> Response {
    ([(CONTENT_TYPE, content_type)], body).into_response()
}
