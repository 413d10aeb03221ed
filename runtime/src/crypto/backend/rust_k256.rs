//! K-256 in Rust.

use k256::{
    CompressedPoint,
    ecdsa::{
        Signature, SigningKey, VerifyingKey,
        signature::hazmat::{PrehashSigner, PrehashVerifier},
    },
    elliptic_curve::sec1::ToSec1Point,
};
use zeroize::Zeroize;

use super::digest;

#[derive(Clone)]
pub(in crate::crypto) struct K256Public(VerifyingKey);

pub(in crate::crypto) struct K256Secret(SigningKey);

impl K256Public {
    pub(in crate::crypto) fn parse(point: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes(point).ok().map(Self)
    }

    pub(in crate::crypto) fn compressed(&self) -> [u8; 33] {
        CompressedPoint::from(&self.0).0
    }

    pub(in crate::crypto) fn uncompressed(&self) -> [u8; 65] {
        self.0.as_affine().to_uncompressed_point().0
    }

    pub(in crate::crypto) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify_prehash(&digest(message), &signature).is_ok())
    }
}

impl K256Secret {
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
