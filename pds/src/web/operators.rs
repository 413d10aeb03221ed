//! Numbers, for those who may see them.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

use super::plain;
use crate::{pds::Pds, settings::MetricsPolicy};

/// How the text is called.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

pub(super) async fn metrics(State(pds): State<Pds>, headers: HeaderMap) -> Response {
    match &pds.settings().metrics {
        MetricsPolicy::Off => return plain(StatusCode::NOT_FOUND, "There is no such page.\n"),
        MetricsPolicy::Token(token) if !carries(&headers, token) => return refused(),
        MetricsPolicy::Everybody | MetricsPolicy::Token(_) => {}
    }
    ([(header::CONTENT_TYPE, OPEN_METRICS)], pds.metrics_text()).into_response()
}

fn carries(headers: &HeaderMap, token: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let given = given.and_then(|given| given.split_at_checked("Bearer ".len()));
    given.is_some_and(|(scheme, given)| {
        scheme.eq_ignore_ascii_case(b"Bearer ") && bool::from(given.ct_eq(token.as_bytes()))
    })
}

fn refused() -> Response {
    let mut answer = plain(StatusCode::UNAUTHORIZED, "A token is needed.\n");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}
