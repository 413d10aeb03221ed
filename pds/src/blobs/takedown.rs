//! Taking blobs down.

use arobase::{data::Cid, syntax::Did};

use super::{
    depot::{self, Depot},
    read::not_found,
};
use crate::{
    error::Error,
    store::{BlobState, Unit},
};

/// Takes a blob down, or lets it come back.
pub(super) async fn set(depot: &Depot, did: &Did, cid: &Cid, reference: Option<&str>) -> Result<(), Error> {
    let (did, cid, reference, now) = (did.clone(), *cid, reference.map(Into::into), depot.now());
    depot.db.write(move |unit| note(unit, &did, &cid, reference, now)).await
}

/// While it is down it stays whether records refer to it or not, so that it is not brought again. Then those that none
/// refers to wait for one, as new ones do.
fn note(unit: &mut dyn Unit, did: &Did, cid: &Cid, reference: Option<Box<str>>, now: i64) -> Result<(), Error> {
    let account = depot::account(unit, did)?;
    let mut blob = unit.blob(account.id, cid)?.ok_or_else(|| not_found(cid))?;
    if reference.is_some() || unit.is_linked(account.id, cid)? {
        blob.state = BlobState::Permanent;
    } else if blob.takedown.is_some() {
        blob.state = BlobState::Temporary;
        blob.created_at = now;
    }
    blob.takedown = reference;
    Ok(unit.put_blob(&blob)?)
}
