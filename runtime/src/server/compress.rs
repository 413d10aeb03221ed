//! Compressed bodies, with the layers of tower-http applied to single messages: a request that does
//! not ask for compression does not pass through them.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use axum::{body::Body, response::Response};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body::Body as _;
use tower::{Service, service_fn};
use tower_http::{compression::Compression, decompression::RequestDecompression};

use super::linger::Lingering;

/// The codings of request bodies that are understood.
pub(crate) const CODINGS: [&str; 3] = ["gzip", "deflate", "br"];

/// Answers with fewer bytes are sent as they are.
const LEAST: u64 = 1024;

const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// A body without its compression. `coding` is one of [`CODINGS`].
pub(crate) fn decode(coding: &'static str, body: Lingering) -> Body {
    let mut request = Request::new(body);
    request.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    let echo = service_fn(|request: Request<_>| done(Response::new(request.into_body())));
    let decoded = RequestDecompression::new(echo).call(request).now_or_never();
    decoded.map_or_else(Body::empty, |Ok(decoded)| Body::new(decoded.into_body()))
}

/// What of a request decides how its answer is compressed.
pub(crate) struct Wish {
    first: HeaderValue,
    /// Of further lines, of which there are none as a rule.
    rest: Vec<HeaderValue>,
}

impl Wish {
    /// `None` if it is not to be compressed.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Option<Self> {
        let mut accepted = headers.get_all(header::ACCEPT_ENCODING).iter().cloned();
        let first = accepted.next().filter(|_| method != Method::HEAD)?;
        Some(Self { first, rest: accepted.collect() })
    }
}

/// Compresses an answer, if that is worth it and the caller wishes it.
pub(crate) fn encode(wish: Option<Wish>, mut answer: Response) -> Response {
    if !is_worth_it(&answer) {
        return answer;
    }
    let Some(Wish { first, rest }) = wish else {
        answer.headers_mut().append(header::VARY, ACCEPT_ENCODING);
        return answer;
    };
    let mut request = Request::new(());
    request.headers_mut().insert(header::ACCEPT_ENCODING, first);
    request.headers_mut().extend(rest.into_iter().map(|value| (header::ACCEPT_ENCODING, value)));
    let mut answer = Some(answer);
    let give = service_fn(|_: Request<()>| done(answer.take().unwrap_or_default()));
    let encoded = Compression::new(give).compress_when(|_, _, _: &_, _: &_| true).call(request).now_or_never();
    encoded.map_or_else(Response::default, |Ok(encoded)| encoded.map(Body::new))
}

/// The services here are ready at once, and so are the layers around them.
fn done<T>(message: T) -> Ready<Result<T, Infallible>> {
    ready(Ok(message))
}

fn is_worth_it(answer: &Response) -> bool {
    let headers = answer.headers();
    let size = announced(headers).or(answer.body().size_hint().exact());
    size.is_none_or(|size| size >= LEAST)
        && !headers.contains_key(header::CONTENT_ENCODING)
        // Ranges count the bytes as they are.
        && !headers.contains_key(header::CONTENT_RANGE)
        && !headers.contains_key(header::ACCEPT_RANGES)
        && headers.get(header::CONTENT_TYPE).is_some_and(|value| is_compressible(value.as_bytes()))
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Texts, JSON in all its forms, and repositories, whose blocks share most of their keys.
fn is_compressible(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let essence = essence.to_ascii_lowercase();
    match &*essence {
        b"application/json" | b"application/jsonl" | b"application/vnd.ipld.car" | b"application/xml" => true,
        other => other.starts_with(b"text/") || other.ends_with(b"+json") || other.ends_with(b"+xml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_json_and_repositories_are_compressed() {
        for content_type in
            ["Application/JSON; charset=utf-8", "text/plain", "application/vnd.ipld.car", "image/svg+xml"]
        {
            assert!(is_compressible(content_type.as_bytes()), "{content_type}");
        }
    }

    #[test]
    fn what_is_compressed_already_is_not() {
        for content_type in ["image/jpeg", "video/mp4", "application/octet-stream", ""] {
            assert!(!is_compressible(content_type.as_bytes()), "{content_type}");
        }
    }
}
