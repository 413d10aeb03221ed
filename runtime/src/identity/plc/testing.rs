//! What tests of operations and logs have in common.

use std::{fmt, sync::LazyLock};

use arobase_lexicon::syntax::{Datetime, Did};

use super::{Content, Log, Operation, PlcData};
use crate::{
    crypto::{Curve, Signer, SigningKey},
    data::{Cid, sha256::sha256},
};

/// The key whose secret is the digest of a text.
pub(super) fn key(curve: Curve, text: &str) -> SigningKey {
    SigningKey::from_bytes(curve, &sha256(text.as_bytes())).unwrap()
}

pub(super) fn k256() -> SigningKey {
    key(Curve::K256, "demo k256 key")
}

pub(super) fn p256() -> SigningKey {
    key(Curve::P256, "demo p256 key")
}

pub(super) fn did_key(key: &SigningKey) -> String {
    key.public_key().to_did_key()
}

/// The state of the published example: K may undo what P signs.
pub(super) fn data() -> PlcData {
    static DATA: LazyLock<PlcData> = LazyLock::new(|| {
        let (k, p) = (did_key(&k256()), did_key(&p256()));
        PlcData::account(Vec::from([k, p.clone()]), p, "alice.example.com", "https://pds.example.com")
    });
    DATA.clone()
}

pub(super) fn genesis() -> Operation {
    static GENESIS: LazyLock<Operation> = LazyLock::new(|| Content::genesis(data()).sign(&k256()).unwrap());
    GENESIS.clone()
}

pub(super) fn update(handle: &str, prev: Cid, key: &SigningKey) -> Operation {
    let mut data = data();
    data.set_handle(handle);
    Content::Update { data, prev: Some(prev) }.sign(key).unwrap()
}

pub(super) fn tombstone(prev: Cid, key: &SigningKey) -> Operation {
    Content::Tombstone { prev }.sign(key).unwrap()
}

/// So many seconds after some moment.
pub(super) fn at(seconds: i64) -> Datetime {
    at_millis(seconds * 1_000)
}

pub(super) fn at_millis(millis: i64) -> Datetime {
    Datetime::from_unix_micros((1_700_000_000_000 + millis) * 1_000).unwrap()
}

pub(super) fn did(operation: &Operation) -> Did {
    operation.did().unwrap()
}

/// A log with the genesis of the example.
pub(super) fn started() -> (Log, Cid) {
    let genesis = genesis();
    let mut log = Log::new(did(&genesis));
    let cid = log.append(genesis, at(0)).unwrap().cid;
    (log, cid)
}

/// The JSON of an operation with something else in place of a part of it, which has to be there.
pub(super) fn json_with(operation: &Operation, part: &str, other: &str) -> Vec<u8> {
    let json = String::from_utf8(operation.to_json()).unwrap();
    assert!(json.contains(part), "no {part} in {json}");
    json.replacen(part, other, 1).into_bytes()
}

/// Errors are told apart by what they say, too.
pub(super) fn assert_distinct<E: fmt::Display>(errors: impl IntoIterator<Item = E>) {
    let mut texts: Vec<String> = errors.into_iter().map(|error| error.to_string()).collect();
    texts.sort();
    let all = texts.len();
    texts.dedup();
    assert_eq!(texts.len(), all, "{texts:#?}");
}
