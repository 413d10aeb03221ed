//! Public keys.

use std::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use super::{
    Curve, KeyError,
    backend::{K256Public, P256Public},
    signature::{lenient, strict},
};

/// A public key. It displays as its `did:key`.
#[derive(Clone)]
pub struct PublicKey {
    point: [u8; 33],
    parsed: Parsed,
}

/// The point as the backend wants it, so that verifying does not decompress it each time.
#[derive(Clone)]
enum Parsed {
    K256(K256Public),
    P256(P256Public),
}

impl PublicKey {
    /// The key of a compressed point: 33 bytes, of which the first is 2 or 3.
    ///
    /// # Errors
    /// It is no point of the curve.
    pub fn from_bytes(curve: Curve, point: &[u8; 33]) -> Result<Self, KeyError> {
        Self::from_sec1(curve, point)
    }

    /// The key of a point as SEC 1 writes it: compressed in 33 bytes, or in 65 bytes of which the first is 4.
    ///
    /// # Errors
    /// Another length, or no point of the curve.
    pub fn from_sec1(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        match (point.len(), point.first()) {
            (33, Some(2 | 3)) | (65, Some(4)) => {}
            (33 | 65, _) => return Err(KeyError::Value),
            _ => return Err(KeyError::Length),
        }
        let key = match curve {
            Curve::K256 => K256Public::parse(point).map(Self::from),
            Curve::P256 => P256Public::parse(point).map(Self::from),
        };
        key.ok_or(KeyError::Value)
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        match self.parsed {
            Parsed::K256(_) => Curve::K256,
            Parsed::P256(_) => Curve::P256,
        }
    }

    /// The compressed point.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 33] {
        &self.point
    }

    /// Whether the signature is this key's over the SHA-256 digest of the message: 64 bytes, both numbers in
    /// range, low-S.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        strict(self.curve(), signature).is_some_and(|signature| self.solves(message, signature))
    }

    /// As [`PublicKey::verify`], and takes the other `s` of a signature too, as the algorithms `ES256K` and `ES256` of
    /// JWTs do. Both numbers have to be in range and 64 bytes are required all the same. For nothing but JWTs: a
    /// commit, a label or an operation whose signature can have two forms can be two things.
    ///
    /// ```
    /// use arobase_runtime::crypto::{Curve, Signer, SigningKey};
    ///
    /// let key = SigningKey::generate(Curve::P256);
    /// let signature = key.sign(b"header.payload")?;
    /// assert!(key.public_key().verify_lenient(b"header.payload", signature.as_bytes()));
    /// # Ok::<(), arobase_runtime::crypto::SignError>(())
    /// ```
    #[must_use]
    pub fn verify_lenient(&self, message: &[u8], signature: &[u8]) -> bool {
        lenient(self.curve(), signature).is_some_and(|signature| self.solves(message, &signature))
    }

    fn solves(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        match &self.parsed {
            Parsed::K256(key) => key.verify(message, signature),
            Parsed::P256(key) => key.verify(message, signature),
        }
    }

    /// The point in 65 bytes.
    pub(super) fn uncompressed(&self) -> [u8; 65] {
        match &self.parsed {
            Parsed::K256(key) => key.uncompressed(),
            Parsed::P256(key) => key.uncompressed(),
        }
    }
}

impl From<K256Public> for PublicKey {
    fn from(key: K256Public) -> Self {
        Self { point: key.compressed(), parsed: Parsed::K256(key) }
    }
}

impl From<P256Public> for PublicKey {
    fn from(key: P256Public) -> Self {
        Self { point: key.compressed(), parsed: Parsed::P256(key) }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.curve() == other.curve() && self.point == other.point
    }
}

impl Eq for PublicKey {}

impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.curve().hash(state);
        self.point.hash(state);
    }
}

/// Reads a `did:key`.
impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_did_key(text)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_did_key())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}
