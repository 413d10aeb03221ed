//! Who does the arithmetic: k256 and p256 in Rust, or libsecp256k1 and ring. P-256 signs in Rust in any case, since
//! ring's signatures are not deterministic.
//!
//! A public key has `parse`, `compressed`, `uncompressed` and `verify`, a secret one `parse`, `public` (the compressed
//! point), `to_bytes` and `sign`. They are given signatures whose numbers are in range, and lengths that fit.

#[cfg(feature = "crypto-native")]
mod lib_k256;
#[cfg(feature = "crypto-native")]
mod ring_p256;
#[cfg(any(not(feature = "crypto-native"), test))]
mod rust_k256;
#[cfg(any(not(feature = "crypto-native"), test))]
mod rust_p256;
mod sign_p256;
#[cfg(all(feature = "crypto-native", test))]
mod tests;

use k256::elliptic_curve::Generate;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::Curve;

pub(super) use self::sign_p256::P256Secret;
#[cfg(feature = "crypto-native")]
pub(super) use self::{lib_k256::K256Public, lib_k256::K256Secret, ring_p256::P256Public};
#[cfg(not(feature = "crypto-native"))]
pub(super) use self::{rust_k256::K256Public, rust_k256::K256Secret, rust_p256::P256Public};

/// A new secret scalar.
pub(super) fn random(curve: Curve) -> Box<[u8; 32]> {
    let mut bytes = match curve {
        Curve::K256 => k256::SecretKey::generate().to_bytes(),
        Curve::P256 => p256::SecretKey::generate().to_bytes(),
    };
    let secret = Box::new(bytes.0);
    bytes.zeroize();
    secret
}

/// What is signed of a message.
fn digest(message: &[u8]) -> [u8; 32] {
    Sha256::digest(message).into()
}
