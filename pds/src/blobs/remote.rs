//! Blobs whose bytes stay behind a URL.

mod address;
mod fetch;
mod limits;
mod note;
mod shared;
#[cfg(test)]
mod tests;

use std::time::Duration;

use arobase::{data::Blob, syntax::Did};
use bytes::Bytes;

pub use self::limits::RemoteLimits;
pub(super) use self::shared::Remotes;
use self::{
    address::Address,
    fetch::{Fault, Fetched},
    note::Note,
};
use super::{
    depot::Depot,
    measure::Measure,
    media::{Facts, HEAD, Probe},
    mime,
    read::{BlobRedirect, not_found},
    upload,
};
use crate::{
    error::Error,
    store::{Account, BlobPlace, BlobRow, Remote},
};

/// How long it may be remembered where a blob is.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);
/// After how long a URL is asked again that failed, but is known to have been good, in microseconds: an hour.
const RETRY: i64 = 60 * 60 * 1_000_000;

/// A blob behind a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Media {
    /// What a record refers to it by.
    pub blob: Blob,
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// Milliseconds.
    pub duration: Option<u64>,
}

/// The blob behind a URL, which is fetched if it is not known, or if it is time to look at it again.
pub(super) async fn get(depot: &Depot, did: &Did, url: &str, limits: &RemoteLimits) -> Result<Media, Error> {
    let address = Address::parse(url)?;
    let account = upload::receiver(depot, did).await?;
    let remotes = &depot.blobs.remotes;
    let _turn = remotes.turn(&address).await;
    let known = known(depot, &account, &address).await?;
    if let Some(known) = &known
        && !is_due(depot, known, &address, limits)
    {
        return reuse(depot, &account, known, limits).await;
    }
    if known.is_none() && remotes.failed_within(&address, depot.now(), limits.refetch_after) {
        return Err(unavailable("it could not be fetched lately"));
    }
    match fetch::fetch(&*depot.transport()?, &address, limits).await {
        Ok(fetched) => note(depot, did, &address, fetched).await,
        Err(fault) => failed(depot, &account, &address, known, fault, limits).await,
    }
}

/// The same with bytes that are said to be behind the URL.
pub(super) async fn take(depot: &Depot, did: &Did, url: &str, bytes: Bytes, mime: &str) -> Result<Media, Error> {
    let address = Address::parse(url)?;
    let mime_type = mime::clean(mime).ok_or_else(|| Error::invalid_request("that is no MIME type"))?;
    let fetched = tokio::task::spawn_blocking(move || inspect(&bytes, mime_type)).await.map_err(Error::internal)?;
    let _turn = depot.blobs.remotes.turn(&address).await;
    note(depot, did, &address, fetched).await
}

fn inspect(bytes: &[u8], mime_type: Box<str>) -> Fetched {
    let (mut measure, mut probe) = (Measure::new(HEAD), Probe::default());
    measure.push(bytes);
    probe.push(bytes);
    let found = measure.finish();
    let facts = probe.finish(&found.head, found.size, &mime_type);
    Fetched { cid: found.cid, size: found.size, mime_type, facts }
}

/// Where a blob is, after it was looked at again if that was due. One who asks meanwhile does not wait for that.
pub(super) async fn redirect(depot: &Depot, blob: &BlobRow) -> Result<BlobRedirect, Error> {
    let BlobPlace::Remote(remote) = &blob.place else { return Err(not_found(&blob.cid)) };
    let address = Address::parse(&remote.url)?;
    let remotes = &depot.blobs.remotes;
    if is_due(depot, blob, &address, &remotes.limits)
        && let Some(_turn) = remotes.try_turn(&address)
        && !look_again(depot, blob, &address).await?
    {
        return Err(not_found(&blob.cid));
    }
    let url = address.as_str().into();
    Ok(BlobRedirect { url, mime_type: blob.mime_type.clone(), max_age: MAX_AGE })
}

/// Fetches a blob once more; whether it may still be there.
async fn look_again(depot: &Depot, blob: &BlobRow, address: &Address) -> Result<bool, Error> {
    // The bytes are to be compared, not judged.
    let limits = depot.blobs.remotes.limits.for_comparison(blob.size);
    let note = match fetch::fetch(&*depot.transport()?, address, &limits).await {
        Ok(fetched) if fetched.cid == blob.cid => Note::Same,
        Ok(_) | Err(Fault::Limit(_)) => Note::Changed,
        Err(Fault::Gone(_)) => Note::Gone,
        Err(Fault::Failed(_)) => {
            depot.blobs.remotes.note_failure(address, depot.now());
            return Ok(true);
        }
    };
    note::change(depot, blob, note).await?;
    Ok(matches!(note, Note::Same))
}

async fn known(depot: &Depot, account: &Account, address: &Address) -> Result<Option<BlobRow>, Error> {
    let (id, url) = (account.id, address.as_str().to_owned());
    depot.db.read(move |view| Ok(view.blob_of_url(id, &url)?)).await
}

/// Whether it is time to look at a blob again. What is gone may have come back.
fn is_due(depot: &Depot, blob: &BlobRow, address: &Address, limits: &RemoteLimits) -> bool {
    let BlobPlace::Remote(Remote { checked_at, gone, .. }) = &blob.place else { return false };
    let now = depot.now();
    let is_old = now.saturating_sub(*checked_at) >= limits.refetch_after;
    let failed = || depot.blobs.remotes.failed_within(address, now, RETRY.min(limits.refetch_after));
    is_old && (*gone || limits.is_refetched(&blob.mime_type)) && !failed()
}

/// A blob that is known and need not be looked at again.
async fn reuse(depot: &Depot, account: &Account, known: &BlobRow, limits: &RemoteLimits) -> Result<Media, Error> {
    let BlobPlace::Remote(remote) = &known.place else { return Err(not_found(&known.cid)) };
    if remote.gone {
        return Err(unavailable("it is not there any more"));
    }
    let facts = Facts { width: remote.width, height: remote.height, duration: remote.duration };
    limits.check(known.size, &known.mime_type, &facts)?;
    note::touch(depot, account, known).await
}

async fn note(depot: &Depot, did: &Did, address: &Address, fetched: Fetched) -> Result<Media, Error> {
    depot.blobs.remotes.forget_failure(address);
    note::fetched(depot, did, address, fetched).await
}

/// What follows from a blob that could not be fetched: one that is known stays, unless its host says that it is gone.
async fn failed(
    depot: &Depot,
    account: &Account,
    address: &Address,
    known: Option<BlobRow>,
    fault: Fault,
    limits: &RemoteLimits,
) -> Result<Media, Error> {
    if !matches!(fault, Fault::Limit(_)) {
        depot.blobs.remotes.note_failure(address, depot.now());
    }
    match (fault, known) {
        (Fault::Limit(error), _) => Err(error),
        (Fault::Gone(status), Some(known)) => {
            note::change(depot, &known, Note::Gone).await?;
            Err(unavailable(&format!("its host answered {status}")))
        }
        (Fault::Failed(_), Some(known)) => reuse(depot, account, &known, limits).await,
        (Fault::Gone(status), None) => Err(unavailable(&format!("its host answered {status}"))),
        (Fault::Failed(why), None) => Err(unavailable(&why)),
    }
}

fn unavailable(why: &str) -> Error {
    Error::named("BlobNotFound", format!("the blob cannot be had: {why}"))
}
