//! Keys, signatures and DID documents of other people read and verified by ours, and ours by them.

use std::{fs, path::Path};

use arobase::{
    crypto::{Curve, PublicKey, Signer, SigningKey},
    identity::DidDocument,
    syntax::Did,
};
use arobase_interop::{Folder, Peer, node, python};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A key, and something that it signed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    curve: String,
    secret: String,
    did_key: String,
    multikey: Option<String>,
    legacy: Option<String>,
    message: String,
    signature: String,
    high_s: Option<String>,
    der: Option<String>,
}

/// A document, and what it says.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    did: Did,
    document: Value,
    signing_key: String,
    handle: String,
    pds: String,
    label: Option<String>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn curve(name: &str) -> Curve {
    match name {
        "k256" => Curve::K256,
        "p256" => Curve::P256,
        _ => panic!("{name}"),
    }
}

/// The order of the group less a number.
fn negated(curve: &str, s: &[u8]) -> Vec<u8> {
    let order = bytes(match curve {
        "k256" => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        _ => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    });
    let mut borrow = 0;
    let mut digits: Vec<u8> = (order.iter().zip(s).rev())
        .map(|(order, s)| {
            let digit = i16::from(*order) - i16::from(*s) - borrow;
            borrow = i16::from(digit < 0);
            u8::try_from(digit.rem_euclid(256)).unwrap()
        })
        .collect();
    digits.reverse();
    digits
}

fn make(name: &str, index: usize) -> Made {
    let key = SigningKey::generate(curve(name));
    let message: Vec<u8> = (0..index * 11).map(|at| (at * 31) as u8).collect();
    let signature = *key.sign(&message).unwrap().as_bytes();
    let high = [&signature[..32], &negated(name, &signature[32..])].concat();
    Made {
        curve: name.to_owned(),
        secret: hex(&*key.to_bytes()),
        did_key: key.public_key().to_did_key(),
        multikey: Some(key.public_key().to_multikey()),
        legacy: None,
        message: hex(&message),
        signature: hex(&signature),
        high_s: Some(hex(&high)),
        der: None,
    }
}

fn check(made: &Made) {
    let curve = curve(&made.curve);
    let key = PublicKey::from_did_key(&made.did_key).unwrap();
    let secret = SigningKey::from_bytes(curve, &bytes(&made.secret).try_into().unwrap()).unwrap();
    assert_eq!((key.curve(), &key, key.to_did_key()), (curve, &secret.public_key(), made.did_key.clone()));
    let (message, signature) = (bytes(&made.message), bytes(&made.signature));
    assert!(key.verify(&message, &signature), "{}", made.did_key);
    assert!(!key.verify(b"another message", &signature));
    for refused in [&made.high_s, &made.der].into_iter().flatten() {
        assert!(!key.verify(&message, &bytes(refused)), "{refused}");
    }
    if let Some(legacy) = &made.legacy {
        assert_eq!(PublicKey::from_legacy_multibase(curve, legacy).unwrap(), key);
    }
}

fn write(folder: &Path, ours: &impl Serialize) {
    fs::write(folder.join("ours.json"), serde_json::to_vec(ours).unwrap()).unwrap();
}

fn read<T: DeserializeOwned>(folder: &Path) -> T {
    serde_json::from_slice(&fs::read(folder.join("theirs.json")).unwrap()).unwrap()
}

/// Hands keys of ours to a script, and gives those that it made.
fn exchange_keys(peer: &Peer, script: &str, name: &str) -> Vec<Made> {
    let folder = Folder::new(name);
    let ours: Vec<Made> = ["k256", "p256"].iter().flat_map(|name| (0..20).map(|index| make(name, index))).collect();
    write(folder.path(), &ours);
    peer.run(script, folder.path());
    let theirs: Vec<Made> = read(folder.path());
    assert_eq!(theirs.len(), 40);
    theirs
}

#[test]
fn keys_and_signatures_agree_with_the_official_package() {
    let Some(node) = node() else { return };
    for made in exchange_keys(node, "keys.js", "keys-official") {
        check(&made);
        // Both sign as RFC 6979 says.
        let key = SigningKey::from_bytes(curve(&made.curve), &bytes(&made.secret).try_into().unwrap()).unwrap();
        assert_eq!(hex(key.sign(&bytes(&made.message)).unwrap().as_bytes()), made.signature);
    }
}

#[test]
fn keys_and_signatures_agree_with_openssl() {
    let Some(python) = python() else { return };
    for made in exchange_keys(python, "keys.py", "keys-openssl") {
        check(&made);
        // A token may have the other half: only there both are valid.
        let key = PublicKey::from_did_key(&made.did_key).unwrap();
        let lenient =
            |signature: &Option<String>| key.verify_lenient(&bytes(&made.message), &bytes(signature.as_ref().unwrap()));
        assert!(lenient(&made.high_s) && !lenient(&made.der), "{}", made.did_key);
    }
}

fn told(did: &str, curve: Curve) -> Told {
    let key = SigningKey::generate(curve).public_key().to_did_key();
    let did: Did = did.parse().unwrap();
    let document = DidDocument::new(did.clone())
        .with_also_known_as("https://example.com/alice")
        .with_also_known_as("at://alice.example.com")
        .with_key("atproto_label", &SigningKey::generate(Curve::P256).public_key().to_did_key())
        .with_key("atproto", &key)
        .with_service("atproto_labeler", "AtprotoLabeler", "https://labels.example.com")
        .with_service("atproto_pds", "AtprotoPersonalDataServer", "https://pds.example.com");
    Told {
        did,
        document: serde_json::from_slice(&document.to_json()).unwrap(),
        signing_key: key,
        handle: "alice.example.com".to_owned(),
        pds: "https://pds.example.com".to_owned(),
        label: None,
    }
}

#[test]
fn documents_are_read_as_the_official_packages_read_them() {
    let Some(node) = node() else { return };
    let folder = Folder::new("documents");
    let dids = ["did:plc:abcdefghijklmnopqrstuvwx", "did:web:alice.example.com"];
    let ours: Vec<Told> = dids.iter().flat_map(|did| [told(did, Curve::K256), told(did, Curve::P256)]).collect();
    write(folder.path(), &ours);
    node.run("documents.js", folder.path());
    let theirs: Vec<Told> = read(folder.path());
    assert_eq!(theirs.len(), 4);
    for told in theirs {
        let document = DidDocument::from_json(&told.did, &serde_json::to_vec(&told.document).unwrap()).unwrap();
        let key = |name: &str| document.key(name).map(|key| key.to_did_key());
        assert_eq!(key("atproto"), Some(told.signing_key));
        assert_eq!(key("atproto_label"), told.label);
        assert_eq!(document.handle().unwrap().as_str(), told.handle);
        assert_eq!(document.pds(), Some(&*told.pds));
    }
}
