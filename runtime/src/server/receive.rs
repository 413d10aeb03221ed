//! The body of a request, on its way to the handler (XRPC, bodies).

use std::{error::Error, pin::pin, time::Duration};

use arobase_lexicon::schema::BodySchema;
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, stream};
use http::{HeaderMap, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError};
use tokio::time::timeout;

use super::{linger::Lingering, refusal::causes};
use crate::xrpc::{self, BodyError, Raw, XrpcError, mime};

#[cfg(feature = "compression")]
use super::compress::CODINGS;
/// The ways to compress a body that are understood.
#[cfg(not(feature = "compression"))]
const CODINGS: [&str; 0] = [];

/// How much of a body is taken, and how long that may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// In bytes.
    pub(crate) json: u64,
    /// In bytes.
    pub(crate) stream: Option<u64>,
    /// For JSON as a whole, for a stream from chunk to chunk.
    pub(crate) wait: Duration,
}

/// Whether there is neither a body nor one to wait for.
pub(crate) fn is_done(body: &Lingering, input: Option<&BodySchema>) -> bool {
    input.is_none() && body.is_end_stream()
}

/// Receives the body that the method wants. JSON is read whole, anything else is handed on as a
/// stream.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: Lingering,
    input: Option<&BodySchema>,
    bounds: Bounds,
) -> Result<Raw, XrpcError> {
    let Some(input) = input else { return nothing(body, bounds.wait).await };
    if !is_sent(headers, &body) {
        return Err(XrpcError::invalid_request("a request body is expected but was not sent"));
    }
    let content_type = content_type(headers, input)?;
    match content_coding(headers)? {
        #[cfg(feature = "compression")]
        Some(coding) if !body.is_end_stream() => {
            let body = super::compress::decode(coding, body);
            read(body, input, content_type, bounds).await
        }
        _ => read(body, input, content_type, bounds).await,
    }
}

/// Reads to the end of a body that must be empty.
async fn nothing(mut body: Lingering, wait: Duration) -> Result<Raw, XrpcError> {
    let refusal = || XrpcError::invalid_request("this method takes no request body");
    if body.size_hint().lower() > 0 {
        return Err(refusal());
    }
    let reading = async {
        while let Some(chunk) = next(&mut body).await? {
            if !chunk.is_empty() {
                return Err(refusal());
            }
        }
        Ok(Raw::Empty)
    };
    timeout(wait, reading).await.map_err(|_| too_slow())?
}

/// An empty body is one too, if it was announced.
fn is_sent(headers: &HeaderMap, body: &Lingering) -> bool {
    !body.is_end_stream()
        || headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING)
}

fn content_type<'h>(headers: &'h HeaderMap, input: &BodySchema) -> Result<&'h str, XrpcError> {
    let wanted = &*input.encoding;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(content_type) = content_type.filter(|content_type| !content_type.trim().is_empty()) else {
        return Err(XrpcError::invalid_request(format!("Content-Type is missing: {wanted} is expected")));
    };
    if !mime::matches(wanted, content_type) {
        return Err(XrpcError::invalid_request(format!("wrong Content-Type: {wanted} is expected")));
    }
    Ok(content_type)
}

/// How the body is compressed; `None` if it is not.
fn content_coding(headers: &HeaderMap) -> Result<Option<&'static str>, XrpcError> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    let (Some(value), rest) = (values.next(), values.next()) else { return Ok(None) };
    let coding = value.as_bytes().trim_ascii();
    if rest.is_none() && (coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")) {
        return Ok(None);
    }
    let known = CODINGS.iter().copied().find(|known| known.as_bytes().eq_ignore_ascii_case(coding));
    match known.filter(|_| rest.is_none()) {
        Some(coding) => Ok(Some(coding)),
        None => {
            let message = "this Content-Encoding is not supported";
            Err(XrpcError::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
        }
    }
}

async fn read<B>(mut body: B, input: &BodySchema, content_type: &str, bounds: Bounds) -> Result<Raw, XrpcError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    if !input.is_json() {
        return stream(body, content_type, bounds).map(Raw::Stream);
    }
    let mut reading = pin!(collect(&mut body, bounds.json));
    // Most bodies are there already, and need no timer.
    let json = match reading.as_mut().now_or_never() {
        Some(json) => json?,
        None => timeout(bounds.wait, reading).await.map_err(|_| too_slow())??,
    };
    Ok(Raw::Json(if json.is_empty() { Bytes::from_static(b"{}") } else { json }))
}

type BoxError = Box<dyn Error + Send + Sync>;

/// Reads all of it. Memory grows with what arrives; a body in one piece is not copied.
async fn collect<B>(body: &mut B, limit: u64) -> Result<Bytes, XrpcError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    if body.size_hint().lower() > limit {
        return Err(too_large(limit));
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(chunk) = next(body).await? {
        if (first.len() + all.len() + chunk.len()) as u64 > limit {
            return Err(too_large(limit));
        }
        if first.is_empty() && all.is_empty() {
            first = chunk;
            continue;
        }
        all.extend_from_slice(&std::mem::take(&mut first));
        all.extend_from_slice(&chunk);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn stream<B>(body: B, content_type: &str, bounds: Bounds) -> Result<xrpc::Body, XrpcError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    let size = body.size_hint();
    if let Some(limit) = bounds.stream.filter(|limit| size.lower() > *limit) {
        return Err(too_large(limit));
    }
    let left = bounds.stream.unwrap_or(u64::MAX);
    let chunks = stream::try_unfold((body, left), move |(mut body, left)| async move {
        let next = timeout(bounds.wait, next(&mut body)).await;
        let Some(chunk) = next.map_err(|_| too_slow()).flatten().map_err(BodyError::source)? else {
            return Ok(None);
        };
        match left.checked_sub(chunk.len() as u64) {
            Some(left) => Ok(Some((chunk, (body, left)))),
            None => Err(BodyError::TooLarge { limit: bounds.stream.unwrap_or(u64::MAX) }),
        }
    });
    let stream = xrpc::Body::from_stream(chunks).content_type(content_type);
    Ok(match size.exact() {
        Some(size) => stream.sized(size),
        None => stream,
    })
}

/// The next data; trailers are skipped.
async fn next<B>(body: &mut B) -> Result<Option<Bytes>, XrpcError>
where
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|error| broken(&*error.into()))?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// The body cannot be read to its end: the connection, the compression, or a limit that a tower
/// layer set.
fn broken(error: &(dyn Error + 'static)) -> XrpcError {
    if causes(error).any(<dyn Error>::is::<LengthLimitError>) {
        return XrpcError::of(StatusCode::PAYLOAD_TOO_LARGE, "the request body is too large");
    }
    XrpcError::invalid_request("the request body could not be read to its end")
}

fn too_large(limit: u64) -> XrpcError {
    XrpcError::of(StatusCode::PAYLOAD_TOO_LARGE, format!("the request body has more than {limit} bytes"))
}

fn too_slow() -> XrpcError {
    XrpcError::of(StatusCode::REQUEST_TIMEOUT, "the request body did not arrive in time")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn empty_chunks_without_end_are_not_waited_for() {
        let drip = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, Infallible>(Bytes::new()), ()))
        });
        let (head, body) = http::Request::new(Body::from_stream(drip)).into_parts();
        let nothing = nothing(Lingering::new(&head, body), Duration::from_millis(50));
        let error = timeout(Duration::from_secs(5), nothing).await.unwrap().unwrap_err();
        assert_eq!(error.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
