//! Deleting what nobody needs any more.

use futures_util::{StreamExt, stream};
use object_store::{ObjectStoreExt, path::Path};

use super::{depot::Depot, row, surplus};
use crate::{
    error::Error,
    store::{BlobRow, BlobState, Doomed, Unit},
};

/// How many rows a unit changes.
const BATCH: usize = 100;
/// How many objects are deleted at a time.
const AT_ONCE: usize = 8;
/// After how long an object is tried again that could not be deleted, in microseconds: 10 minutes.
const RETRY: i64 = 10 * 60 * 1_000_000;

/// Deletes doomed objects, temporary blobs whose time is over, and now and then surplus objects; how many went.
pub(super) async fn collect(depot: &Depot) -> Result<u64, Error> {
    expire(depot).await?;
    let looked = surplus::look_now_and_then(depot).await;
    let deleted = delete_doomed(depot).await?;
    looked.map(|()| deleted)
}

async fn delete_doomed(depot: &Depot) -> Result<u64, Error> {
    let mut deleted = 0;
    loop {
        let now = depot.now();
        let doomed = depot.db.read(|view| Ok::<_, Error>(view.doomed(BATCH)?)).await?;
        // What failed waits until later, and so is behind the others.
        let due: Vec<_> = doomed.into_iter().filter(|doomed| doomed.since <= now).collect();
        if due.is_empty() {
            return Ok(deleted);
        }
        deleted += delete(depot, due, now).await?;
    }
}

/// Lets go of temporary blobs whose time is over. That they are still temporary is seen in the unit that does it, so a
/// record that refers to one at this moment comes before it or is refused.
async fn expire(depot: &Depot) -> Result<(), Error> {
    loop {
        let now = depot.now();
        let before = now.saturating_sub(depot.grace);
        if depot.db.write(move |unit| expire_some(unit, before, now)).await? < BATCH {
            return Ok(());
        }
    }
}

fn expire_some(unit: &mut dyn Unit, before: i64, now: i64) -> Result<usize, Error> {
    let old = unit.temporary_blobs(before, BATCH)?;
    for blob in &old {
        if unit.account(blob.account)?.is_none() {
            // What it took went with the account.
            row::doom(unit, blob, now)?;
            unit.delete_blob(blob.account, &blob.cid)?;
        } else if blob.takedown.is_some() || unit.is_linked(blob.account, &blob.cid)? {
            let kept = BlobRow { state: BlobState::Permanent, ..blob.clone() };
            unit.put_blob(&kept)?;
        } else {
            row::forget(unit, blob, now)?;
        }
    }
    Ok(old.len())
}

/// Deletes objects, and then forgets those that are gone.
async fn delete(depot: &Depot, due: Vec<Doomed>, now: i64) -> Result<u64, Error> {
    let attempts = due.into_iter().map(|doomed| delete_one(depot, doomed.key));
    let tried: Vec<_> = stream::iter(attempts).buffer_unordered(AT_ONCE).collect().await;
    let deleted = tried.iter().filter(|(_, is_gone)| *is_gone).count();
    let forget = move |unit: &mut dyn Unit| {
        for (key, is_gone) in &tried {
            unit.forget_doomed(key)?;
            if !is_gone {
                unit.doom(key, now.saturating_add(RETRY))?;
            }
        }
        Ok::<_, Error>(())
    };
    depot.db.write(forget).await?;
    Ok(deleted as u64)
}

/// Deletes an object; whether it is gone. One that was not there is.
async fn delete_one(depot: &Depot, key: Box<str>) -> (Box<str>, bool) {
    // No object has a name that is none.
    let Ok(path) = Path::parse(&*key) else { return (key, true) };
    match depot.blobs.objects.delete(&path).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => (key, true),
        Err(error) => {
            tracing::warn!("the object of a blob could not be deleted, which is tried again: {error}");
            (key, false)
        }
    }
}
