//! P-256 in Rust, for signing.

use p256::{
    CompressedPoint,
    ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner},
};
use zeroize::Zeroize;

use super::digest;

pub(in crate::crypto) struct P256Secret(SigningKey);

impl P256Secret {
    pub(in crate::crypto) fn parse(secret: &[u8; 32]) -> Option<Self> {
        SigningKey::from_slice(secret).ok().map(Self)
    }

    pub(in crate::crypto) fn public(&self) -> [u8; 33] {
        CompressedPoint::from(self.0.verifying_key()).0
    }

    pub(in crate::crypto) fn to_bytes(&self) -> Box<[u8; 32]> {
        let mut bytes = self.0.to_bytes();
        let secret = Box::new(bytes.0);
        bytes.zeroize();
        secret
    }

    pub(in crate::crypto) fn sign(&self, message: &[u8]) -> Option<[u8; 64]> {
        let signature: Signature = self.0.sign_prehash(&digest(message)).ok()?;
        Some(signature.normalize_s().to_bytes().0)
    }
}
