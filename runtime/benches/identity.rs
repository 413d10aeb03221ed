//! Keys, signatures and DID documents, beside the libraries that do the arithmetic:
//! `cargo bench -p arobase-runtime --features identity,crypto-native --bench identity`.
//!
//! The bound of a signature is the library's own figure. Of the rounds the fastest and the middle one are reported.
#![allow(clippy::print_stdout)]

use std::{hint::black_box, time::Instant};

use arobase_runtime::{
    crypto::{Curve, PublicKey, Signature, Signer, SigningKey},
    identity::DidDocument,
};
use k256::ecdsa::signature::{Signer as _, Verifier as _};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey},
};
use sha2::{Digest, Sha256};

const ROUNDS: usize = 15;
const REPEATS: usize = 500;

/// About as long as a commit.
const MESSAGE: [u8; 180] = [7; 180];

/// A bench as it is started, with how much it does.
#[derive(Clone, Copy)]
struct Bench {
    rounds: usize,
    repeats: usize,
}

/// A key, what it signed, and the numbers that other libraries want.
struct Case {
    key: SigningKey,
    public: PublicKey,
    signature: Signature,
}

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (rounds, repeats) = if measured { (ROUNDS, REPEATS) } else { (1, 2) };
    let bench = Bench { rounds, repeats };
    let [k256, p256] = [Curve::K256, Curve::P256].map(Case::new);
    println!("K-256");
    ours(bench, &k256);
    libsecp256k1(bench, &k256);
    rust_k256(bench, &k256);
    println!("P-256");
    ours(bench, &p256);
    ring_p256(bench, &p256);
    rust_p256(bench, &p256);
    println!("Texts");
    texts(bench, &k256, &p256);
}

impl Bench {
    /// Runs a case and prints the time of one.
    fn report<T>(self, name: &str, mut case: impl FnMut() -> T) {
        let mut times: Vec<_> = (0..self.rounds)
            .map(|_| {
                let start = Instant::now();
                (0..self.repeats).for_each(|_| drop(black_box(case())));
                start.elapsed().as_secs_f64() / self.repeats as f64 * 1e6
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!("  {name:<40} {:>8.2} us, median {:>8.2}", times[0], times[times.len() / 2]);
    }

    /// The same for a verification, which has to succeed.
    fn verified(self, name: &str, mut case: impl FnMut() -> bool) {
        self.report(name, || assert!(case(), "{name}"));
    }
}

impl Case {
    fn new(curve: Curve) -> Self {
        let key = SigningKey::generate(curve);
        let (public, signature) = (key.public_key(), key.sign(&MESSAGE).unwrap());
        Self { key, public, signature }
    }
}

fn ours(bench: Bench, case: &Case) {
    bench.report("sign", || case.key.sign(&MESSAGE).unwrap());
    bench.verified("verify", || case.public.verify(&MESSAGE, case.signature.as_bytes()));
    bench.verified("verify, high-S allowed", || case.public.verify_lenient(&MESSAGE, case.signature.as_bytes()));
}

fn libsecp256k1(bench: Bench, case: &Case) {
    use secp256k1::{Message, PublicKey, Secp256k1, SecretKey, ecdsa};
    let context = Secp256k1::new();
    let secret = SecretKey::from_byte_array(*case.key.to_bytes()).unwrap();
    let public = PublicKey::from_slice(case.public.as_bytes()).unwrap();
    let message = || Message::from_digest(Sha256::digest(MESSAGE).into());
    bench.report("secp256k1: sign", || context.sign_ecdsa(message(), &secret).serialize_compact());
    bench.verified("secp256k1: verify", || {
        let signature = ecdsa::Signature::from_compact(case.signature.as_bytes()).unwrap();
        context.verify_ecdsa(message(), &signature, &public).is_ok()
    });
}

fn rust_k256(bench: Bench, case: &Case) {
    use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
    let key = SigningKey::from_slice(&*case.key.to_bytes()).unwrap();
    let public = VerifyingKey::from_sec1_bytes(case.public.as_bytes()).unwrap();
    bench.report("k256: sign", || {
        let signature: Signature = key.sign(&MESSAGE);
        signature
    });
    bench.verified("k256: verify", || {
        let signature = Signature::from_slice(case.signature.as_bytes()).unwrap();
        public.verify(&MESSAGE, &signature).is_ok()
    });
}

fn rust_p256(bench: Bench, case: &Case) {
    use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
    let key = SigningKey::from_slice(&*case.key.to_bytes()).unwrap();
    let public = VerifyingKey::from_sec1_bytes(case.public.as_bytes()).unwrap();
    bench.report("p256: sign", || {
        let signature: Signature = key.sign(&MESSAGE);
        signature.normalize_s()
    });
    bench.verified("p256: verify", || {
        let signature = Signature::from_slice(case.signature.as_bytes()).unwrap();
        public.verify(&MESSAGE, &signature).is_ok()
    });
}

/// ring's signatures are not deterministic, so this bound of signing is one that we do not take.
fn ring_p256(bench: Bench, case: &Case) {
    let point = p256::ecdsa::VerifyingKey::from_sec1_bytes(case.public.as_bytes()).unwrap().to_sec1_point(false);
    let random = SystemRandom::new();
    let (secret, algorithm) = (case.key.to_bytes(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &*secret, point.as_bytes(), &random).unwrap();
    bench.report("ring: sign", || pair.sign(&random, &MESSAGE).unwrap());
    bench.verified("ring: verify", || {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.as_bytes());
        public.verify(&MESSAGE, case.signature.as_bytes()).is_ok()
    });
}

fn texts(bench: Bench, k256: &Case, p256: &Case) {
    for (name, case) in [("did:key of K-256", k256), ("did:key of P-256", p256)] {
        let text = case.public.to_did_key();
        bench.report(&format!("{name}: read"), || PublicKey::from_did_key(&text).unwrap());
        bench.report(&format!("{name}: write"), || case.public.to_did_key());
    }
    let document = DidDocument::new("did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap())
        .with_also_known_as("at://alice.example.com")
        .with_key("atproto", &k256.public.to_did_key())
        .with_key("atproto_label", &p256.public.to_did_key())
        .with_service("atproto_pds", "AtprotoPersonalDataServer", "https://pds.example.com")
        .with_service("atproto_labeler", "AtprotoLabeler", "https://labels.example.com");
    let json = document.to_json();
    bench.report("DID document: read", || DidDocument::from_json(document.id(), &json).unwrap());
    bench.report("the same by serde_json, untyped", || serde_json::from_slice::<serde_json::Value>(&json).unwrap());
    bench.report("DID document: render", || document.to_json());
    bench.report("DID document: handle, key and PDS", || {
        (document.handle(), document.signing_key(), document.pds().map(str::len))
    });
}
