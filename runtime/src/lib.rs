//! What generated AT Protocol code stands on.
//!
//! - [`data`] holds the data model with its two codecs, JSON and DAG-CBOR, typed and untyped,
//!   and validation.
//! - [`xrpc`] says what methods, records and permission sets are.
//! - [`lexicon`] is the Lexicon language itself; [`syntax`] its string formats.

#[doc(hidden)]
#[path = "codegen.rs"]
pub mod __codegen;
pub mod data;
mod include;
pub mod xrpc;

pub use arobase_lexicon as lexicon;
pub use arobase_lexicon::{compile::Catalog, syntax};
