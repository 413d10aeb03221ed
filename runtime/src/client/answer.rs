//! Answers as they come: of which form the body is, or which error it is.

use std::{pin::pin, time::Duration};

use arobase_lexicon::schema::{BodySchema, JSON};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderMap, Response, StatusCode, header};

use super::{
    Error,
    request::{Failed, Received},
    upload::BYTES,
};
use crate::{
    data::{self, Limits, Value, json},
    xrpc::{Body, Endpoint, Raw, XrpcError, generic_name, mime},
};

/// The most bytes of an error's body that are read.
const MAX_ERROR: u64 = 64 * 1024;

/// How long the body of an error may take where the call has no deadline.
pub(super) const ERROR_TIME: Duration = Duration::from_secs(30);

/// The most bytes of an error's name; what is longer is none.
const MAX_NAME: usize = 256;

/// Reads an answer. JSON is read to its end, at most `max_json` bytes; other bodies are left to the
/// caller. `hurry` is the end of the patience with the body of an error.
pub(super) async fn read(
    endpoint: &Endpoint,
    response: Response<Body>,
    max_json: u64,
    hurry: impl Future<Output = ()>,
) -> Result<Received, Failed> {
    let (head, body) = response.into_parts();
    let (status, headers) = (head.status, head.headers);
    if !status.is_success() {
        return Err(Error::Xrpc(error(status, headers, body, hurry).await));
    }
    let body = match &endpoint.output {
        None => Raw::Empty,
        Some(output) if output.is_json() => {
            check(output, &headers)?;
            Raw::Json(body.collect(max_json).await.map_err(Error::Body)?)
        }
        Some(output) => Raw::Stream(stream(output, &headers, body)?),
    };
    Ok(Received { status, headers, body })
}

/// Reads an answer that no lexicon describes: its content type says whether it is JSON.
pub(super) async fn sort(mut received: Received, max_json: u64) -> Result<Received, Failed> {
    received.body = match received.body {
        Raw::Stream(body) if body.size() == Some(0) => Raw::Empty,
        Raw::Stream(body) if body.mime_type().is_some_and(|mime_type| mime::matches(JSON, mime_type)) => {
            Raw::Json(body.collect(max_json).await.map_err(Error::Body)?)
        }
        body => body,
    };
    Ok(received)
}

/// Bytes without a type are bytes; of what type the method means, nobody knows then.
fn check(output: &BodySchema, headers: &HeaderMap) -> Result<String, Failed> {
    let found = match headers.get(header::CONTENT_TYPE) {
        Some(value) => value.to_str().unwrap_or("something else"),
        None => BYTES,
    };
    if mime::matches(&output.encoding, found) {
        return Ok(found.to_owned());
    }
    let found: String = found.chars().take(100).collect();
    Err(Error::Answer(data::Error::model(format!("expected {}, found {found}", &*output.encoding))))
}

fn stream(output: &BodySchema, headers: &HeaderMap, body: Body) -> Result<Body, Failed> {
    let body = body.content_type(check(output, headers)?);
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let encoded = headers.contains_key(header::CONTENT_ENCODING);
    Ok(match length.filter(|_| !encoded) {
        Some(length) => body.sized(length),
        None => body,
    })
}

/// The error of an answer. Its body is read with indulgence: without a name in it, the status gives
/// one.
async fn error(status: StatusCode, headers: HeaderMap, body: Body, hurry: impl Future<Output = ()>) -> XrpcError {
    if !status.is_client_error() && !status.is_server_error() {
        let message = "the service gave an answer that is neither a success nor an error".to_owned();
        return XrpcError::received(status, generic_name(StatusCode::NOT_FOUND), message, headers);
    }
    let body = match select(pin!(body.collect(MAX_ERROR)), pin!(hurry)).await {
        Either::Left((body, _)) => body.unwrap_or_default(),
        Either::Right(_) => Bytes::new(),
    };
    let (name, message) = envelope(&body);
    match name {
        Some(name) => XrpcError::received(status, name, message, headers),
        None => XrpcError::received(status, generic_name(status), message, headers),
    }
}

/// Name and message, as far as they are there.
pub(super) fn envelope(body: &Bytes) -> (Option<String>, Option<String>) {
    let Ok((Value::Map(map), _)) = json::parse_lenient(body, Limits::RECORD) else { return (None, None) };
    let text = |key| map.get(key).and_then(Value::as_str).map(str::to_owned);
    (text("error").filter(|name| is_name(name)), text("message"))
}

/// Names are ASCII without spaces (XRPC, errors).
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    async fn read(endpoint: &Endpoint, response: Response<Body>, max_json: u64) -> Result<Received, Failed> {
        super::read(endpoint, response, max_json, pending()).await
    }

    fn response(status: u16, content_type: Option<&str>, body: &'static str) -> Response<Body> {
        let mut response = Response::builder().status(status);
        if let Some(content_type) = content_type {
            response = response.header(header::CONTENT_TYPE, content_type);
        }
        response.body(Body::from(body)).unwrap()
    }

    fn endpoint(encoding: Option<&str>) -> Endpoint {
        let output = encoding.map(|encoding| BodySchema { encoding: encoding.into(), schema: None });
        Endpoint {
            nsid: "com.example.get".into(),
            kind: crate::xrpc::EndpointKind::Query,
            params: None,
            input: None,
            output,
            message: None,
        }
    }

    async fn failure(status: u16, body: &'static str) -> (String, Option<String>) {
        let read = self::read(&endpoint(None), response(status, None, body), 10).await;
        let Err(Error::Xrpc(error)) = read else { panic!("no error") };
        assert_eq!(error.status(), status);
        (error.name().to_owned(), error.message().map(str::to_owned))
    }

    #[tokio::test]
    async fn an_error_has_its_name_from_the_body_or_from_the_status() {
        let named = failure(400, r#"{"error":"BadThing","message":"no","x":1.5}"#).await;
        assert_eq!(named, ("BadThing".into(), Some("no".into())));
        assert_eq!(failure(404, r#"{"error":"BadThing"}"#).await, ("BadThing".into(), None));
        assert_eq!(failure(401, r#"{"message":"no"}"#).await, ("AuthenticationRequired".into(), Some("no".into())));
        for body in ["", "<html>", "[]", "null", r#"{"error":"two words"}"#, r#"{"error":""}"#, r#"{"error":7}"#] {
            assert_eq!(failure(502, body).await.0, "UpstreamFailure", "{body}");
        }
        assert_eq!(failure(418, "").await.0, "InvalidRequest");
        assert_eq!(failure(599, "").await.0, "InternalServerError");
    }

    #[tokio::test]
    async fn an_error_body_without_end_is_not_read_to_its_end() {
        let chunks = futures_util::stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 1024])));
        let response = Response::builder().status(500).body(Body::from_stream(chunks)).unwrap();
        let Err(Error::Xrpc(error)) = read(&endpoint(None), response, 10).await else { panic!("no error") };
        assert_eq!(error.name(), "InternalServerError");
    }

    #[tokio::test]
    async fn an_error_body_that_does_not_come_is_not_waited_for() {
        let body = Body::from_stream(futures_util::stream::pending::<Result<Bytes, crate::xrpc::BodyError>>());
        let response = Response::builder().status(500).body(body).unwrap();
        let read = super::read(&endpoint(None), response, 10, ready(())).await;
        assert!(matches!(read, Err(Error::Xrpc(error)) if error.name() == "InternalServerError"));
    }

    #[tokio::test]
    async fn a_status_that_is_neither_success_nor_error_is_an_error() {
        assert_eq!(failure(302, "").await.0, "XRPCNotSupported");
        assert_eq!(failure(304, "").await.0, "XRPCNotSupported");
    }

    #[tokio::test]
    async fn json_has_to_say_that_it_is_json() {
        let json = endpoint(Some(JSON));
        let good = read(&json, response(200, Some("application/json; charset=utf-8"), "{}"), 10).await;
        assert!(matches!(good.map(|received| received.body), Ok(Raw::Json(json)) if json == "{}"));
        for content_type in [None, Some("text/html"), Some("")] {
            let bad = read(&json, response(200, content_type, "{}"), 10).await;
            assert!(matches!(bad, Err(Error::Answer(_))), "{content_type:?}");
        }
    }

    #[tokio::test]
    async fn json_has_a_limit() {
        let long = read(&endpoint(Some(JSON)), response(200, Some(JSON), "[1,2,3,4,5,6]"), 10).await;
        assert!(matches!(long, Err(Error::Body(crate::xrpc::BodyError::TooLarge { limit: 10 }))));
    }

    #[tokio::test]
    async fn other_bodies_are_checked_by_their_type_alone() {
        let car = endpoint(Some("application/vnd.ipld.car"));
        let good = read(&car, response(200, Some("application/vnd.ipld.car"), "more than ten bytes"), 10).await;
        let Ok(Received { body: Raw::Stream(body), .. }) = good else { panic!("no stream") };
        assert_eq!(body.mime_type(), Some("application/vnd.ipld.car"));
        assert!(matches!(read(&car, response(200, None, ""), 10).await, Err(Error::Answer(_))));
        let any = endpoint(Some("*/*"));
        let Ok(Received { body: Raw::Stream(body), .. }) = read(&any, response(200, None, "x"), 10).await else {
            panic!("no stream")
        };
        assert_eq!(body.mime_type(), Some(BYTES));
    }

    #[tokio::test]
    async fn a_method_without_output_ignores_what_comes() {
        let read = self::read(&endpoint(None), response(200, Some("text/plain"), "ok"), 1).await;
        assert!(matches!(read.map(|received| received.body), Ok(Raw::Empty)));
    }
}
