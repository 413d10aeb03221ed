//! Service tokens made and verified, with keys that are known, beside the bare signature:
//! `cargo bench -p arobase-runtime --features identity,crypto-native --bench service_auth`.
//!
//! Of the rounds the fastest and the middle one are reported.
#![allow(clippy::print_stdout)]

use std::{
    future::ready,
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use arobase_runtime::{
    clock::SystemClock,
    crypto::{Curve, PublicKey, Signer, SigningKey},
    identity::{Freshness, IdentityError},
    service_auth::{Claims, KeySource, SeenNonces, Verifier},
    syntax::{Did, Nsid},
    xrpc::BoxFuture,
};

const ROUNDS: usize = 15;
const TOKENS: usize = 1000;
const AUD: &str = "did:web:api.example.com#svc";

/// A directory that has all keys in memory.
struct Warm(PublicKey);

impl KeySource for Warm {
    fn key<'a>(&'a self, _: &'a Did, _: &'a str, _: Freshness) -> BoxFuture<'a, Result<PublicKey, IdentityError>> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (rounds, tokens) = if measured { (ROUNDS, TOKENS) } else { (1, 10) };
    for curve in [Curve::K256, Curve::P256] {
        measure(curve, rounds, tokens);
    }
}

fn measure(curve: Curve, rounds: usize, count: usize) {
    let (key, lxm) = (SigningKey::generate(curve), Nsid::from_unchecked("com.example.getThing"));
    let claims = Claims::new(Did::from_unchecked("did:plc:abcdefghijklmnopqrstuvwx"), AUD, lxm.clone());
    let tokens: Vec<_> = (0..count).map(|_| claims.sign(&key, &SystemClock).unwrap()).collect();
    let signed: Vec<_> = tokens.iter().map(|token| token.rsplit_once('.').unwrap().0).collect();
    let signatures: Vec<_> = signed.iter().map(|signed| key.sign(signed.as_bytes()).unwrap()).collect();
    let public = key.public_key();

    report(
        &format!("{curve:?}: signature alone (the bound)"),
        rounds,
        count,
        || (),
        |()| {
            signed.iter().for_each(|signed| drop(black_box(key.sign(signed.as_bytes()))));
        },
    );
    report(
        &format!("{curve:?}: token made"),
        rounds,
        count,
        || (),
        |()| {
            (0..count).for_each(|_| drop(black_box(claims.sign(&key, &SystemClock))));
        },
    );
    report(
        &format!("{curve:?}: verifying it alone (the bound)"),
        rounds,
        count,
        || (),
        |()| {
            let pairs = signed.iter().zip(&signatures);
            pairs.for_each(|(signed, signature)| assert!(public.verify(signed.as_bytes(), signature.as_bytes())));
        },
    );
    let keys: Arc<dyn KeySource> = Arc::new(Warm(public.clone()));
    let fresh = || Verifier::new([AUD], Arc::clone(&keys)).nonces(Arc::new(SeenNonces::new(count).per_issuer(count)));
    report(&format!("{curve:?}: token verified"), rounds, count, fresh, |verifier| {
        tokens.iter().for_each(|token| verify(&verifier, token, &lxm));
    });
}

/// Nothing has to be waited for.
fn verify(verifier: &Verifier, token: &str, lxm: &Nsid) {
    let verifying = pin!(verifier.verify(token, lxm));
    let Poll::Ready(verified) = verifying.poll(&mut Context::from_waker(Waker::noop())) else { unreachable!() };
    black_box(verified.unwrap());
}

/// Runs a case on all tokens; the time of one.
fn report<T>(name: &str, rounds: usize, count: usize, prepare: impl Fn() -> T, case: impl Fn(T)) {
    let mut times: Vec<_> = (0..rounds)
        .map(|_| {
            let prepared = prepare();
            let start = Instant::now();
            case(prepared);
            start.elapsed().as_secs_f64() / count as f64 * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<44} {:>8.1} us, median {:>8.1}", times[0], times[times.len() / 2]);
}
