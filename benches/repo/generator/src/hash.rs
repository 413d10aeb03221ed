//! Hashes, CIDs and signatures.

use arobase_bench_repo_workload::inputs::{CidBytes, SECRET};
use k256::ecdsa::signature::Signer;
use k256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The CID of a digest, codec dag-cbor.
pub fn cid(digest: [u8; 32]) -> CidBytes {
    let mut cid = [0; 36];
    cid[..4].copy_from_slice(&[1, 0x71, 0x12, 0x20]);
    cid[4..].copy_from_slice(&digest);
    cid
}

pub fn cid_of(block: &[u8]) -> CidBytes {
    cid(sha256(block))
}

/// The text form: base32 without padding.
pub fn cid_text(cid: &CidBytes) -> String {
    let mut text = String::from("b");
    for group in cid.chunks(5) {
        let mut bits = [0; 8];
        bits[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(bits);
        let letters = (group.len() * 8).div_ceil(5);
        text.extend(
            (0..letters)
                .map(|place| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(bits >> (35 - 5 * place) & 31) as usize])),
        );
    }
    text
}

/// The layer of a key: pairs of leading zero bits of its digest.
pub fn layer(key: &[u8]) -> u8 {
    let zeros = sha256(key).iter().try_fold(0, |zeros, byte| match byte {
        0 => Ok(zeros + 8),
        byte => Err(zeros + byte.leading_zeros()),
    });
    (zeros.unwrap_or_else(|zeros| zeros) / 2) as u8
}

pub fn key() -> SigningKey {
    SigningKey::from_bytes(&SECRET.into()).expect("a valid scalar")
}

/// 64 bytes, low-S.
pub fn sign(message: &[u8]) -> Vec<u8> {
    let signature: Signature = key().sign(message);
    signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
}
