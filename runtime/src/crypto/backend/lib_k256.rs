//! K-256 by libsecp256k1.

use std::sync::LazyLock;

use secp256k1::{All, Message, PublicKey, Secp256k1, SecretKey, ecdsa::Signature};
use zeroize::Zeroize;

use super::{Curve, digest, random};

/// The tables, blinded once with random numbers: signing takes the same time for all keys in any case.
static CONTEXT: LazyLock<Secp256k1<All>> = LazyLock::new(|| {
    let mut context = Secp256k1::new();
    context.seeded_randomize(&random(Curve::K256));
    context
});

#[derive(Clone)]
pub(in crate::crypto) struct K256Public(PublicKey);

pub(in crate::crypto) struct K256Secret(SecretKey);

impl K256Public {
    pub(in crate::crypto) fn parse(point: &[u8]) -> Option<Self> {
        PublicKey::from_slice(point).ok().map(Self)
    }

    pub(in crate::crypto) fn compressed(&self) -> [u8; 33] {
        self.0.serialize()
    }

    pub(in crate::crypto) fn uncompressed(&self) -> [u8; 65] {
        self.0.serialize_uncompressed()
    }

    pub(in crate::crypto) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let message = Message::from_digest(digest(message));
        Signature::from_compact(signature)
            .is_ok_and(|signature| CONTEXT.verify_ecdsa(message, &signature, &self.0).is_ok())
    }
}

impl K256Secret {
    pub(in crate::crypto) fn parse(secret: &[u8; 32]) -> Option<Self> {
        let mut bytes = *secret;
        let key = SecretKey::from_byte_array(bytes).ok().map(Self);
        bytes.zeroize();
        key
    }

    pub(in crate::crypto) fn public(&self) -> [u8; 33] {
        self.0.public_key(&CONTEXT).serialize()
    }

    pub(in crate::crypto) fn to_bytes(&self) -> Box<[u8; 32]> {
        let mut bytes = self.0.secret_bytes();
        let secret = Box::new(bytes);
        bytes.zeroize();
        secret
    }

    /// Never fails, but the other backends may.
    pub(in crate::crypto) fn sign(&self, message: &[u8]) -> Option<[u8; 64]> {
        let mut signature = CONTEXT.sign_ecdsa(Message::from_digest(digest(message)), &self.0);
        signature.normalize_s();
        Some(signature.serialize_compact())
    }
}

impl Drop for K256Secret {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}
