//! Keys of the server's own.

use std::{fmt, sync::Arc};

use arobase::crypto::{Curve, Signer, SigningKey};
use quick_cache::sync::Cache;
use zeroize::Zeroizing;

use super::{
    Keys, KeysError, SealedKey,
    cipher::{Cipher, Purpose},
};

/// How many keys are kept open. Opening one takes about 20 us, because its public key has to be computed.
const OPEN: usize = 4_096;

/// Keys of the server's own, kept in the store: encrypted with AES-256-GCM where a key for that is given.
pub struct LocalKeys {
    cipher: Option<Cipher>,
    open: Cache<SealedKey, Arc<dyn Signer>>,
}

impl LocalKeys {
    /// Without encryption: the file permissions of the store have to protect them.
    #[must_use]
    pub fn plain() -> Self {
        Self::with(None)
    }

    /// Encrypted with the first of these keys; the others can still be read, so that the first can be changed, and so
    /// can what was kept without encryption.
    ///
    /// # Errors
    /// There is no key.
    pub fn encrypted(keys: impl IntoIterator<Item = [u8; 32]>) -> Result<Self, KeysError> {
        Ok(Self::with(Some(Cipher::new(keys)?)))
    }

    /// The same with the keys of a text: one a line, of 64 hexadecimal digits or as base64 of 32 bytes.
    ///
    /// # Errors
    /// A line is no key, or there is none.
    pub fn from_lines(text: &str) -> Result<Self, KeysError> {
        Ok(Self::with(Some(Cipher::from_lines(text)?)))
    }

    fn with(cipher: Option<Cipher>) -> Self {
        Self { cipher, open: Cache::new(OPEN) }
    }

    fn seal_bytes(&self, purpose: Purpose, bytes: &[u8]) -> Result<Box<[u8]>, KeysError> {
        match &self.cipher {
            Some(cipher) => cipher.seal(purpose, bytes),
            None => Ok(bytes.into()),
        }
    }

    fn open_bytes(&self, purpose: Purpose, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        match (&self.cipher, Cipher::is_sealed(sealed)) {
            (Some(cipher), true) => cipher.open(purpose, sealed),
            (None, true) => Err(KeysError::new("it is encrypted, and there is no key for it")),
            (_, false) => Ok(Zeroizing::new(sealed.to_vec())),
        }
    }
}

impl Keys for LocalKeys {
    fn generate(&self) -> Result<(SealedKey, Arc<dyn Signer>), KeysError> {
        let key = SigningKey::generate(Curve::K256);
        Ok((self.seal(&key)?, Arc::new(key)))
    }

    fn seal(&self, key: &SigningKey) -> Result<SealedKey, KeysError> {
        self.seal_bytes(Purpose::Key, key.to_multikey().as_bytes()).map(SealedKey)
    }

    fn open(&self, key: &SealedKey) -> Result<Arc<dyn Signer>, KeysError> {
        self.open.get_or_insert_with(key, || {
            let text = self.open_bytes(Purpose::Key, key.as_bytes())?;
            let text = std::str::from_utf8(&text).map_err(|_| KeysError::new("it is not a key"))?;
            let key = SigningKey::from_multikey(text).map_err(|error| KeysError(error.to_string().into()))?;
            Ok(Arc::new(key) as Arc<dyn Signer>)
        })
    }

    fn seal_secret(&self, secret: &[u8]) -> Result<Box<[u8]>, KeysError> {
        // Something before it, so that it is never taken for one that is encrypted.
        let marked = Zeroizing::new([&[PLAIN], secret].concat());
        self.seal_bytes(Purpose::Secret, &marked)
    }

    fn open_secret(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        let marked = self.open_bytes(Purpose::Secret, sealed)?;
        match marked.split_first() {
            Some((&PLAIN, secret)) => Ok(Zeroizing::new(secret.to_vec())),
            _ => Err(KeysError::new("it is not a secret")),
        }
    }
}

/// What a secret begins with.
const PLAIN: u8 = b's';

impl fmt::Debug for LocalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKeys").field("encrypted", &self.cipher.is_some()).finish_non_exhaustive()
    }
}
