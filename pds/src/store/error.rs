//! What goes wrong in a store.

use std::{error::Error, fmt, sync::Arc};

/// Why a store failed. Cheap to clone: all units that were to become durable together get the same.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// There is no more room. Nothing was kept; reading goes on.
    Full,
    /// Nothing can be written here.
    ReadOnly,
    /// What is stored is damaged.
    Corrupt,
    /// Another process has it open.
    InUse,
    /// It was made by a newer version.
    TooNew,
    /// It was closed.
    Closed,
    /// Nobody knows whether the last units were kept: nothing is written any more until it is opened anew.
    Broken,
    /// The work itself failed: it panicked.
    Work,
    /// Something else.
    Other,
}

impl StoreError {
    /// A failure of a kind.
    #[must_use]
    pub fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// The same, with its cause.
    #[must_use]
    pub fn because(kind: StoreErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into().into()) }
    }

    /// A failure with a cause that has no kind of its own.
    #[must_use]
    pub fn other(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::because(StoreErrorKind::Other, source)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            StoreErrorKind::Full => "the disk is full",
            StoreErrorKind::ReadOnly => "the store cannot be written to",
            StoreErrorKind::Corrupt => "the store is damaged",
            StoreErrorKind::InUse => "the store is in use by another process",
            StoreErrorKind::TooNew => "the store was made by a newer version",
            StoreErrorKind::Closed => "the store is closed",
            StoreErrorKind::Broken => "the store failed and has to be opened anew",
            StoreErrorKind::Work => "work in the store failed",
            StoreErrorKind::Other => "the store failed",
        };
        match &self.source {
            Some(source) => write!(f, "{what}: {source}"),
            None => f.write_str(what),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
