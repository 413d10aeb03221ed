//! P-256 by ring, for verifying.

use p256::ecdsa::VerifyingKey;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// ring reads uncompressed points only.
#[derive(Clone)]
pub(in crate::crypto) struct P256Public([u8; 65]);

impl P256Public {
    pub(in crate::crypto) fn parse(point: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes(point).ok()?.to_sec1_point(false).as_bytes().try_into().ok().map(Self)
    }

    pub(in crate::crypto) fn compressed(&self) -> [u8; 33] {
        let mut point = [0; 33];
        let (tag, x) = point.split_at_mut(1);
        x.copy_from_slice(&self.0[1..33]);
        tag.fill(2 | self.0[64] & 1);
        point
    }

    pub(in crate::crypto) fn uncompressed(&self) -> [u8; 65] {
        self.0
    }

    pub(in crate::crypto) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.0.as_slice()).verify(message, signature).is_ok()
    }
}
