//! The eleven string formats (Lexicon, string formats) as types.
//!
//! Parsing matches the whole text, never trims and never normalises: a value gives back exactly
//! the text that it was made of. Normal forms are separate functions. What a format accepts is
//! syntax only; whether a DID method is supported or a handle may be registered are questions of
//! their own.

mod at_identifier;
mod at_uri;
mod cid;
mod datetime;
mod did;
mod error;
mod format;
mod handle;
mod language;
mod newtype;
mod nsid;
mod record_key;
mod set;
mod tid;
mod uri;

pub use at_identifier::AtIdentifier;
pub use at_uri::{AtUri, GenericAtUri};
pub use cid::CidString;
pub use datetime::Datetime;
pub use did::{Did, DidMethod, DidMethodError};
pub use error::SyntaxError;
pub use format::{Format, Mode};
pub use handle::Handle;
pub use language::Language;
pub use nsid::Nsid;
pub use record_key::RecordKey;
pub use tid::{Tid, TidGenerator};
pub use uri::Uri;

use newtype::newtype;
