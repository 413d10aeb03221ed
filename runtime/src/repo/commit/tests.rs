use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::{
    crypto::{Curve, Signature, Signer, SigningKey},
    data::{self, Map, Value},
};

const UNSIGNED: &str = "a56364696478206469643a706c633a6162636465666768696a6b6c6d6e6f707172737475767778637265766d\
    336a7a6663696a706a327a32626464617461d82a582500017112208db8fdbf3d122a8c2c9181fedd7ed60e7926e464cd95898f81876e3cd3\
    8e23fe6470726576f66776657273696f6e03";
const SIGNATURE: &str = "b91e8d1c4f0af04bdfe6e2ca856659f7450af26cb19fc3fe22e6e97d01c8f8f22b84a7d35321baab3e0998c1\
    c575e8b02b707c71d5e44f304037e85cc0218621";
const CID: &str = "bafyreib6u6qr3loalnk3xfwes6kx6s3w2prxtw7s5paezq65m5gho6fghe";

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn key() -> SigningKey {
    SigningKey::from_bytes(Curve::P256, &Sha256::digest("demo p256 key").into()).unwrap()
}

fn unsigned() -> Unsigned {
    Unsigned {
        did: "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap(),
        rev: "3jzfcijpj2z2b".parse().unwrap(),
        data: "bafyreienxd636pisfkgczemb73ox5vqopetoizgnswey7amhny6nhdrd7y".parse().unwrap(),
        prev: None,
    }
}

/// The published commit as a map.
fn map() -> Map {
    let commit = unsigned().sign(&key()).unwrap();
    match Value::from_cbor(commit.bytes()).unwrap() {
        Value::Map(map) => map,
        other => panic!("{other:?}"),
    }
}

fn cbor(map: Map) -> Vec<u8> {
    Value::Map(map).to_cbor().unwrap()
}

fn with(key: &str, value: impl Into<Value>) -> Vec<u8> {
    let mut map = map();
    map.insert(key.into(), value.into());
    cbor(map)
}

fn without(key: &str) -> Vec<u8> {
    let mut map = map();
    map.remove(key).unwrap();
    cbor(map)
}

/// Signs a map as it is, whatever is in it.
fn signed(mut map: Map) -> Commit {
    map.remove("sig");
    let signature = key().sign(&cbor(map.clone())).unwrap();
    map.insert("sig".into(), Value::Bytes(data::Bytes::from(signature.as_bytes().to_vec())));
    Commit::decode(cbor(map)).unwrap()
}

fn reason(bytes: Vec<u8>) -> String {
    Commit::decode(bytes).unwrap_err().to_string()
}

#[test]
fn the_published_commit_is_made_byte_for_byte() {
    assert_eq!(unsigned().to_cbor(), hex(UNSIGNED));
    let commit = unsigned().sign(&key()).unwrap();
    assert_eq!(commit.signature(), hex(SIGNATURE));
    assert_eq!(commit.bytes().len(), unsigned().signed_len());
    assert_eq!(commit.cid().to_string(), CID);
    assert_eq!(commit.signed_bytes(), hex(UNSIGNED));
    commit.verify(&key().public_key()).unwrap();
}

#[test]
fn a_commit_is_read_as_it_was_written() {
    for prev in [None, Some(Cid::of_cbor(b"before"))] {
        let written = Unsigned { prev, ..unsigned() }.sign(&key()).unwrap();
        let read = Commit::decode(written.bytes().clone()).unwrap();
        assert_eq!(read, written);
        assert_eq!((read.did(), read.rev(), read.data()), (&unsigned().did, &unsigned().rev, unsigned().data));
        assert_eq!((read.version(), read.prev()), (3, prev.map(CidLink::from).as_ref()));
        read.verify(&key().public_key()).unwrap();
    }
}

#[test]
fn a_signature_made_elsewhere_completes_the_commit() {
    let signature: [u8; 64] = hex(SIGNATURE).try_into().unwrap();
    let commit = unsigned().with_signature(&Signature::from_bytes(signature));
    assert_eq!(commit, unsigned().sign(&key()).unwrap());
}

#[test]
fn another_key_or_a_changed_field_fails() {
    let other = SigningKey::generate(Curve::P256).public_key();
    let commit = unsigned().sign(&key()).unwrap();
    assert!(matches!(commit.verify(&other), Err(Error::Signature)));
    for (field, value) in [
        ("rev", Value::from("3jzfcijpj2z2c")),
        ("did", "did:web:example.com".into()),
        ("data", Cid::of_cbor(b"other").into()),
        ("prev", Cid::of_cbor(b"other").into()),
        ("version", 2.into()),
        ("extra", Value::Null),
    ] {
        let changed = Commit::decode(with(field, value)).unwrap();
        assert!(matches!(changed.verify(&key().public_key()), Err(Error::Signature)), "{field}");
    }
}

#[test]
fn a_signature_of_another_length_or_form_fails() {
    let signature = hex(SIGNATURE);
    for wrong in [&[], &signature[..63], &[signature.as_slice(), &[0]].concat(), &[0; 64]] {
        let commit = Commit::decode(with("sig", data::Bytes::from(wrong.to_vec()))).unwrap();
        assert_eq!(commit.signature(), wrong);
        assert!(matches!(commit.verify(&key().public_key()), Err(Error::Signature)));
    }
}

#[test]
fn unknown_fields_are_kept_and_signed() {
    // Before, around and after the place of `sig`.
    for extra in ["a", "sia", "sih", "zzz", "abcd", "blobs", "versions", "$type"] {
        let mut map = map();
        map.insert(extra.into(), Value::from(vec!["text"; 2]));
        if extra == "$type" {
            map.insert(extra.into(), "commit".into());
        }
        let commit = signed(map.clone());
        commit.verify(&key().public_key()).unwrap();
        map.remove("sig");
        assert_eq!(commit.signed_bytes(), cbor(map), "{extra}");
    }
}

#[test]
fn so_many_fields_that_the_head_grows_do_not_disturb_the_signature() {
    for count in [17, 18, 19, 250, 251, 300] {
        let mut map = map();
        for number in 0..count {
            map.insert(format!("x{number}"), number.into());
        }
        let commit = signed(map.clone());
        commit.verify(&key().public_key()).unwrap();
        map.remove("sig");
        assert_eq!(commit.signed_bytes(), cbor(map), "{count}");
    }
}

#[test]
fn version_2_is_read_and_others_are_not() {
    assert_eq!(Commit::decode(with("version", 2)).unwrap().version(), 2);
    for version in [i64::MIN, -1, 0, 1, 4, i64::MAX] {
        assert!(matches!(Commit::decode(with("version", version)), Err(Error::Version(found)) if found == version));
    }
}

#[test]
fn every_field_has_to_be_there() {
    for field in ["did", "rev", "sig", "data", "prev", "version"] {
        assert_eq!(reason(without(field)), format!("invalid commit: $.{field}: the field is missing"));
    }
}

#[test]
fn a_prev_is_a_link_or_null() {
    assert!(Commit::decode(with("prev", Cid::of_raw(b"any"))).is_ok());
    for wrong in [Value::Bool(false), "".into(), 0.into()] {
        assert!(reason(with("prev", wrong)).contains("$.prev: expected a link"));
    }
}

#[test]
fn the_root_is_a_node() {
    let general = CidLink::from_bytes(&[1, 0x71, 0x13, 2, 7, 7]).unwrap();
    for wrong in [Value::from(Cid::of_raw(b"any")), general.into()] {
        assert!(reason(with("data", wrong)).contains("$.data: not a CID"));
    }
    assert!(reason(with("data", Value::Null)).contains("$.data: expected a link"));
}

#[test]
fn did_and_rev_have_their_syntax() {
    for wrong in ["", "did:plc", "did:plc:a\n", "alice.example.com"] {
        assert!(reason(with("did", wrong)).contains("$.did: not a DID"), "{wrong}");
    }
    for wrong in ["", "3jzfcijpj2z2", "3jzfcijpj2z2b2", "zzzzzzzzzzzzz", "0jzfcijpj2z2b"] {
        assert!(reason(with("rev", wrong)).contains("$.rev: not a TID"), "{wrong}");
    }
}

#[test]
fn only_the_canonical_form_is_read() {
    let good = unsigned().sign(&key()).unwrap().bytes().to_vec();
    let mut long_head = good.clone();
    long_head.splice(..1, [0xb8, 6]);
    let mut long_version = good.clone();
    long_version.splice(good.len() - 1.., [0x18, 3]);
    let trailing = [good.as_slice(), &[0xf6]].concat();
    let mut unordered = good.clone();
    unordered.splice(2..5, *b"saa");
    for wrong in [long_head, long_version, trailing, unordered, vec![], vec![0xf6], vec![0x80], vec![0xbf, 0xff]] {
        assert!(matches!(Commit::decode(wrong), Err(Error::Decode(_))));
    }
}

#[test]
fn a_commit_cut_anywhere_is_refused() {
    let good = unsigned().sign(&key()).unwrap().bytes().clone();
    for len in 0..good.len() {
        assert!(Commit::decode(good.slice(..len)).is_err(), "{len}");
    }
}

#[test]
fn a_commit_belongs_to_one_account() {
    let commit = unsigned().sign(&key()).unwrap();
    commit.check_did(&unsigned().did).unwrap();
    let error = commit.check_did(&"did:web:example.com".parse().unwrap()).unwrap_err();
    assert!(matches!(error, Error::Did { found } if found == unsigned().did));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_changed_byte_never_verifies(at in 0..230_usize, flip in 1..=255_u8) {
        let mut bytes = unsigned().sign(&key()).unwrap().bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        if let Ok(commit) = Commit::decode(bytes.clone()) {
            prop_assert_eq!(commit.bytes().as_ref(), bytes.as_slice());
            prop_assert!(commit.verify(&key().public_key()).is_err());
        }
    }
}
