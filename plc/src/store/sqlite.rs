//! A store on SQLite.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use arobase_runtime::{data::Cid, syntax::Did};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, TransactionBehavior};

use super::{AppendError, NewRecord, Record, Store, StoreError};

/// The form of the tables; a file of another one is refused.
const VERSION: i64 = 1;
/// What the file is, in its head.
const APPLICATION: i64 = 0x6172_706c;
/// How long to wait for another program that uses the file.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most connections that are kept for the next one who reads.
const IDLE: usize = 8;

const TABLES: &str = "
    CREATE TABLE operations (
        seq INTEGER PRIMARY KEY,
        did TEXT NOT NULL,
        cid TEXT NOT NULL,
        operation TEXT NOT NULL,
        millis INTEGER NOT NULL,
        nullified INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE UNIQUE INDEX operations_of ON operations (did, seq);
    CREATE INDEX operations_later ON operations (millis, cid);
";

/// Keeps operations in a file. An operation that was added survives the loss of power.
pub struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// Opens a file, and makes it if it is not there.
    ///
    /// # Errors
    /// The file cannot be opened, or is something else.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let mut writer = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        prepare(&mut writer)?;
        Ok(Self { path, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// Does something with a connection of its own, so that those who read wait for nobody.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let result = work(&connection);
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE {
            readers.push(connection);
        }
        result
    }

    fn list(&self, condition: &str, parameters: impl Params) -> Result<Vec<Record>, StoreError> {
        let sql = format!("SELECT seq, did, operation, cid, millis, nullified FROM operations {condition}");
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(parameters)?;
            let mut records = Vec::new();
            while let Some(row) = rows.next()? {
                records.push(record(row)?);
            }
            Ok(records)
        })
    }
}

#[cfg(test)]
impl SqliteStore {
    /// How the connection that writes keeps its journal, and how far it waits for the disk.
    pub(super) fn durability(&self) -> (String, i64) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mode = writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        (mode, writer.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap())
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// Makes the tables in an empty file, and refuses files of others.
fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let pragma = |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (tables, pragma("application_id")?, pragma("user_version")?) {
        (0, 0, 0) => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        (_, APPLICATION, VERSION) => {}
        (_, APPLICATION, version) => {
            return Err(StoreError::new(format!("the file is of version {version}, which this program does not know")));
        }
        _ => return Err(StoreError::new("the file is a database of something else")),
    }
    transaction.commit()?;
    // The log goes to the disk with every transaction, not only when it is folded into the database.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(())
}

fn record(row: &Row<'_>) -> Result<Record, StoreError> {
    let text = |index| row.get_ref(index).and_then(|value| Ok(value.as_str()?));
    let damaged = |what: &str| StoreError::new(format!("an operation with a {what} that is none"));
    Ok(Record {
        seq: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| damaged("number"))?,
        did: text(1)?.parse().map_err(|_| damaged("DID"))?,
        operation: text(2)?.into(),
        cid: text(3)?.parse::<Cid>().map_err(|_| damaged("CID"))?,
        millis: row.get(4)?,
        nullified: row.get(5)?,
    })
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

impl Store for SqliteStore {
    fn of(&self, did: &Did) -> Result<Vec<Record>, StoreError> {
        self.list("WHERE did = ? ORDER BY seq", (did.as_str(),))
    }

    fn last(&self, did: &Did) -> Result<Option<Record>, StoreError> {
        Ok(self.list("WHERE did = ? AND NOT nullified ORDER BY seq DESC LIMIT 1", (did.as_str(),))?.pop())
    }

    fn after(&self, seq: u64, most: usize) -> Result<Vec<Record>, StoreError> {
        self.list("WHERE seq > ? ORDER BY seq LIMIT ?", (number(seq), count(most)))
    }

    fn later(&self, millis: i64, most: usize) -> Result<Vec<Record>, StoreError> {
        self.list("WHERE millis > ? ORDER BY millis, cid LIMIT ?", (millis, count(most)))
    }

    fn latest(&self) -> Result<u64, StoreError> {
        self.read(highest)
    }

    fn append(&self, new: &NewRecord) -> Result<u64, AppendError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let base = latest_of(&transaction, &new.did)?;
        if base != new.base.map(number) {
            return Err(AppendError::Conflict);
        }
        let seq = highest(&transaction)? + 1;
        add(&transaction, seq, new)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(seq)
    }
}

fn highest(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM operations")?;
    let seq: i64 = statement.query_row((), |row| row.get(0))?;
    u64::try_from(seq).map_err(StoreError::new)
}

fn latest_of(connection: &Connection, did: &Did) -> Result<Option<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT seq FROM operations WHERE did = ? ORDER BY seq DESC LIMIT 1")?;
    Ok(statement.query_row((did.as_str(),), |row| row.get(0)).optional()?)
}

fn add(connection: &Connection, seq: u64, new: &NewRecord) -> Result<(), StoreError> {
    let mut undo = connection.prepare_cached("UPDATE operations SET nullified = 1 WHERE did = ? AND cid = ?")?;
    for cid in &new.nullifies {
        undo.execute((new.did.as_str(), cid.to_string()))?;
    }
    let mut insert = connection
        .prepare_cached("INSERT INTO operations (seq, did, operation, cid, millis) VALUES (?, ?, ?, ?, ?)")?;
    insert.execute((number(seq), new.did.as_str(), &*new.operation, new.cid.to_string(), new.millis))?;
    Ok(())
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(error)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}
