//! The history of a DID, and what may follow in it.

use arobase_lexicon::syntax::{Datetime, Did};

use super::{Content, LogError, Operation, PlcData};
use crate::data::Cid;

/// How long a stronger key may undo what a weaker one signed: 72 hours, to the end.
const RECOVERY_MICROS: i64 = 72 * 3_600 * 1_000_000;

/// The history of a DID: all operations that a directory took, in its order.
///
/// ```
/// use arobase_runtime::{
///     crypto::{Curve, Signer, SigningKey},
///     identity::plc::{Content, Log, PlcData},
///     syntax::Datetime,
/// };
///
/// let key = SigningKey::generate(Curve::K256);
/// let did_key = key.public_key().to_did_key();
/// let data = PlcData::account(vec![did_key.clone()], did_key, "alice.example.com", "https://pds.example.com");
/// let genesis = Content::genesis(data.clone()).sign(&key)?;
/// let mut log = Log::new(genesis.did().ok_or("no genesis")?);
/// let prev = log.append(genesis, Datetime::now())?.cid;
///
/// let mut changed = data;
/// changed.set_handle("bob.example.com");
/// log.append(Content::Update { data: changed.clone(), prev: Some(prev) }.sign(&key)?, Datetime::now())?;
/// assert_eq!(log.data(), Some(changed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Log {
    did: Did,
    entries: Vec<Entry>,
}

/// An operation in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The operation.
    pub operation: Operation,
    /// Its CID.
    pub cid: Cid,
    /// When the directory took it.
    pub created_at: Datetime,
    /// Whether a stronger key undid it.
    pub nullified: bool,
}

/// What adding an operation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The CID of the operation.
    pub cid: Cid,
    /// The operations that it undid.
    pub nullified: Vec<Cid>,
}

impl Log {
    /// The log of a DID that nobody created yet.
    #[must_use]
    pub fn new(did: Did) -> Self {
        Self { did, entries: Vec::new() }
    }

    /// Adds an operation, if it may follow (PLC, validity of the next operation). After an error the log is as it was.
    ///
    /// This is what replaying needs: published logs hold operations that nobody should make any more. A directory that
    /// takes a new one asks [`Operation::check_new`] and [`Log::rate_limited`] too.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn append(&mut self, operation: Operation, created_at: Datetime) -> Result<Appended, LogError> {
        operation.check_size(Operation::MAX_BYTES)?;
        let entry = Entry { cid: operation.cid(), operation, created_at, nullified: false };
        let kept = self.check_next(&entry)?;
        let cid = entry.cid;
        let undone = self.entries.iter_mut().filter(|entry| !entry.nullified).skip(kept);
        let nullified = undone.map(Entry::nullify).collect();
        self.entries.push(entry);
        Ok(Appended { cid, nullified })
    }

    /// How many of the operations that hold go on holding when this one follows.
    fn check_next(&self, next: &Entry) -> Result<usize, LogError> {
        if next.created_at.unix_micros().is_none() {
            return Err(LogError::Time);
        }
        if self.entries.is_empty() {
            return self.check_genesis(next).map(|()| 0);
        }
        if self.entry(&next.cid).is_some() {
            return Err(LogError::Duplicate);
        }
        let prev = next.operation.prev();
        let (kept, base) = prev.and_then(|prev| self.find(&prev)).ok_or(LogError::Misordered { prev })?;
        let keys = base.operation.content().data().ok_or(LogError::Tombstoned)?.rotation_keys;
        match self.active().nth(kept) {
            None => next.operation.signer(&keys).map(|_| kept).ok_or(LogError::Signature),
            Some(undone) => self.check_recovery(next, undone, &keys).map(|()| kept),
        }
    }

    fn check_genesis(&self, genesis: &Entry) -> Result<(), LogError> {
        let created = genesis.operation.did().ok_or(LogError::NoGenesis)?;
        if created != self.did {
            return Err(LogError::WrongDid);
        }
        let keys = genesis.operation.content().data().ok_or(LogError::NoGenesis)?.rotation_keys;
        genesis.operation.signer(&keys).map(|_| ()).ok_or(LogError::Signature)
    }

    /// Checks an operation that undoes another one, and whatever followed that. The keys are those of the state before
    /// both; the earlier in the list, the stronger.
    fn check_recovery(&self, next: &Entry, undone: &Entry, keys: &[String]) -> Result<(), LogError> {
        let weaker = undone.operation.signer(keys).ok_or(LogError::Signature)?;
        let signer = next.operation.signer(keys).ok_or(LogError::Signature)?;
        if signer >= weaker {
            return Err(LogError::WeakRecovery);
        }
        let latest = self.last().unwrap_or(undone);
        if next.created_at.cmp_instant(&latest.created_at).is_le() {
            return Err(LogError::Clock);
        }
        match age(&undone.created_at, &next.created_at) {
            Some(age) if age <= RECOVERY_MICROS => Ok(()),
            _ => Err(LogError::LateRecovery),
        }
    }

    /// The operation of this CID, if it holds, and how many hold up to it.
    fn find(&self, cid: &Cid) -> Option<(usize, &Entry)> {
        self.active().enumerate().find(|(_, entry)| entry.cid == *cid).map(|(index, entry)| (index + 1, entry))
    }

    /// The DID.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// All operations, also those that were undone.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The operations that hold, in order.
    pub fn active(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.nullified)
    }

    /// The latest operation that holds.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.active().next_back()
    }

    /// The state now; `None` if there is none yet, or the DID was given up.
    #[must_use]
    pub fn data(&self) -> Option<PlcData> {
        self.last().and_then(|entry| entry.operation.content().data())
    }

    /// The operation of this CID, also if it was undone.
    #[must_use]
    pub fn entry(&self, cid: &Cid) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.cid == *cid)
    }

    /// The state that the operation of this CID set, also if it was undone; `None` if it is not in the log or gave the
    /// DID up.
    #[must_use]
    pub fn data_at(&self, cid: &Cid) -> Option<PlcData> {
        self.entry(cid).and_then(|entry| entry.operation.content().data())
    }

    /// Whether the DID was given up.
    #[must_use]
    pub fn is_tombstoned(&self) -> bool {
        self.last().is_some_and(|entry| matches!(entry.operation.content(), Content::Tombstone { .. }))
    }

    /// Whether an operation would undo others: it names one that holds and is not the last. Whether it may is for
    /// [`Log::append`] to say.
    #[must_use]
    pub fn is_recovery(&self, operation: &Operation) -> bool {
        operation.prev().and_then(|prev| self.find(&prev)).is_some_and(|(kept, _)| self.active().nth(kept).is_some())
    }
}

impl Entry {
    fn nullify(&mut self) -> Cid {
        self.nullified = true;
        self.cid
    }
}

/// The time from one to the other, in microseconds, negative if the other is earlier.
pub(super) fn age(from: &Datetime, to: &Datetime) -> Option<i64> {
    Some(to.unix_micros()?.saturating_sub(from.unix_micros()?))
}

#[cfg(test)]
#[path = "log_model_tests.rs"]
mod model_tests;
#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
