//! Blobs: bytes in an object store, and what is known of them in the database.
//!
//! An upload is written under a key of its own while it is hashed; then it gets a row, and waits for a record that
//! refers to it. So nothing is moved, and no transaction waits for the object store. What goes is first noted as doomed
//! together with the change that made it superfluous, and deleted afterwards. After a crash there may be an object
//! without a row, which goes after a while, but never a row without its object.

mod audit;
mod collect;
mod depot;
#[cfg(test)]
mod flaky;
mod folders;
mod key;
mod links;
mod measure;
mod media;
mod mime;
mod open;
mod owner;
mod read;
mod remote;
mod row;
mod surplus;
mod takedown;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod underway;
mod upload;
mod writing;

use std::{error, fmt, io, sync::Arc};

use arobase::{
    data::{Blob, Cid},
    syntax::Did,
    xrpc::Body,
};
use bytes::Bytes;
use object_store::ObjectStore;

use crate::{
    error::Error,
    pds::Pds,
    store::{StoreError, StoreErrorKind, Usage},
};

pub use audit::Audit;
pub(crate) use links::{Absent, Relink, relink, sweep};
pub use open::ObjectPlace;
#[cfg(feature = "s3")]
pub use open::S3Bucket;
pub use read::{BlobBytes, BlobContent, BlobRange, BlobRedirect};
pub use remote::{Media, RemoteLimits};

use remote::Remotes;
use underway::Underway;

/// The blobs of a server. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    pub(crate) objects: Arc<dyn ObjectStore>,
    underway: Underway,
    remotes: Remotes,
}

impl Blobs {
    /// Blobs in an object store, and those behind URLs, which are looked at again as the limits say.
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, limits: RemoteLimits) -> Self {
        Self { objects, underway: Underway::default(), remotes: Remotes::new(limits) }
    }
}

impl Pds {
    /// Takes in a blob of an account (Repository, blobs): hashed, measured and looked at as it comes. It stays
    /// temporary until a record refers to it, and is permanent if one does already. Bytes that are known are not kept
    /// twice.
    ///
    /// # Errors
    /// It is too long (413), or was taken down; the account is not here, suspended or taken down; the object store
    /// failed.
    pub async fn upload_blob(&self, did: &Did, body: Body) -> Result<Blob, Error> {
        let blob = upload::upload(&self.depot(), did, body).await?;
        self.inner.metrics.uploaded(blob.size().unwrap_or_default());
        Ok(blob)
    }

    /// A blob to which a record refers, or a part of it. The state of the account is not looked at.
    ///
    /// # Errors
    /// There is no such account or blob (`BlobNotFound`), it was taken down, or no record refers to it; the part has no
    /// bytes (416); the object store failed.
    pub async fn read_blob(&self, did: &Did, cid: &Cid, range: Option<BlobRange>) -> Result<BlobContent, Error> {
        read::read(&self.depot(), did, cid, range).await
    }

    /// A blob whose bytes stay behind a URL (http or https, at most 2,048 characters). It is fetched to hash it and to
    /// look at it, if it is not known yet; later only as the limits say. If the bytes behind the URL are others by
    /// then, the blob that it stood for cannot be had any more, and this is a new one. A URL that fails at first is not
    /// fetched again until the limits have it looked at again; one that was good before fails for good only if its host
    /// says so (4xx).
    ///
    /// # Errors
    /// It cannot be fetched (`BlobNotFound`); it is more than the limits allow (413, `InvalidMimeType`, `BlobTooLong`);
    /// the URL is none that may be asked for; the blob was taken down; the account is not here, suspended or taken
    /// down.
    pub async fn remote_blob(&self, did: &Did, url: &str, limits: &RemoteLimits) -> Result<Media, Error> {
        remote::get(&self.depot(), did, url, limits).await
    }

    /// A blob whose bytes are behind a URL, by somebody who has them at hand. They are hashed and looked at, not kept.
    ///
    /// # Errors
    /// The URL or the MIME type is none; the blob was taken down; the account is not here, suspended or taken down.
    pub async fn remote_blob_from(&self, did: &Did, url: &str, bytes: Bytes, mime_type: &str) -> Result<Media, Error> {
        remote::take(&self.depot(), did, url, bytes, mime_type).await
    }

    /// Takes a blob of an account down, or lets it come back: while it is down nobody gets it, no new record may refer
    /// to it, and it cannot be uploaded again.
    ///
    /// # Errors
    /// There is no such account or blob; the store failed.
    pub async fn set_blob_takedown(&self, did: &Did, cid: &Cid, reference: Option<&str>) -> Result<(), Error> {
        takedown::set(&self.depot(), did, cid, reference).await
    }

    /// Deletes what is doomed, temporary blobs whose time is over, and once a day what uploads left behind that a crash
    /// cut short; how many objects went. What cannot be deleted now is tried again later.
    ///
    /// # Errors
    /// The object store could not be listed, or the database failed.
    pub async fn collect_blobs(&self) -> Result<u64, Error> {
        // A backup may be copying them.
        let _held = self.inner.worker.hold_objects().await;
        collect::collect(&self.depot()).await
    }

    /// Compares the object store with the database. `deep` reads and hashes every object; `progress` hears how many
    /// blobs were looked at. Blobs behind URLs are not part of it.
    ///
    /// # Errors
    /// The object store or the database failed.
    pub async fn audit_blobs(&self, deep: bool, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Audit, Error> {
        audit::audit(&self.depot(), deep, progress).await
    }

    /// How much an account takes.
    ///
    /// # Errors
    /// There is no such account; the store failed.
    pub async fn account_usage(&self, did: &Did) -> Result<Usage, Error> {
        let did = did.clone();
        self.inner.db.read(move |view| Ok(view.usage(depot::account(view, &did)?.id)?)).await
    }
}

/// A failure of the object store. A disk that is full is told from others.
fn objects_failed(error: object_store::Error) -> Error {
    if is_full(&error) {
        return StoreError::because(StoreErrorKind::Full, error).into();
    }
    Error::internal(error)
}

fn is_full(error: &(dyn error::Error + 'static)) -> bool {
    let is_full_disk =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    error.downcast_ref().is_some_and(is_full_disk) || error.source().is_some_and(is_full)
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blobs").field(&self.objects.to_string()).finish()
    }
}
