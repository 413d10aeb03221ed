//! Private keys in memory.

use std::{fmt, ops::Deref};

use zeroize::{Zeroize, Zeroizing};

use super::{
    Curve, KeyError, PublicKey, SignError, Signature, Signer,
    backend::{K256Secret, P256Secret, random},
};

/// A private key in memory. It never prints, and the memory where it is kept is cleared when it goes. That is no
/// promise for every copy: making a key passes it over the stack, and what the compiler leaves there is not cleared.
///
/// ```
/// use arobase_runtime::crypto::{Curve, Signer, SigningKey};
///
/// let key = SigningKey::generate(Curve::K256);
/// let signature = key.sign(b"hello")?;
/// assert!(key.public_key().verify(b"hello", signature.as_bytes()));
/// # Ok::<(), arobase_runtime::crypto::SignError>(())
/// ```
pub struct SigningKey {
    public: PublicKey,
    // Boxed, so that moving the key does not copy the secret.
    secret: Box<Secret>,
}

enum Secret {
    K256(K256Secret),
    P256(P256Secret),
}

/// The secret scalar of a key, the memory of which is cleared when it goes.
pub struct SecretBytes(Box<[u8; 32]>);

/// A key as a text, the memory of which is cleared when it goes. It never prints.
pub struct SecretText(Zeroizing<String>);

impl SigningKey {
    /// A new random key.
    ///
    /// # Panics
    /// If the operating system has no random numbers to give.
    #[must_use]
    pub fn generate(curve: Curve) -> Self {
        loop {
            // Such a number is in range the first time.
            if let Ok(key) = Self::from_bytes(curve, &SecretBytes(random(curve))) {
                return key;
            }
        }
    }

    /// The key of a secret scalar, 32 bytes, big-endian.
    ///
    /// # Errors
    /// The scalar is 0 or not below the order of the curve.
    pub fn from_bytes(curve: Curve, secret: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = Box::new(match curve {
            Curve::K256 => Secret::K256(K256Secret::parse(secret).ok_or(KeyError::Value)?),
            Curve::P256 => Secret::P256(P256Secret::parse(secret).ok_or(KeyError::Value)?),
        });
        let point = match &*secret {
            Secret::K256(secret) => secret.public(),
            Secret::P256(secret) => secret.public(),
        };
        Ok(Self { public: PublicKey::from_bytes(curve, &point)?, secret })
    }

    /// The secret scalar, big-endian: whoever has it has the key.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        SecretBytes(match &*self.secret {
            Secret::K256(secret) => secret.to_bytes(),
            Secret::P256(secret) => secret.to_bytes(),
        })
    }

    /// The curve.
    #[must_use]
    pub fn curve(&self) -> Curve {
        self.public.curve()
    }
}

impl Signer for SigningKey {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let signature = match &*self.secret {
            Secret::K256(secret) => secret.sign(message),
            Secret::P256(secret) => secret.sign(message),
        };
        signature.map(Signature::from_bytes).ok_or_else(|| SignError::new("the key was not usable"))
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Deref for SecretBytes {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl SecretText {
    pub(super) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl Deref for SecretText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes")
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}
