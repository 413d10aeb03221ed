//! Service tokens (XRPC, inter-service authentication): short-lived JWTs that an account's key signs, so that one
//! service can call another on behalf of the account.
//!
//! [`Claims`] are what a token says, [`ServiceSigner`] makes a fresh one for each call of a client, a [`Verifier`]
//! checks those that come in. Keys come from a [`KeySource`], which a [`Resolver`](crate::identity::Resolver) is.
//!
//! With the feature `server`, [`ServiceCaller`] is an extractor for axum and [`Verifier::authenticate`] makes a hook
//! for [`Router::authenticate`](crate::server::Router::authenticate). [`Claims::check_request`] is for a PDS that makes
//! tokens for its clients.

mod algorithm;
mod bearer;
mod claims;
mod draft;
mod error;
#[cfg(feature = "server")]
mod extract;
mod header;
#[cfg(feature = "server")]
mod hook;
mod keys;
mod payload;
mod replay;
mod request;
mod rules;
mod signer;
#[cfg(test)]
mod tests;
mod token;
mod verifier;

pub use claims::Claims;
pub use draft::Draft;
pub use error::TokenError;
#[cfg(feature = "server")]
pub use extract::ServiceCaller;
pub use keys::KeySource;
pub use replay::{Nonces, Noted, SeenNonces};
pub use request::RequestError;
pub use signer::ServiceSigner;
pub use verifier::{Verified, Verifier};
