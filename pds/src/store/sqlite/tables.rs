//! The tables, as a reading or a unit of work has them before it.

use std::cell::{Cell, OnceCell};

use arobase::sync::Event;
use rusqlite::{Connection, Params, Row, params};

use super::{
    super::{AccountId, Logged, StoreError, StoreErrorKind, Verdict, numbers::Numbers},
    fault::fault,
};

/// The tables within a transaction.
pub(super) struct Tables<'c> {
    connection: &'c Connection,
    /// Where the log is; what only reads asks the file.
    pub(super) numbers: Option<Numbers>,
    /// When the unit began (microseconds since 1970).
    pub(super) now: i64,
    pub(super) emitted: Vec<(AccountId, Event)>,
    /// The account that is known to be there.
    pub(super) known: Cell<Option<AccountId>>,
    savepoint: Savepoint,
    /// Why the unit cannot be kept.
    failed: OnceCell<StoreError>,
}

/// How a unit is undone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    /// With the transaction, as the unit is alone in it.
    None,
    /// With a savepoint, which is set before the first change. Many units never make one.
    Later,
    /// With the savepoint that was set.
    Set,
}

impl<'c> Tables<'c> {
    /// To be read only.
    pub(super) fn reading(connection: &'c Connection) -> Self {
        Self {
            connection,
            numbers: None,
            now: 0,
            emitted: Vec::new(),
            known: Cell::new(None),
            savepoint: Savepoint::None,
            failed: OnceCell::new(),
        }
    }

    /// For a unit of work.
    pub(super) fn writing(connection: &'c Connection, numbers: Numbers, now: i64, alone: bool) -> Self {
        let savepoint = if alone { Savepoint::None } else { Savepoint::Later };
        Self { numbers: Some(numbers), now, savepoint, ..Self::reading(connection) }
    }

    /// The row that is found, if any.
    pub(super) fn one<T>(&self, sql: &str, params: impl Params, read: Read<T>) -> Result<Option<T>, StoreError> {
        self.noting(|| {
            let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
            let mut rows = statement.query(params).map_err(fault)?;
            rows.next().map_err(fault)?.map(read).transpose()
        })
    }

    /// All rows that are found.
    pub(super) fn all<T>(&self, sql: &str, params: impl Params, read: Read<T>) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.each(sql, params, |row| {
            found.push(read(row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// The rows that are found, until somebody has enough of them.
    pub(super) fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut wants_more: impl FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.noting(|| {
            let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
            let mut rows = statement.query(params).map_err(fault)?;
            while let Some(row) = rows.next().map_err(fault)? {
                if !wants_more(row)? {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Changes something; how many rows.
    pub(super) fn change(&mut self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        self.prepare_to_change()?;
        self.noting(|| self.connection.prepare_cached(sql).map_err(fault)?.execute(params).map_err(fault))
    }

    /// Changes something of one row, and reads from it.
    pub(super) fn take<T>(&mut self, sql: &str, params: impl Params, read: Read<T>) -> Result<Option<T>, StoreError> {
        self.prepare_to_change()?;
        self.one(sql, params, read)
    }

    /// The key of the row that was added last.
    pub(super) fn last_key(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    /// Fails the unit where something does not hold.
    pub(super) fn check(&self, holds: bool, otherwise: &'static str) -> Result<(), StoreError> {
        self.noting(|| if holds { Ok(()) } else { Err(StoreError::other(otherwise)) })
    }

    /// What fails once fails the unit, whatever becomes of the error.
    pub(super) fn noting<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        work().inspect_err(|error| drop(self.failed.set(error.clone())))
    }

    fn prepare_to_change(&mut self) -> Result<(), StoreError> {
        // What failed may have ended the transaction: then a change would be durable at once.
        if let Some(error) = self.failed.get() {
            return Err(error.clone());
        }
        if self.savepoint == Savepoint::Later {
            self.run("SAVEPOINT unit")?;
            self.savepoint = Savepoint::Set;
        }
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.noting(|| self.connection.prepare_cached(sql).map_err(fault)?.execute(()).map(drop).map_err(fault))
    }

    /// Ends a unit; one without a verdict panicked. Where it is kept, its events are in the log now; otherwise it is
    /// undone, unless that is left to the transaction because it is alone in it.
    pub(super) fn end(mut self, verdict: Option<Verdict>, now: i64) -> Result<Option<Kept>, Failed> {
        let kept = match verdict {
            Some(Verdict::Keep) => self.keep(now).map(Some),
            Some(Verdict::Undo) => Ok(None),
            None => Err(StoreError::because(StoreErrorKind::Work, "it panicked")),
        };
        let ended = match kept {
            // SQLite has undone the transaction, as it does when the disk is full.
            _ if self.connection.is_autocommit() => Err(StoreError::other("the transaction was undone")),
            Ok(Some(_)) => self.release(),
            _ => self.undo().and_then(|()| self.release()),
        };
        if let Err(error) = ended {
            // What went wrong first is why the rest did.
            let error = self.failed.get().cloned().unwrap_or(error);
            return Err(Failed { error, is_undone: false });
        }
        kept.map_err(|error| Failed { error, is_undone: true })
    }

    /// Whether the transaction is still there: some failures, even of what only reads, have SQLite undo all of it, and
    /// what is written then would be durable at once.
    fn check_transaction(&self) -> Result<(), StoreError> {
        self.check(!self.connection.is_autocommit(), "the transaction is gone")
    }

    fn undo(&self) -> Result<(), StoreError> {
        if self.savepoint == Savepoint::Set { self.run("ROLLBACK TO unit") } else { Ok(()) }
    }

    fn release(&self) -> Result<(), StoreError> {
        if self.savepoint == Savepoint::Set { self.run("RELEASE unit") } else { Ok(()) }
    }

    fn keep(&mut self, now: i64) -> Result<Kept, StoreError> {
        self.check_transaction()?;
        if let Some(error) = self.failed.get() {
            return Err(error.clone());
        }
        let emitted = std::mem::take(&mut self.emitted);
        let mut numbers = self.numbers.ok_or_else(|| StoreError::new(StoreErrorKind::ReadOnly))?;
        let mut events = Vec::with_capacity(emitted.len());
        for (account, event) in &emitted {
            let logged = numbers.give(*account, event, now)?;
            self.log(&logged)?;
            events.push(logged);
        }
        Ok(Kept { numbers, events })
    }

    fn log(&mut self, event: &Logged) -> Result<(), StoreError> {
        let sql = "INSERT INTO events (seq, time, account, frame) VALUES (?1, ?2, ?3, ?4)";
        self.change(sql, params![event.seq, event.time, event.account.0, &event.frame[..]]).map(drop)
    }
}

/// Reads what it needs from a row.
pub(super) type Read<T> = fn(&Row<'_>) -> Result<T, StoreError>;

/// A unit that is to be kept.
pub(super) struct Kept {
    /// Where the log is behind it.
    pub(super) numbers: Numbers,
    pub(super) events: Vec<Logged>,
}

/// A unit that cannot be kept.
pub(super) struct Failed {
    pub(super) error: StoreError,
    /// Whether nothing of it is left and the transaction goes on. Otherwise that has to be undone as a whole.
    pub(super) is_undone: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_whose_transaction_is_gone_is_not_taken_for_one_that_ended_in_order() {
        for verdict in [Verdict::Keep, Verdict::Undo] {
            let connection = Connection::open_in_memory().unwrap();
            connection.execute_batch("BEGIN").unwrap();
            let unit = Tables::writing(&connection, Numbers::begin(1), 0, false);
            assert_eq!(unit.one("SELECT 1", (), |_| Ok(())).unwrap(), Some(()));
            connection.execute_batch("ROLLBACK").unwrap();
            assert!(unit.end(Some(verdict), 0).is_err_and(|failed| !failed.is_undone), "{verdict:?}");
        }
    }
}
