//! What every store does.
//!
//! The statements below are tests of each backend. A new backend gets a line in [`statements`] and a constructor.

mod accounts;
mod blobs;
mod log;
mod model;
mod repos;
mod units;

use std::sync::{Arc, mpsc};

use futures_util::future::join_all;

use super::{
    AccountId, Database, MemoryStore, SqliteStore, Store, StoreError, Unit, Verdict, View, WriteWork,
    testing::{Folder, HandClock, new_account, quick, run},
};

/// A store with what tests need beside it.
struct Fixture {
    db: Database,
    clock: Arc<HandClock>,
    /// Where its files are.
    folder: Option<Folder>,
}

impl Fixture {
    fn memory() -> Self {
        let clock = HandClock::new();
        let store = MemoryStore::with_clock(Arc::clone(&clock) as _);
        Self { db: Database::new(Arc::new(store)), clock, folder: None }
    }

    fn sqlite() -> Self {
        let (clock, folder) = (HandClock::new(), Folder::new());
        let store = SqliteStore::open(&folder.join("pds.sqlite"), quick(Arc::clone(&clock))).unwrap();
        Self { db: Database::new(Arc::new(store)), clock, folder: Some(folder) }
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Unit) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        run(self.db.write(work))
    }

    /// Writes what cannot fail.
    fn put<T: Send + 'static>(&self, work: impl FnOnce(&mut dyn Unit) -> Result<T, StoreError> + Send + 'static) -> T {
        self.write(work).unwrap()
    }

    fn read<T>(&self, work: impl FnOnce(&dyn View) -> Result<T, StoreError>) -> T {
        self.db.read_long(work).unwrap()
    }

    fn inner(&self) -> &dyn Store {
        &**self.db.store()
    }

    /// Runs units that are all there before the first one runs, if the store has a queue.
    fn together(&self, units: Vec<WriteWork>) -> Vec<Result<(), StoreError>> {
        let (open, gate) = mpsc::channel::<()>();
        let waits = self.folder.is_some();
        let first = self.inner().write(Box::new(move |_| {
            if waits {
                gate.recv().unwrap_err();
            }
            Verdict::Undo
        }));
        let units = units.into_iter().map(|unit| self.inner().write(unit)).collect::<Vec<_>>();
        drop(open);
        run(first).unwrap();
        run(join_all(units))
    }

    fn account(&self, name: &str) -> AccountId {
        let account = new_account(name);
        self.put(move |unit| unit.create_account(&account))
    }
}

/// A unit that counts up, and then does as it is told.
fn count_up(then: impl FnOnce() -> Verdict + Send + 'static) -> WriteWork {
    Box::new(|unit| {
        let before = unit.setting("number").unwrap().map_or(0, |value| value[0]);
        unit.put_setting("number", &[before + 1]).unwrap();
        then()
    })
}

/// Makes each statement a test of each backend.
macro_rules! statements {
    ($($(#[$attribute:meta])* fn $name:ident($store:ident) $body:block)+) => {
        $($(#[$attribute])* fn $name($store: &super::Fixture) $body)+

        mod memory {
            $(#[test] fn $name() { super::$name(&super::super::Fixture::memory()); })+
        }

        mod sqlite {
            $(#[test] fn $name() { super::$name(&super::super::Fixture::sqlite()); })+
        }
    };
}
use statements;
