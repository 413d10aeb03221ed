//! Giving out blobs.

use std::{ops::Range, time::Duration};

use arobase::{
    data::Cid,
    syntax::Did,
    xrpc::{Body, BodyError},
};
use futures_util::TryStreamExt;
use http::StatusCode;
use object_store::{GetOptions, GetRange, ObjectStore, path::Path};

use super::{depot::Depot, remote, row};
use crate::{
    error::Error,
    store::{AccountId, BlobPlace, BlobRow},
};

/// What everybody may have of a blob.
#[derive(Debug)]
#[non_exhaustive]
pub enum BlobContent {
    /// Bytes of it.
    Bytes(BlobBytes),
    /// The URL that its bytes are behind.
    Remote(BlobRedirect),
}

/// Bytes of a blob.
#[derive(Debug)]
#[non_exhaustive]
pub struct BlobBytes {
    /// The MIME type of the blob.
    pub mime_type: Box<str>,
    /// The bytes of the whole blob.
    pub size: u64,
    /// Which of them these are.
    pub range: Range<u64>,
    /// These bytes, as they come; with their number.
    pub body: Body,
}

/// Where the bytes of a blob are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobRedirect {
    /// The URL: http or https.
    pub url: Box<str>,
    /// The MIME type of the blob.
    pub mime_type: Box<str>,
    /// How long it may be remembered that the blob is there.
    pub max_age: Duration,
}

/// A part of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlobRange {
    /// From one byte up to another, which is not part of it any more. It may end behind the last.
    Bounded(Range<u64>),
    /// From one byte on.
    From(u64),
    /// So many of the last bytes.
    Last(u64),
}

/// The bytes of a blob, or of a part of it, or where they are.
pub(super) async fn read(depot: &Depot, did: &Did, cid: &Cid, range: Option<BlobRange>) -> Result<BlobContent, Error> {
    let id = depot.account(did).await?.id;
    let blob = find(depot, id, *cid).await?;
    match &blob.place {
        BlobPlace::Object(key) => open(depot, &blob, key, range).await.map(BlobContent::Bytes),
        BlobPlace::Remote(_) => remote::redirect(depot, &blob).await.map(BlobContent::Remote),
    }
}

/// A blob, if everybody may get it.
pub(super) async fn find(depot: &Depot, id: AccountId, cid: Cid) -> Result<BlobRow, Error> {
    let blob = depot.db.read(move |view| Ok::<_, Error>(view.blob(id, &cid)?)).await?;
    blob.filter(row::is_readable).ok_or_else(|| not_found(&cid))
}

pub(super) fn not_found(cid: &Cid) -> Error {
    Error::named("BlobNotFound", format!("there is no blob {cid}"))
}

async fn open(depot: &Depot, blob: &BlobRow, key: &str, range: Option<BlobRange>) -> Result<BlobBytes, Error> {
    let range = range.map(|range| satisfy(range, blob.size)).transpose()?;
    let path = Path::parse(key).map_err(Error::internal)?;
    let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
    let found = depot.blobs.objects.get_opts(&path, options).await;
    let found = found.map_err(|error| match error {
        // It may have gone a moment ago, with the last record that referred to it.
        object_store::Error::NotFound { .. } => not_found(&blob.cid),
        error => super::objects_failed(error),
    })?;
    let range = range.unwrap_or(0..blob.size);
    let bytes = found.into_stream().map_err(BodyError::source);
    let body = Body::from_stream(bytes).content_type(&*blob.mime_type).sized(range.end - range.start);
    Ok(BlobBytes { mime_type: blob.mime_type.clone(), size: blob.size, range, body })
}

/// The bytes that a part has. It has at least one.
fn satisfy(range: BlobRange, size: u64) -> Result<Range<u64>, Error> {
    let range = match range {
        BlobRange::Bounded(range) => range.start..range.end.min(size),
        BlobRange::From(start) => start..size,
        BlobRange::Last(count) => size.saturating_sub(count)..size,
    };
    if range.is_empty() {
        let message = format!("the blob has {size} bytes");
        return Err(Error::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message));
    }
    Ok(range)
}
