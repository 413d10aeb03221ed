//! The native backend gives the answers of the one in Rust.

use proptest::prelude::*;

use super::*;
use crate::crypto::signature::strict;

/// Ways to spoil a signature.
fn spoiled(signature: [u8; 64], how: u8, at: usize) -> [u8; 64] {
    let mut changed = signature;
    match how {
        0 => {}
        1 => changed[at] ^= 1,
        2 => changed[at % 32] = 0,
        3 => changed[..32].fill(0),
        4 => changed[32..].fill(0),
        5 => changed.rotate_left(32),
        6 => changed[..32].copy_from_slice(Curve::K256.order()),
        _ => changed[..32].copy_from_slice(Curve::P256.order()),
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn both_backends_agree_on_k256(
        secret in any::<[u8; 32]>(), message in any::<Vec<u8>>(), how in 0..8_u8, at in 0..64_usize,
    ) {
        let native = lib_k256::K256Secret::parse(&secret);
        let rust = rust_k256::K256Secret::parse(&secret);
        prop_assert_eq!(native.is_some(), rust.is_some());
        let (Some(native), Some(rust)) = (native, rust) else { return Ok(()) };
        prop_assert_eq!(native.to_bytes(), rust.to_bytes());
        prop_assert_eq!(native.public(), rust.public());
        let native_key = lib_k256::K256Public::parse(&native.public()).unwrap();
        let rust_key = rust_k256::K256Public::parse(&native.public()).unwrap();
        let good = native.sign(&message).unwrap();
        prop_assert_eq!(good, rust.sign(&message).unwrap());
        let signature = spoiled(good, how, at);
        if strict(Curve::K256, &signature).is_some() {
            prop_assert_eq!(native_key.verify(&message, &signature), rust_key.verify(&message, &signature));
            // What is set to zero may have been zero.
            prop_assert_eq!(native_key.verify(&message, &signature), signature == good);
        }
    }

    #[test]
    fn both_backends_agree_on_p256(
        secret in any::<[u8; 32]>(), message in any::<Vec<u8>>(), how in 0..8_u8, at in 0..64_usize,
    ) {
        let Some(secret) = P256Secret::parse(&secret) else { return Ok(()) };
        let native_key = ring_p256::P256Public::parse(&secret.public()).unwrap();
        let rust_key = rust_p256::P256Public::parse(&secret.public()).unwrap();
        let good = secret.sign(&message).unwrap();
        let signature = spoiled(good, how, at);
        if strict(Curve::P256, &signature).is_some() {
            prop_assert_eq!(native_key.verify(&message, &signature), rust_key.verify(&message, &signature));
            // What is set to zero may have been zero.
            prop_assert_eq!(native_key.verify(&message, &signature), signature == good);
        }
    }

    #[test]
    fn both_backends_read_the_same_points(x in any::<[u8; 32]>(), y in any::<[u8; 32]>(), tag in 0..8_u8) {
        let compressed = [[tag].as_slice(), &x].concat();
        let uncompressed = [[tag].as_slice(), &x, &y].concat();
        for point in [compressed, uncompressed] {
            // Other forms never come so far.
            if !matches!((point.len(), tag), (33, 2 | 3) | (65, 4)) {
                continue;
            }
            let read = lib_k256::K256Public::parse(&point).map(|key| (key.compressed(), key.uncompressed()));
            let same = rust_k256::K256Public::parse(&point).map(|key| (key.compressed(), key.uncompressed()));
            prop_assert_eq!(read, same);
            let read = ring_p256::P256Public::parse(&point).map(|key| (key.compressed(), key.uncompressed()));
            let same = rust_p256::P256Public::parse(&point).map(|key| (key.compressed(), key.uncompressed()));
            prop_assert_eq!(read, same);
        }
    }
}
