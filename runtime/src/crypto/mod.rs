//! Keys and signatures (Cryptography): K-256 and P-256, SHA-256, 64 bytes, low-S.
//!
//! Signatures are deterministic (RFC 6979), so that one key makes one signature of one message. With the feature
//! `crypto-native` they are made and verified by native libraries, with the same results.

mod backend;
mod curve;
mod error;
mod multikey;
mod public_key;
mod signature;
mod signing_key;
#[cfg(test)]
mod tests;

pub use curve::Curve;
pub use error::{KeyError, SignError};
pub use public_key::PublicKey;
pub use signature::{Signature, Signer};
pub use signing_key::{SecretBytes, SecretText, SigningKey};
