//! What a directory tells of one operation.

use arobase_lexicon::syntax::{Datetime, Did};

use super::{
    Operation, OperationError,
    names::DID,
    read::{fault, next_key, put, syntax, text},
};
use crate::data::source::Source;

const OPERATION: &str = "operation";
const CID: &str = "cid";
const CREATED_AT: &str = "createdAt";
const NULLIFIED: &str = "nullified";

/// What a directory says of one operation (`/log/audit`). CID, DID and nullification are its claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// The DID.
    pub did: Did,
    /// The operation.
    pub operation: Operation,
    /// Its CID, as it was told.
    pub cid: Box<str>,
    /// Whether a stronger key undid it, as it was told.
    pub nullified: bool,
    /// When the directory took it.
    pub created_at: Datetime,
}

/// The fields of an entry, as far as they were there.
#[derive(Default)]
struct Fields {
    did: Option<Did>,
    operation: Option<Operation>,
    cid: Option<Box<str>>,
    nullified: Option<bool>,
    created_at: Option<Datetime>,
}

impl AuditEntry {
    /// Reads the object that stands next. Fields of later days are passed over, for which `source` has to be lenient.
    pub(super) fn read<S: Source>(source: &mut S) -> Result<Self, OperationError> {
        let mut fields = Fields::default();
        source.enter_map().map_err(|error| fault(&error, "entry", "not an object"))?;
        while let Some(key) = next_key(source)? {
            fields.read(&key, source)?;
        }
        Ok(Self {
            did: take(fields.did, DID)?,
            operation: take(fields.operation, OPERATION)?,
            cid: take(fields.cid, CID)?,
            nullified: take(fields.nullified, NULLIFIED)?,
            created_at: take(fields.created_at, CREATED_AT)?,
        })
    }
}

impl Fields {
    fn read<S: Source>(&mut self, key: &str, source: &mut S) -> Result<(), OperationError> {
        match key {
            DID => put(&mut self.did, DID, did(&text(source, DID)?)?),
            OPERATION => put(&mut self.operation, OPERATION, Operation::read(source)?),
            CID => put(&mut self.cid, CID, text(source, CID)?.into()),
            NULLIFIED => put(&mut self.nullified, NULLIFIED, boolean(source, NULLIFIED)?),
            CREATED_AT => put(&mut self.created_at, CREATED_AT, datetime(&text(source, CREATED_AT)?)?),
            _ => source.value().map(drop).map_err(|error| syntax(&error)),
        }
    }
}

fn boolean<S: Source>(source: &mut S, place: &str) -> Result<bool, OperationError> {
    source.bool().map_err(|error| fault(&error, place, "not a boolean"))
}

fn did(text: &str) -> Result<Did, OperationError> {
    text.parse().map_err(|_| wrong(DID, "not a DID"))
}

fn datetime(text: &str) -> Result<Datetime, OperationError> {
    text.parse().map_err(|_| wrong(CREATED_AT, "not a datetime"))
}

fn take<T>(value: Option<T>, name: &str) -> Result<T, OperationError> {
    value.ok_or_else(|| wrong(name, "missing"))
}

fn wrong(place: &str, reason: &'static str) -> OperationError {
    OperationError::Field(place.into(), reason)
}
