//! Whether everything that a server keeps is whole and fits together.

mod events;
mod repo;
#[cfg(test)]
mod tests;
mod tree;

use std::{fmt, sync::Arc};

use arobase::syntax::Did;
use tokio::task::spawn_blocking;

use crate::{
    error::Error,
    pds::{Inner, Pds},
    progress::Progress,
    store::{Account, AccountId, SqliteStore, StoreError},
};

/// The most faults that are listed; all are counted.
const MOST: usize = 1_000;
/// How many accounts are read at a time.
const PAGE: usize = 200;

/// What a check found.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// How many accounts were looked at.
    pub accounts: u64,
    /// How many records.
    pub records: u64,
    /// How many nodes of trees.
    pub nodes: u64,
    /// How many events of the log.
    pub events: u64,
    /// How many blobs.
    pub blobs: u64,
    /// How many faults there are.
    pub count: u64,
    /// The first thousand of them.
    pub faults: Vec<Fault>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Whose it is; none where it is nobody's.
    pub did: Option<Did>,
    /// What is wrong, in words.
    pub what: String,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.count == 0
    }

    fn fault(&mut self, did: Option<&Did>, what: impl Into<String>) {
        self.count += 1;
        if self.faults.len() < MOST {
            self.faults.push(Fault { did: did.cloned(), what: what.into() });
        }
    }
}

/// The account, if it is one's, and what is wrong.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.did {
            Some(did) => write!(f, "{did}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl Pds {
    /// Looks through everything: each repository from its blocks (tree, signature, records, what it takes), the log of
    /// events, and whether the objects of blobs are there with their lengths. The server may be in use meanwhile.
    ///
    /// # Errors
    /// Something could not be read at all.
    pub async fn check(&self, progress: &Progress) -> Result<Report, Error> {
        let (inner, telling) = (Arc::clone(&self.inner), progress.clone());
        let looked = spawn_blocking(move || {
            let mut report = Report::default();
            repositories(&inner, &mut report, &telling)?;
            events::check(&inner, &mut report, &telling)?;
            Ok::<_, Error>(report)
        });
        let mut report = looked.await.map_err(Error::internal)??;
        self.check_blobs(&mut report, progress).await?;
        Ok(report)
    }

    async fn check_blobs(&self, report: &mut Report, progress: &Progress) -> Result<(), Error> {
        let audit = self.audit_blobs(false, &mut |done| progress.tell("looking at blobs", done, None)).await?;
        report.blobs = audit.blobs;
        for (did, cid) in &audit.missing {
            report.fault(Some(did), format!("the bytes of the blob {cid} are not there"));
        }
        for key in &audit.surplus {
            report.fault(None, format!("nobody knows of the object {key}"));
        }
        Ok(())
    }
}

/// Looks through the file of a database.
///
/// # Errors
/// It could not be read at all.
pub fn check_file(store: &SqliteStore, report: &mut Report, progress: &Progress) -> Result<(), StoreError> {
    for what in store.check(&mut |done, total| progress.tell("looking through the database", done, total))? {
        report.fault(None, format!("the database: {what}"));
    }
    Ok(())
}

/// Each repository is read from a snapshot of its own, so that no long reading holds up the store.
fn repositories(inner: &Inner, report: &mut Report, progress: &Progress) -> Result<(), Error> {
    let total = inner.db.read_long(|view| Ok::<_, Error>(view.count_accounts()?))?;
    let mut after = None;
    loop {
        let page = accounts(inner, after)?;
        for account in &page {
            // It may be gone by now.
            inner.db.read_long(|view| match view.account(account.id)? {
                Some(account) => repo::check(inner, view, &account, report),
                None => Ok(()),
            })?;
            report.accounts += 1;
            progress.tell("verifying repositories", report.accounts, total);
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

fn accounts(inner: &Inner, after: Option<AccountId>) -> Result<Vec<Account>, Error> {
    inner.db.read_long(|view| Ok(view.accounts(after, PAGE)?))
}
