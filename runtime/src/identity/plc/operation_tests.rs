use super::{
    super::{
        Content, LegacyCreate, OperationError, PlcService,
        testing::{data, did, did_key, genesis, k256, key, p256, tombstone, update},
    },
    Operation,
};
use crate::{
    crypto::{Curve, Signature, Signer},
    data::{Cid, sha256::sha256},
    identity::plc::signature::to_text,
};

const GENESIS: &str = "bafyreic5yceqbqiysy3mws6dpuho2av4cdmie2qfo2kkypymshfrhzg6se";

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn cid(text: &str) -> Cid {
    text.parse().unwrap()
}

fn legacy() -> Operation {
    let (k, p) = (did_key(&k256()), did_key(&p256()));
    let create = LegacyCreate {
        signing_key: p,
        recovery_key: k,
        handle: "old.example.com".into(),
        service: "https://pds.example.com".into(),
    };
    Content::Create(create).sign(&p256()).unwrap()
}

#[test]
fn a_genesis_has_the_known_bytes_signature_cid_and_did() {
    let unsigned = Content::genesis(data()).signing_bytes();
    assert_eq!(unsigned.len(), 370);
    assert_eq!(hex(&sha256(&unsigned)), "f8347a1cf90a7b046256a8a360ee7417c99cf4973f5981c1a7bd3f13cabb1af4");
    let genesis = genesis();
    let sig = "qf-wWPhDHZrl1R3NUQAtL75gNe6hTEcnG7__XGOiHPF_Xn0tC6CQG41TRdoR0u2pd_UV3JKIEzXMauJSBvXiPw";
    assert_eq!(to_text(genesis.signature()), sig);
    assert_eq!(genesis.to_cbor().len(), 462);
    assert_eq!(genesis.cid(), cid(GENESIS));
    assert_eq!(did(&genesis), "did:plc:lxaisagbdcldns2lyn6q53ic");
    assert_eq!(genesis.signer(&data().rotation_keys), Some(0));
}

#[test]
fn an_update_has_the_known_signature_and_cid() {
    let update = update("bob.example.com", cid(GENESIS), &p256());
    let sig = "SZ-48TQByqcVdz6vt9apGAxX2XXokeS_cWScnCDtG5s6uf-rx0tx1kHALI7mI9fFAPiL_rOAsTCnu9_KXhI4aw";
    assert_eq!(to_text(update.signature()), sig);
    assert_eq!(update.cid(), cid("bafyreigf7rskwbrm4yu4g6kyd2fqks7tx3pdoe6bz3cdf7ojwcnbljf6yi"));
    assert_eq!((update.prev(), update.did()), (Some(cid(GENESIS)), None));
    assert_eq!(update.signer(&data().rotation_keys), Some(1));
}

#[test]
fn a_tombstone_has_the_known_signature_and_cid() {
    let prev = cid("bafyreigf7rskwbrm4yu4g6kyd2fqks7tx3pdoe6bz3cdf7ojwcnbljf6yi");
    let tombstone = tombstone(prev, &k256());
    let sig = "L4al2AV_h41QMREBiv-p9vLTrCgOQj4sCY7-URkLfLxUoRhsDoHuv50ZrADbzOQnD-6gAdz2Ek2ov864mffxoA";
    assert_eq!(to_text(tombstone.signature()), sig);
    assert_eq!(tombstone.cid(), cid("bafyreiecylayrkkhcqvm4d4zr4xfihoieenjjxwmilofacdcyctki6plqi"));
    assert_eq!((tombstone.prev(), tombstone.did()), (Some(prev), None));
    assert_eq!(tombstone.content().data(), None);
}

#[test]
fn the_old_form_is_hashed_and_signed_as_it_stands() {
    let create = legacy();
    let sig = "pNDpRkHNV52ZwsV-Le5X4Gpl7XsieMoJzqzMJfl9GhkXYLmV8yoK8YkJ-3aGjUy7W3GffeQgLNc8XsjeUo5sKA";
    assert_eq!(to_text(create.signature()), sig);
    assert_eq!(create.cid(), cid("bafyreifwtknlburcu62h4uqvlnsvysixwfb4adqledt6xd2l34nks6umge"));
    assert_eq!(did(&create), "did:plc:w2njvmgsekt3i7sscvnwkxcj");
    assert_eq!(create.check_new(), Err(OperationError::Legacy));
    // The recovery key comes first.
    assert_eq!(create.signer(&create.content().data().unwrap().rotation_keys), Some(1));
}

#[test]
fn what_is_read_is_written_back() {
    for operation in
        [genesis(), update("bob.example.com", cid(GENESIS), &p256()), tombstone(cid(GENESIS), &k256()), legacy()]
    {
        let json = operation.to_json();
        assert_eq!(Operation::from_json(&json).unwrap(), operation);
        assert_eq!(Operation::from_cbor(&operation.to_cbor()).unwrap(), operation);
        // The same as any other program reads it.
        let tree: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let other = serde_json::to_vec_pretty(&tree).unwrap();
        assert_eq!(Operation::from_json(&other).unwrap().cid(), operation.cid());
    }
}

#[test]
fn a_genesis_says_that_it_has_no_prev() {
    for json in [genesis().to_json(), legacy().to_json()] {
        let json = String::from_utf8(json).unwrap();
        assert!(json.contains(r#""prev":null"#), "{json}");
    }
    // The text `prev` and null, also where it is signed.
    assert!(hex(&Content::genesis(data()).signing_bytes()).contains("6470726576f6"));
}

#[test]
fn names_that_mean_links_and_bytes_in_records_are_plain_names_here() {
    let mut data = data();
    for name in ["$link", "$bytes", "$type"] {
        data.verification_methods.insert(name.into(), did_key(&k256()));
    }
    let operation = Content::genesis(data).sign(&k256()).unwrap();
    assert_eq!(Operation::from_json(&operation.to_json()).unwrap(), operation);
    assert_eq!(Operation::from_cbor(&operation.to_cbor()).unwrap(), operation);
}

#[test]
fn keys_that_cannot_be_read_are_passed_over_by_the_search_for_the_signer() {
    let operation = genesis();
    let (k, p) = (did_key(&k256()), did_key(&p256()));
    let keys = ["", "did:key:zNothing", "did:web:example.com", &p, &k, &k];
    assert_eq!(operation.signer(&keys), Some(4));
    assert_eq!(operation.signer(&keys[..4]), None);
    assert_eq!(operation.signer::<&str>(&[]), None);
}

/// The same signature with the other `s`, which a lenient verifier takes too.
fn high_s(signature: &Signature, order: &str) -> Signature {
    let order = data_encoding::HEXLOWER.decode(order.as_bytes()).unwrap();
    let mut bytes = *signature.as_bytes();
    let mut borrow = 0;
    for (index, limb) in order.iter().enumerate().rev() {
        let difference = i16::from(*limb) - i16::from(bytes[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        bytes[32 + index] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    Signature::from_bytes(bytes)
}

const K256_ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

#[test]
fn a_signature_in_the_upper_half_is_refused() {
    let signers = [(k256(), K256_ORDER), (p256(), P256_ORDER)];
    for (key, order) in signers {
        let content = Content::genesis(data());
        let low = key.sign(&content.signing_bytes()).unwrap();
        let operation = content.signed_with(high_s(&low, order));
        assert_eq!(operation.signer(&data().rotation_keys), None);
        assert_eq!(operation.check_new(), Err(OperationError::SignatureHighS));
        assert_eq!(Operation::from_json(&operation.to_json()), Err(OperationError::SignatureHighS));
        assert_eq!(Operation::from_cbor(&operation.to_cbor()), Err(OperationError::SignatureHighS));
    }
}

#[test]
fn a_signature_with_leading_zeros_is_accepted() {
    let key = k256();
    let find = |half: usize| {
        (0..2_000)
            .map(|number| update(&format!("a{number}.example.com"), cid(GENESIS), &key))
            .find(|operation| operation.signature().as_bytes().get(half * 32) == Some(&0))
    };
    for half in [0, 1] {
        let operation = find(half).unwrap();
        assert_eq!(Operation::from_json(&operation.to_json()).unwrap().signer(&data().rotation_keys), Some(0));
    }
}

#[test]
fn a_key_does_not_sign_for_the_same_number_on_the_other_curve() {
    let (same_k, same_p) = (key(Curve::K256, "one number"), key(Curve::P256, "one number"));
    let mut data = data();
    data.rotation_keys = vec![did_key(&same_k)];
    let operation = Content::genesis(data.clone()).sign(&same_p).unwrap();
    assert_eq!(operation.signer(&data.rotation_keys), None);
}

#[test]
fn operations_are_read_up_to_7_500_bytes() {
    let sized = |endpoint: usize| {
        let mut data = data();
        data.set_pds(&"e".repeat(endpoint));
        Content::genesis(data).sign(&k256()).unwrap()
    };
    let frame = sized(1_000).to_cbor().len() - 1_000;
    let longest = sized(7_500 - frame);
    assert_eq!(longest.to_cbor().len(), 7_500);
    assert_eq!(Operation::from_json(&longest.to_json()).unwrap(), longest);
    assert_eq!(Operation::from_cbor(&longest.to_cbor()).unwrap(), longest);
    let longer = sized(7_501 - frame);
    let too_large = OperationError::TooLarge { bytes: 7_501, max: 7_500 };
    assert_eq!(Operation::from_json(&longer.to_json()), Err(too_large.clone()));
    assert_eq!(Operation::from_cbor(&longer.to_cbor()), Err(too_large));
}

#[test]
fn operations_are_made_up_to_4_000_bytes() {
    let sized = |endpoint: usize| {
        let mut data = data();
        data.also_known_as.extend((0..9).map(|number| format!("x:{number}{}", "n".repeat(255))));
        data.set_pds(&format!("https://{}", "e".repeat(512 - 8)));
        let kind = "k".repeat(256);
        data.services.insert("other".into(), PlcService { kind, endpoint: "e".repeat(endpoint) });
        Content::genesis(data).sign(&k256()).unwrap()
    };
    let frame = sized(300).to_cbor().len() - 300;
    let longest = sized(4_000 - frame);
    assert_eq!((longest.to_cbor().len(), longest.check_new()), (4_000, Ok(())));
    let longer = sized(4_001 - frame);
    assert_eq!(longer.check_new(), Err(OperationError::TooLarge { bytes: 4_001, max: 4_000 }));
}

#[test]
fn more_input_than_any_operation_needs_is_not_looked_at() {
    let mut json = genesis().to_json();
    json.resize(Operation::MAX_JSON_BYTES, b' ');
    assert!(Operation::from_json(&json).is_ok());
    json.push(b' ');
    let (bytes, max) = (json.len(), Operation::MAX_JSON_BYTES);
    assert_eq!(Operation::from_json(&json), Err(OperationError::InputTooLarge { bytes, max }));
    let bytes = Operation::MAX_BYTES + 1;
    let too_large = OperationError::TooLarge { bytes, max: Operation::MAX_BYTES };
    assert_eq!(Operation::from_cbor(&vec![0xff; bytes]), Err(too_large));
}
