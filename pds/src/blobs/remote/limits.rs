//! What a blob behind a URL may be.

use std::time::Duration;

use arobase::xrpc::mime::matches;

use super::super::{media::Facts, upload::too_large};
use crate::error::Error;

/// What a blob behind a URL may be, and when it is looked at again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteLimits {
    /// The most bytes. Default: 300,000,000.
    pub max_bytes: u64,
    /// MIME types that are taken, each as `type/*` or whole. Default: all.
    pub accept: Vec<Box<str>>,
    /// The longest video or sound, in milliseconds; one that does not say how long it is passes. Default: 10 minutes.
    pub max_duration: u64,
    /// The longest time that fetching may take, with the last byte. Default: 2 minutes.
    pub timeout: Duration,
    /// After how long the bytes are looked at again, in microseconds. Default: 7 days.
    pub refetch_after: i64,
    /// The top-level MIME types that are looked at again. Default: `image`.
    pub refetch: Vec<Box<str>>,
}

impl Default for RemoteLimits {
    fn default() -> Self {
        Self {
            max_bytes: 300_000_000,
            accept: Vec::new(),
            max_duration: 10 * 60 * 1000,
            timeout: Duration::from_secs(120),
            refetch_after: 7 * 24 * 60 * 60 * 1_000_000,
            refetch: vec!["image".into()],
        }
    }
}

impl RemoteLimits {
    /// Whether blobs of a type are looked at again.
    pub(super) fn is_refetched(&self, mime_type: &str) -> bool {
        let kind = mime_type.split('/').next().unwrap_or(mime_type);
        self.refetch.iter().any(|refetched| **refetched == *kind)
    }

    /// For bytes that are fetched only to see whether they are still the same: so many are enough to tell.
    pub(super) fn for_comparison(&self, size: u64) -> Self {
        let (accept, max_duration) = (Vec::new(), u64::MAX);
        Self { max_bytes: size, accept, max_duration, ..self.clone() }
    }

    pub(super) fn check(&self, size: u64, mime_type: &str, facts: &Facts) -> Result<(), Error> {
        self.check_size(size)?;
        self.check_type(mime_type)?;
        if facts.duration.is_some_and(|duration| duration > self.max_duration) {
            let most = self.max_duration / 1000;
            return Err(Error::named("BlobTooLong", format!("the blob plays for more than {most} seconds")));
        }
        Ok(())
    }

    pub(super) fn check_size(&self, size: u64) -> Result<(), Error> {
        if size > self.max_bytes { Err(too_large(self.max_bytes)) } else { Ok(()) }
    }

    pub(super) fn check_type(&self, mime_type: &str) -> Result<(), Error> {
        if self.accept.is_empty() || self.accept.iter().any(|pattern| matches(pattern, mime_type)) {
            return Ok(());
        }
        Err(Error::named("InvalidMimeType", format!("a blob of the type {mime_type} is not taken here")))
    }
}
