//! Answers as they go over the wire.

use arobase_lexicon::schema::{BodySchema, JSON};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::refusal;
use crate::{
    data::{Map, Value, json},
    xrpc::{self, BodyError, Raw, XrpcError},
};

const APPLICATION_JSON: HeaderValue = HeaderValue::from_static(JSON);
const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Headers that follow from the connection and the body, and are not for handlers to set.
static FRAMING: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Headers that describe a body. Errors have a body of their own, so these cannot be theirs.
static DESCRIBING: [HeaderName; 5] =
    [header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_RANGE, header::CONTENT_TYPE, header::ETAG];

/// What a handler answered. `own` are the headers of its context: a range says that the body is a part of the whole.
pub(crate) fn success(body: Raw, output: Option<&BodySchema>, own: HeaderMap) -> Response {
    let is_part = own.contains_key(header::CONTENT_RANGE);
    let mut response = match body {
        Raw::Empty => Response::new(Body::empty()),
        Raw::Json(json) => of_json(json),
        Raw::Stream(body) => of_stream(body, output),
    };
    add(response.headers_mut(), own);
    if is_part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// Why there is no success. A redirect has no body.
pub(crate) fn failure(error: &XrpcError, own: HeaderMap) -> Response {
    let status = error.status();
    if status.is_informational() || status.is_success() {
        tracing::error!(status = status.as_u16(), "an error with a status that is none");
        return failure(&refusal::internal(), own);
    }
    let mut response = if status.is_redirection() { Response::new(Body::empty()) } else { of_json(envelope(error)) };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    add_to_error(headers, status, own);
    add_to_error(headers, status, error.headers().clone());
    response
}

/// A body of JSON that is ready.
pub(crate) fn of_json(json: Bytes) -> Response {
    let mut response = Response::new(Body::from(json));
    response.headers_mut().insert(header::CONTENT_TYPE, APPLICATION_JSON);
    response
}

fn envelope(error: &XrpcError) -> Bytes {
    let mut map = Map::new();
    map.insert("error".into(), Value::from(error.name()));
    if let Some(message) = error.message() {
        map.insert("message".into(), Value::from(message));
    }
    // Two texts always have a form in JSON.
    json::to_vec(&Value::Map(map)).unwrap_or_default().into()
}

fn of_stream(body: xrpc::Body, output: Option<&BodySchema>) -> Response {
    let content_type = content_type(&body, output);
    let size = body.size();
    let body = match body.as_bytes() {
        Some(bytes) => Body::from(bytes.clone()),
        None => Body::from_stream(body.inspect_err(log_broken)),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    if let Some(size) = size {
        headers.insert(header::CONTENT_LENGTH, size.into());
    }
    response
}

/// What the handler says, else what the method says, unless that is a pattern.
fn content_type(body: &xrpc::Body, output: Option<&BodySchema>) -> HeaderValue {
    let declared = output.map(|output| &*output.encoding).filter(|encoding| !encoding.contains('*'));
    let content_type = body.mime_type().or(declared);
    content_type.and_then(|text| HeaderValue::from_str(text).ok()).unwrap_or(OCTET_STREAM)
}

/// The status is long gone, so that the caller sees a connection that breaks.
fn log_broken(error: &BodyError) {
    tracing::error!("the body of an answer broke off");
    refusal::log(error);
}

/// Adds what a handler set, as far as that is for handlers.
pub(crate) fn add(headers: &mut HeaderMap, more: HeaderMap) {
    if !more.is_empty() {
        headers.extend(without(more, &FRAMING));
    }
}

fn add_to_error(headers: &mut HeaderMap, status: StatusCode, more: HeaderMap) {
    if more.is_empty() {
        return;
    }
    // 304 is about the body that the caller has already.
    let etag = if status == StatusCode::NOT_MODIFIED { more.get(header::ETAG).cloned() } else { None };
    headers.extend(without(without(more, &FRAMING), &DESCRIBING));
    if let Some(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
}

fn without(mut headers: HeaderMap, names: &[HeaderName]) -> HeaderMap {
    for name in names {
        headers.remove(name);
    }
    headers
}

/// The status of a method that is there, but not for this verb.
pub(crate) fn wrong_verb(allowed: &'static str) -> XrpcError {
    let headers = HeaderMap::from_iter([(header::ALLOW, HeaderValue::from_static(allowed))]);
    let message = format!("this method is called by {allowed}");
    XrpcError::of(StatusCode::METHOD_NOT_ALLOWED, message).with_headers(headers)
}
