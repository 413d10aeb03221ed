//! Objects that nobody knows of: what is left of uploads that a crash cut short.

use super::{
    audit::{Audit, Walk},
    depot::Depot,
    key, owner,
};
use crate::{error::Error, store::Unit};

/// How many objects a unit dooms.
const BATCH: usize = 100;
/// How long it takes until all objects are looked at again, in microseconds: a day.
const EVERY: i64 = 24 * 60 * 60 * 1_000_000;
/// Under which setting it is kept when they were last.
const LOOKED_AT: &str = "blobs.surplus.looked_at";

/// Dooms surplus objects, if that was not done lately: all objects have to be listed for it.
pub(super) async fn look_now_and_then(depot: &Depot) -> Result<(), Error> {
    let now = depot.now();
    let last = depot.db.read(|view| Ok::<_, Error>(view.setting(LOOKED_AT)?)).await?;
    let last = last.and_then(|bytes| bytes.as_ref().try_into().ok()).map(i64::from_be_bytes);
    // A time to come was written by a clock that was wrong.
    if last.is_some_and(|last| last <= now && now < last.saturating_add(EVERY)) {
        return Ok(());
    }
    if owner::is_ours(depot).await? {
        look(depot).await?;
    } else {
        tracing::warn!("the object store holds the blobs of another server; nothing in it counts as surplus");
    }
    depot.db.write(move |unit| Ok::<_, Error>(unit.put_setting(LOOKED_AT, &now.to_be_bytes())?)).await
}

/// Dooms all surplus objects.
async fn look(depot: &Depot) -> Result<(), Error> {
    let mut walk = Walk::new(depot, false);
    let mut found = Audit::default();
    while walk.step(&mut found, &mut |_| ()).await? {
        // What has no name of ours was put there by somebody else.
        let ours: Vec<_> =
            std::mem::take(&mut found.surplus).into_iter().filter(|key| key::time(key).is_some()).collect();
        found = Audit::default();
        for keys in ours.chunks(BATCH) {
            let (keys, now) = (keys.to_vec(), depot.now());
            depot.db.write(move |unit| doom_all(unit, &keys, now)).await?;
        }
    }
    Ok(())
}

fn doom_all(unit: &mut dyn Unit, keys: &[Box<str>], now: i64) -> Result<(), Error> {
    for key in keys {
        unit.doom(key, now)?;
    }
    Ok(())
}
