//! Errors of another server that a handler passes on to its caller.

use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::xrpc::{CONTENT_LABELERS, XrpcError};

/// What is for our callers of an error: one that another server answered with has headers that are
/// about the connection to that server, its cookies, its challenges.
pub(super) fn passed_on(mut error: XrpcError) -> XrpcError {
    if !error.is_received() {
        return error;
    }
    let status = error.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR || !(status.is_client_error() || status.is_server_error()) {
        tracing::error!("a service behind this one failed: {error}");
        return failed("a service behind this one failed");
    }
    let headers = std::mem::take(error.headers_mut());
    let kept: HeaderMap = headers
        .iter()
        .filter(|(name, _)| is_for_callers(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    XrpcError::new(status, error.name().to_owned(), error.message().map(str::to_owned)).with_headers(kept)
}

/// 502 `UpstreamFailure`.
pub(super) fn failed(message: &str) -> XrpcError {
    XrpcError::of(StatusCode::BAD_GATEWAY, message)
}

fn is_for_callers(name: &HeaderName) -> bool {
    *name == header::RETRY_AFTER
        || name.as_str().starts_with("ratelimit-")
        || name.as_str() == "atproto-repo-rev"
        || *name == CONTENT_LABELERS
}
