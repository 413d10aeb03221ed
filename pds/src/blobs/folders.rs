//! What is in the object store.

use futures_util::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};
use sha2::{Digest, Sha256};

use super::{key, objects_failed};
use crate::error::Error;

/// The shards that have not been looked at.
pub(super) struct Shards(Vec<Path>);

impl Shards {
    pub(super) async fn all(objects: &dyn ObjectStore) -> Result<Self, Error> {
        let found = objects.list_with_delimiter(Some(&Path::from(key::ROOT))).await;
        Ok(Self(found.map_err(objects_failed)?.common_prefixes))
    }

    /// The prefixes of the accounts that have objects in the next shard.
    pub(super) async fn next(&mut self, objects: &dyn ObjectStore) -> Result<Option<Vec<Path>>, Error> {
        let Some(shard) = self.0.pop() else { return Ok(None) };
        let found = objects.list_with_delimiter(Some(&shard)).await;
        Ok(Some(found.map_err(objects_failed)?.common_prefixes))
    }
}

/// What is known of an object; none if it is not there.
pub(super) async fn look(objects: &dyn ObjectStore, key: &str) -> Result<Option<ObjectMeta>, Error> {
    // No object has a name that is none.
    let Ok(path) = Path::parse(key) else { return Ok(None) };
    match objects.head(&path).await {
        Ok(object) => Ok(Some(object)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(objects_failed(error)),
    }
}

/// The hash of an object; none if it is not there.
pub(super) async fn hash(objects: &dyn ObjectStore, path: &Path) -> Result<Option<[u8; 32]>, Error> {
    let mut bytes = match objects.get(path).await {
        Ok(object) => object.into_stream(),
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(objects_failed(error)),
    };
    let mut hash = Sha256::new();
    while let Some(chunk) = bytes.try_next().await.map_err(objects_failed)? {
        hash.update(&chunk);
    }
    Ok(Some(hash.finalize().into()))
}
