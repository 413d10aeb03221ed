//! Reading what a directory exports.

use arobase_lexicon::{
    json::Json,
    syntax::{Datetime, Did},
};

use super::PlcError;
use crate::identity::plc::{Operation, OperationError};

/// An operation as `/export` lists it. CID and time are claims of the directory; whether the operation follows in the
/// log of its DID is for a [`Log`](crate::identity::plc::Log) to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequencedOperation {
    /// The number that the directory gave it.
    pub seq: u64,
    /// The DID.
    pub did: Did,
    /// The operation, or why it is none: one that breaks the rules hides nothing that comes after it.
    pub operation: Result<Operation, OperationError>,
    /// Its CID, as it was told.
    pub cid: Box<str>,
    /// When the directory took it.
    pub created_at: Datetime,
}

impl SequencedOperation {
    /// Reads a line of an export, or a message of its stream. `None` for what is of a type that is not known.
    ///
    /// # Errors
    /// What is wrong with it. An operation that is none is no error of the line.
    pub fn from_json(json: &[u8]) -> Result<Option<Self>, &'static str> {
        let json = Json::parse_bytes(json).map_err(|_| "no JSON")?;
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        match text("type") {
            Some("sequenced_op") => {}
            Some(_) => return Ok(None),
            None => return Err("without `type`"),
        }
        let seq = json.get("seq").and_then(Json::as_i64).and_then(|seq| u64::try_from(seq).ok());
        let operation = json.get("operation").ok_or("without `operation`")?;
        Ok(Some(Self {
            seq: seq.ok_or("`seq` is no number from 0")?,
            did: text("did").and_then(|did| did.parse().ok()).ok_or("`did` is no DID")?,
            operation: Operation::from_json(operation.to_string().as_bytes()),
            cid: text("cid").ok_or("`cid` is no text")?.into(),
            created_at: text("createdAt").and_then(|time| time.parse().ok()).ok_or("`createdAt` is no datetime")?,
        }))
    }
}

/// Reads a page: at most `count` lines, whose numbers go up from `after`. Lines of types that are not known are passed
/// over, unless there is nothing else: the page would look like the end.
pub(super) fn page(body: &[u8], after: u64, count: usize) -> Result<Vec<SequencedOperation>, PlcError> {
    let mut page: Vec<SequencedOperation> = Vec::new();
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut unknown = None;
    for (index, line) in lines.enumerate() {
        if index == count {
            return Err(PlcError::Export(index, "more lines than were asked for"));
        }
        let Some(entry) = SequencedOperation::from_json(line).map_err(|reason| PlcError::Export(index, reason))? else {
            unknown = Some(index);
            continue;
        };
        if entry.seq <= page.last().map_or(after, |last| last.seq) {
            return Err(PlcError::Export(index, "a number that is not higher than the one before"));
        }
        page.push(entry);
    }
    match unknown {
        Some(index) if page.is_empty() => {
            Err(PlcError::Export(index, "of a type that is not known, as the whole page"))
        }
        _ => Ok(page),
    }
}
