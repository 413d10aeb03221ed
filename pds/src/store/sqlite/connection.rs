//! Connections to a file.

use std::{fs::File, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::{
    super::{StoreError, StoreErrorKind},
    SqliteOptions,
    fault::{fault, file_fault},
    schema,
};

/// Bytes of a page of a new file. See the benchmark `store`.
const PAGE: u32 = 4096;

/// Pages in the write-ahead log after which they are brought into the file, when a unit has been kept.
const CHECKPOINT: u32 = 4000;

/// The bytes to which the write-ahead log is cut when it begins anew.
const LOG_BYTES: u32 = 32 << 20;

/// More than there are statements.
const STATEMENTS: usize = 128;

/// How long to wait for somebody else's lock: an operator's shell, or a reading that is about to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// The connection that writes; the tables are made or brought up to date.
pub(super) fn open_writer(path: &Path, options: &SqliteOptions) -> Result<Connection, StoreError> {
    create(path)?;
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, options.cache)?;
    if connection.is_readonly("main").map_err(fault)? {
        return Err(StoreError::new(StoreErrorKind::ReadOnly));
    }
    schema::check(&connection)?;
    // To be said before there is anything in the file.
    set(&connection, "page_size", i64::from(PAGE))?;
    use_write_ahead_log(&connection)?;
    connection.pragma_update(None, "synchronous", if options.durable { "FULL" } else { "NORMAL" }).map_err(fault)?;
    set(&connection, "wal_autocheckpoint", i64::from(CHECKPOINT))?;
    set(&connection, "journal_size_limit", i64::from(LOG_BYTES))?;
    if let Some(bytes) = options.max_bytes {
        limit(&connection, bytes)?;
    }
    schema::migrate(&connection)?;
    Ok(connection)
}

/// Makes a file, if there is none, that only its owner can read: there are keys in it. SQLite gives the files beside it
/// the same permissions.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(file_fault)
}

fn limit(connection: &Connection, bytes: u64) -> Result<(), StoreError> {
    let page = connection.pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0)).map_err(fault)?;
    let pages = i64::try_from(bytes / u64::from(page.max(1))).unwrap_or(i64::MAX);
    set(connection, "max_page_count", pages.max(1))
}

/// A connection that only reads.
pub(super) fn open_reader(path: &Path, cache: usize) -> Result<Connection, StoreError> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, cache)
}

fn open(path: &Path, mode: OpenFlags, cache: usize) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(PATIENCE).map_err(fault)?;
    // Less than nothing means KiB and not pages.
    set(&connection, "cache_size", -i64::try_from(cache >> 10).unwrap_or(i64::MAX))?;
    // What a unit changes is kept aside until it is sure to stay.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(fault)?;
    Ok(connection)
}

fn use_write_ahead_log(connection: &Connection) -> Result<(), StoreError> {
    let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    match mode.map_err(fault)?.as_str() {
        "wal" => Ok(()),
        mode => Err(StoreError::other(format!("no write-ahead log can be had here, only {mode:?}"))),
    }
}

/// Some pragmas answer with what they were set to, others do not.
fn set(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    connection.pragma_update(None, name, value).map_err(fault)
}
