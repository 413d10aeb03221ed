//! Keys of accounts and of the server, at rest and in use.

mod cipher;
mod local;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use arobase::crypto::{Signer, SigningKey};
use zeroize::Zeroizing;

pub use self::local::LocalKeys;

/// A signing key at rest, in a form that only its [`Keys`] can read.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SealedKey(Box<[u8]>);

impl SealedKey {
    /// From what a store kept.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// What a store has to keep.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Without the bytes, which may be the key itself.
impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedKey")
    }
}

/// Makes keys, and opens them to sign. It is asked while a repository is being written, so its signers have to answer
/// at once.
pub trait Keys: Send + Sync {
    /// Makes a new key.
    ///
    /// # Errors
    /// It could not be made.
    fn generate(&self) -> Result<(SealedKey, Arc<dyn Signer>), KeysError>;

    /// Takes in a key that was made elsewhere.
    ///
    /// # Errors
    /// It cannot be kept.
    fn seal(&self, key: &SigningKey) -> Result<SealedKey, KeysError>;

    /// Opens a key.
    ///
    /// # Errors
    /// It is not one of these keys, or is damaged.
    fn open(&self, key: &SealedKey) -> Result<Arc<dyn Signer>, KeysError>;

    /// Puts a secret of the server that is no signing key into a form that can be stored.
    ///
    /// # Errors
    /// It cannot be kept.
    fn seal_secret(&self, secret: &[u8]) -> Result<Box<[u8]>, KeysError>;

    /// Reads such a secret.
    ///
    /// # Errors
    /// It is not one of these, or is damaged.
    fn open_secret(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeysError>;
}

/// Why a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysError(pub Box<str>);

impl KeysError {
    fn new(message: &str) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeysError {}
