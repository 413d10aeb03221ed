//! What is to be written, and what came of it.

use arobase::{
    catalog::Validity,
    data::{Cid, CidLink, Value},
    repo::Swap,
    syntax::{Nsid, RecordKey, Tid},
};

/// One write to a repository.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// Adds a record under a key that must be free.
    Create {
        /// Its collection.
        collection: Nsid,
        /// Its key; a new TID if there is none, or what the lexicon says that the key has to be.
        rkey: Option<RecordKey>,
        /// The record. Its `$type` is filled in.
        record: Value,
    },
    /// Writes a record. If it is there already, nothing is done, whatever should have been there before.
    Put {
        /// Its collection.
        collection: Nsid,
        /// Its key.
        rkey: RecordKey,
        /// The record. Its `$type` is filled in.
        record: Value,
        /// What must be there before.
        swap: Swap,
    },
    /// Removes a record. If it should have been a certain one and there is none, nothing is done.
    Delete {
        /// Its collection.
        collection: Nsid,
        /// Its key.
        rkey: RecordKey,
        /// What must be there before.
        swap: Swap,
    },
}

/// Whether records are validated against their lexicons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validate {
    /// If the lexicon is known or can be found.
    #[default]
    IfKnown,
    /// A record whose lexicon cannot be had is refused.
    Required,
    /// Only the rules of the data model hold.
    Off,
}

/// How to write.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct WriteOptions {
    /// Whether records are validated.
    pub validate: Validate,
    /// What the latest commit must be.
    pub swap_commit: Option<Cid>,
}

/// What came of writes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The commit and its revision: the one that was made, or where nothing changed, none.
    pub commit: Option<(Cid, Tid)>,
    /// Of each write, in their order.
    pub results: Vec<WriteResult>,
}

/// What came of a write.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WriteResult {
    /// Its collection.
    pub collection: Nsid,
    /// Its key.
    pub rkey: RecordKey,
    /// The record that is there now.
    pub cid: Option<CidLink>,
    /// What validation found, `valid` or `unknown`; nothing where it was off, or nothing was left to validate.
    pub validity: Option<Validity>,
}

impl Change {
    /// Adds a record under a new key.
    #[must_use]
    pub fn create(collection: Nsid, record: impl Into<Value>) -> Self {
        Self::Create { collection, rkey: None, record: record.into() }
    }

    /// Adds or replaces a record.
    #[must_use]
    pub fn put(collection: Nsid, rkey: RecordKey, record: impl Into<Value>) -> Self {
        Self::Put { collection, rkey, record: record.into(), swap: Swap::Any }
    }

    /// Removes a record, if it is there.
    #[must_use]
    pub fn delete(collection: Nsid, rkey: RecordKey) -> Self {
        Self::Delete { collection, rkey, swap: Swap::Any }
    }

    /// The collection that is written to.
    #[must_use]
    pub fn collection(&self) -> &Nsid {
        match self {
            Self::Create { collection, .. } | Self::Put { collection, .. } | Self::Delete { collection, .. } => {
                collection
            }
        }
    }

    /// The key that is written; a create has none before one was made for it.
    #[must_use]
    pub fn rkey(&self) -> Option<&RecordKey> {
        match self {
            Self::Create { rkey, .. } => rkey.as_ref(),
            Self::Put { rkey, .. } | Self::Delete { rkey, .. } => Some(rkey),
        }
    }

    /// The record that is written; a delete has none.
    #[must_use]
    pub fn record(&self) -> Option<&Value> {
        match self {
            Self::Create { record, .. } | Self::Put { record, .. } => Some(record),
            Self::Delete { .. } => None,
        }
    }
}

impl WriteOptions {
    /// With another word on validation.
    #[must_use]
    pub fn validate(mut self, validate: Validate) -> Self {
        self.validate = validate;
        self
    }

    /// If the latest commit is this one.
    #[must_use]
    pub fn swap_commit(mut self, commit: impl Into<Option<Cid>>) -> Self {
        self.swap_commit = commit.into();
        self
    }
}
