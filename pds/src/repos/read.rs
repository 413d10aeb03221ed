//! Reading repositories.

use std::ops::Bound;

use arobase::{
    repo::{RepoPath, mst::Direction},
    syntax::{Did, Nsid, RecordKey},
};

use super::keep::bounds;
use crate::{
    error::Error,
    pds::Pds,
    store::{AccountId, Range, Record, View},
};

/// At how many bytes a page of records ends. Decoded, they may take many times as much, and anybody may ask for them.
const PAGE_BYTES: usize = 1 << 20;

/// Which records of a collection to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The record key behind which it begins, in its direction.
    pub after: Option<RecordKey>,
    /// In which order of the record keys. Default: down, which is the newest first where keys are TIDs.
    pub direction: Direction,
    /// The most records. Default: 50.
    pub limit: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, direction: Direction::Down, limit: 50 }
    }
}

impl Page {
    /// What comes behind a record key.
    #[must_use]
    pub fn after(mut self, rkey: impl Into<Option<RecordKey>>) -> Self {
        self.after = rkey.into();
        self
    }

    /// In another order.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// With another limit.
    #[must_use]
    pub fn limit(mut self, records: usize) -> Self {
        self.limit = records;
        self
    }
}

impl Pds {
    /// A record, whatever the state of its account.
    ///
    /// # Errors
    /// 400: the account is not here, or what was asked for is no path; the store failed.
    pub async fn record(&self, did: &Did, collection: &Nsid, rkey: &RecordKey) -> Result<Option<Record>, Error> {
        let (did, path) = (did.clone(), path(collection, rkey)?);
        self.inner.db.read(move |view| Ok(view.record(account_id(view, &did)?, &path)?)).await
    }

    /// Records of a collection, whatever the state of the account. The page may end before its limit if the records are
    /// long; whether there are more is said beside it.
    ///
    /// # Errors
    /// 400: the account is not here; the store failed.
    pub async fn records(&self, did: &Did, collection: &Nsid, page: Page) -> Result<(Vec<Record>, bool), Error> {
        let (did, collection) = (did.clone(), collection.clone());
        self.inner.db.read(move |view| records(view, account_id(view, &did)?, &collection, &page)).await
    }
}

/// The path of a record that a caller named.
pub(crate) fn path(collection: &Nsid, rkey: &RecordKey) -> Result<RepoPath, Error> {
    RepoPath::new(collection, rkey).map_err(|error| Error::invalid_request(error.to_string()))
}

fn account_id(view: &dyn View, did: &Did) -> Result<AccountId, Error> {
    view.account_of_did(did)?.map(|account| account.id).ok_or_else(|| Error::repo_not_found(did))
}

/// A page of records, and whether there are more behind it.
pub(crate) fn records(
    view: &dyn View,
    id: AccountId,
    collection: &Nsid,
    page: &Page,
) -> Result<(Vec<Record>, bool), Error> {
    let (from, to) = bounds(collection.as_str());
    let after = page.after.as_ref().map(|rkey| format!("{collection}/{rkey}"));
    let (mut from, mut to) = (Bound::Included(&*from), Bound::Excluded(&*to));
    match (&after, page.direction) {
        (Some(after), Direction::Up) => from = Bound::Excluded(after),
        (Some(after), Direction::Down) => to = Bound::Excluded(after),
        (None, _) => {}
    }
    let limit = page.limit.saturating_add(1);
    let range = Range { from, to, direction: page.direction, limit, bytes: PAGE_BYTES };
    let mut records = view.records(id, range)?;
    let bytes: usize = records.iter().map(|record| record.block.len()).sum();
    let more = records.len() > page.limit || bytes >= PAGE_BYTES;
    records.truncate(page.limit);
    Ok((records, more))
}
