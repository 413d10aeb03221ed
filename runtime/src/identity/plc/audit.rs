//! Checking a whole log as a directory tells it.

use std::{fmt, future::poll_fn, mem::replace, task::Poll};

use arobase_lexicon::syntax::Did;

use super::{AuditEntry, Log, LogError, OperationError, read};
use crate::data::{Error, json::JsonReader, source::Source};

/// The most operations of a log that are read: at the rate that directories allow,
/// two years of changing all the time without a recovery.
const MAX_ENTRIES: usize = 10_000;
/// The most bytes of a log that are looked at (16 MiB).
const MAX_JSON_BYTES: usize = 16 << 20;
/// How many operations are checked before others have their turn: some milliseconds.
const TURN: usize = 32;

/// Why a log is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditError {
    /// More bytes than are looked at.
    TooLarge {
        /// How many there are.
        bytes: usize,
        /// What is allowed.
        max: usize,
    },
    /// More operations than this.
    TooMany(usize),
    /// No JSON list: the reason.
    List(Box<str>),
    /// An entry cannot be read: its index, and why.
    Entry(usize, OperationError),
    /// An operation does not follow: its index, and why.
    Log(usize, LogError),
    /// A claim about an operation is wrong: its index, and which field.
    Claim(usize, &'static str),
    /// No entries.
    Empty,
}

/// Reads the answer of `/log/audit`: at most 16 MiB and 10,000 operations. What it says is not believed yet; see
/// [`audit`].
///
/// # Errors
/// The first entry that cannot be read.
pub fn parse_audit_log(json: &[u8]) -> Result<Vec<AuditEntry>, AuditError> {
    let (bytes, max) = (json.len(), MAX_JSON_BYTES);
    if bytes > max {
        return Err(AuditError::TooLarge { bytes, max });
    }
    let mut reader = JsonReader::new(json, read::LIMITS).lenient(true);
    let entries = list(&mut reader)?;
    reader.finish().map_err(|error| not_a_list(&error))?;
    Ok(entries)
}

fn list(reader: &mut JsonReader<'_>) -> Result<Vec<AuditEntry>, AuditError> {
    let mut entries = Vec::new();
    reader.enter_list().map_err(|error| not_a_list(&error))?;
    while reader.next_item().map_err(|error| not_a_list(&error))? {
        let index = entries.len();
        if index == MAX_ENTRIES {
            return Err(AuditError::TooMany(MAX_ENTRIES));
        }
        entries.push(AuditEntry::read(reader).map_err(|error| AuditError::Entry(index, error))?);
    }
    Ok(entries)
}

fn not_a_list(error: &Error) -> AuditError {
    AuditError::List(error.to_string().into())
}

/// Replays a log and compares it with what the directory claims (PLC, full-log audit). Every CID, every DID and what
/// undid what is found out anew; only the times are the directory's word.
///
/// A directory that hides the end of a log, or operations that were undone, is not found out: what is left is a log
/// too. Nor is one that dates a whole log otherwise, as long as recoveries stay in time.
///
/// # Errors
/// See [`AuditError`].
pub fn audit(did: &Did, entries: &[AuditEntry]) -> Result<Log, AuditError> {
    let mut log = begin(did, entries)?;
    for (index, entry) in entries.iter().enumerate() {
        replay(&mut log, index, entry)?;
    }
    compare(&log, entries)?;
    Ok(log)
}

/// The same, and now and then lets others have their turn: a long log takes seconds.
pub(super) async fn audit_in_turns(did: &Did, entries: &[AuditEntry]) -> Result<Log, AuditError> {
    let mut log = begin(did, entries)?;
    for (index, entry) in entries.iter().enumerate() {
        if index % TURN == TURN - 1 {
            pause().await;
        }
        replay(&mut log, index, entry)?;
    }
    compare(&log, entries)?;
    Ok(log)
}

fn begin(did: &Did, entries: &[AuditEntry]) -> Result<Log, AuditError> {
    if entries.is_empty() { Err(AuditError::Empty) } else { Ok(Log::new(did.clone())) }
}

fn replay(log: &mut Log, index: usize, entry: &AuditEntry) -> Result<(), AuditError> {
    let appended = log.append(entry.operation.clone(), entry.created_at.clone());
    appended.map(drop).map_err(|error| AuditError::Log(index, error))
}

/// Is ready the second time that it is asked.
fn pause() -> impl Future<Output = ()> {
    let mut paused = false;
    poll_fn(move |cx| {
        if replace(&mut paused, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
}

fn compare(log: &Log, claims: &[AuditEntry]) -> Result<(), AuditError> {
    for (index, (entry, claim)) in log.entries().iter().zip(claims).enumerate() {
        let fields = [
            ("cid", entry.cid.to_string() == *claim.cid),
            ("did", *log.did() == claim.did),
            ("nullified", entry.nullified == claim.nullified),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, is_right)| !is_right) {
            return Err(AuditError::Claim(index, field));
        }
    }
    Ok(())
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, max } => write!(f, "a log of {bytes} bytes, at most {max} are looked at"),
            Self::TooMany(max) => write!(f, "a log of more than {max} operations"),
            Self::List(reason) => write!(f, "the log is no list in JSON: {reason}"),
            Self::Entry(index, error) => write!(f, "entry {index} of the log cannot be read: {error}"),
            Self::Log(index, error) => write!(f, "operation {index} does not follow in the log: {error}"),
            Self::Claim(index, field) => write!(f, "the directory is wrong about operation {index}: {field}"),
            Self::Empty => f.write_str("the log is empty"),
        }
    }
}

impl std::error::Error for AuditError {}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
