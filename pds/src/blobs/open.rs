//! Places where the bytes of blobs are kept.

mod folder;
#[cfg(feature = "s3")]
mod s3;
#[cfg(all(test, feature = "s3"))]
mod s3_tests;

use std::{path::PathBuf, sync::Arc};

use object_store::{ObjectStore, memory::InMemory};

#[cfg(feature = "s3")]
pub use self::s3::S3Bucket;
use crate::error::Error;

/// Where the bytes of blobs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectPlace {
    /// In memory, for tests.
    Memory,
    /// In a folder, which is made if it is not there. An upload that was answered survives a loss of power, as far as
    /// the file system keeps its word.
    Folder(PathBuf),
    /// In a bucket of a service that speaks S3.
    #[cfg(feature = "s3")]
    S3(S3Bucket),
}

impl ObjectPlace {
    /// Opens it.
    ///
    /// # Errors
    /// The folder cannot be made or used; the configuration of the bucket is not valid. Whether the bucket can be
    /// reached is not tried.
    pub fn open(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        match self {
            Self::Memory => Ok(Arc::new(InMemory::new())),
            Self::Folder(path) => folder::open(path).map_err(Error::internal),
            #[cfg(feature = "s3")]
            Self::S3(bucket) => bucket.open(),
        }
    }
}
