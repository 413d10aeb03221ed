//! Identities (Identity): DID documents, did:plc, did:web, handles, and a resolver over all of them.
//!
//! Nothing here opens a connection by itself: HTTP goes over a [`Transport`](crate::client::Transport), DNS over a
//! [`Dns`], time comes from a [`Clock`](crate::clock::Clock). With the feature `dns` come [`SystemDns`] and
//! [`PublicTransport`], which reaches public addresses only.

mod dns;
mod document;
mod error;
pub(crate) mod fetch;
mod guard;
mod handle;
pub mod plc;
mod resolver;
#[cfg(all(test, feature = "dns"))]
pub(crate) mod testing;
mod web;

#[cfg(feature = "dns")]
pub use dns::SystemDns;
pub use dns::{Dns, DnsError};
pub(crate) use document::is_https;
pub use document::{DidDocument, DocumentError, Service, VerificationMethod};
pub use error::IdentityError;
pub use fetch::FetchError;
pub use guard::AddressPolicy;
#[cfg(feature = "dns")]
pub use guard::PublicTransport;
pub use handle::{HandleError, HandleResolver};
pub use resolver::{Freshness, Resolved, Resolver, ResolverBuilder};
