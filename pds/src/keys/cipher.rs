//! Encryption of what is kept: AES-256-GCM with a random nonce.

use aes_gcm::{
    Aes256Gcm,
    aead::{Aead, KeyInit, Payload},
};
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::KeysError;

/// What begins what is encrypted. Texts of keys do not begin like this.
const MARK: u8 = 1;
const NONCE: usize = 12;

/// What is encrypted; one is not taken for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Key,
    Secret,
}

/// Encrypts with one key, decrypts with several.
pub(super) struct Cipher {
    first: Aes256Gcm,
    others: Vec<Aes256Gcm>,
}

impl Purpose {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Key => b"arobase signing key",
            Self::Secret => b"arobase secret",
        }
    }
}

impl Cipher {
    pub(super) fn new(keys: impl IntoIterator<Item = [u8; 32]>) -> Result<Self, KeysError> {
        let mut ciphers = keys.into_iter().map(Zeroizing::new).map(|key| Aes256Gcm::new(&(*key).into()));
        let first = ciphers.next().ok_or(KeysError::new("there is no key to encrypt with"))?;
        Ok(Self { first, others: ciphers.collect() })
    }

    pub(super) fn from_lines(text: &str) -> Result<Self, KeysError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Result<Vec<_>, _> = lines.map(key).collect();
        Self::new(keys?)
    }

    /// Whether something is encrypted.
    pub(super) fn is_sealed(bytes: &[u8]) -> bool {
        bytes.first() == Some(&MARK)
    }

    pub(super) fn seal(&self, purpose: Purpose, bytes: &[u8]) -> Result<Box<[u8]>, KeysError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| KeysError::new("there are no random numbers"))?;
        let payload = Payload { msg: bytes, aad: purpose.as_bytes() };
        let encrypted = self.first.encrypt(&nonce.into(), payload);
        let encrypted = encrypted.map_err(|_| KeysError::new("it could not be encrypted"))?;
        Ok([&[MARK], nonce.as_slice(), &encrypted].concat().into())
    }

    pub(super) fn open(&self, purpose: Purpose, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        let (nonce, encrypted) = sealed
            .strip_prefix(&[MARK])
            .and_then(<[u8]>::split_first_chunk::<NONCE>)
            .ok_or(KeysError::new("it is damaged"))?;
        let payload = || Payload { msg: encrypted, aad: purpose.as_bytes() };
        let mut keys = std::iter::once(&self.first).chain(&self.others);
        let found = keys.find_map(|key| key.decrypt(nonce.into(), payload()).ok());
        found.map(Zeroizing::new).ok_or(KeysError::new("it is damaged, or encrypted with another key"))
    }
}

fn key(line: &str) -> Result<[u8; 32], KeysError> {
    let hex = HEXLOWER_PERMISSIVE.decode(line.as_bytes()).ok();
    let decoded = hex.or_else(|| BASE64.decode(line.as_bytes()).ok()).map(Zeroizing::new);
    let key = decoded.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    key.ok_or(KeysError::new("a line is not 32 bytes in hexadecimal digits or base64"))
}
