//! Service tokens of other implementations verified by ours, and ours by theirs.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use arobase::{
    clock::SystemClock,
    crypto::{Curve, PublicKey, Signer, SigningKey},
    identity::{Freshness, IdentityError},
    service_auth::{Claims, KeySource, Verifier},
    syntax::{Did, Nsid},
    xrpc::BoxFuture,
};
use arobase_interop::{node, python};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const ISS: &str = "did:plc:abcdefghijklmnopqrstuvwx";
const AUD: &str = "did:web:api.example.com";
const LXM: &str = "com.example.getThing";

/// A token that somebody made, and whose key that is.
#[derive(Deserialize)]
struct Theirs {
    key: String,
    token: String,
    #[serde(default)]
    expected: String,
}

/// A token that both sides judge.
#[derive(Serialize)]
struct Case {
    name: String,
    token: String,
    key: String,
    #[serde(skip)]
    ours: &'static str,
    #[serde(skip)]
    theirs: &'static str,
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("arobase-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, file: &str) -> T {
        serde_json::from_slice(&fs::read(self.0.join(file)).unwrap()).unwrap()
    }

    fn write(&self, file: &str, json: &Value) {
        fs::write(self.0.join(file), json.to_string()).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The key of the one issuer that there is.
struct Known(PublicKey);

impl KeySource for Known {
    fn key<'a>(&'a self, _: &'a Did, _: &'a str, _: Freshness) -> BoxFuture<'a, Result<PublicKey, IdentityError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

fn verifier(key: &str) -> Verifier {
    Verifier::new([AUD], Arc::new(Known(key.parse().expect("a key"))))
}

/// `ok`, or the name of the error.
async fn verdict(verifier: &Verifier, token: &str) -> &'static str {
    let verified = verifier.verify(token, &LXM.parse().unwrap()).await;
    verified.map_or_else(|error| error.name(), |verified| if verified.iss.as_str() == ISS { "ok" } else { "other" })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Makes tokens of all kinds with one key.
struct Maker {
    key: SigningKey,
    cases: Vec<Case>,
}

impl Maker {
    fn header(&self) -> Value {
        json!({ "typ": "JWT", "alg": if self.key.curve() == Curve::K256 { "ES256K" } else { "ES256" } })
    }

    fn add(&mut self, name: &str, ours: &'static str, theirs: &'static str, token: String) {
        let name = format!("{name}, {:?}", self.key.curve());
        self.cases.push(Case { name, token, key: self.key.public_key().to_did_key(), ours, theirs });
    }

    /// A token with a changed header and payload, and how both judge it.
    fn made(
        &mut self,
        name: &str,
        verdicts: (&'static str, &'static str),
        change: impl FnOnce(&mut Value, &mut Value),
    ) {
        let (mut header, mut payload) = (self.header(), payload());
        change(&mut header, &mut payload);
        let token = sign(&self.key, &header.to_string(), &payload.to_string());
        self.add(name, verdicts.0, verdicts.1, token);
    }

    /// A token that both refuse for the same reason.
    fn refused(&mut self, name: &str, error: &'static str, change: impl FnOnce(&mut Value, &mut Value)) {
        self.made(name, (error, error), change);
    }
}

fn payload() -> Value {
    let jti = format!("{:x}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos());
    json!({ "iat": now(), "iss": ISS, "aud": AUD, "exp": now() + 300, "lxm": LXM, "jti": jti })
}

fn sign(key: &SigningKey, header: &str, payload: &str) -> String {
    let signed =
        format!("{}.{}", BASE64URL_NOPAD.encode(header.as_bytes()), BASE64URL_NOPAD.encode(payload.as_bytes()));
    format!("{signed}.{}", BASE64URL_NOPAD.encode(key.sign(signed.as_bytes()).unwrap().as_bytes()))
}

fn cases(curve: Curve) -> Vec<Case> {
    let mut maker = Maker { key: SigningKey::generate(curve), cases: Vec::new() };
    let claims = Claims::new(ISS.parse().unwrap(), AUD, LXM.parse::<Nsid>().unwrap());
    let token = claims.sign(&maker.key, &SystemClock).unwrap();
    maker.add("ours", "ok", "ok", token.clone());
    maker.add("two parts", "BadJwt", "BadJwt", token.rsplit_once('.').unwrap().0.to_owned());
    maker.add("four parts", "BadJwt", "BadJwt", format!("{token}.x"));
    let other = SigningKey::generate(curve);
    maker.add("another key", "BadJwtSignature", "BadJwtSignature", claims.sign(&other, &SystemClock).unwrap());
    let shifted = format!("{}.{}", token.rsplit_once('.').unwrap().0, BASE64URL_NOPAD.encode(&[1; 64]));
    maker.add("another signature", "BadJwtSignature", "BadJwtSignature", shifted);
    refused_by_both(&mut maker);
    refused_by_us(&mut maker);
    maker.cases
}

fn refused_by_both(maker: &mut Maker) {
    for typ in ["at+jwt", "refresh+jwt", "dpop+jwt"] {
        maker.refused(typ, "BadJwtType", |header, _| header["typ"] = typ.into());
    }
    maker.refused("expired", "JwtExpired", |_, payload| payload["exp"] = (now() - 1).into());
    maker.refused("no exp", "BadJwt", |_, payload| drop(payload.as_object_mut().unwrap().remove("exp")));
    maker.refused("exp as text", "BadJwt", |_, payload| payload["exp"] = (now() + 60).to_string().into());
    maker.refused("other audience", "BadJwtAudience", |_, payload| payload["aud"] = format!("{AUD}#svc").into());
    maker.refused("list of audiences", "BadJwt", |_, payload| payload["aud"] = json!([AUD]));
    maker.refused("other method", "BadJwtLexiconMethod", |_, payload| payload["lxm"] = "com.example.x".into());
    maker
        .refused("no method", "BadJwtLexiconMethod", |_, payload| drop(payload.as_object_mut().unwrap().remove("lxm")));
    maker.refused("no DID", "BadJwtIss", |_, payload| payload["iss"] = "alice.example.com".into());
    maker.refused("empty fragment", "BadJwtIss", |_, payload| payload["iss"] = format!("{ISS}#").into());
    for alg in ["none", "RS256", "HS256", "ES384"] {
        maker.refused(alg, "BadJwtSignature", |header, _| header["alg"] = alg.into());
    }
    let other = if maker.key.curve() == Curve::K256 { "ES256" } else { "ES256K" };
    maker.refused("other curve", "BadJwtSignature", |header, _| header["alg"] = other.into());
    maker.refused("no alg", "BadJwt", |header, _| drop(header.as_object_mut().unwrap().remove("alg")));
    maker.made("no typ", ("ok", "ok"), |header, _| drop(header.as_object_mut().unwrap().remove("typ")));
}

/// What the protocol asks for and the official implementation does not look at.
fn refused_by_us(maker: &mut Maker) {
    maker.made("type in upper case", ("BadJwtType", "ok"), |header, _| header["typ"] = "AT+JWT".into());
    maker.made("critical extension", ("BadJwt", "ok"), |header, _| header["crit"] = json!(["x"]));
    maker.made("unknown key", ("BadJwtIss", "ok"), |header, _| header["kid"] = "#other".into());
    maker.made("good for two hours", ("BadExpiration", "ok"), |_, payload| payload["exp"] = (now() + 7200).into());
    maker.made("issued ahead", ("JwtNotYetValid", "ok"), |_, payload| payload["iat"] = (now() + 1000).into());
    maker.made("not valid yet", ("JwtNotYetValid", "ok"), |_, payload| payload["nbf"] = (now() + 100).into());
    maker.made("no iat", ("BadJwt", "ok"), |_, payload| drop(payload.as_object_mut().unwrap().remove("iat")));
    maker.made("no jti", ("BadJwt", "ok"), |_, payload| drop(payload.as_object_mut().unwrap().remove("jti")));
    maker.made("service as issuer", ("BadJwtIss", "ok"), |_, payload| payload["iss"] = format!("{ISS}#svc").into());
    maker.made("method of the DID", ("BadJwtIss", "ok"), |_, payload| payload["iss"] = "did:example:a".into());
    let twice = payload().to_string().replacen('{', r#"{"aud":"did:web:other.example.com","#, 1);
    let token = sign(&maker.key, &maker.header().to_string(), &twice);
    maker.add("key twice", "BadJwt", "ok", token);
}

/// Lets the official implementation judge and make tokens.
fn exchange(cases: &[Case]) -> Option<Folder> {
    let node = node()?;
    let folder = Folder::new("service-auth");
    folder.write("cases.json", &json!({ "iss": ISS, "aud": AUD, "lxm": LXM, "cases": cases }));
    node.run("service_auth.js", Path::new(&folder.0));
    Some(folder)
}

#[tokio::test]
async fn tokens_are_judged_as_the_official_implementation_does_or_more_strictly() {
    let cases: Vec<_> = [Curve::K256, Curve::P256].into_iter().flat_map(cases).collect();
    for case in &cases {
        assert_eq!(verdict(&verifier(&case.key), &case.token).await, case.ours, "{}", case.name);
    }
    let Some(folder) = exchange(&cases) else { return };
    let verdicts: BTreeMap<String, String> = folder.read("verdicts.json");
    for case in &cases {
        assert_eq!(verdicts[&case.name], case.theirs, "{}", case.name);
    }

    let theirs: Vec<Theirs> = folder.read("theirs.json");
    assert_eq!(theirs.len(), 18);
    for made in theirs {
        let verifier = verifier(&made.key);
        assert_eq!(verdict(&verifier, &made.token).await, made.expected, "{}", made.token);
        if made.expected == "ok" {
            assert_eq!(verdict(&verifier, &made.token).await, "NonceNotUnique");
        }
    }
}

#[tokio::test]
async fn a_token_of_arroba_passes_in_legacy_mode_alone() {
    let Some(python) = python() else { return };
    let folder = Folder::new("service-auth-arroba");
    folder.write("case.json", &json!({ "iss": ISS, "aud": AUD, "lxm": LXM }));
    python.run("service_auth.py", &folder.0);
    let Theirs { key, token, .. } = folder.read("theirs.json");
    assert_eq!(verdict(&verifier(&key), &token).await, "BadJwt");
    let legacy = verifier(&key).legacy(true);
    assert_eq!(verdict(&legacy, &token).await, "ok");
    let other = verifier(&SigningKey::generate(Curve::K256).public_key().to_did_key()).legacy(true);
    assert_eq!(verdict(&other, &token).await, "BadJwtSignature");
}
