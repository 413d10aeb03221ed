//! Text forms of keys (Cryptography, public key encoding): `did:key`, multikey, and the form of old DID documents. All
//! are base58btc with a `z` before it; no other multibase is read.

use zeroize::Zeroizing;

use super::{Curve, KeyError, PublicKey, SecretText, SigningKey};

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
        let (curve, point) = split(decode(text, &mut buffer)?, Curve::multicodec)?;
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

    /// The `publicKeyMultibase` of the old types of verification methods: `z` and base58 of the uncompressed point. New
    /// documents have [`PublicKey::to_multikey`].
    #[must_use]
    pub fn to_legacy_multibase(&self) -> String {
        format!("{BASE58BTC}{}", bs58::encode(self.uncompressed()).into_string())
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

impl SigningKey {
    /// Reads what [`SigningKey::to_multikey`] wrote.
    ///
    /// ```
    /// use arobase_runtime::crypto::{Curve, Signer, SigningKey};
    ///
    /// let key = SigningKey::generate(Curve::K256);
    /// let text = key.to_multikey();
    /// assert_eq!(SigningKey::from_multikey(&text)?.public_key(), key.public_key());
    /// # Ok::<(), arobase_runtime::crypto::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// See [`KeyError`]. A public key is of another curve.
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        let mut buffer = Zeroizing::new([0; MAX_BYTES]);
        let (curve, secret) = split(decode(text, &mut buffer)?, Curve::secret_multicodec)?;
        Self::from_bytes(curve, secret.try_into().map_err(|_| KeyError::Length)?)
    }

    /// The key as a text: `z` and base58 of a number for the curve and the secret scalar. The protocol has no form for
    /// private keys; this one is known to other software too. Whoever has the text has the key.
    #[must_use]
    pub fn to_multikey(&self) -> SecretText {
        let mut bytes = Zeroizing::new([0; 34]);
        let (number, secret) = bytes.split_at_mut(2);
        number.copy_from_slice(&self.curve().secret_multicodec());
        secret.copy_from_slice(&*self.to_bytes());
        // Room enough from the beginning, so that no part is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(MAX_CHARS));
        text.push(BASE58BTC);
        let mut base58 = Zeroizing::new([0; MAX_CHARS]);
        let len = bs58::encode(bytes.as_slice()).onto(base58.as_mut_slice()).unwrap_or_default();
        text.extend(base58.iter().take(len).map(|byte| char::from(*byte)));
        SecretText::new(text)
    }
}

/// The curve that the first two bytes stand for, and the others.
fn split(bytes: &[u8], number: fn(Curve) -> [u8; 2]) -> Result<(Curve, &[u8]), KeyError> {
    let (first, rest) = bytes.split_first_chunk().ok_or(KeyError::Length)?;
    let curve = [Curve::K256, Curve::P256].into_iter().find(|curve| number(*curve) == *first);
    Ok((curve.ok_or(KeyError::Curve)?, rest))
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
