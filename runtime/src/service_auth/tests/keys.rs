//! Signatures, and keys that change.

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;

use super::*;
use crate::crypto::Signature;

fn once() -> Vec<(String, Freshness)> {
    vec![("atproto".to_owned(), Freshness::Cached)]
}

fn twice() -> Vec<(String, Freshness)> {
    vec![("atproto".to_owned(), Freshness::Cached), ("atproto".to_owned(), Freshness::Fresh)]
}

fn key(curve: Curve) -> PublicKey {
    SigningKey::generate(curve).public_key()
}

/// A token with another signature.
fn signed_as(token: &str, signature: &[u8]) -> String {
    format!("{}.{}", token.rsplit_once('.').unwrap().0, BASE64URL_NOPAD.encode(signature))
}

fn signature(token: &str) -> [u8; 64] {
    BASE64URL_NOPAD.decode(token.rsplit_once('.').unwrap().1.as_bytes()).unwrap().try_into().unwrap()
}

/// The other `s` that solves the equation: the order of the curve less this one.
fn other_s(curve: Curve, signature: [u8; 64]) -> [u8; 64] {
    let order = match curve {
        Curve::K256 => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    };
    let order = HEXLOWER.decode(order.as_bytes()).unwrap();
    let (mut other, mut borrow) = (signature, 0);
    for at in (0..32).rev() {
        let digit = i16::from(order[at]) - i16::from(signature[32 + at]) - borrow;
        borrow = i16::from(digit < 0);
        other[32 + at] = u8::try_from(digit.rem_euclid(256)).unwrap();
    }
    other
}

/// An integer as DER has it.
fn integer(number: &[u8]) -> Vec<u8> {
    let start = number.iter().position(|byte| *byte != 0).unwrap();
    let mut digits = number[start..].to_vec();
    if digits[0] >= 0x80 {
        digits.insert(0, 0);
    }
    [vec![2, u8::try_from(digits.len()).unwrap()], digits].concat()
}

fn der(signature: [u8; 64]) -> Vec<u8> {
    let numbers = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [vec![0x30, u8::try_from(numbers.len()).unwrap()], numbers].concat()
}

#[tokio::test]
async fn one_look_at_the_key_is_enough_for_a_good_token() {
    let service = Service::new();
    service.verify(&service.claiming(|_| ())).await.unwrap();
    assert_eq!(service.keys.asked(), once());
}

#[tokio::test]
async fn a_high_s_is_accepted() {
    for curve in [Curve::K256, Curve::P256] {
        let service = Service::of(curve);
        let token = service.claiming(|_| ());
        let high = other_s(curve, signature(&token));
        assert!(Signature::from_slice(curve, &high).is_none(), "the other is the low one");
        service.verify(&signed_as(&token, &high)).await.unwrap();
    }
}

#[tokio::test]
async fn the_two_forms_of_a_signature_do_not_make_two_tokens() {
    let service = Service::new();
    let token = service.claiming(|_| ());
    service.verify(&token).await.unwrap();
    let other = signed_as(&token, &other_s(Curve::K256, signature(&token)));
    assert_eq!(service.refusal(&other).await, "Replayed");
}

#[tokio::test]
async fn signatures_are_64_bytes_and_never_der() {
    for curve in [Curve::K256, Curve::P256] {
        let service = Service::of(curve);
        let token = service.claiming(|_| ());
        let raw = signature(&token);
        for wrong in [der(raw), der(other_s(curve, raw)), vec![], raw[..63].to_vec(), [&raw[..], &[0]].concat()] {
            assert_eq!(service.refusal(&signed_as(&token, &wrong)).await, "Signature");
        }
        assert_eq!(service.keys.asked(), []);
    }
}

#[tokio::test]
async fn numbers_out_of_range_are_no_signature() {
    let service = Service::new();
    let token = service.claiming(|_| ());
    for wrong in [[0; 64], [0xff; 64]] {
        assert_eq!(service.refusal(&signed_as(&token, &wrong)).await, "Signature");
    }
}

#[tokio::test]
async fn the_algorithm_is_that_of_the_key() {
    for (curve, alg) in [(Curve::K256, "ES256"), (Curve::P256, "ES256K")] {
        let service = Service::of(curve);
        let token = service.token(|header| header["alg"] = alg.into(), |_| ());
        assert_eq!(service.refusal(&token).await, "Algorithm");
        // The key might have changed to another curve, so that is looked at.
        assert_eq!(service.keys.asked(), twice());
    }
}

#[tokio::test]
async fn the_signature_of_somebody_else_is_refused_after_one_more_look() {
    for curve in [Curve::K256, Curve::P256] {
        let service = Service::of(curve);
        let stranger = Service::of(curve);
        assert_eq!(service.refusal(&stranger.claiming(|_| ())).await, "Signature");
        assert_eq!(service.keys.asked(), twice());
    }
}

#[tokio::test]
async fn a_key_that_has_changed_is_found_with_one_more_look() {
    let service = Service::new();
    let own = service.key.public_key();
    for old in [key(Curve::K256), key(Curve::P256)] {
        service.keys.set(Ok(old), Ok(own.clone()));
        service
            .verify(&service.claiming(|payload| payload["jti"] = format!("{:?}", SystemTime::now()).into()))
            .await
            .unwrap();
        assert_eq!(service.keys.asked(), twice());
    }
}

#[tokio::test]
async fn a_key_that_was_given_up_is_good_only_as_long_as_it_is_remembered() {
    let service = Service::new();
    service.keys.set(Ok(key(Curve::K256)), Ok(key(Curve::K256)));
    assert_eq!(service.refusal(&service.claiming(|_| ())).await, "Signature");
    assert_eq!(service.keys.asked(), twice());
    service.keys.set(Ok(key(Curve::K256)), Ok(key(Curve::P256)));
    assert_eq!(service.refusal(&service.claiming(|_| ())).await, "Algorithm");
    assert_eq!(service.keys.asked(), twice());
}

#[tokio::test]
async fn an_issuer_without_a_key_is_looked_at_once_more() {
    let service = Service::new();
    for error in [IdentityError::NoKey, IdentityError::NotFound] {
        service.keys.set(Err(error.clone()), Ok(service.key.public_key()));
        service.verify(&service.claiming(|payload| payload["jti"] = format!("{error:?}").into())).await.unwrap();
        assert_eq!(service.keys.asked(), twice());
    }
    for error in [IdentityError::NoKey, IdentityError::NotFound, IdentityError::Tombstoned] {
        service.keys.set(Err(error.clone()), Err(error));
        let refusal = service.verify(&service.claiming(|_| ())).await.unwrap_err();
        assert_eq!((refusal.name(), refusal.status()), ("DidResolutionFailed", StatusCode::UNAUTHORIZED));
        assert_eq!(service.keys.asked(), twice());
    }
}

#[tokio::test]
async fn a_directory_that_is_down_is_not_the_fault_of_the_caller() {
    let service = Service::new();
    let down = || Err(IdentityError::Status(503));
    service.keys.set(down(), Ok(service.key.public_key()));
    let refusal = service.verify(&service.claiming(|_| ())).await.unwrap_err();
    assert_eq!((refusal.name(), refusal.status()), ("DidResolutionFailed", StatusCode::BAD_GATEWAY));
    assert_eq!(service.keys.asked(), once());

    // Whether the key has changed cannot be told.
    service.keys.set(Ok(key(Curve::K256)), down());
    let refusal = service.verify(&service.claiming(|_| ())).await.unwrap_err();
    assert_eq!(refusal.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(service.keys.asked(), twice());
}

#[tokio::test]
async fn an_issuer_that_was_given_up_since_is_refused() {
    let service = Service::new();
    service.keys.set(Ok(key(Curve::K256)), Err(IdentityError::Tombstoned));
    assert_eq!(service.refusal(&service.claiming(|_| ())).await, "Identity(Tombstoned)");
}
