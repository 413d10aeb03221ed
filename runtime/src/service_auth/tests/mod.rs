//! Every rule of a service token, with a clock that is set and keys that are changed.

mod bearers;
mod creating;
mod keys;
mod lenient;
mod malformed;
mod mutated;
mod replays;
mod requests;
mod rules;
#[cfg(all(feature = "reqwest", feature = "server"))]
mod served;
mod times;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase_lexicon::syntax::{Did, Nsid};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};

use super::{KeySource, TokenError, Verified, Verifier};
use crate::{
    clock::Clock,
    crypto::{Curve, PublicKey, Signer, SigningKey},
    identity::{Freshness, IdentityError},
    xrpc::BoxFuture,
};

/// What time it is when a test begins.
const NOW: u64 = 1_700_000_000;
const ISS: &str = "did:plc:abcdefghijklmnopqrstuvwx";
const AUD: &str = "did:web:api.example.com#svc";
const LXM: &str = "com.example.getThing";
const JTI: &str = "0123456789abcdef0123456789abcdef";

/// A clock that stands still until it is set.
struct SetClock(Mutex<SystemTime>);

impl SetClock {
    fn new() -> Self {
        Self(Mutex::new(at(NOW)))
    }

    fn set(&self, seconds: f64) {
        *self.0.lock().unwrap() = UNIX_EPOCH + Duration::from_secs_f64(seconds);
    }
}

impl Clock for SetClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

/// One issuer, with a key that is remembered and one that there is now. It notes what it is asked; other issuers do not
/// exist.
struct Keys {
    known: Mutex<Result<PublicKey, IdentityError>>,
    fresh: Mutex<Result<PublicKey, IdentityError>>,
    asked: Mutex<Vec<(String, Freshness)>>,
    /// What else happens while it is asked.
    meanwhile: Mutex<Box<dyn Fn() + Send>>,
}

impl Keys {
    fn of(key: &PublicKey) -> Self {
        let (known, fresh) = (Mutex::new(Ok(key.clone())), Mutex::new(Ok(key.clone())));
        Self { known, fresh, asked: Mutex::default(), meanwhile: Mutex::new(Box::new(|| ())) }
    }

    /// What it was asked since the last time.
    fn asked(&self) -> Vec<(String, Freshness)> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn set(&self, known: Result<PublicKey, IdentityError>, fresh: Result<PublicKey, IdentityError>) {
        *self.known.lock().unwrap() = known;
        *self.fresh.lock().unwrap() = fresh;
    }
}

impl KeySource for Keys {
    fn key<'a>(
        &'a self,
        did: &'a Did,
        name: &'a str,
        freshness: Freshness,
    ) -> BoxFuture<'a, Result<PublicKey, IdentityError>> {
        if did.as_str() != ISS {
            return Box::pin(std::future::ready(Err(IdentityError::NotFound)));
        }
        self.asked.lock().unwrap().push((name.to_owned(), freshness));
        (self.meanwhile.lock().unwrap())();
        let key = match freshness {
            Freshness::Fresh => &self.fresh,
            _ => &self.known,
        };
        Box::pin(std::future::ready(key.lock().unwrap().clone()))
    }
}

/// A service, and an account that calls it.
struct Service {
    key: Arc<SigningKey>,
    keys: Arc<Keys>,
    clock: Arc<SetClock>,
    verifier: Verifier,
}

impl Service {
    fn new() -> Self {
        Self::of(Curve::K256)
    }

    fn of(curve: Curve) -> Self {
        let key = Arc::new(SigningKey::generate(curve));
        let (keys, clock) = (Arc::new(Keys::of(&key.public_key())), Arc::new(SetClock::new()));
        let verifier = Verifier::new([AUD, "did:web:api.example.com"], Arc::clone(&keys) as _);
        Self { key, keys, verifier: verifier.clock(Arc::clone(&clock) as _), clock }
    }

    /// With other settings.
    fn with(mut self, change: impl FnOnce(Verifier) -> Verifier) -> Self {
        self.verifier = change(self.verifier);
        self
    }

    async fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        self.verifier.verify(token, &nsid(LXM)).await
    }

    /// What is wrong with a token, in the form of a derived `Debug`.
    async fn refusal(&self, token: &str) -> String {
        format!("{:?}", self.verify(token).await.expect_err(token))
    }

    /// A token of the account, with some changes.
    fn token(&self, header: impl FnOnce(&mut Value), payload: impl FnOnce(&mut Value)) -> String {
        let (mut head, mut body) = (self.header(), payload_now());
        header(&mut head);
        payload(&mut body);
        self.token_of(&head.to_string(), &body.to_string())
    }

    /// A token with changes in what it says.
    fn claiming(&self, payload: impl FnOnce(&mut Value)) -> String {
        self.token(|_| (), payload)
    }

    /// A token of any two texts, signed.
    fn token_of(&self, header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(payload));
        let signature = self.key.sign(signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_bytes()))
    }

    fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": super::algorithm::name(self.key.curve()) })
    }
}

fn payload_now() -> Value {
    json!({ "iat": NOW, "iss": ISS, "aud": AUD, "exp": NOW + 60, "lxm": LXM, "jti": JTI })
}

fn without(value: &mut Value, key: &str) {
    value.as_object_mut().unwrap().remove(key).unwrap();
}

fn encoded(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn nsid(text: &str) -> Nsid {
    text.parse().unwrap()
}

/// A key of a secret in hexadecimal digits.
fn key_of(curve: Curve, secret: &str) -> SigningKey {
    let secret = HEXLOWER.decode(secret.as_bytes()).unwrap();
    SigningKey::from_bytes(curve, &secret.try_into().unwrap()).unwrap()
}
