//! What the database gets to know of blobs behind URLs.

use arobase::{data::Blob, syntax::Did};

use super::{
    super::{
        depot::{self, Depot},
        media::Facts,
        row, upload,
    },
    Address, Fetched, Media,
};
use crate::{
    error::Error,
    store::{Account, AccountId, BlobPlace, BlobRow, BlobState, Remote, Unit, View},
};

/// When a URL was last looked at that has other bytes now: so long ago that it is looked at whenever it is asked for.
const NEVER: i64 = 0;

/// What was found out about a blob that is known.
#[derive(Clone, Copy)]
pub(super) enum Note {
    /// The bytes are the same.
    Same,
    /// There are other bytes behind its URL.
    Changed,
    /// There are none any more.
    Gone,
}

/// Notes what was found out about a blob, if it still has the same URL.
pub(super) async fn change(depot: &Depot, blob: &BlobRow, note: Note) -> Result<(), Error> {
    let (id, cid, url, now) = (blob.account, blob.cid, url_of(blob), depot.now());
    let change = move |unit: &mut dyn Unit| match unit.blob(id, &cid)? {
        Some(blob) if url_of(&blob) == url && unit.account(id)?.is_some() => apply(unit, blob, note, now),
        _ => Ok(()),
    };
    depot.db.write(change).await
}

/// A temporary blob that is asked for again has all its time again.
pub(super) async fn touch(depot: &Depot, account: &Account, known: &BlobRow) -> Result<Media, Error> {
    let media = media(known, &Facts::default());
    if known.takedown.is_some() {
        return Err(taken_down());
    }
    if known.state == BlobState::Permanent {
        return Ok(media);
    }
    let (did, mut blob, now) = (account.did.clone(), known.clone(), depot.now());
    let touch = move |unit: &mut dyn Unit| {
        let current = unit.blob(depot::account(unit, &did)?.id, &blob.cid)?;
        blob = current.clone().unwrap_or(blob);
        blob.created_at = blob.created_at.max(now);
        row::keep(unit, current.as_ref(), &blob, now)
    };
    depot.db.write(touch).await?;
    Ok(media)
}

/// Notes what was behind a URL.
pub(super) async fn fetched(depot: &Depot, did: &Did, address: &Address, fetched: Fetched) -> Result<Media, Error> {
    let (did, url, now) = (did.clone(), address.as_str().to_owned(), depot.now());
    // What was found out about the blob that had the URL before stays also where the new one is refused.
    depot.db.write(move |unit| admit(unit, &did, &url, &fetched, now)).await?
}

fn admit(
    unit: &mut dyn Unit,
    did: &Did,
    url: &str,
    fetched: &Fetched,
    now: i64,
) -> Result<Result<Media, Error>, Error> {
    let account = depot::account(unit, did)?;
    upload::check_state(&account)?;
    let newest = supersede(unit, account.id, url, fetched, now)?;
    let known = unit.blob(account.id, &fetched.cid)?;
    if known.as_ref().is_some_and(|known| known.takedown.is_some()) {
        return Ok(Err(taken_down()));
    }
    let mut blob = match &known {
        Some(known) => known.clone(),
        None => new_row(unit, account.id, url, fetched, now)?,
    };
    // Bytes that are here are better than those that are elsewhere.
    if matches!(blob.place, BlobPlace::Remote(_)) {
        blob.place = BlobPlace::Remote(remote(url, fetched, now));
        blob.created_at = blob.created_at.max(newest);
    }
    if blob.state == BlobState::Temporary {
        blob.created_at = blob.created_at.max(now);
    }
    row::keep(unit, known.as_ref(), &blob, now)?;
    Ok(Ok(media(&blob, &fetched.facts)))
}

/// Lets go of another blob that stood for the URL until now. The newest row stands for a URL: this is the least time
/// that is newer than the other's.
fn supersede(unit: &mut dyn Unit, id: AccountId, url: &str, fetched: &Fetched, now: i64) -> Result<i64, Error> {
    match unit.blob_of_url(id, url)? {
        Some(before) if before.cid != fetched.cid => {
            let newer = before.created_at.saturating_add(1);
            apply(unit, before, Note::Changed, now)?;
            Ok(newer)
        }
        _ => Ok(i64::MIN),
    }
}

fn apply(unit: &mut dyn Unit, mut blob: BlobRow, note: Note, now: i64) -> Result<(), Error> {
    let BlobPlace::Remote(remote) = &mut blob.place else { return Ok(()) };
    remote.checked_at = if matches!(note, Note::Changed) { NEVER } else { now };
    remote.gone = !matches!(note, Note::Same);
    Ok(unit.put_blob(&blob)?)
}

fn new_row(view: &dyn View, id: AccountId, url: &str, fetched: &Fetched, now: i64) -> Result<BlobRow, Error> {
    let is_linked = view.is_linked(id, &fetched.cid)?;
    Ok(BlobRow {
        account: id,
        cid: fetched.cid,
        mime_type: fetched.mime_type.clone(),
        size: fetched.size,
        state: if is_linked { BlobState::Permanent } else { BlobState::Temporary },
        place: BlobPlace::Remote(remote(url, fetched, now)),
        created_at: now,
        takedown: None,
    })
}

fn remote(url: &str, fetched: &Fetched, now: i64) -> Remote {
    let Facts { width, height, duration } = fetched.facts;
    Remote { url: url.into(), checked_at: now, gone: false, width, height, duration }
}

fn media(blob: &BlobRow, facts: &Facts) -> Media {
    let facts = match &blob.place {
        BlobPlace::Remote(remote) => Facts { width: remote.width, height: remote.height, duration: remote.duration },
        BlobPlace::Object(_) => *facts,
    };
    Media {
        blob: Blob::new(blob.cid.into(), &*blob.mime_type, blob.size),
        width: facts.width,
        height: facts.height,
        duration: facts.duration,
    }
}

fn url_of(blob: &BlobRow) -> Option<Box<str>> {
    match &blob.place {
        BlobPlace::Remote(remote) => Some(remote.url.clone()),
        BlobPlace::Object(_) => None,
    }
}

fn taken_down() -> Error {
    Error::invalid_request("the blob was taken down")
}
