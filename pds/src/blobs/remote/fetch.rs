//! Fetching a blob: looked at as it comes, and not kept.

use arobase::{
    client::{Transport, redirect_target},
    data::Cid,
    xrpc::Body,
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, Uri, header};
use tokio::time::timeout;

use super::{
    super::{
        measure::{Measure, Measured},
        media::{Facts, HEAD, Probe},
        mime,
    },
    Address, RemoteLimits,
};
use crate::error::Error;

/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// Who asks.
const AGENT: &str = concat!("arobase-pds/", env!("CARGO_PKG_VERSION"));

/// What was behind a URL.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) cid: Cid,
    pub(super) size: u64,
    pub(super) mime_type: Box<str>,
    pub(super) facts: Facts,
}

/// Why it could not be fetched. URLs stay out of it.
#[derive(Debug)]
pub(super) enum Fault {
    /// The host says that it is not there.
    Gone(StatusCode),
    /// The host or the way to it failed, this time.
    Failed(String),
    /// It is more than the limits allow.
    Limit(Error),
}

/// Fetches what is behind a URL.
pub(super) async fn fetch(transport: &dyn Transport, url: &Address, limits: &RemoteLimits) -> Result<Fetched, Fault> {
    let fetching = async {
        let (answer, last) = follow(transport, url.uri().clone()).await?;
        look_at(answer, &last, limits).await
    };
    timeout(limits.timeout, fetching).await.unwrap_or_else(|_| Err(failed("its host took too long")))
}

/// The answer at the end of all redirects, and where that is.
async fn follow(transport: &dyn Transport, mut url: Uri) -> Result<(Response<Body>, Uri), Fault> {
    for _ in 0..=REDIRECTS {
        let answer = transport.send(request(&url)?).await;
        let answer = answer.map_err(|error| failed(&error.to_string()))?;
        match redirect_target(&url, answer.status(), answer.headers()) {
            Some(next) => url = next,
            None => return Ok((answer, url)),
        }
    }
    Err(failed("its host redirects without an end"))
}

fn request(url: &Uri) -> Result<Request<Body>, Fault> {
    let request = Request::get(url).header(header::ACCEPT, "*/*").header(header::USER_AGENT, AGENT);
    request.body(Body::default()).map_err(|_| failed("its URL cannot be asked for"))
}

async fn look_at(answer: Response<Body>, url: &Uri, limits: &RemoteLimits) -> Result<Fetched, Fault> {
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_client_error() => return Err(Fault::Gone(status)),
        status => return Err(failed(&format!("its host answered {status}"))),
    }
    let headers = answer.headers();
    // The hash would be that of bytes which nobody else sees.
    if text(headers, &header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(failed("its host compresses it"));
    }
    let announced = text(headers, &header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    limits.check_size(announced.unwrap_or_default()).map_err(Fault::Limit)?;
    let declared = declared(headers, url);
    if let Some(mime_type) = &declared {
        limits.check_type(mime_type).map_err(Fault::Limit)?;
    }
    let (found, probe) = receive(answer.into_body(), announced, limits).await?;
    let mime_type = declared.unwrap_or_else(|| mime::of(&found.head, None));
    let facts = probe.finish(&found.head, found.size, &mime_type);
    limits.check(found.size, &mime_type, &facts).map_err(Fault::Limit)?;
    Ok(Fetched { cid: found.cid, size: found.size, mime_type, facts })
}

async fn receive(mut body: Body, announced: Option<u64>, limits: &RemoteLimits) -> Result<(Measured, Probe), Fault> {
    let (mut measure, mut probe) = (Measure::new(HEAD), Probe::default());
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| failed("it broke off"))?;
        limits.check_size(measure.size() + chunk.len() as u64).map_err(Fault::Limit)?;
        measure.push(&chunk);
        probe.push(&chunk);
    }
    if announced.is_some_and(|announced| announced != measure.size()) {
        return Err(failed("it has not as many bytes as it was said to have"));
    }
    Ok((measure.finish(), probe))
}

/// The MIME type that the host says, unless it says that it does not know; or the one that the URL tells.
fn declared(headers: &HeaderMap, url: &Uri) -> Option<Box<str>> {
    let said = text(headers, &header::CONTENT_TYPE).and_then(mime::clean);
    let known = said.filter(|said| !matches!(&**said, mime::UNKNOWN | "binary/octet-stream"));
    known.or_else(|| mime::of_path(url.path()).map(Into::into))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn failed(why: &str) -> Fault {
    Fault::Failed(why.to_owned())
}
