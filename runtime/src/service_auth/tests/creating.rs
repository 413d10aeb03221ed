//! Tokens that we make.

use std::{collections::HashSet, time::Duration};

use data_encoding::BASE64URL_NOPAD;

use super::*;
use crate::service_auth::Claims;

const DEMO_KEY: &str = "31f6b2673bc18bb1514a30f1f61fa7f95f98a437dee529d43f4bb9607acdafde";
const PUBLISHED: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NksifQ.eyJpYXQiOjE3MDAwMDAwMDAsImlzcyI6ImRpZDpwbGM6YWJjZGVmZ2\
     hpamtsbW5vcHFyc3R1dnd4IiwiYXVkIjoiZGlkOndlYjphcGkuZXhhbXBsZS5jb20jc3ZjIiwiZXhwIjoxNzAwMDAwMDYwLCJseG0iOiJjb20u\
     ZXhhbXBsZS5nZXRUaGluZyIsImp0aSI6IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIn0.adZwc9SH5O6l6L0Gd9abrDYV5mvRyJdmz\
     UuZdaZfbnxRSRk3yOGSqjo9VJwQFYHiW_jnX8vVMLeo8gfERAOPRA";

fn claims() -> Claims {
    Claims::new(ISS.parse().unwrap(), AUD, nsid(LXM))
}

/// Header and payload of a token, as they were written.
fn parts(token: &str) -> (String, String) {
    let part = |at| String::from_utf8(BASE64URL_NOPAD.decode(token.split('.').nth(at).unwrap().as_bytes()).unwrap());
    (part(0).unwrap(), part(1).unwrap())
}

#[test]
fn the_published_token_comes_out_byte_for_byte() {
    let key = key_of(Curve::K256, DEMO_KEY);
    assert_eq!(claims().sign_as(&key, at(NOW), JTI).unwrap(), PUBLISHED);
}

#[tokio::test]
async fn the_published_token_is_verified() {
    let service = Service::new();
    let key = key_of(Curve::K256, DEMO_KEY).public_key();
    service.keys.set(Ok(key.clone()), Ok(key));
    let verified = service.verify(PUBLISHED).await.unwrap();
    assert_eq!((verified.iss.as_str(), &*verified.aud, &*verified.key), (ISS, AUD, "atproto"));
    assert_eq!(verified.lxm, Some(nsid(LXM)));
}

#[tokio::test]
async fn tokens_of_both_curves_are_verified() {
    for curve in [Curve::K256, Curve::P256] {
        let service = Service::of(curve);
        let token = claims().sign(&*service.key, &*service.clock).unwrap();
        service.verify(&token).await.unwrap();
        let alg = if curve == Curve::K256 { "ES256K" } else { "ES256" };
        assert_eq!(parts(&token).0, format!(r#"{{"typ":"JWT","alg":"{alg}"}}"#));
    }
}

#[test]
fn every_token_has_a_nonce_of_its_own() {
    let service = Service::new();
    let nonces: HashSet<String> = (0..100)
        .map(|_| {
            let payload: Value =
                serde_json::from_str(&parts(&claims().sign(&*service.key, &*service.clock).unwrap()).1).unwrap();
            payload["jti"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(nonces.len(), 100);
    assert!(nonces.iter().all(|jti| jti.len() == 32 && HEXLOWER.decode(jti.as_bytes()).is_ok()));
}

#[test]
fn the_lifetime_is_a_minute_and_at_most_an_hour() {
    let service = Service::new();
    let exp = |claims: &Claims| {
        let token = claims.sign(&*service.key, &*service.clock)?;
        let payload: Value = serde_json::from_str(&parts(&token).1).unwrap();
        Ok::<_, crate::crypto::SignError>(payload["exp"].as_u64().unwrap())
    };
    let mut claims = claims();
    assert_eq!(exp(&claims), Ok(NOW + 60));
    claims.lifetime = Duration::from_secs(3600);
    assert_eq!(exp(&claims), Ok(NOW + 3600));
    for wrong in [Duration::from_millis(3_600_001), Duration::from_millis(999), Duration::ZERO, Duration::MAX] {
        claims.lifetime = wrong;
        assert!(exp(&claims).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_key_is_named_only_where_it_is_not_the_usual_one() {
    let service = Service::new();
    let mut claims = claims();
    for (name, header) in [
        ("atproto", r#"{"typ":"JWT","alg":"ES256K"}"#),
        ("atproto_label", r##"{"typ":"JWT","alg":"ES256K","kid":"#atproto_label"}"##),
    ] {
        claims.kid = Some(name.into());
        assert_eq!(parts(&claims.sign(&*service.key, &*service.clock).unwrap()).0, header);
    }
}

#[test]
fn a_token_without_a_method_does_not_mention_one() {
    let mut claims = claims();
    claims.lxm = None;
    let key = key_of(Curve::K256, DEMO_KEY);
    let payload = parts(&claims.sign_as(&key, at(NOW), JTI).unwrap()).1;
    assert_eq!(payload, format!(r#"{{"iat":{NOW},"iss":"{ISS}","aud":"{AUD}","exp":{},"jti":"{JTI}"}}"#, NOW + 60));
}

#[test]
fn an_audience_cannot_write_claims_of_its_own() {
    let mut claims = claims();
    claims.aud = r#"x","exp":9999999999,"y":""#.into();
    let payload = parts(&claims.sign_as(&key_of(Curve::K256, DEMO_KEY), at(NOW), JTI).unwrap()).1;
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!((payload["aud"].as_str(), payload["exp"].as_u64()), (Some(&*claims.aud), Some(NOW + 60)));
}

#[test]
fn a_clock_before_1970_signs_nothing() {
    let key = key_of(Curve::K256, DEMO_KEY);
    assert!(claims().sign_as(&key, UNIX_EPOCH - Duration::from_secs(1), JTI).is_err());
}
