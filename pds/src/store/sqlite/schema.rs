//! What the tables of a file are, and how those of an older file become so.

use rusqlite::Connection;

use super::{
    super::{StoreError, StoreErrorKind, numbers::Numbers},
    fault::fault,
};

/// What a file says of whose it is: `ArOb`.
const APPLICATION_ID: i32 = 0x4172_4f62;

/// Each makes tables of the version with its index those of the next. Steps that were published never change.
const STEPS: &[&str] = &[include_str!("schema.sql")];

/// Refuses files that are damaged, of other programs, or of newer versions.
pub(super) fn check(connection: &Connection) -> Result<(), StoreError> {
    check_owner(connection)?;
    missing(connection, STEPS).map(drop)
}

/// Brings the tables of a file up to date; a new file gets them.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    migrate_by(connection, STEPS)
}

fn migrate_by(connection: &Connection, steps: &[&str]) -> Result<(), StoreError> {
    let missing = missing(connection, steps)?;
    let version = steps.len() - missing.len();
    for (index, step) in missing.iter().enumerate() {
        take(connection, step, version + index + 1)?;
    }
    Ok(())
}

/// The steps that are still to be taken.
fn missing<'s>(connection: &Connection, steps: &'s [&'s str]) -> Result<&'s [&'s str], StoreError> {
    let version = usize::try_from(pragma(connection, "user_version")?).ok();
    version.and_then(|version| steps.get(version..)).ok_or_else(|| StoreError::new(StoreErrorKind::TooNew))
}

/// One step, all or nothing.
fn take(connection: &Connection, step: &str, version: usize) -> Result<(), StoreError> {
    let sql = format!(
        "BEGIN IMMEDIATE; {step}; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}; COMMIT"
    );
    connection.execute_batch(&sql).map_err(|error| {
        // If even this fails, the connection is closed, which undoes it as well.
        drop(connection.execute_batch("ROLLBACK"));
        fault(error)
    })
}

/// Refuses files of other programs.
fn check_owner(connection: &Connection) -> Result<(), StoreError> {
    let count = "SELECT count(*) FROM sqlite_schema";
    let tables = connection.query_row(count, (), |row| row.get::<_, i64>(0)).map_err(fault)?;
    match pragma(connection, "application_id")? {
        APPLICATION_ID => Ok(()),
        0 if tables == 0 => Ok(()),
        _ => Err(StoreError::other("the file is the database of another program")),
    }
}

fn pragma(connection: &Connection, name: &str) -> Result<i32, StoreError> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(fault)
}

/// Where the log is. A new one begins now, and so does that of a copy if it is not further already: events may have
/// got numbers since the copy was made.
pub(super) fn numbers(connection: &Connection, now: i64) -> Result<Numbers, StoreError> {
    let begin = Numbers::begin(now).next;
    let sql = "INSERT INTO log (id, next, time) VALUES (1, ?1, 0) \
               ON CONFLICT DO UPDATE SET next = max(next, ?1), copied = 0 WHERE copied = 1";
    connection.execute(sql, [begin]).map_err(fault)?;
    let sql = "SELECT next, time FROM log";
    connection.query_row(sql, (), |row| Ok(Numbers { next: row.get(0)?, time: row.get(1)? })).map_err(fault)
}

/// Marks a file as a copy.
pub(super) fn mark_copied(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE log SET copied = 1", ()).map(drop).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn tables(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn only_the_missing_steps_are_taken() {
        let connection = memory();
        migrate_by(&connection, &["CREATE TABLE a (x)"]).unwrap();
        migrate_by(&connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x)", "CREATE TABLE c (x)"]).unwrap();
        assert_eq!((tables(&connection), pragma(&connection, "user_version").unwrap()), (3, 3));
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let connection = memory();
        migrate_by(&connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"]).unwrap_err();
        assert_eq!((tables(&connection), pragma(&connection, "user_version").unwrap()), (1, 1));
    }

    #[test]
    fn a_newer_file_is_refused() {
        let connection = memory();
        migrate(&connection).unwrap();
        connection.pragma_update(None, "user_version", 1000).unwrap();
        assert_eq!(check(&connection).unwrap_err().kind(), StoreErrorKind::TooNew);
    }

    #[test]
    fn the_database_of_another_program_is_refused() {
        let connection = memory();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(check(&connection).unwrap_err().to_string().contains("another program"));
    }

    #[test]
    fn the_numbers_of_a_copy_begin_anew() {
        let connection = memory();
        migrate(&connection).unwrap();
        assert_eq!(numbers(&connection, 100).unwrap().next, 100);
        assert_eq!(numbers(&connection, 200).unwrap().next, 100);
        mark_copied(&connection).unwrap();
        assert_eq!(numbers(&connection, 200).unwrap().next, 200);
        assert_eq!(numbers(&connection, 300).unwrap().next, 200);
        mark_copied(&connection).unwrap();
        assert_eq!(numbers(&connection, 150).unwrap().next, 200);
    }
}
