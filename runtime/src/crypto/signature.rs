//! Signatures, and who makes them.

use super::{Curve, PublicKey, SignError};

/// A signature: `r` and `s`, 32 bytes each, big-endian; `s` in the lower half (Cryptography, signatures).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signature([u8; 64]);

impl Signature {
    /// The signature in these bytes, if they have the one form that is valid on the curve: 64 bytes, `r` from 1 to below
    /// the order, `s` from 1 to half the order. Whose it is, if anybody's, only [`PublicKey::verify`] can tell.
    #[must_use]
    pub fn from_slice(curve: Curve, bytes: &[u8]) -> Option<Self> {
        strict(curve, bytes).copied().map(Self)
    }

    /// A signature of these bytes, which are not looked at.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

/// Something that signs: a key in memory, in a file, in a column of a database. A key that answers later, such as one
/// in another service, signs what `repo::Pending` says instead.
///
/// A key need not stay in memory. This one is read from its file for each signature; with a column of a database that
/// is encrypted, `load` would fetch and decrypt instead. Memory of the key is cleared when `SigningKey` goes, what the
/// file was read into is for its reader to clear.
///
/// ```
/// use std::{fs, path::PathBuf};
///
/// use arobase_runtime::crypto::{Curve, PublicKey, SignError, Signature, Signer, SigningKey};
///
/// struct FileKey {
///     path: PathBuf,
///     public: PublicKey,
/// }
///
/// impl FileKey {
///     fn load(&self) -> Option<SigningKey> {
///         SigningKey::from_multikey(fs::read_to_string(&self.path).ok()?.trim_end()).ok()
///     }
/// }
///
/// impl Signer for FileKey {
///     fn public_key(&self) -> PublicKey {
///         self.public.clone()
///     }
///
///     fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
///         let key = self.load().filter(|key| key.public_key() == self.public);
///         key.ok_or_else(|| SignError::new("the file has no key, or another one"))?.sign(message)
///     }
/// }
///
/// # let path = std::env::temp_dir().join(format!("arobase-key-{}", std::process::id()));
/// let new = SigningKey::generate(Curve::K256);
/// fs::write(&path, new.to_multikey().as_bytes())?;
/// let key = FileKey { path, public: new.public_key() };
/// let signature = key.sign(b"hello")?;
/// assert!(key.public_key().verify(b"hello", signature.as_bytes()));
/// # fs::remove_file(&key.path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Signer: Send + Sync {
    /// The public key.
    fn public_key(&self) -> PublicKey;

    /// Signs the SHA-256 digest of a message, low-S.
    ///
    /// # Errors
    /// The key could not be used.
    fn sign(&self, message: &[u8]) -> Result<Signature, SignError>;
}

/// The signature, if it has the one form that is valid: 64 bytes, `r` from 1 to below the order, `s` from 1 to half
/// the order. All that is left to a backend is the equation, so that none can be more lenient than another.
pub(super) fn strict(curve: Curve, signature: &[u8]) -> Option<&[u8; 64]> {
    let signature: &[u8; 64] = signature.try_into().ok()?;
    let (r, s) = signature.split_at(32);
    let in_range = !is_zero(r) && r < curve.order().as_slice();
    (in_range && !is_zero(s) && s <= curve.half_order().as_slice()).then_some(signature)
}

/// The valid form of a signature that may have the other `s` of its two: 64 bytes, both numbers from 1 to below the
/// order.
pub(super) fn lenient(curve: Curve, signature: &[u8]) -> Option<[u8; 64]> {
    let mut signature: [u8; 64] = signature.try_into().ok()?;
    let (_, s) = signature.split_at_mut(32);
    if *s > *curve.half_order().as_slice() {
        if *s >= *curve.order().as_slice() {
            return None;
        }
        subtract_from(curve.order(), s);
    }
    strict(curve, &signature).copied()
}

/// Takes a number away from one that is not less. Signatures are public, so time may depend on them.
fn subtract_from(from: &[u8; 32], number: &mut [u8]) {
    let mut borrow = false;
    for (byte, from) in number.iter_mut().zip(from).rev() {
        let (difference, first) = from.overflowing_sub(*byte);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (*byte, borrow) = (difference, first || second);
    }
}

fn is_zero(number: &[u8]) -> bool {
    number.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(r);
        bytes[32..].copy_from_slice(s);
        bytes
    }

    fn plus(number: &[u8; 32], more: i16) -> [u8; 32] {
        let mut sum = *number;
        let low = i16::from(sum[31]) + more;
        sum[31] = u8::try_from(low).unwrap();
        sum
    }

    #[test]
    fn both_numbers_have_to_be_in_range() {
        let zero = [0; 32];
        let one = plus(&zero, 1);
        for curve in [Curve::K256, Curve::P256] {
            let (order, half) = (curve.order(), curve.half_order());
            let valid = [of(&one, &one), of(&plus(order, -1), &one), of(&one, half)];
            for signature in valid {
                assert!(strict(curve, &signature).is_some(), "{curve:?} {signature:?}");
            }
            let invalid = [
                of(&zero, &one),
                of(&one, &zero),
                of(order, &one),
                of(&[0xff; 32], &one),
                of(&one, &plus(half, 1)),
                of(&one, &plus(order, -1)),
                of(&one, order),
                of(&one, &[0xff; 32]),
            ];
            for signature in invalid {
                assert!(strict(curve, &signature).is_none(), "{curve:?} {signature:?}");
            }
        }
    }

    #[test]
    fn the_other_s_of_a_signature_is_the_rest_to_the_order() {
        let one = plus(&[0; 32], 1);
        for curve in [Curve::K256, Curve::P256] {
            let (order, half) = (curve.order(), curve.half_order());
            let cases = [
                (one, Some(one)),
                (*half, Some(*half)),
                // The order is odd, so this is the smaller half and one more.
                (plus(half, 1), Some(*half)),
                (plus(order, -1), Some(one)),
                (plus(order, -7), Some(plus(&[0; 32], 7))),
                (*order, None),
                (plus(order, 1), None),
                ([0xff; 32], None),
                ([0; 32], None),
            ];
            for (s, expected) in cases {
                assert_eq!(lenient(curve, &of(&one, &s)), expected.map(|s| of(&one, &s)), "{curve:?} {s:?}");
            }
            assert_eq!(lenient(curve, &of(order, &one)), None);
            assert_eq!(lenient(curve, &of(&[0; 32], &plus(order, -1))), None);
        }
    }

    #[test]
    fn only_bytes_of_the_valid_form_are_a_signature() {
        assert!(Signature::from_slice(Curve::K256, &[0; 64]).is_none());
        // In the lower half of K-256 alone.
        let between = of(&[1; 32], Curve::K256.half_order());
        assert_eq!(Signature::from_slice(Curve::K256, &between), Some(Signature(between)));
        assert!(Signature::from_slice(Curve::P256, &between).is_none());
    }

    #[test]
    fn a_signature_has_64_bytes() {
        for len in [0, 63, 65, 70, 128] {
            assert!(strict(Curve::K256, &vec![1; len]).is_none(), "{len}");
        }
        assert!(strict(Curve::K256, &[1; 64]).is_some());
    }
}
