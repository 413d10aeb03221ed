//! What may be added. All of this may block.

use std::{sync::Arc, time::SystemTime};

use arobase_runtime::{
    identity::plc::{Appended, Entry, Log, LogError, Operation},
    syntax::Did,
};

use super::{Accepted, Inner};
use crate::{
    error::DirectoryError,
    store::{NewRecord, Record, StoreError, datetime},
};

/// The last millisecond that a datetime expresses.
const LAST: i64 = 253_402_300_799_999;

/// An operation that may follow in a log.
pub(super) struct Proposal {
    log: Log,
    operation: Operation,
    /// The number and the time of the latest operation, undone or not.
    base: Option<(u64, i64)>,
}

impl Inner {
    /// Checks an operation by everything that is known now.
    pub(super) fn check(&self, did: Did, operation: Operation) -> Result<Proposal, DirectoryError> {
        operation.check_new()?;
        let records = self.store.of(&did)?;
        if records.len() >= self.log_limit {
            return Err(DirectoryError::Full);
        }
        check_signer(&records, &operation)?;
        let log = if records.is_empty() { Log::new(did) } else { replay(&did, &records)? };
        let base = records.last().map(|record| (record.seq, record.millis));
        let proposal = Proposal { log, operation, base };
        proposal.append(self.time(base))?;
        let now = datetime(self.time(base));
        match proposal.log.rate_limited(&proposal.operation, &now) {
            Some(limit) if self.rate_limits => Err(DirectoryError::RateLimit(limit)),
            _ => Ok(proposal),
        }
    }

    /// Writes it, with the time at which it is its turn. Nobody else may write meanwhile.
    pub(super) fn write(&self, proposal: &Proposal) -> Result<Accepted, DirectoryError> {
        let millis = self.time(proposal.base);
        let Appended { cid, nullified } = proposal.append(millis)?;
        let new = NewRecord {
            did: proposal.log.did().clone(),
            operation: json(&proposal.operation),
            cid,
            millis,
            nullifies: nullified.clone(),
            base: proposal.base.map(|(seq, _)| seq),
        };
        let seq = self.store.append(&new)?;
        self.head.send_modify(|head| head.seq = seq);
        Ok(Accepted { seq, cid, created_at: datetime(millis), nullified })
    }

    /// All operations of a DID that exists.
    pub(super) fn records(&self, did: &Did) -> Result<Vec<Record>, DirectoryError> {
        let records = self.store.of(did)?;
        if records.is_empty() { Err(DirectoryError::NotRegistered) } else { Ok(records) }
    }

    /// The time of what follows: later than what it follows, also where the clock stands still or goes back.
    fn time(&self, base: Option<(u64, i64)>) -> i64 {
        base.map_or(i64::MIN, |(_, millis)| millis.saturating_add(1)).max(self.now())
    }

    /// In milliseconds since the start of 1970, within what a datetime expresses.
    pub(super) fn now(&self) -> i64 {
        let since = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).map_or(LAST, |millis| millis.min(LAST))
    }
}

impl Proposal {
    fn append(&self, millis: i64) -> Result<Appended, DirectoryError> {
        Ok(self.log.clone().append(self.operation.clone(), datetime(millis))?)
    }
}

/// Tells who has no say from the one operation that is named, so that only those who have one can make a directory go
/// through a long log. Everything else is left to the log.
fn check_signer(records: &[Record], operation: &Operation) -> Result<(), DirectoryError> {
    if records.is_empty() {
        return Ok(());
    }
    let cid = operation.cid();
    if records.iter().any(|record| record.cid == cid) {
        return Err(LogError::Duplicate.into());
    }
    let prev = operation.prev();
    let base = records.iter().find(|record| !record.nullified && Some(record.cid) == prev);
    let base = self::operation(base.ok_or(LogError::Misordered { prev })?)?;
    let keys = base.content().data().ok_or(LogError::Tombstoned)?.rotation_keys;
    operation.signer(&keys).map(drop).ok_or(LogError::Signature.into())
}

/// The log of a DID as it is stored. It is checked once more: what is damaged must not be built upon.
pub(super) fn replay(did: &Did, records: &[Record]) -> Result<Log, StoreError> {
    let mut log = Log::new(did.clone());
    for record in records {
        log.append(operation(record)?, record.created_at()).map_err(|error| damaged(record, &error))?;
    }
    let as_stored = |(entry, record): (&Entry, &Record)| entry.cid == record.cid && entry.nullified == record.nullified;
    match log.entries().iter().zip(records).find(|pair| !as_stored(*pair)) {
        None => Ok(log),
        Some((_, record)) => Err(damaged(record, &"it is stored as something else")),
    }
}

/// The operation of a record.
pub(super) fn operation(record: &Record) -> Result<Operation, StoreError> {
    Operation::from_json(record.operation.as_bytes()).map_err(|error| damaged(record, &error))
}

fn damaged(record: &Record, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::new(format!("operation {} is damaged: {reason}", record.seq))
}

fn json(operation: &Operation) -> Arc<str> {
    String::from_utf8_lossy(&operation.to_json()).into()
}
