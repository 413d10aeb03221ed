//! Reading.

use std::{ops::Bound, sync::Arc};

use arobase::{
    data::{Cid, CidLink},
    repo::{Commit, RepoPath, mst::Direction},
    syntax::{Did, Handle, Nsid, Tid},
};
use bytes::Bytes;

use super::{
    super::{
        Account, AccountId, BlobPlace, BlobRow, BlobState, Doomed, Logged, Node, Range, Record, SessionRow, StoreError,
        Usage, View,
    },
    tables::{LEAST, Link, Tables, Text, following},
};

impl View for Tables {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.account_by(Some(&id)))
    }

    fn account_of_did(&self, did: &Did) -> Result<Option<Account>, StoreError> {
        Ok(self.account_by(self.dids.get(did)))
    }

    fn account_of_handle(&self, handle: &Handle) -> Result<Option<Account>, StoreError> {
        Ok(self.account_by(self.handles.get(handle)))
    }

    fn account_of_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        Ok(self.account_by(self.emails.get(email)))
    }

    fn accounts(&self, after: Option<AccountId>, limit: usize) -> Result<Vec<Account>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let accounts = self.accounts.range((from, Bound::Unbounded)).take(limit);
        Ok(accounts.map(|(_, account)| (**account).clone()).collect())
    }

    fn count_accounts(&self) -> Result<u64, StoreError> {
        Ok(self.accounts.len() as u64)
    }

    fn commit(&self, id: AccountId) -> Result<Option<Commit>, StoreError> {
        Ok(self.repos.get(&id).and_then(|repo| repo.commit.clone()))
    }

    fn usage(&self, id: AccountId) -> Result<Usage, StoreError> {
        Ok(self.repos.get(&id).map(|repo| repo.usage).unwrap_or_default())
    }

    fn total_usage(&self) -> Result<Usage, StoreError> {
        Ok(self.repos.values().fold(Usage::default(), |sum, repo| sum + repo.usage))
    }

    fn node(&self, id: AccountId, cid: &Cid) -> Result<Option<Node>, StoreError> {
        Ok(self.nodes.get(&(id, *cid)).cloned())
    }

    fn nodes(&self, id: AccountId, after: Option<&Cid>, limit: usize) -> Result<Vec<Cid>, StoreError> {
        let behind = self.nodes.range((id, after.copied().unwrap_or(LEAST))..(following(id), LEAST));
        let cids = behind.map(|((_, cid), _)| *cid).filter(|cid| Some(cid) != after);
        Ok(cids.take(limit).collect())
    }

    fn record(&self, id: AccountId, path: &RepoPath) -> Result<Option<Record>, StoreError> {
        Ok(self.records.get(&(id, path.as_str().into())).map(|record| (**record).clone()))
    }

    fn record_block(&self, id: AccountId, cid: &CidLink) -> Result<Option<Bytes>, StoreError> {
        let first = self.record_cids.range((id, cid.clone(), Text::from(""))..).next();
        let path = first.filter(|(account, found, _)| (*account, found) == (id, cid)).map(|(_, _, path)| path);
        Ok(path.and_then(|path| self.records.get(&(id, path.clone()))).map(|record| record.block.clone()))
    }

    fn records(&self, id: AccountId, range: Range<'_>) -> Result<Vec<Record>, StoreError> {
        let (from, to) = range.keys();
        if from >= to {
            return Ok(Vec::new());
        }
        let mut found = self.records.range((id, Text::from(&*from))..(id, Text::from(&*to)));
        let mut bytes = 0;
        let mut records = Vec::new();
        while records.len() < range.limit && (records.is_empty() || bytes < range.bytes) {
            let next = if range.direction == Direction::Up { found.next() } else { found.next_back() };
            let Some((_, record)) = next else { break };
            bytes += record.block.len();
            records.push((**record).clone());
        }
        Ok(records)
    }

    fn collections(&self, id: AccountId, limit: usize) -> Result<Vec<Nsid>, StoreError> {
        let collections = self.collections.range((id, Text::from(""))..(following(id), Text::from("")));
        collections.take(limit).map(|(_, collection)| collection.parse().map_err(StoreError::other)).collect()
    }

    fn accounts_with(
        &self,
        collection: &Nsid,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<Vec<Account>, StoreError> {
        let text = Text::from(collection.as_str());
        let from = (text.clone(), after.map_or(AccountId(i64::MIN), following));
        let holders = self.holders.range(from..).take_while(|(held, _)| *held == text);
        Ok(holders.filter_map(|(_, id)| self.account_by(Some(id))).take(limit).collect())
    }

    fn blob(&self, id: AccountId, cid: &Cid) -> Result<Option<BlobRow>, StoreError> {
        Ok(self.blobs.get(&(id, cid.to_string().into())).map(|blob| (**blob).clone()))
    }

    fn blob_of_url(&self, id: AccountId, url: &str) -> Result<Option<BlobRow>, StoreError> {
        let blobs = self.blobs.range((id, Text::from(""))..(following(id), Text::from("")));
        let of_url = blobs.filter(|(_, blob)| matches!(&blob.place, BlobPlace::Remote(remote) if *remote.url == *url));
        Ok(of_url.max_by_key(|(key, blob)| (blob.created_at, *key)).map(|(_, blob)| (**blob).clone()))
    }

    fn blobs(&self, after: Option<(AccountId, &Cid)>, limit: usize) -> Result<Vec<BlobRow>, StoreError> {
        let from = after.map(|(id, cid)| (id, Text::from(cid.to_string())));
        let from = from.map_or(Bound::Unbounded, Bound::Excluded);
        let blobs = self.blobs.range((from, Bound::Unbounded)).take(limit);
        Ok(blobs.map(|(_, blob)| (**blob).clone()).collect())
    }

    fn temporary_blobs(&self, before: i64, limit: usize) -> Result<Vec<BlobRow>, StoreError> {
        let is_old = |blob: &&Arc<BlobRow>| blob.state == BlobState::Temporary && blob.created_at < before;
        let mut blobs = self.blobs.values().filter(is_old).collect::<Vec<_>>();
        // The rest of the order is that of the table.
        blobs.sort_by_key(|blob| blob.created_at);
        Ok(blobs.into_iter().take(limit).map(|blob| (**blob).clone()).collect())
    }

    fn is_linked(&self, id: AccountId, cid: &Cid) -> Result<bool, StoreError> {
        let text = Text::from(cid.to_string());
        let first = self.links_in((id, text.clone(), Text::from(""))..(following(id), Text::from(""), Text::from("")));
        Ok(first.take(1).any(|(found, _)| *found == text))
    }

    fn linked_blobs(
        &self,
        id: AccountId,
        since: Option<&Tid>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Cid>, StoreError> {
        let links = self.links_behind(id, after).filter(|(_, link)| since.is_none_or(|since| link.rev > *since));
        let mut cids = links.map(|(_, link)| link.cid).collect::<Vec<_>>();
        cids.dedup();
        cids.truncate(limit);
        Ok(cids)
    }

    fn missing_blobs(
        &self,
        id: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Cid, RepoPath)>, StoreError> {
        let links = self.links_behind(id, after).filter(|(cid, _)| !self.blobs.contains_key(&(id, (*cid).clone())));
        let mut missing = links.map(|(_, link)| (link.cid, link.path.clone())).collect::<Vec<_>>();
        missing.dedup_by_key(|(cid, _)| *cid);
        missing.truncate(limit);
        Ok(missing)
    }

    fn doomed(&self, limit: usize) -> Result<Vec<Doomed>, StoreError> {
        let doomed = self.doomed.iter().map(|(key, since)| Doomed { key: (**key).into(), since: *since });
        let mut doomed = doomed.collect::<Vec<_>>();
        doomed.sort_by_key(|doomed| doomed.since);
        doomed.truncate(limit);
        Ok(doomed)
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        Ok(self.sessions.get(id).map(|session| (**session).clone()))
    }

    fn setting(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.settings.get(name).cloned())
    }

    fn head_seq(&self) -> Result<i64, StoreError> {
        Ok(self.numbers.head())
    }

    fn oldest_seq(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.log.get_min().map(|(seq, _)| *seq))
    }

    fn events(&self, after: i64, limit: usize, bytes: usize) -> Result<Vec<Logged>, StoreError> {
        let (mut events, mut sum) = (Vec::new(), 0);
        for (_, event) in self.log.range((Bound::Excluded(after), Bound::Unbounded)) {
            if events.len() >= limit || (!events.is_empty() && sum >= bytes) {
                break;
            }
            sum += event.frame.len();
            events.push(event.clone());
        }
        Ok(events)
    }
}

impl Tables {
    fn links_behind(&self, id: AccountId, after: Option<&str>) -> impl Iterator<Item = (&Text, &Link)> {
        let after = after.map(str::to_owned);
        let from = (id, Text::from(after.as_deref().unwrap_or_default()), Text::from(""));
        let links = self.links_in(from..(following(id), Text::from(""), Text::from("")));
        links.filter(move |(cid, _)| after.as_deref().is_none_or(|after| ***cid > *after))
    }
}
