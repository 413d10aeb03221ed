//! A directory of did:plc (Identity, did:plc), to embed: the rules over a [`Store`], and the HTTP API over them.
//!
//! [`Directory`] takes operations and tells what became of them; [`router`] serves it over HTTP; a
//! [`DirectoryTransport`] lets clients in the same program use it without a port.
//!
//! ```
//! use std::sync::Arc;
//!
//! use arobase_plc::{Directory, DirectoryTransport, MemoryStore};
//! use arobase_runtime::{
//!     crypto::{Curve, Signer, SigningKey},
//!     identity::plc::{PlcClient, PlcData},
//! };
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let directory = Directory::new(MemoryStore::new())?;
//! let client = PlcClient::new("http://plc.test", Arc::new(DirectoryTransport::new(&directory)))?;
//!
//! let key = SigningKey::generate(Curve::K256);
//! let did_key = key.public_key().to_did_key();
//! let data = PlcData::account(vec![did_key.clone()], did_key, "alice.test", "https://pds.test");
//! let did = client.create(data, &key).await?;
//! client.update(&did, &key, |data| data.set_handle("bob.test")).await?;
//! assert_eq!(directory.document(&did).await?.also_known_as(), ["at://bob.test".into()]);
//! # Ok(())
//! # }
//! ```

mod directory;
mod error;
mod http;
pub mod store;
#[cfg(test)]
mod testing;
mod transport;

pub use directory::{Accepted, Directory, DirectoryBuilder};
pub use error::DirectoryError;
pub use http::router;
#[cfg(feature = "sqlite")]
pub use store::SqliteStore;
pub use store::{MemoryStore, Store};
pub use transport::DirectoryTransport;

/// The programs of the README.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
