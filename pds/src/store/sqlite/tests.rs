//! What only a store in a file does.

mod copies;
mod damage;
mod files;
mod log;
mod processes;
mod room;

use std::{path::Path, sync::Arc};

use rusqlite::Connection;

use super::{
    super::{
        AccountId, Database, StoreError, Unit, View,
        testing::{HandClock, event, new_account, quick, run},
    },
    SqliteOptions, SqliteStore,
};

/// A store that is open.
struct Opened {
    store: Arc<SqliteStore>,
    db: Database,
}

impl Opened {
    fn new(path: &Path) -> Self {
        Self::with(path, quick(HandClock::new()))
    }

    fn with(path: &Path, options: SqliteOptions) -> Self {
        let store = Arc::new(SqliteStore::open(path, options).unwrap());
        let db = Database::new(Arc::clone(&store) as _);
        Self { store, db }
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Unit) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        run(self.db.write(work))
    }

    fn put<T: Send + 'static>(&self, work: impl FnOnce(&mut dyn Unit) -> Result<T, StoreError> + Send + 'static) -> T {
        self.write(work).unwrap()
    }

    fn read<T>(&self, work: impl FnOnce(&dyn View) -> Result<T, StoreError>) -> T {
        self.db.read_long(work).unwrap()
    }

    fn account(&self, name: &str) -> AccountId {
        let account = new_account(name);
        self.put(move |unit| unit.create_account(&account))
    }

    fn emit(&self, id: AccountId) {
        self.put(move |unit| unit.emit(id, event("alice")));
    }

    fn seqs(&self) -> Vec<i64> {
        self.read(|view| view.events(0, 999, usize::MAX)).iter().map(|event| event.seq).collect()
    }
}

/// Why a store cannot be opened.
fn refusal(path: &Path) -> StoreError {
    SqliteStore::open(path, quick(HandClock::new())).unwrap_err()
}

/// A look into a file beside the store.
fn look(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}
