//! Whatever comes as a service token is refused, unless its issuer signed it; and what its issuer signed, whatever that
//! is, passes once at most.
#![no_main]

use std::{
    future::ready,
    pin::pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase_runtime::{
    clock::Clock,
    crypto::{Curve, PublicKey, Signer, SigningKey},
    identity::{Freshness, IdentityError},
    lexicon::json::Json,
    service_auth::{KeySource, TokenError, Verified, Verifier},
    syntax::{Did, Nsid},
    xrpc::BoxFuture,
};
use data_encoding::BASE64URL_NOPAD;
use libfuzzer_sys::fuzz_target;

struct Known;

struct Still;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::from_bytes(Curve::K256, &[7; 32]).expect("a scalar in range"));
static LXM: LazyLock<Nsid> = LazyLock::new(|| Nsid::from_unchecked("com.example.getThing"));

impl KeySource for Known {
    fn key<'a>(&'a self, _: &'a Did, _: &'a str, _: Freshness) -> BoxFuture<'a, Result<PublicKey, IdentityError>> {
        Box::pin(ready(Ok(KEY.public_key())))
    }
}

impl Clock for Still {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_700_000_000)
    }
}

fn verify(verifier: &Verifier, token: &str) -> Result<Verified, TokenError> {
    let verifying = pin!(verifier.verify(token, &LXM));
    match verifying.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!("the keys are there at once"),
    }
}

fn signed(header: &str, payload: &str) -> String {
    let text = format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload.as_bytes()));
    let signature = KEY.sign(text.as_bytes()).expect("the key signs");
    format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_bytes()))
}

fuzz_target!(|input: &str| {
    let verifier = Verifier::new(["did:web:api.example.com"], Arc::new(Known)).clock(Arc::new(Still)).legacy(true);
    // Nobody but the key has signed that.
    assert!(verify(&verifier, input).is_err());
    let (header, payload) = input.split_once('\n').unwrap_or((r#"{"alg":"ES256K"}"#, input));
    let token = signed(header, payload);
    if let Ok(verified) = verify(&verifier, &token) {
        assert!(verified.lxm.as_ref() == Some(&*LXM) && &*verified.aud == "did:web:api.example.com");
        assert!(verified.iss.check_method().is_ok() && &*verified.key == "atproto");
        assert_eq!(verify(&verifier, &token).is_err(), has_nonce(payload));
    }
});

/// A token without a nonce, which is from before the protocol asked for one, can be used again.
fn has_nonce(payload: &str) -> bool {
    Json::parse(payload).is_ok_and(|payload| payload.get("jti").is_some())
}
