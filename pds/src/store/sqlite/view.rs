//! Reading.

use arobase::{
    data::{Cid, CidLink},
    repo::{Commit, RepoPath, mst::Direction},
    syntax::{Did, Handle, Nsid, Tid},
};
use bytes::Bytes;
use rusqlite::{Row, params};

use super::{
    super::{
        Account, AccountId, BlobRow, Doomed, Logged, Node, Range, Record, SessionRow, StoreError, StoreErrorKind,
        Usage, View,
    },
    columns::{self, account_columns, blob_columns, bytes, cid, get, parsed},
    tables::Tables,
};

impl View for Tables<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let sql = concat!("SELECT ", account_columns!(), " FROM accounts WHERE id = ?1");
        self.one(sql, [id.0], columns::account)
    }

    fn account_of_did(&self, did: &Did) -> Result<Option<Account>, StoreError> {
        let sql = concat!("SELECT ", account_columns!(), " FROM accounts WHERE did = ?1");
        self.one(sql, [did.as_str()], columns::account)
    }

    fn account_of_handle(&self, handle: &Handle) -> Result<Option<Account>, StoreError> {
        let sql = concat!("SELECT ", account_columns!(), " FROM accounts WHERE handle = ?1");
        self.one(sql, [handle.as_str()], columns::account)
    }

    fn account_of_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let sql = concat!("SELECT ", account_columns!(), " FROM accounts WHERE email = ?1");
        self.one(sql, [email], columns::account)
    }

    fn accounts(&self, after: Option<AccountId>, limit: usize) -> Result<Vec<Account>, StoreError> {
        let sql = concat!("SELECT ", account_columns!(), " FROM accounts WHERE id > ?1 ORDER BY id LIMIT ?2");
        self.all(sql, params![start(after), most(limit)], columns::account)
    }

    fn count_accounts(&self) -> Result<u64, StoreError> {
        let count = self.one("SELECT count(*) FROM accounts", (), |row| columns::unsigned(row, 0))?;
        Ok(count.unwrap_or_default())
    }

    fn commit(&self, id: AccountId) -> Result<Option<Commit>, StoreError> {
        let sql = "SELECT block FROM repos WHERE account = ?1 AND block IS NOT NULL";
        let block = self.one(sql, [id.0], |row| bytes(row, 0))?;
        let decode = |block| Commit::decode(block).map_err(|error| StoreError::because(StoreErrorKind::Corrupt, error));
        self.noting(|| block.map(decode).transpose())
    }

    fn usage(&self, id: AccountId) -> Result<Usage, StoreError> {
        let sql = "SELECT records, record_bytes, nodes, node_bytes, blobs, blob_bytes FROM repos WHERE account = ?1";
        Ok(self.one(sql, [id.0], columns::usage)?.unwrap_or_default())
    }

    fn total_usage(&self) -> Result<Usage, StoreError> {
        let sql = "SELECT coalesce(sum(records), 0), coalesce(sum(record_bytes), 0), coalesce(sum(nodes), 0), \
                   coalesce(sum(node_bytes), 0), coalesce(sum(blobs), 0), coalesce(sum(blob_bytes), 0) FROM repos";
        Ok(self.one(sql, (), columns::usage)?.unwrap_or_default())
    }

    fn node(&self, id: AccountId, cid: &Cid) -> Result<Option<Node>, StoreError> {
        let sql = "SELECT rev, block FROM nodes WHERE account = ?1 AND cid = ?2";
        let node = |row: &Row<'_>| Ok(Node { rev: parsed(row, 0)?, block: bytes(row, 1)? });
        self.one(sql, params![id.0, &cid.to_bytes()[..]], node)
    }

    fn nodes(&self, id: AccountId, after: Option<&Cid>, limit: usize) -> Result<Vec<Cid>, StoreError> {
        let sql = "SELECT cid FROM nodes WHERE account = ?1 AND cid > ?2 ORDER BY cid LIMIT ?3";
        let after = after.map(Cid::to_bytes);
        let after = after.as_ref().map_or(&b""[..], |after| &after[..]);
        self.all(sql, params![id.0, after, most(limit)], |row| cid(row, 0))
    }

    fn record(&self, id: AccountId, path: &RepoPath) -> Result<Option<Record>, StoreError> {
        let sql = "SELECT path, cid, rev, block FROM records WHERE account = ?1 AND path = ?2";
        self.one(sql, params![id.0, path.as_str()], columns::record)
    }

    fn record_block(&self, id: AccountId, cid: &CidLink) -> Result<Option<Bytes>, StoreError> {
        let sql = "SELECT block FROM records INDEXED BY records_cid WHERE account = ?1 AND cid = ?2 LIMIT 1";
        match cid {
            CidLink::Blessed(cid) => self.one(sql, params![id.0, &cid.to_bytes()[..]], |row| bytes(row, 0)),
            CidLink::General(_) => self.one(sql, params![id.0, cid.to_bytes()], |row| bytes(row, 0)),
        }
    }

    fn records(&self, id: AccountId, range: Range<'_>) -> Result<Vec<Record>, StoreError> {
        let sql = match range.direction {
            Direction::Up => {
                "SELECT path, cid, rev, block FROM records WHERE account = ?1 AND path >= ?2 AND path < ?3 \
                 ORDER BY path LIMIT ?4"
            }
            Direction::Down => {
                "SELECT path, cid, rev, block FROM records WHERE account = ?1 AND path >= ?2 AND path < ?3 \
                 ORDER BY path DESC LIMIT ?4"
            }
        };
        let (from, to) = range.keys();
        let (mut records, mut sum) = (Vec::new(), 0);
        self.each(sql, params![id.0, from, to, most(range.limit)], |row| {
            let record = columns::record(row)?;
            sum += record.block.len();
            records.push(record);
            Ok(sum < range.bytes)
        })?;
        Ok(records)
    }

    fn collections(&self, id: AccountId, limit: usize) -> Result<Vec<Nsid>, StoreError> {
        let sql = "SELECT collection FROM collections WHERE account = ?1 ORDER BY collection LIMIT ?2";
        self.all(sql, [id.0, most(limit)], |row| parsed(row, 0))
    }

    fn accounts_with(
        &self,
        collection: &Nsid,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<Vec<Account>, StoreError> {
        let sql = concat!(
            "SELECT ",
            account_columns!(),
            " FROM collections CROSS JOIN accounts ON id = account \
             WHERE collection = ?1 AND account > ?2 ORDER BY account LIMIT ?3"
        );
        self.all(sql, params![collection.as_str(), start(after), most(limit)], columns::account)
    }

    fn blob(&self, id: AccountId, cid: &Cid) -> Result<Option<BlobRow>, StoreError> {
        let sql = concat!("SELECT ", blob_columns!(), " FROM blobs WHERE account = ?1 AND cid = ?2");
        self.one(sql, params![id.0, cid.to_string()], columns::blob_row)
    }

    fn blob_of_url(&self, id: AccountId, url: &str) -> Result<Option<BlobRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            blob_columns!(),
            " FROM blobs WHERE account = ?1 AND url = ?2 ORDER BY created_at DESC, cid DESC LIMIT 1"
        );
        self.one(sql, params![id.0, url], columns::blob_row)
    }

    fn blobs(&self, after: Option<(AccountId, &Cid)>, limit: usize) -> Result<Vec<BlobRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            blob_columns!(),
            " FROM blobs WHERE (account, cid) > (?1, ?2) ORDER BY account, cid LIMIT ?3"
        );
        let (id, cid) = after.map_or((0, String::new()), |(id, cid)| (id.0, cid.to_string()));
        self.all(sql, params![id, cid, most(limit)], columns::blob_row)
    }

    fn temporary_blobs(&self, before: i64, limit: usize) -> Result<Vec<BlobRow>, StoreError> {
        let sql = concat!(
            "SELECT ",
            blob_columns!(),
            " FROM blobs WHERE temporary = 1 AND created_at < ?1 ORDER BY created_at, account, cid LIMIT ?2"
        );
        self.all(sql, params![before, most(limit)], columns::blob_row)
    }

    fn is_linked(&self, id: AccountId, cid: &Cid) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM blob_refs WHERE account = ?1 AND cid = ?2 LIMIT 1";
        Ok(self.one(sql, params![id.0, cid.to_string()], |_| Ok(()))?.is_some())
    }

    fn linked_blobs(
        &self,
        id: AccountId,
        since: Option<&Tid>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Cid>, StoreError> {
        let sql = "SELECT DISTINCT cid FROM blob_refs WHERE account = ?1 AND cid > ?2 AND rev > ?3 \
                   ORDER BY cid LIMIT ?4";
        let (after, since) = (after.unwrap_or_default(), since.map(Tid::as_str).unwrap_or_default());
        self.all(sql, params![id.0, after, since, most(limit)], |row| parsed(row, 0))
    }

    fn missing_blobs(
        &self,
        id: AccountId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Cid, RepoPath)>, StoreError> {
        let sql = "SELECT cid, min(path) FROM blob_refs AS refs WHERE account = ?1 AND cid > ?2 AND NOT EXISTS \
                   (SELECT 1 FROM blobs WHERE blobs.account = ?1 AND blobs.cid = refs.cid) \
                   GROUP BY cid ORDER BY cid LIMIT ?3";
        let after = after.unwrap_or_default();
        self.all(sql, params![id.0, after, most(limit)], |row| Ok((parsed(row, 0)?, parsed(row, 1)?)))
    }

    fn doomed(&self, limit: usize) -> Result<Vec<Doomed>, StoreError> {
        let sql = "SELECT key, since FROM doomed ORDER BY since, key LIMIT ?1";
        self.all(sql, [most(limit)], columns::doomed)
    }

    fn session(&self, id: &str) -> Result<Option<SessionRow>, StoreError> {
        let sql = "SELECT id, account, expires_at, next, app_password FROM sessions WHERE id = ?1";
        self.one(sql, [id], columns::session)
    }

    fn setting(&self, name: &str) -> Result<Option<Bytes>, StoreError> {
        self.one("SELECT value FROM settings WHERE name = ?1", [name], |row| bytes(row, 0))
    }

    fn head_seq(&self) -> Result<i64, StoreError> {
        match self.numbers {
            Some(numbers) => Ok(numbers.head()),
            None => Ok(self.one("SELECT next - 1 FROM log", (), |row| get(row, 0))?.unwrap_or_default()),
        }
    }

    fn oldest_seq(&self) -> Result<Option<i64>, StoreError> {
        let sql = concat!("SELECT seq FROM events WHERE ", exists!(), " ORDER BY seq LIMIT 1");
        self.one(sql, (), |row| get(row, 0))
    }

    fn events(&self, after: i64, limit: usize, bytes: usize) -> Result<Vec<Logged>, StoreError> {
        let sql = concat!(
            "SELECT seq, time, account, frame FROM events WHERE seq > ?1 AND ",
            exists!(),
            " ORDER BY seq LIMIT ?2"
        );
        let (mut events, mut sum) = (Vec::new(), 0);
        self.each(sql, params![after, most(limit)], |row| {
            let event = columns::logged(row)?;
            sum += event.frame.len();
            events.push(event);
            Ok(sum < bytes)
        })?;
        Ok(events)
    }
}

/// Events of accounts that were deleted do not exist, though they take a while to go.
macro_rules! exists {
    () => {
        "NOT EXISTS (SELECT 1 FROM deleted WHERE deleted.account = events.account AND events.seq <= deleted.head)"
    };
}
use exists;

/// Behind which account to begin. Their numbers are positive.
fn start(after: Option<AccountId>) -> i64 {
    after.map_or(0, |after| after.0)
}

/// A limit, for SQLite.
pub(super) fn most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
