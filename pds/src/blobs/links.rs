//! Which records refer to which blobs.

use arobase::{
    data::{Blob, Cid},
    repo::{RepoPath, blob_refs},
    syntax::Tid,
};

use super::row::{self, forget};
use crate::{
    error::Error,
    store::{Account, AccountId, BlobState, Unit},
};

/// What every reference to a blob has in its canonical block: the key `$type` with the value `blob`. Legacy references,
/// which are not linked, have none.
const MARK: &[u8] = b"\x65$type\x64blob";

/// Whether records may refer to blobs that are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// No: 400 `BlobNotFound`.
    Refused,
    /// Yes: they are brought later.
    Tolerated,
}

/// A record that changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relink<'a> {
    pub(crate) path: &'a RepoPath,
    pub(crate) rev: &'a Tid,
    /// Its block before.
    pub(crate) before: Option<&'a [u8]>,
    /// Its block now.
    pub(crate) after: Option<&'a [u8]>,
}

/// Notes what a record refers to in place of what was there before: links, and what becomes permanent. Part of the unit
/// of the commit. What the record no longer refers to is for [`sweep`]. Most records have no blobs, and cost nothing
/// but a look at their bytes.
///
/// # Errors
/// 400 `BlobNotFound`, `InvalidMimeType`, `InvalidSize`; the store failed.
pub(crate) fn relink(unit: &mut dyn Unit, account: &Account, change: Relink<'_>, absent: Absent) -> Result<(), Error> {
    let after = refs(change.after)?;
    if absent == Absent::Refused {
        for blob in &after {
            check(unit, account.id, blob)?;
        }
    }
    let mut dropped = cids(&refs(change.before)?);
    let linked = cids(&after);
    dropped.retain(|cid| !linked.contains(cid));
    for cid in &dropped {
        unit.unlink_blob(account.id, cid, change.path)?;
    }
    for cid in &linked {
        unit.link_blob(account.id, cid, change.path, change.rev)?;
        make_permanent(unit, account.id, cid)?;
    }
    Ok(())
}

/// Lets go of those of some blobs of an account that no record refers to any more, and dooms their objects. After all
/// of a commit's [`relink`]s, with what the records referred to before them, so that a blob which moved from one record
/// to another stays.
pub(crate) fn sweep(unit: &mut dyn Unit, id: AccountId, candidates: &[Cid], now: i64) -> Result<(), Error> {
    for cid in candidates {
        if unit.is_linked(id, cid)? {
            continue;
        }
        // One that was taken down stays, so that it is not brought again.
        if let Some(blob) = unit.blob(id, cid)?.filter(|blob| blob.takedown.is_none()) {
            forget(unit, &blob, now)?;
        }
    }
    Ok(())
}

/// The blobs to which a block refers.
fn refs(block: Option<&[u8]>) -> Result<Vec<Blob>, Error> {
    match block {
        Some(block) if block.windows(MARK.len()).any(|bytes| bytes == MARK) => {
            blob_refs(block).map_err(|error| Error::invalid_request(format!("the record is invalid: {error}")))
        }
        _ => Ok(Vec::new()),
    }
}

/// The CIDs of blobs, each once. One that is not of the blessed form can be no blob of ours.
fn cids(blobs: &[Blob]) -> Vec<Cid> {
    let mut cids: Vec<_> = blobs.iter().filter_map(|blob| blob.cid().as_cid()).collect();
    cids.sort_unstable();
    cids.dedup();
    cids
}

/// Checks that a new record may refer to a blob (Repository, blobs). The type counts only at first: a blob that was
/// brought from elsewhere may have been kept there under another one.
fn check(unit: &dyn Unit, id: AccountId, blob: &Blob) -> Result<(), Error> {
    let found = blob.cid().as_cid().map(|cid| unit.blob(id, &cid)).transpose()?.flatten();
    let Some(found) = found.filter(row::is_usable) else {
        return Err(Error::named("BlobNotFound", format!("the blob {} is not here", blob.cid())));
    };
    if blob.size().is_some_and(|size| size != found.size) {
        let message = format!("the blob {} has {} bytes", blob.cid(), found.size);
        return Err(Error::named("InvalidSize", message));
    }
    if found.state == BlobState::Temporary && blob.mime_type() != &*found.mime_type {
        let message = format!("the blob {} is {}", blob.cid(), found.mime_type);
        return Err(Error::named("InvalidMimeType", message));
    }
    Ok(())
}

fn make_permanent(unit: &mut dyn Unit, id: AccountId, cid: &Cid) -> Result<(), Error> {
    match unit.blob(id, cid)? {
        Some(mut blob) if blob.state == BlobState::Temporary => {
            blob.state = BlobState::Permanent;
            Ok(unit.put_blob(&blob)?)
        }
        _ => Ok(()),
    }
}
