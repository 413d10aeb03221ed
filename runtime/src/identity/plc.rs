//! did:plc (Identity, did:plc): operations, their logs, and the client of a directory.
//!
//! An [`Operation`] is signed and never changes; [`Content`] is what it says before it is signed. A [`Log`] is the
//! history of one DID and decides what may follow. [`PlcClient`] talks to a directory; the package `arobase-plc` is one.

mod audit;
mod audit_entry;
mod client;
mod content;
mod error;
mod fields;
mod limits;
mod log;
mod log_error;
mod names;
mod operation;
mod rate;
mod read;
mod signature;
#[cfg(test)]
mod testing;
mod write;

pub use audit::{AuditError, audit, parse_audit_log};
pub use audit_entry::AuditEntry;
pub use client::{PlcClient, PlcError, SequencedOperation};
pub use content::{Content, LegacyCreate, PlcData, PlcService};
pub use error::OperationError;
pub use log::{Appended, Entry, Log};
pub use log_error::LogError;
pub use operation::Operation;
pub use rate::RateLimit;
