//! P-256 in Rust, for verifying.

use super::digest;
use p256::{
    CompressedPoint,
    ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier},
    elliptic_curve::sec1::ToSec1Point,
};

#[derive(Clone)]
pub(in crate::crypto) struct P256Public(VerifyingKey);

impl P256Public {
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
