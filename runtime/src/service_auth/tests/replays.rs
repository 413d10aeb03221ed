//! A token passes once.

use super::*;
use crate::service_auth::{Nonces, Noted, SeenNonces};

fn did(name: &str) -> Did {
    format!("did:web:{name}.example.com").parse().unwrap()
}

async fn note(nonces: &SeenNonces, iss: &str, jti: &str, until: u64, now: u64) -> Noted {
    nonces.note(&did(iss), jti, at(until), at(now)).await
}

#[tokio::test]
async fn a_token_passes_once() {
    let service = Service::new();
    let token = service.claiming(|_| ());
    service.verify(&token).await.unwrap();
    for now in [0.0, 30.0, 59.9, 60.0] {
        service.clock.set(NOW as f64 + now);
        assert_eq!(service.refusal(&token).await, "Replayed");
    }
    service.clock.set(NOW as f64 + 60.1);
    assert_eq!(service.refusal(&token).await, "Expired");
}

#[tokio::test]
async fn a_token_passes_once_within_the_leeway_too() {
    let service = Service::new().with(|verifier| verifier.leeway(Duration::from_secs(60)));
    let token = service.claiming(|_| ());
    service.verify(&token).await.unwrap();
    for later in [61.0, 100.0, 120.0] {
        service.clock.set(NOW as f64 + later);
        // Others call meanwhile, and what has expired is forgotten.
        let other = service.claiming(|payload| {
            payload["jti"] = later.to_string().into();
            payload["exp"] = (NOW + 600).into();
        });
        service.verify(&other).await.unwrap();
        assert_eq!(service.refusal(&token).await, "Replayed", "{later}");
    }
    service.clock.set(NOW as f64 + 120.1);
    assert_eq!(service.refusal(&token).await, "Expired");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_uses_at_the_same_time_one_passes() {
    let service = Service::new();
    let token = service.claiming(|_| ());
    let calls = (0..100).map(|_| {
        let (verifier, token) = (service.verifier.clone(), token.clone());
        tokio::spawn(async move { verifier.verify(&token, &nsid(LXM)).await })
    });
    let calls: Vec<_> = calls.collect();
    let mut passed = 0;
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => passed += 1,
            Err(error) => assert_eq!(error.name(), "NonceNotUnique"),
        }
    }
    assert_eq!(passed, 1);
}

#[tokio::test]
async fn a_nonce_with_a_forged_signature_is_not_noted() {
    let service = Service::new();
    let stranger = Service::new();
    assert_eq!(service.refusal(&stranger.claiming(|_| ())).await, "Signature");
    service.verify(&service.claiming(|_| ())).await.unwrap();
}

#[tokio::test]
async fn a_nonce_is_used_up_whatever_else_a_token_says() {
    let service = Service::new();
    service.verify(&service.claiming(|_| ())).await.unwrap();
    let other = service.claiming(|payload| {
        payload["exp"] = (NOW + 100).into();
        payload["aud"] = "did:web:api.example.com".into();
    });
    assert_eq!(service.refusal(&other).await, "Replayed");
}

#[tokio::test]
async fn clones_and_settings_made_later_share_what_was_used() {
    let service = Service::new();
    let clone = service.verifier.clone().leeway(Duration::from_secs(5));
    let token = service.claiming(|_| ());
    service.verify(&token).await.unwrap();
    assert_eq!(clone.verify(&token, &nsid(LXM)).await.unwrap_err().name(), "NonceNotUnique");
}

#[tokio::test]
async fn a_full_store_refuses_tokens_rather_than_forget_one() {
    let nonces = SeenNonces::new(2).per_issuer(2);
    let service = Service::new().with(|verifier| verifier.nonces(Arc::new(nonces)));
    let token = |jti: &str| service.claiming(|payload| payload["jti"] = jti.into());
    service.verify(&token("a")).await.unwrap();
    service.verify(&token("b")).await.unwrap();
    let refusal = service.verify(&token("c")).await.unwrap_err();
    assert_eq!((refusal.name(), refusal.status().as_u16()), ("NotEnoughResources", 503));
    assert_eq!(service.refusal(&token("a")).await, "Replayed");

    service.clock.set(NOW as f64 + 80.0);
    let later = service.claiming(|payload| payload["exp"] = (NOW + 100).into());
    service.verify(&later).await.unwrap();
}

#[tokio::test]
async fn two_issuers_may_have_the_same_nonce() {
    let nonces = SeenNonces::default();
    assert_eq!(note(&nonces, "a", "x", 100, 50).await, Noted::New);
    assert_eq!(note(&nonces, "b", "x", 100, 50).await, Noted::New);
    assert_eq!(note(&nonces, "a", "y", 100, 50).await, Noted::New);
    for (iss, jti) in [("a", "x"), ("b", "x"), ("a", "y")] {
        assert_eq!(note(&nonces, iss, jti, 100, 50).await, Noted::Seen);
    }
}

#[tokio::test]
async fn one_issuer_cannot_keep_the_others_out() {
    let nonces = SeenNonces::new(160);
    for number in 0..10 {
        assert_eq!(note(&nonces, "greedy", &number.to_string(), 100, 50).await, Noted::New);
    }
    assert_eq!(note(&nonces, "greedy", "10", 100, 50).await, Noted::Full);
    assert_eq!(note(&nonces, "other", "10", 100, 50).await, Noted::New);
    // Its share is free again with the time.
    assert_eq!(note(&nonces, "greedy", "10", 300, 200).await, Noted::New);
}

#[tokio::test]
async fn what_has_expired_is_forgotten_and_takes_no_room() {
    let nonces = SeenNonces::new(10).per_issuer(10);
    for round in 0..100 {
        let now = 1000 + round * 100;
        for number in 0..10 {
            assert_eq!(note(&nonces, "a", &number.to_string(), now + 60, now).await, Noted::New, "{round}");
        }
        assert_eq!(note(&nonces, "b", "x", now + 60, now).await, Noted::Full);
    }
    assert!(format!("{nonces:?}").contains("nonces: 10,"), "{nonces:?}");
}

#[tokio::test]
async fn a_nonce_is_kept_to_the_last_moment_and_a_little_longer() {
    let nonces = SeenNonces::new(100);
    let until = at(100) + Duration::from_millis(900);
    assert_eq!(nonces.note(&did("a"), "x", until, at(50)).await, Noted::New);
    assert_eq!(note(&nonces, "b", "y", 200, 105).await, Noted::New);
    // A call that looked at the clock a moment earlier than the one before.
    assert_eq!(nonces.note(&did("a"), "x", until, until).await, Noted::Seen);
}

#[tokio::test]
async fn many_issuers_cannot_keep_the_others_out_for_an_hour() {
    let nonces = SeenNonces::new(100);
    let mut taken = 0;
    for number in 0..200 {
        let iss = format!("a{number}");
        taken += usize::from(note(&nonces, &iss, "x", 3_600, 0).await == Noted::New);
    }
    assert_eq!(taken, 50);
    assert_eq!(note(&nonces, "other", "x", 121, 0).await, Noted::Full);
    assert_eq!(note(&nonces, "other", "x", 120, 0).await, Noted::New);
}
