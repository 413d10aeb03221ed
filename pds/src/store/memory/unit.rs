//! Writing.

use std::sync::Arc;

use arobase::{
    data::Cid,
    repo::{Commit, RepoPath},
    sync::Event,
    syntax::{Handle, Tid},
};
use bytes::Bytes;

use super::{
    super::{
        Account, AccountId, BlobPlace, BlobRow, NewAccount, Node, Record, SessionRow, StoreError, Unit, Usage, numbers,
    },
    tables::{LEAST, Link, Repository, Tables, Text, following},
};

impl Unit for Tables {
    fn create_account(&mut self, account: &NewAccount) -> Result<AccountId, StoreError> {
        let taken = self.dids.contains_key(&account.did);
        self.check(!taken, "the DID is taken")?;
        let id = AccountId(self.last_account + 1);
        self.last_account = id.0;
        self.dids.insert(account.did.clone(), id);
        self.take_names(id, account.handle.as_ref(), account.email.as_deref())?;
        self.accounts.insert(id, Arc::new(account.clone().into_account(id)));
        Ok(id)
    }

    fn update_account(&mut self, account: &Account) -> Result<(), StoreError> {
        self.require(account.id)?;
        let Some(before) = self.accounts.get(&account.id).cloned() else { return Ok(()) };
        self.free_names(&before);
        self.take_names(account.id, account.handle.as_ref(), account.email.as_deref())?;
        let (did, created_at) = (before.did.clone(), before.created_at);
        self.accounts.insert(account.id, Arc::new(Account { did, created_at, ..account.clone() }));
        Ok(())
    }

    fn delete_account(&mut self, id: AccountId) -> Result<(), StoreError> {
        let Some(account) = self.accounts.remove(&id) else { return Ok(()) };
        self.dids.remove(&account.did);
        self.free_names(&account);
        self.repos.remove(&id);
        self.deleted.insert(id);
        self.delete_sessions(id)?;
        let gone = self.log.iter().filter(|(_, event)| event.account == id).map(|(seq, _)| *seq);
        for seq in gone.collect::<Vec<_>>() {
            self.log.remove(&seq);
        }
        Ok(())
    }

    fn purge(&mut self, rows: usize) -> Result<bool, StoreError> {
        let mut left = rows;
        while let Some(id) = self.deleted.get_min().copied() {
            let begun = left;
            self.purge_nodes(id, &mut left);
            self.purge_records(id, &mut left);
            self.purge_collections(id, &mut left);
            self.purge_links(id, &mut left);
            self.purge_blobs(id, &mut left);
            if left == 0 {
                return Ok(true);
            }
            if left == begun {
                self.deleted.remove(&id);
            }
        }
        Ok(false)
    }

    fn put_commit(&mut self, id: AccountId, commit: &Commit) -> Result<(), StoreError> {
        self.require(id)?;
        self.repos.entry(id).or_default().commit = Some(commit.clone());
        Ok(())
    }

    fn add_usage(&mut self, id: AccountId, change: Usage) -> Result<(), StoreError> {
        self.require(id)?;
        let repo: &mut Repository = self.repos.entry(id).or_default();
        repo.usage = repo.usage + change;
        Ok(())
    }

    fn put_node(&mut self, id: AccountId, cid: &Cid, rev: &Tid, block: &Bytes) -> Result<(), StoreError> {
        self.require(id)?;
        self.nodes.insert((id, *cid), Node { rev: rev.clone(), block: block.clone() });
        Ok(())
    }

    fn delete_node(&mut self, id: AccountId, cid: &Cid) -> Result<Option<usize>, StoreError> {
        Ok(self.nodes.remove(&(id, *cid)).map(|node| node.block.len()))
    }

    fn put_record(&mut self, id: AccountId, record: &Record) -> Result<(), StoreError> {
        self.delete_record(id, &record.path)?;
        self.require(id)?;
        let path = Text::from(record.path.as_str());
        self.record_cids.insert((id, record.cid.clone(), path.clone()));
        self.records.insert((id, path), Arc::new(record.clone()));
        Ok(())
    }

    fn delete_record(&mut self, id: AccountId, path: &RepoPath) -> Result<(), StoreError> {
        self.remove_record(id, &path.as_str().into());
        Ok(())
    }

    fn note_collection(&mut self, id: AccountId, collection: &str, has: bool) -> Result<(), StoreError> {
        let collection = Text::from(collection);
        if has {
            self.require(id)?;
            self.collections.insert((id, collection.clone()));
            self.holders.insert((collection, id));
        } else {
            self.collections.remove(&(id, collection.clone()));
            self.holders.remove(&(collection, id));
        }
        Ok(())
    }

    fn put_blob(&mut self, blob: &BlobRow) -> Result<(), StoreError> {
        self.require(blob.account)?;
        self.blobs.insert((blob.account, blob.cid.to_string().into()), Arc::new(blob.clone()));
        Ok(())
    }

    fn delete_blob(&mut self, id: AccountId, cid: &Cid) -> Result<(), StoreError> {
        self.blobs.remove(&(id, cid.to_string().into()));
        Ok(())
    }

    fn link_blob(&mut self, id: AccountId, cid: &Cid, path: &RepoPath, rev: &Tid) -> Result<(), StoreError> {
        self.require(id)?;
        let link = Link { cid: *cid, path: path.clone(), rev: rev.clone() };
        self.links.insert((id, cid.to_string().into(), path.as_str().into()), Arc::new(link));
        Ok(())
    }

    fn unlink_blob(&mut self, id: AccountId, cid: &Cid, path: &RepoPath) -> Result<(), StoreError> {
        self.links.remove(&(id, cid.to_string().into(), path.as_str().into()));
        Ok(())
    }

    fn doom(&mut self, key: &str, now: i64) -> Result<(), StoreError> {
        self.doomed.entry(key.into()).or_insert(now);
        Ok(())
    }

    fn forget_doomed(&mut self, key: &str) -> Result<(), StoreError> {
        self.doomed.remove(key);
        Ok(())
    }

    fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        self.require(session.account)?;
        self.sessions.insert((*session.id).into(), Arc::new(session.clone()));
        Ok(())
    }

    fn delete_session(&mut self, id: &str) -> Result<(), StoreError> {
        self.sessions.remove(id);
        Ok(())
    }

    fn delete_sessions(&mut self, id: AccountId) -> Result<(), StoreError> {
        let gone = self.sessions.iter().filter(|(_, session)| session.account == id);
        for key in gone.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.sessions.remove(&key);
        }
        Ok(())
    }

    fn delete_expired_sessions(&mut self, before: i64, limit: usize) -> Result<usize, StoreError> {
        let expired = self.sessions.iter().filter(|(_, session)| session.expires_at < before);
        let mut expired = expired.map(|(id, session)| (session.expires_at, id.clone())).collect::<Vec<_>>();
        expired.sort();
        expired.truncate(limit);
        for (_, id) in &expired {
            self.sessions.remove(id);
        }
        Ok(expired.len())
    }

    fn put_setting(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.settings.insert(name.into(), Bytes::copy_from_slice(value));
        Ok(())
    }

    fn emit(&mut self, id: AccountId, event: Event) -> Result<(), StoreError> {
        numbers::check(&event).map_err(|error| self.fail(error))?;
        self.emitted.push((id, event));
        Ok(())
    }

    fn skip_to_seq(&mut self, seq: i64) -> Result<(), StoreError> {
        self.numbers.skip_to(seq).map_err(|error| self.fail(error))
    }

    fn trim_events(&mut self, before: i64, limit: usize) -> Result<usize, StoreError> {
        let old = self.log.iter().take_while(|(_, event)| event.time < before).take(limit);
        let old = old.map(|(seq, _)| *seq).collect::<Vec<_>>();
        for seq in &old {
            self.log.remove(seq);
        }
        Ok(old.len())
    }
}

impl Tables {
    /// The unit cannot be kept any more.
    fn fail(&mut self, error: StoreError) -> StoreError {
        self.failed = Some(error.clone());
        error
    }

    fn check(&mut self, holds: bool, otherwise: &'static str) -> Result<(), StoreError> {
        if holds { Ok(()) } else { Err(self.fail(StoreError::other(otherwise))) }
    }

    /// Whatever is added belongs to an account that is there, so that nothing is left behind by one that goes.
    fn require(&mut self, id: AccountId) -> Result<(), StoreError> {
        let is_here = self.accounts.contains_key(&id);
        self.check(is_here, "there is no such account")
    }

    fn take_names(&mut self, id: AccountId, handle: Option<&Handle>, email: Option<&str>) -> Result<(), StoreError> {
        let handle_before = handle.and_then(|handle| self.handles.insert(handle.clone(), id));
        let email_before = email.and_then(|email| self.emails.insert(email.into(), id));
        self.check(handle_before.is_none(), "the handle is taken")?;
        self.check(email_before.is_none(), "the e-mail address is taken")
    }

    fn free_names(&mut self, account: &Account) {
        if let Some(handle) = &account.handle {
            self.handles.remove(handle);
        }
        if let Some(email) = &account.email {
            self.emails.remove(email);
        }
    }

    fn remove_record(&mut self, id: AccountId, path: &Text) {
        if let Some(record) = self.records.remove(&(id, path.clone())) {
            self.record_cids.remove(&(id, record.cid.clone(), path.clone()));
        }
    }

    fn purge_nodes(&mut self, id: AccountId, left: &mut usize) {
        let rows = self.nodes.range((id, LEAST)..(following(id), LEAST));
        for key in taken(rows.map(|(key, _)| key), left) {
            self.nodes.remove(&key);
        }
    }

    fn purge_records(&mut self, id: AccountId, left: &mut usize) {
        let rows = self.records.range((id, Text::from(""))..(following(id), Text::from("")));
        for (_, path) in taken(rows.map(|(key, _)| key), left) {
            self.remove_record(id, &path);
        }
    }

    fn purge_collections(&mut self, id: AccountId, left: &mut usize) {
        let rows = self.collections.range((id, Text::from(""))..(following(id), Text::from("")));
        for (_, collection) in taken(rows, left) {
            self.holders.remove(&(collection.clone(), id));
            self.collections.remove(&(id, collection));
        }
    }

    fn purge_links(&mut self, id: AccountId, left: &mut usize) {
        let none = || Text::from("");
        let rows = self.links.range((id, none(), none())..(following(id), none(), none()));
        for key in taken(rows.map(|(key, _)| key), left) {
            self.links.remove(&key);
        }
    }

    fn purge_blobs(&mut self, id: AccountId, left: &mut usize) {
        let rows = self.blobs.range((id, Text::from(""))..(following(id), Text::from("")));
        for key in taken(rows.map(|(key, _)| key), left) {
            if let Some(blob) = self.blobs.remove(&key)
                && let BlobPlace::Object(object) = &blob.place
            {
                self.doomed.entry((**object).into()).or_insert(self.now);
            }
        }
    }
}

/// The first of these keys, as many as may still go.
fn taken<'a, K: Clone + 'a>(keys: impl Iterator<Item = &'a K>, left: &mut usize) -> Vec<K> {
    let keys = keys.take(*left).cloned().collect::<Vec<_>>();
    *left -= keys.len();
    keys
}
