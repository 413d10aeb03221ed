//! What a store in memory holds.

use std::{ops::RangeBounds, sync::Arc};

use arobase::{
    data::{Cid, CidLink, Codec},
    repo::{Commit, RepoPath},
    sync::Event,
    syntax::{Did, Handle, Tid},
};
use bytes::Bytes;
use imbl::{OrdMap, OrdSet};

use super::super::{
    Account, AccountId, BlobRow, Logged, Node, Record, SessionRow, StoreError, Usage, numbers::Numbers,
};

/// A path, a collection, a name, or the text of a CID.
pub(super) type Text = Arc<str>;

/// No CID comes before it.
pub(super) const LEAST: Cid = Cid::new(Codec::Raw, [0; 32]);

/// Everything that there is. A clone costs nothing, so it is a snapshot, and the work of a unit.
#[derive(Clone)]
pub(super) struct Tables {
    pub(super) last_account: i64,
    pub(super) accounts: OrdMap<AccountId, Arc<Account>>,
    pub(super) dids: OrdMap<Did, AccountId>,
    pub(super) handles: OrdMap<Handle, AccountId>,
    pub(super) emails: OrdMap<Box<str>, AccountId>,
    /// Accounts that were deleted and may have left something.
    pub(super) deleted: OrdSet<AccountId>,
    pub(super) repos: OrdMap<AccountId, Repository>,
    pub(super) nodes: OrdMap<(AccountId, Cid), Node>,
    pub(super) records: OrdMap<(AccountId, Text), Arc<Record>>,
    pub(super) record_cids: OrdSet<(AccountId, CidLink, Text)>,
    pub(super) collections: OrdSet<(AccountId, Text)>,
    pub(super) holders: OrdSet<(Text, AccountId)>,
    pub(super) blobs: OrdMap<(AccountId, Text), Arc<BlobRow>>,
    pub(super) links: OrdMap<(AccountId, Text, Text), Arc<Link>>,
    pub(super) doomed: OrdMap<Text, i64>,
    pub(super) sessions: OrdMap<Text, Arc<SessionRow>>,
    pub(super) settings: OrdMap<Text, Bytes>,
    pub(super) log: OrdMap<i64, Logged>,
    pub(super) numbers: Numbers,
    /// When the unit began (microseconds since 1970).
    pub(super) now: i64,
    /// What the unit emitted.
    pub(super) emitted: Vec<(AccountId, Event)>,
    /// Why the unit cannot be kept.
    pub(super) failed: Option<StoreError>,
}

/// A repository.
#[derive(Clone, Default)]
pub(super) struct Repository {
    pub(super) commit: Option<Commit>,
    pub(super) usage: Usage,
}

/// A blob to which a record refers.
pub(super) struct Link {
    pub(super) cid: Cid,
    pub(super) path: RepoPath,
    pub(super) rev: Tid,
}

impl Tables {
    pub(super) fn new(numbers: Numbers) -> Self {
        Self {
            last_account: 0,
            accounts: OrdMap::new(),
            dids: OrdMap::new(),
            handles: OrdMap::new(),
            emails: OrdMap::new(),
            deleted: OrdSet::new(),
            repos: OrdMap::new(),
            nodes: OrdMap::new(),
            records: OrdMap::new(),
            record_cids: OrdSet::new(),
            collections: OrdSet::new(),
            holders: OrdSet::new(),
            blobs: OrdMap::new(),
            links: OrdMap::new(),
            doomed: OrdMap::new(),
            sessions: OrdMap::new(),
            settings: OrdMap::new(),
            log: OrdMap::new(),
            numbers,
            now: 0,
            emitted: Vec::new(),
            failed: None,
        }
    }

    /// Ends a unit that is to be kept: its events get their numbers and are in the log.
    pub(super) fn finish(&mut self, now: i64) -> Result<Vec<Logged>, StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let emitted = std::mem::take(&mut self.emitted);
        let logged = emitted.iter().map(|(account, event)| self.numbers.give(*account, event, now));
        let logged = logged.collect::<Result<Vec<_>, _>>()?;
        for event in &logged {
            self.log.insert(event.seq, event.clone());
        }
        Ok(logged)
    }

    pub(super) fn account_by(&self, id: Option<&AccountId>) -> Option<Account> {
        id.and_then(|id| self.accounts.get(id)).map(|account| (**account).clone())
    }

    /// The links of a blob, or of all blobs of an account behind one.
    pub(super) fn links_in(
        &self,
        range: impl RangeBounds<(AccountId, Text, Text)>,
    ) -> impl Iterator<Item = (&Text, &Link)> {
        self.links.range(range).map(|((_, cid, _), link)| (cid, &**link))
    }
}

/// The account after this one, where its rows begin.
pub(super) fn following(id: AccountId) -> AccountId {
    AccountId(id.0.saturating_add(1))
}
