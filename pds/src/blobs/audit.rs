//! Comparing the object store with the database.

use std::collections::{HashMap, HashSet};

use arobase::{data::Cid, syntax::Did};
use futures_util::TryStreamExt;
use object_store::{ObjectMeta, path::Path};

use super::{
    depot::Depot,
    folders::{self, Shards},
    key, objects_failed,
};
use crate::{
    error::Error,
    store::{AccountId, BlobPlace, BlobRow, View},
};

/// How many rows are read at a time.
const PAGE: usize = 1_000;
/// How many doomed objects are looked at, so that they do not count as surplus.
const DOOMED: usize = 100_000;

/// What an audit of the blobs found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audit {
    /// How many blobs the database knows that are in the object store.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blobs whose object is missing, or has another length or, where that was looked at, another hash.
    pub missing: Vec<(Did, Cid)>,
    /// Keys of objects that nobody knows of. Those of uploads that are under way, or that have begun so lately that
    /// they may have failed just now, are not among them.
    pub surplus: Vec<Box<str>>,
}

/// Compares the object store with the database.
pub(super) async fn audit(depot: &Depot, deep: bool, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Audit, Error> {
    let mut found = Audit::default();
    let mut walk = Walk::new(depot, deep);
    while walk.step(&mut found, progress).await? {}
    let doomed = depot.db.read(|view| Ok::<_, Error>(view.doomed(DOOMED)?)).await?;
    let doomed: HashSet<_> = doomed.into_iter().map(|doomed| doomed.key).collect();
    found.surplus.retain(|key| !doomed.contains(key));
    found.surplus.sort_unstable();
    Ok(found)
}

/// A walk through both sides, an account at a time: first by what the database knows, then through what else there is.
/// Memory is that of the blobs of one account.
///
/// An object that is old and was not under way at the beginning either had its row then or never gets one; so what
/// happens meanwhile makes nothing surplus.
pub(super) struct Walk<'a> {
    depot: &'a Depot,
    deep: bool,
    /// Uploads that began later may still get their rows.
    cutoff: i64,
    underway: HashSet<Box<str>>,
    /// The last row that was read.
    behind: Option<(AccountId, Cid)>,
    /// Rows that were read and belong to the next account.
    ahead: Vec<BlobRow>,
    visited: HashSet<Box<str>>,
    shards: Option<Shards>,
}

/// The blobs of an account: what its keys begin with, and rows by the last parts of the keys.
#[derive(Default)]
struct Holdings {
    prefix: Box<str>,
    rows: HashMap<Box<str>, BlobRow>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(depot: &'a Depot, deep: bool) -> Self {
        Self {
            depot,
            deep,
            cutoff: depot.now().saturating_sub(depot.grace),
            underway: depot.blobs.underway.snapshot(),
            behind: None,
            ahead: Vec::new(),
            visited: HashSet::new(),
            shards: None,
        }
    }

    /// Looks at the next account or shard; whether there was one.
    pub(super) async fn step(
        &mut self,
        found: &mut Audit,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<bool, Error> {
        if self.shards.is_none() {
            if let Some(holdings) = self.next_holdings().await? {
                self.visited.insert(holdings.prefix.clone());
                self.compare(holdings, found, progress).await?;
                return Ok(true);
            }
            self.shards = Some(Shards::all(&*self.depot.blobs.objects).await?);
        }
        let Some(shards) = &mut self.shards else { return Ok(false) };
        let Some(prefixes) = shards.next(&*self.depot.blobs.objects).await? else { return Ok(false) };
        for prefix in prefixes.iter().filter(|prefix| !self.visited.contains(prefix.as_ref())) {
            let holdings = Holdings { prefix: prefix.as_ref().into(), ..Holdings::default() };
            self.compare(holdings, found, progress).await?;
        }
        Ok(true)
    }

    /// The blobs of the next account that has any in the object store.
    async fn next_holdings(&mut self) -> Result<Option<Holdings>, Error> {
        let mut holdings = Holdings::default();
        let mut account = None;
        loop {
            while let Some(row) = self.ahead.pop() {
                if account.is_some_and(|account| account != row.account) {
                    self.ahead.push(row);
                    return Ok(Some(holdings));
                }
                if holdings.add(row) {
                    account = holdings.rows.values().next().map(|row| row.account);
                }
            }
            if !self.read_ahead().await? {
                return Ok(account.map(|_| holdings));
            }
        }
    }

    async fn read_ahead(&mut self) -> Result<bool, Error> {
        let behind = self.behind;
        let read = move |view: &dyn View| {
            let behind = behind.as_ref().map(|(id, cid)| (*id, cid));
            Ok::<_, Error>(view.blobs(behind, PAGE)?)
        };
        let mut rows = self.depot.db.read(read).await?;
        let Some(last) = rows.last() else { return Ok(false) };
        self.behind = Some((last.account, last.cid));
        rows.reverse();
        self.ahead = rows;
        Ok(true)
    }

    /// Compares what is known of an account with its objects.
    async fn compare(
        &self,
        mut holdings: Holdings,
        found: &mut Audit,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), Error> {
        let is_owned = self.is_owned(&holdings).await?;
        let prefix = Path::parse(&*holdings.prefix).map_err(Error::internal)?;
        let mut objects = self.depot.blobs.objects.list(Some(&prefix));
        while let Some(object) = objects.try_next().await.map_err(objects_failed)? {
            match holdings.rows.remove(key::name(object.location.as_ref())) {
                Some(row) if self.is_whole(&row, &object).await? => found.count(&row),
                Some(row) => self.report_missing(&row, found).await?,
                None if is_owned => {
                    self.report_surplus(object.location.as_ref(), found);
                    continue;
                }
                None => continue,
            }
            progress(found.looked_at());
        }
        for row in holdings.rows.values() {
            self.report_missing(row, found).await?;
            progress(found.looked_at());
        }
        Ok(())
    }

    /// Whether what else is there under the same keys is surplus. What is left of an account that was deleted says nothing
    /// of it: there may be another one with its DID.
    async fn is_owned(&self, holdings: &Holdings) -> Result<bool, Error> {
        let Some(id) = holdings.rows.values().next().map(|row| row.account) else { return Ok(true) };
        self.depot.db.read(move |view| Ok(view.account(id)?.is_some())).await
    }

    async fn is_whole(&self, row: &BlobRow, object: &ObjectMeta) -> Result<bool, Error> {
        if row.size != object.size || !self.deep {
            return Ok(row.size == object.size);
        }
        let hash = folders::hash(&*self.depot.blobs.objects, &object.location).await?;
        Ok(hash.as_ref() == Some(row.cid.digest()))
    }

    fn report_surplus(&self, key: &str, found: &mut Audit) {
        if key::time(key).is_none_or(|time| time < self.cutoff) && !self.underway.contains(key) {
            found.surplus.push(key.into());
        }
    }

    /// Notes that a blob is missing, if the database still says that it should be where it is not.
    async fn report_missing(&self, row: &BlobRow, found: &mut Audit) -> Result<(), Error> {
        let (id, cid) = (row.account, row.cid);
        let read = move |view: &dyn View| Ok::<_, Error>((view.account(id)?, view.blob(id, &cid)?));
        if let (Some(account), Some(now)) = self.depot.db.read(read).await?
            && now.place == row.place
        {
            found.missing.push((account.did, cid));
        }
        Ok(())
    }
}

impl Audit {
    fn count(&mut self, row: &BlobRow) {
        self.blobs += 1;
        self.bytes += row.size;
    }

    fn looked_at(&self) -> u64 {
        self.blobs + self.missing.len() as u64
    }
}

impl Holdings {
    /// Takes a row in; whether its bytes are in the object store.
    fn add(&mut self, row: BlobRow) -> bool {
        let BlobPlace::Object(key) = &row.place else { return false };
        let name: Box<str> = key::name(key).into();
        if self.rows.is_empty() {
            self.prefix = key.strip_suffix(&*name).unwrap_or(key).trim_end_matches('/').into();
        }
        self.rows.insert(name, row);
        true
    }
}
