//! Writing.

use arobase::{
    data::{Cid, CidLink},
    repo::{Commit, RepoPath},
    sync::Event,
    syntax::{Handle, Tid},
};
use bytes::Bytes;
use rusqlite::params;

use super::{
    super::{
        Account, AccountId, BlobPlace, BlobRow, BlobState, NewAccount, Record, SessionRow, StoreError, Unit, Usage,
        View, numbers,
    },
    columns::{self, get},
    tables::Tables,
    view::most,
};

impl Unit for Tables<'_> {
    fn create_account(&mut self, account: &NewAccount) -> Result<AccountId, StoreError> {
        let sql = "INSERT INTO accounts (did, handle, email, password, key, created_at, deactivated_at) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let NewAccount { did, handle, email, password, key, created_at, deactivated_at } = account;
        let handle = handle.as_ref().map(Handle::as_str);
        let key = key.as_bytes();
        self.change(sql, params![did.as_str(), handle, email, password, key, created_at, deactivated_at])?;
        let id = self.last_key();
        self.change("INSERT INTO repos (account) VALUES (?1)", [id])?;
        self.known.set(Some(AccountId(id)));
        Ok(AccountId(id))
    }

    fn update_account(&mut self, account: &Account) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET handle = ?2, email = ?3, email_confirmed_at = ?4, password = ?5, key = ?6, \
                   deactivated_at = ?7, delete_after = ?8, suspended_at = ?9, takedown = ?10 WHERE id = ?1";
        let row = params![
            account.id.0,
            account.handle.as_ref().map(Handle::as_str),
            account.email,
            account.email_confirmed_at,
            account.password,
            account.key.as_bytes(),
            account.deactivated_at,
            account.delete_after,
            account.suspended_at,
            account.takedown,
        ];
        let changed = self.change(sql, row)?;
        self.check_found(changed)
    }

    fn delete_account(&mut self, id: AccountId) -> Result<(), StoreError> {
        self.known.set(None);
        if self.change("DELETE FROM accounts WHERE id = ?1", [id.0])? == 0 {
            return Ok(());
        }
        self.change("DELETE FROM repos WHERE account = ?1", [id.0])?;
        self.delete_sessions(id)?;
        let head = self.head_seq()?;
        self.change("INSERT INTO deleted (account, head) VALUES (?1, ?2)", [id.0, head]).map(drop)
    }

    fn purge(&mut self, rows: usize) -> Result<bool, StoreError> {
        let mut left = rows;
        while left > 0 {
            let sql = "SELECT account, head FROM deleted ORDER BY account LIMIT 1";
            let Some((id, head)) = self.one(sql, (), |row| Ok((get(row, 0)?, get(row, 1)?)))? else { return Ok(false) };
            let begun = left;
            self.purge_account(AccountId(id), head, &mut left)?;
            if left == begun {
                self.change("DELETE FROM deleted WHERE account = ?1", [id])?;
            }
        }
        Ok(self.one("SELECT 1 FROM deleted LIMIT 1", (), |_| Ok(()))?.is_some())
    }

    fn put_commit(&mut self, id: AccountId, commit: &Commit) -> Result<(), StoreError> {
        let sql = "UPDATE repos SET rev = ?2, block = ?3 WHERE account = ?1";
        let changed = self.change(sql, params![id.0, commit.rev().as_str(), &commit.bytes()[..]])?;
        self.check_found(changed)?;
        self.known.set(Some(id));
        Ok(())
    }

    fn add_usage(&mut self, id: AccountId, change: Usage) -> Result<(), StoreError> {
        let sql = "UPDATE repos SET records = records + ?2, record_bytes = record_bytes + ?3, nodes = nodes + ?4, \
                   node_bytes = node_bytes + ?5, blobs = blobs + ?6, blob_bytes = blob_bytes + ?7 WHERE account = ?1";
        let Usage { records, record_bytes, nodes, node_bytes, blobs, blob_bytes } = change;
        let changed = self.change(sql, [id.0, records, record_bytes, nodes, node_bytes, blobs, blob_bytes])?;
        self.check_found(changed)
    }

    fn put_node(&mut self, id: AccountId, cid: &Cid, rev: &Tid, block: &Bytes) -> Result<(), StoreError> {
        self.require(id)?;
        let sql = "INSERT OR REPLACE INTO nodes (account, cid, rev, block) VALUES (?1, ?2, ?3, ?4)";
        self.change(sql, params![id.0, &cid.to_bytes()[..], rev.as_str(), &block[..]]).map(drop)
    }

    fn delete_node(&mut self, id: AccountId, cid: &Cid) -> Result<Option<usize>, StoreError> {
        let sql = "DELETE FROM nodes WHERE account = ?1 AND cid = ?2 RETURNING length(block)";
        self.take(sql, params![id.0, &cid.to_bytes()[..]], |row| {
            let length = columns::unsigned(row, 0)?;
            Ok(usize::try_from(length).unwrap_or(usize::MAX))
        })
    }

    fn put_record(&mut self, id: AccountId, record: &Record) -> Result<(), StoreError> {
        self.require(id)?;
        let sql = "INSERT OR REPLACE INTO records (account, path, cid, rev, block) VALUES (?1, ?2, ?3, ?4, ?5)";
        let Record { path, cid, rev, block } = record;
        let (path, rev, block) = (path.as_str(), rev.as_str(), &block[..]);
        match cid {
            CidLink::Blessed(cid) => self.change(sql, params![id.0, path, &cid.to_bytes()[..], rev, block])?,
            CidLink::General(_) => self.change(sql, params![id.0, path, cid.to_bytes(), rev, block])?,
        };
        Ok(())
    }

    fn delete_record(&mut self, id: AccountId, path: &RepoPath) -> Result<(), StoreError> {
        self.change("DELETE FROM records WHERE account = ?1 AND path = ?2", params![id.0, path.as_str()]).map(drop)
    }

    fn note_collection(&mut self, id: AccountId, collection: &str, has: bool) -> Result<(), StoreError> {
        let sql = if has {
            self.require(id)?;
            "INSERT OR IGNORE INTO collections (account, collection) VALUES (?1, ?2)"
        } else {
            "DELETE FROM collections WHERE account = ?1 AND collection = ?2"
        };
        self.change(sql, params![id.0, collection]).map(drop)
    }

    fn put_blob(&mut self, blob: &BlobRow) -> Result<(), StoreError> {
        self.require(blob.account)?;
        let sql = "INSERT OR REPLACE INTO blobs (account, cid, mime_type, size, temporary, created_at, takedown, \
                   object, url, checked_at, gone, width, height, duration) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
        let (object, remote) = match &blob.place {
            BlobPlace::Object(key) => (Some(key), None),
            BlobPlace::Remote(remote) => (None, Some(remote)),
        };
        let row = params![
            blob.account.0,
            blob.cid.to_string(),
            blob.mime_type,
            columns::signed(blob.size),
            blob.state == BlobState::Temporary,
            blob.created_at,
            blob.takedown,
            object,
            remote.map(|remote| &remote.url),
            remote.map(|remote| remote.checked_at),
            remote.map(|remote| remote.gone),
            remote.map(|remote| remote.width),
            remote.map(|remote| remote.height),
            remote.and_then(|remote| remote.duration).map(columns::signed),
        ];
        self.change(sql, row).map(drop)
    }

    fn delete_blob(&mut self, id: AccountId, cid: &Cid) -> Result<(), StoreError> {
        self.change("DELETE FROM blobs WHERE account = ?1 AND cid = ?2", params![id.0, cid.to_string()]).map(drop)
    }

    fn link_blob(&mut self, id: AccountId, cid: &Cid, path: &RepoPath, rev: &Tid) -> Result<(), StoreError> {
        self.require(id)?;
        let sql = "INSERT OR REPLACE INTO blob_refs (account, cid, path, rev) VALUES (?1, ?2, ?3, ?4)";
        self.change(sql, params![id.0, cid.to_string(), path.as_str(), rev.as_str()]).map(drop)
    }

    fn unlink_blob(&mut self, id: AccountId, cid: &Cid, path: &RepoPath) -> Result<(), StoreError> {
        let sql = "DELETE FROM blob_refs WHERE account = ?1 AND cid = ?2 AND path = ?3";
        self.change(sql, params![id.0, cid.to_string(), path.as_str()]).map(drop)
    }

    fn doom(&mut self, key: &str, now: i64) -> Result<(), StoreError> {
        self.change("INSERT OR IGNORE INTO doomed (key, since) VALUES (?1, ?2)", params![key, now]).map(drop)
    }

    fn forget_doomed(&mut self, key: &str) -> Result<(), StoreError> {
        self.change("DELETE FROM doomed WHERE key = ?1", [key]).map(drop)
    }

    fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        self.require(session.account)?;
        let sql = "INSERT OR REPLACE INTO sessions (id, account, expires_at, next, app_password) \
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        let SessionRow { id, account, expires_at, next, app_password } = session;
        self.change(sql, params![id, account.0, expires_at, next, app_password]).map(drop)
    }

    fn delete_session(&mut self, id: &str) -> Result<(), StoreError> {
        self.change("DELETE FROM sessions WHERE id = ?1", [id]).map(drop)
    }

    fn delete_sessions(&mut self, id: AccountId) -> Result<(), StoreError> {
        self.change("DELETE FROM sessions WHERE account = ?1", [id.0]).map(drop)
    }

    fn delete_expired_sessions(&mut self, before: i64, limit: usize) -> Result<usize, StoreError> {
        let sql = "DELETE FROM sessions WHERE id IN \
                   (SELECT id FROM sessions WHERE expires_at < ?1 ORDER BY expires_at, id LIMIT ?2)";
        self.change(sql, [before, most(limit)])
    }

    fn put_setting(&mut self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.change("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)", params![name, value]).map(drop)
    }

    fn emit(&mut self, id: AccountId, event: Event) -> Result<(), StoreError> {
        self.noting(|| numbers::check(&event))?;
        self.emitted.push((id, event));
        Ok(())
    }

    fn skip_to_seq(&mut self, seq: i64) -> Result<(), StoreError> {
        let Some(mut numbers) = self.numbers else { return Ok(()) };
        self.noting(|| numbers.skip_to(seq))?;
        self.numbers = Some(numbers);
        Ok(())
    }

    fn trim_events(&mut self, before: i64, limit: usize) -> Result<usize, StoreError> {
        // Times are in the order of numbers, so the first one that is not old ends it.
        let (mut old, mut end) = (0, None);
        self.each("SELECT seq, time FROM events ORDER BY seq LIMIT ?1", [most(limit)], |row| {
            let is_old = get::<i64>(row, 1)? < before;
            if is_old {
                end = Some(get::<i64>(row, 0)?);
                old += 1;
            }
            Ok(is_old)
        })?;
        if let Some(end) = end {
            self.change("DELETE FROM events WHERE seq <= ?1", [end])?;
        }
        Ok(old)
    }
}

impl Tables<'_> {
    /// Whatever is added belongs to an account that is there, so that nothing is left behind by one that goes.
    fn require(&mut self, id: AccountId) -> Result<(), StoreError> {
        if self.known.get() == Some(id) {
            return Ok(());
        }
        let found = self.one("SELECT 1 FROM accounts WHERE id = ?1", [id.0], |_| Ok(()))?;
        self.check_found(found.iter().count())?;
        self.known.set(Some(id));
        Ok(())
    }

    fn check_found(&self, rows: usize) -> Result<(), StoreError> {
        self.check(rows > 0, "there is no such account")
    }

    fn purge_account(&mut self, id: AccountId, head: i64, left: &mut usize) -> Result<(), StoreError> {
        const STEPS: [&str; 4] = [
            "DELETE FROM nodes WHERE account = ?1 AND cid IN (SELECT cid FROM nodes WHERE account = ?1 LIMIT ?2)",
            "DELETE FROM records WHERE account = ?1 AND path IN \
             (SELECT path FROM records WHERE account = ?1 LIMIT ?2)",
            "DELETE FROM collections WHERE account = ?1 AND collection IN \
             (SELECT collection FROM collections WHERE account = ?1 LIMIT ?2)",
            "DELETE FROM blob_refs WHERE account = ?1 AND (cid, path) IN \
             (SELECT cid, path FROM blob_refs WHERE account = ?1 LIMIT ?2)",
        ];
        for sql in STEPS {
            *left -= self.change(sql, params![id.0, most(*left)])?.min(*left);
        }
        self.purge_blobs(id, left)?;
        let sql = "DELETE FROM events WHERE seq IN \
                   (SELECT seq FROM events WHERE account = ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)";
        *left -= self.change(sql, params![id.0, head, most(*left)])?.min(*left);
        Ok(())
    }

    fn purge_blobs(&mut self, id: AccountId, left: &mut usize) -> Result<(), StoreError> {
        let now = self.now;
        let sql = "INSERT OR IGNORE INTO doomed (key, since) SELECT object, ?3 FROM blobs \
                   WHERE account = ?1 AND object IS NOT NULL AND cid IN \
                   (SELECT cid FROM blobs WHERE account = ?1 ORDER BY cid LIMIT ?2)";
        self.change(sql, params![id.0, most(*left), now])?;
        let sql = "DELETE FROM blobs WHERE account = ?1 AND cid IN \
                   (SELECT cid FROM blobs WHERE account = ?1 ORDER BY cid LIMIT ?2)";
        *left -= self.change(sql, params![id.0, most(*left)])?.min(*left);
        Ok(())
    }
}
