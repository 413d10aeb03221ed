//! Text forms of public keys (Cryptography, public key encoding): `did:key`, multikey, and the form of old DID
//! documents. All are base58btc with a `z` before it; no other multibase is read.

use super::{Curve, KeyError, PublicKey};

const DID_KEY: &str = "did:key:";
const BASE58BTC: char = 'z';
/// The greatest key is an uncompressed point.
const MAX_BYTES: usize = 65;
/// So many characters of base58 hold more bytes than that.
const MAX_CHARS: usize = 96;

impl PublicKey {
    /// Reads a `did:key`.
    ///
    /// ```
    /// use arobase_runtime::crypto::{Curve, PublicKey};
    ///
    /// let text = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
    /// let key = PublicKey::from_did_key(text)?;
    /// assert_eq!(key.curve(), Curve::K256);
    /// assert_eq!(key.to_did_key(), text);
    /// # Ok::<(), arobase_runtime::crypto::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_did_key(text: &str) -> Result<Self, KeyError> {
        Self::from_multikey(text.strip_prefix(DID_KEY).ok_or(KeyError::Encoding)?)
    }

    /// Reads a multikey, the `publicKeyMultibase` of a verification method of type `Multikey`: `z` and base58 of the
    /// curve and the compressed point.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        let mut buffer = [0; MAX_BYTES];
        let (curve, point) = match decode(text, &mut buffer)? {
            [a, b, point @ ..] => (of_multicodec([*a, *b])?, point),
            _ => return Err(KeyError::Length),
        };
        Self::from_bytes(curve, point.try_into().map_err(|_| KeyError::Length)?)
    }

    /// Reads the `publicKeyMultibase` of a verification method of type `EcdsaSecp256k1VerificationKey2019` or
    /// `EcdsaSecp256r1VerificationKey2019`, which says the curve: `z` and base58 of the point alone, compressed or not.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn from_legacy_multibase(curve: Curve, text: &str) -> Result<Self, KeyError> {
        let mut buffer = [0; MAX_BYTES];
        Self::from_sec1(curve, decode(text, &mut buffer)?)
    }

    /// The `did:key`.
    #[must_use]
    pub fn to_did_key(&self) -> String {
        format!("{DID_KEY}{}", self.to_multikey())
    }

    /// The multikey.
    #[must_use]
    pub fn to_multikey(&self) -> String {
        let bytes = [self.curve().multicodec().as_slice(), self.as_bytes()].concat();
        format!("{BASE58BTC}{}", bs58::encode(bytes).into_string())
    }
}

fn of_multicodec(number: [u8; 2]) -> Result<Curve, KeyError> {
    let curves = [Curve::K256, Curve::P256];
    curves.into_iter().find(|curve| curve.multicodec() == number).ok_or(KeyError::Curve)
}

/// Decodes `z` and base58. The length is looked at first, since decoding takes its square.
fn decode<'a>(text: &str, buffer: &'a mut [u8; MAX_BYTES]) -> Result<&'a [u8], KeyError> {
    let base58 = text.strip_prefix(BASE58BTC).ok_or(KeyError::Encoding)?;
    if base58.len() > MAX_CHARS {
        return Err(KeyError::Length);
    }
    match bs58::decode(base58).onto(buffer.as_mut_slice()) {
        Ok(len) => buffer.get(..len).ok_or(KeyError::Length),
        Err(bs58::decode::Error::BufferTooSmall) => Err(KeyError::Length),
        Err(_) => Err(KeyError::Encoding),
    }
}
