//! The bytes of blobs (`getBlob`; XRPC, blobs).

use arobase::{
    Context, Failure,
    data::Cid,
    syntax::{CidString, Did},
    xrpc::Body,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    accounts::find_readable,
    auth,
    blobs::{BlobBytes, BlobContent, BlobRange},
    error::Error,
    pds::Pds,
    store::Account,
};

use super::tag;

/// How long others may give out a blob: its bytes never change, but it may be taken down.
const PUBLIC: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// What only the owner gets.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// What keeps a browser from doing anything with a blob but to save it.
const GUARDS: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// A blob to which a record refers, or a part of it.
pub(super) async fn blob<E>(pds: &Pds, cx: &Context, did: Did, cid: CidString) -> Result<Body, Failure<E>> {
    let text = cid.as_str();
    let found = find(pds, cx, &did, text).await.map_err(Error::into_failure)?;
    guard(cx, text);
    match found {
        Found::Known(tag) => Err(tag::not_modified(tag)),
        Found::Content(BlobContent::Bytes(blob), cache) => {
            cx.set_header(header::CACHE_CONTROL, cache);
            Ok(send(cx, blob, tag::strong(text)))
        }
        Found::Content(BlobContent::Remote(remote), cache) => {
            // How long it may be there is for everybody to know, or for nobody else.
            let known = format!("public, max-age={}", remote.max_age.as_secs());
            let cache = if cache == PRIVATE { cache } else { HeaderValue::try_from(known).unwrap_or(PRIVATE) };
            cx.set_header(header::CACHE_CONTROL, cache);
            Err(Failure::redirect(StatusCode::FOUND, &remote.url))
        }
    }
}

enum Found {
    /// The caller has it already.
    Known(HeaderValue),
    /// It, and how long it may be kept.
    Content(BlobContent, HeaderValue),
}

async fn find(pds: &Pds, cx: &Context, did: &Did, text: &str) -> Result<Found, Error> {
    let cid: Cid = text.parse().map_err(|_| Error::named("BlobNotFound", format!("there is no blob {text}")))?;
    let account = account(pds, cx, did.clone()).await?;
    let cache = if account.state().is_active() { PUBLIC } else { PRIVATE };
    let tag = tag::strong(text);
    let content = pds.read_blob(&account.did, &cid, tag.as_ref().and_then(|tag| range(cx, tag))).await?;
    Ok(match tag {
        Some(tag) if tag::is_known(cx, &tag) => Found::Known(tag),
        _ => Found::Content(content, cache),
    })
}

async fn account(pds: &Pds, cx: &Context, did: Did) -> Result<Account, Error> {
    let reader = auth::caller(cx).cloned();
    pds.inner.db.read(move |view| find_readable(view, &did.into(), reader.as_ref())).await
}

/// Sets what is so with every blob.
fn guard(cx: &Context, cid: &str) {
    for (name, value) in GUARDS {
        cx.set_header(name, value);
    }
    // A CID that was read has nothing that would have to be escaped.
    if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{cid}\"")) {
        cx.set_header(header::CONTENT_DISPOSITION, disposition);
    }
}

fn send(cx: &Context, blob: BlobBytes, tag: Option<HeaderValue>) -> Body {
    cx.set_header(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(tag) = tag {
        cx.set_header(header::ETAG, tag);
    }
    let (start, end) = (blob.range.start, blob.range.end);
    if end - start < blob.size
        && let Ok(range) = HeaderValue::try_from(format!("bytes {start}-{}/{}", end.saturating_sub(1), blob.size))
    {
        cx.set_header(header::CONTENT_RANGE, range);
    }
    blob.body
}

/// The part that is asked for, if it is one part and of the blob that there is. What is not understood is as if it
/// were not there.
fn range(cx: &Context, tag: &HeaderValue) -> Option<BlobRange> {
    let headers = cx.headers();
    let expected = headers.get(header::IF_RANGE).is_none_or(|known| known == tag);
    let range = headers.get(header::RANGE).filter(|_| cx.method() == Method::GET && expected)?;
    parse(range.to_str().ok()?)
}

fn parse(range: &str) -> Option<BlobRange> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    match (number(first)?, number(last)?) {
        (None, Some(count)) => Some(BlobRange::Last(count)),
        (Some(first), None) => Some(BlobRange::From(first)),
        (Some(first), Some(last)) if first <= last => Some(BlobRange::Bounded(first..last.saturating_add(1))),
        _ => None,
    }
}

/// A number, or nothing where there is none.
fn number(text: &str) -> Option<Option<u64>> {
    match text {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok().map(Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_bounded_open_or_counted_from_the_end() {
        assert_eq!(parse("bytes=0-0"), Some(BlobRange::Bounded(0..1)));
        assert_eq!(parse("bytes=2-18446744073709551615"), Some(BlobRange::Bounded(2..u64::MAX)));
        assert_eq!(parse("bytes=7-"), Some(BlobRange::From(7)));
        assert_eq!(parse("bytes=-7"), Some(BlobRange::Last(7)));
    }

    #[test]
    fn what_is_no_single_part_is_passed_over() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "bytes=1",
            "items=0-1",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(parse(range), None, "{range}");
        }
    }
}
