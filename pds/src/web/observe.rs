//! A line in the log for each request, and its part in the numbers.

use std::time::Instant;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{metrics::method_label, pds::Pds};

/// Neither headers nor queries are logged: they may hold secrets.
pub(super) async fn observe(State(pds): State<Pds>, request: Request, next: Next) -> Response {
    let (verb, path) = (request.method().clone(), request.uri().path().to_owned());
    let begin = Instant::now();
    let answer = next.run(request).await;
    let (status, took) = (answer.status(), begin.elapsed());
    let label = method_label(&verb, &path, status);
    pds.inner.metrics.answered(&label, status.as_u16(), took);
    let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let (method, status, micros) = (label.as_str(), status.as_u16(), took.as_micros());
    if status >= 500 {
        tracing::warn!(target: "arobase_pds::requests", method, status, micros, request_id = id, "answered");
    } else {
        tracing::info!(target: "arobase_pds::requests", method, status, micros, request_id = id, "answered");
    }
    answer
}
