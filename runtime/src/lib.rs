//! What generated AT Protocol code stands on.
//!
//! - [`data`] holds the data model with its two codecs, JSON and DAG-CBOR, typed and untyped,
//!   and validation.
//! - [`xrpc`] says what methods, records and permission sets are, and what goes over the wire.
//! - `client` calls methods, `server` serves them; each is a feature.
//! - `repo` is the repository engine, `sync` the events of repositories, `crypto` keys and signatures.
//! - `identity` resolves DIDs and handles and speaks with PLC directories; `service_auth` makes and checks the tokens
//!   by which services call each other.
//! - [`Catalog`] holds lexicons that are known only at run time.
//! - [`lexicon`] is the Lexicon language itself; [`syntax`] its string formats.

#[doc(hidden)]
#[path = "codegen.rs"]
pub mod __codegen;
pub mod catalog;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "identity")]
pub mod clock;
#[cfg(feature = "crypto")]
pub mod crypto;
pub mod data;
#[cfg(feature = "identity")]
pub mod identity;
mod include;
#[cfg(feature = "repo")]
pub mod repo;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "identity")]
pub mod service_auth;
#[cfg(feature = "sync")]
pub mod sync;
#[cfg(all(test, any(feature = "client", feature = "server")))]
mod test_watch;
pub mod xrpc;

pub use arobase_lexicon as lexicon;
pub use arobase_lexicon::syntax;
pub use catalog::Catalog;
#[cfg(feature = "client")]
pub use client::{Caller, Client, Error};
#[cfg(feature = "server")]
pub use server::{Context, Events, Failure};
