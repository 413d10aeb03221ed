//! The HTTP API (PLC, directory HTTP API).

mod answer;
mod export;
mod read;
mod stream;
#[cfg(test)]
mod stream_tests;
mod submit;
#[cfg(test)]
mod tests;
mod told;

use std::borrow::Cow;

use axum::{
    Router,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::Directory;
use answer::{Failure, json};

/// A directory as a router, to serve, or to nest in another one.
///
/// It answers pages of all origins, which may submit too: what counts is who signed an operation.
pub fn router(directory: Directory) -> Router {
    Router::new()
        .route("/_health", get(health))
        .route("/export", get(export::export))
        .route("/export/stream", get(stream::stream))
        .route("/{did}", get(read::document).post(submit::submit))
        .route("/{did}/data", get(read::data))
        .route("/{did}/log", get(read::log))
        .route("/{did}/log/audit", get(read::audit))
        .route("/{did}/log/last", get(read::last))
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "no such path"))
        .method_not_allowed_fallback(async || Failure::new(StatusCode::METHOD_NOT_ALLOWED, "no such method here"))
        .layer(middleware::from_fn(open))
        .with_state(directory)
}

/// Lets pages of all origins ask and submit, and read the answer.
async fn open(request: Request, next: Next) -> Response {
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut answer = if is_preflight { preflight() } else { next.run(request).await };
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

/// What a browser asks before it submits for a page of another origin.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn health(State(directory): State<Directory>) -> Result<Response, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    match directory.check_health().await {
        Ok(()) => Ok(json(format!(r#"{{"version":"{version}"}}"#))),
        Err(error) => {
            tracing::error!("{error}");
            Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read"))
        }
    }
}

type DidPath = Result<Path<String>, PathRejection>;

/// The text that stands for the DID. Whether it is one is for the caller to say.
fn path(did: DidPath) -> Result<String, Failure> {
    let Path(did) = did.map_err(|_| Failure::new(StatusCode::BAD_REQUEST, "the path is no text"))?;
    Ok(did)
}

/// What a caller sent, in a message to them: bounded, and nothing that does harm.
fn shown(text: &str) -> Cow<'_, str> {
    const MOST: usize = 100;
    if text.len() <= MOST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    text.chars().take(MOST).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}
