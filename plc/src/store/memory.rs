//! A store that ends with the program.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use arobase_runtime::syntax::Did;

use super::{AppendError, NewRecord, Record, Store, StoreError};

/// Keeps operations in memory, for tests and development.
#[derive(Debug, Default)]
pub struct MemoryStore {
    all: RwLock<All>,
}

#[derive(Debug, Default)]
struct All {
    /// By number, which is one more than the index.
    records: Vec<Record>,
    /// The indices of the operations of a DID.
    by_did: HashMap<Did, Vec<usize>>,
    /// Time, CID in text, index.
    by_time: BTreeSet<(i64, String, usize)>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, All> {
        // A change is made at the end of its method, where nothing panics any more.
        self.all.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn of(&self, did: &Did) -> impl DoubleEndedIterator<Item = &Record> {
        self.by_did.get(did).into_iter().flatten().filter_map(|index| self.records.get(*index))
    }

    fn latest(&self) -> u64 {
        self.records.last().map_or(0, |record| record.seq)
    }

    fn append(&mut self, new: &NewRecord) -> Result<u64, AppendError> {
        if self.of(&new.did).next_back().map(|record| record.seq) != new.base {
            return Err(AppendError::Conflict);
        }
        let (seq, index) = (self.latest() + 1, self.records.len());
        let indices = self.by_did.entry(new.did.clone()).or_default();
        for index in &*indices {
            if let Some(record) = self.records.get_mut(*index) {
                record.nullified |= new.nullifies.contains(&record.cid);
            }
        }
        indices.push(index);
        self.by_time.insert((new.millis, new.cid.to_string(), index));
        self.records.push(Record {
            seq,
            did: new.did.clone(),
            operation: new.operation.clone(),
            cid: new.cid,
            millis: new.millis,
            nullified: false,
        });
        Ok(seq)
    }
}

impl Store for MemoryStore {
    fn of(&self, did: &Did) -> Result<Vec<Record>, StoreError> {
        Ok(self.read().of(did).cloned().collect())
    }

    fn last(&self, did: &Did) -> Result<Option<Record>, StoreError> {
        Ok(self.read().of(did).rev().find(|record| !record.nullified).cloned())
    }

    fn after(&self, seq: u64, count: usize) -> Result<Vec<Record>, StoreError> {
        let skip = usize::try_from(seq).unwrap_or(usize::MAX);
        Ok(self.read().records.iter().skip(skip).take(count).cloned().collect())
    }

    fn later(&self, millis: i64, count: usize) -> Result<Vec<Record>, StoreError> {
        let Some(from) = millis.checked_add(1) else { return Ok(Vec::new()) };
        let all = self.read();
        let later = all.by_time.range((from, String::new(), 0)..).take(count);
        Ok(later.filter_map(|(_, _, index)| all.records.get(*index)).cloned().collect())
    }

    fn latest(&self) -> Result<u64, StoreError> {
        Ok(self.read().latest())
    }

    fn append(&self, new: &NewRecord) -> Result<u64, AppendError> {
        self.all.write().unwrap_or_else(PoisonError::into_inner).append(new)
    }
}
