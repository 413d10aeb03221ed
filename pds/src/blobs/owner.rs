//! Whose the objects are. A server that begins with an empty database over the objects of another must not take them
//! for surplus.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use object_store::{ObjectStoreExt, path::Path};

use super::{depot::Depot, key, objects_failed};
use crate::{error::Error, store::Unit};

/// The last part of the key of the object that says whose the others are.
const OBJECT: &str = "owner";
/// Under which setting a database has its name.
const SETTING: &str = "blobs.owner";
/// Bytes of a name.
const NAME: usize = 16;

/// Whether the objects belong to this database. Those of which nobody says whose they are do from now on.
pub(super) async fn is_ours(depot: &Depot) -> Result<bool, Error> {
    let mut chance = [0; NAME];
    getrandom::fill(&mut chance).map_err(Error::internal)?;
    let name = Bytes::from(HEXLOWER.encode(&chance));
    let name = depot.db.write(move |unit| name_of(unit, name)).await?;
    let objects = &*depot.blobs.objects;
    let path = Path::from(key::ROOT).join(OBJECT);
    match objects.get(&path).await {
        Ok(object) => Ok(object.bytes().await.map_err(objects_failed)? == name),
        Err(object_store::Error::NotFound { .. }) => {
            objects.put(&path, name.into()).await.map_err(objects_failed)?;
            Ok(true)
        }
        Err(error) => Err(objects_failed(error)),
    }
}

/// The name of the database: this one, if it has none yet.
fn name_of(unit: &mut dyn Unit, new: Bytes) -> Result<Bytes, Error> {
    if let Some(name) = unit.setting(SETTING)? {
        return Ok(name);
    }
    unit.put_setting(SETTING, &new)?;
    Ok(new)
}
