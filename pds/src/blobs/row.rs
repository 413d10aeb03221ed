//! What the database knows of a blob.

use crate::{
    error::Error,
    store::{BlobPlace, BlobRow, BlobState, Unit, Usage},
};

/// Whether records may refer to it and its bytes can be had.
pub(super) fn is_usable(blob: &BlobRow) -> bool {
    let is_gone = matches!(&blob.place, BlobPlace::Remote(remote) if remote.gone);
    blob.takedown.is_none() && !is_gone
}

/// Whether everybody may get it.
pub(super) fn is_readable(blob: &BlobRow) -> bool {
    blob.state == BlobState::Permanent && is_usable(blob)
}

/// What a blob takes. The bytes of one behind a URL are not here.
pub(super) fn usage(blob: &BlobRow) -> Usage {
    let size = i64::try_from(blob.size).unwrap_or(i64::MAX);
    let blob_bytes = if matches!(blob.place, BlobPlace::Object(_)) { size } else { 0 };
    Usage { blobs: 1, blob_bytes, ..Usage::default() }
}

/// Keeps a blob that was not known, or in place of what was known of it.
pub(super) fn keep(unit: &mut dyn Unit, before: Option<&BlobRow>, blob: &BlobRow, now: i64) -> Result<(), Error> {
    if let Some(before) = before {
        release(unit, before)?;
        if before.place != blob.place {
            doom(unit, before, now)?;
        }
    }
    unit.put_blob(blob)?;
    Ok(unit.add_usage(blob.account, usage(blob))?)
}

/// Lets go of a blob, and dooms its object.
pub(super) fn forget(unit: &mut dyn Unit, blob: &BlobRow, now: i64) -> Result<(), Error> {
    release(unit, blob)?;
    doom(unit, blob, now)?;
    Ok(unit.delete_blob(blob.account, &blob.cid)?)
}

fn release(unit: &mut dyn Unit, blob: &BlobRow) -> Result<(), Error> {
    let Usage { blobs, blob_bytes, .. } = usage(blob);
    let less = Usage { blobs: -blobs, blob_bytes: -blob_bytes, ..Usage::default() };
    Ok(unit.add_usage(blob.account, less)?)
}

/// Dooms the object of a blob, if it has one.
pub(super) fn doom(unit: &mut dyn Unit, blob: &BlobRow, now: i64) -> Result<(), Error> {
    match &blob.place {
        BlobPlace::Object(key) => Ok(unit.doom(key, now)?),
        BlobPlace::Remote(_) => Ok(()),
    }
}
