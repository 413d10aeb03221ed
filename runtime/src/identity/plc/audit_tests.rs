use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{
        Content, Operation, PlcData,
        testing::{assert_distinct, at, data, did, did_key, genesis, k256, key, p256, started, tombstone, update},
    },
    *,
};
use crate::crypto::Curve;

fn the_did() -> Did {
    did(&genesis())
}

/// As a directory tells the log: it believes what it took.
fn told(log: &Log) -> Vec<Value> {
    let entry = |entry: &super::super::Entry| {
        json!({
            "did": log.did().as_str(),
            "operation": operation(&entry.operation),
            "cid": entry.cid.to_string(),
            "nullified": entry.nullified,
            "createdAt": entry.created_at.as_str(),
        })
    };
    log.entries().iter().map(entry).collect()
}

fn operation(operation: &Operation) -> Value {
    serde_json::from_slice(&operation.to_json()).unwrap()
}

/// A genesis, two operations by P, a recovery by K that undoes both, and one that follows it.
fn history() -> Vec<Value> {
    static HISTORY: LazyLock<Vec<Value>> = LazyLock::new(make_history);
    HISTORY.clone()
}

fn make_history() -> Vec<Value> {
    let (mut log, cid) = started();
    let mut add = |operation, seconds| log.append(operation, at(seconds)).unwrap().cid;
    let first = add(update("first.example.com", cid, &p256()), 10);
    add(update("second.example.com", first, &p256()), 20);
    let recovery = add(update("third.example.com", cid, &k256()), 30);
    add(update("fourth.example.com", recovery, &p256()), 40);
    told(&log)
}

fn parse(entries: &[Value]) -> Result<Vec<AuditEntry>, AuditError> {
    parse_audit_log(&serde_json::to_vec(entries).unwrap())
}

fn check(entries: &[Value]) -> Result<Log, AuditError> {
    audit(&the_did(), &parse(entries)?)
}

/// What is found in the history with a change.
fn found(edit: impl FnOnce(&mut Vec<Value>)) -> AuditError {
    let mut entries = history();
    edit(&mut entries);
    check(&entries).unwrap_err()
}

fn misordered(entry: &Value) -> LogError {
    LogError::Misordered { prev: entry["operation"]["prev"].as_str().map(|cid| cid.parse().unwrap()) }
}

#[test]
fn a_log_that_is_told_as_it_is_is_believed() {
    let log = check(&history()).unwrap();
    assert_eq!(log.data().unwrap().also_known_as, ["at://fourth.example.com"]);
    assert!(log.entries().iter().map(|entry| entry.nullified).eq([false, true, true, false, false]));
    let (mut given_up, cid) = started();
    given_up.append(tombstone(cid, &p256()), at(1)).unwrap();
    assert!(check(&told(&given_up)).unwrap().is_tombstoned());
}

#[test]
fn a_log_without_a_genesis_is_no_log() {
    assert_eq!(check(&[]).unwrap_err(), AuditError::Empty);
    let error = found(|entries| drop(entries.remove(0)));
    assert_eq!(error, AuditError::Log(0, LogError::NoGenesis));
}

#[test]
fn wrong_claims_are_found_at_the_end() {
    let other = "bafyreiecylayrkkhcqvm4d4zr4xfihoieenjjxwmilofacdcyctki6plqi";
    let cases = [
        ("cid", json!(other), 1),
        ("cid", json!("no cid at all"), 4),
        ("cid", json!(""), 0),
        ("did", json!("did:plc:w2njvmgsekt3i7sscvnwkxcj"), 3),
        ("nullified", json!(true), 0),
        ("nullified", json!(false), 2),
        ("nullified", json!(true), 4),
    ];
    for (field, claim, index) in cases {
        let error = found(|entries| entries[index][field] = claim);
        assert_eq!(error, AuditError::Claim(index, field));
    }
}

#[test]
fn claims_are_no_inputs() {
    // What is said to be undone is not, and the other way about: the operations still follow, or do not, by themselves.
    let error = found(|entries| {
        for entry in entries.iter_mut() {
            entry["nullified"] = json!(entry["nullified"] == json!(false));
        }
    });
    assert_eq!(error, AuditError::Claim(0, "nullified"));
    // A follower of the changed operation names the CID that is claimed, which is not its own.
    let error = found(|entries| {
        entries[3]["operation"]["alsoKnownAs"] = json!(["at://thief.example.com"]);
    });
    assert_eq!(error, AuditError::Log(3, LogError::Signature));
    // The log of somebody else, told as this one's.
    let error = found(|entries| {
        let data = PlcData::account(vec![did_key(&k256())], did_key(&k256()), "thief.example.com", "https://a.example");
        entries[0]["operation"] = operation(&Content::genesis(data).sign(&k256()).unwrap());
    });
    assert_eq!(error, AuditError::Log(0, LogError::WrongDid));
}

#[test]
fn a_log_is_of_one_did() {
    let other = "did:plc:w2njvmgsekt3i7sscvnwkxcj".parse().unwrap();
    let entries = parse(&history()).unwrap();
    assert_eq!(audit(&other, &entries).unwrap_err(), AuditError::Log(0, LogError::WrongDid));
}

#[test]
fn tampering_with_an_operation_breaks_its_signature() {
    for index in 1..5 {
        let error = found(|entries| entries[index]["operation"]["services"] = json!({}));
        assert_eq!(error, AuditError::Log(index, LogError::Signature), "{index}");
    }
    let error = found(|entries| entries[0]["operation"]["services"] = json!({}));
    assert_eq!(error, AuditError::Log(0, LogError::WrongDid));
}

#[test]
fn operations_that_were_undone_are_verified_too() {
    let stranger = key(Curve::K256, "a stranger");
    let error = found(|entries| {
        let prev = genesis().cid();
        entries[1]["operation"] = operation(&update("first.example.com", prev, &stranger));
    });
    assert_eq!(error, AuditError::Log(1, LogError::Signature));
}

#[test]
fn missing_operations_leave_others_without_a_place() {
    for index in [1, 3] {
        let next = history()[index + 1].clone();
        let error = found(|entries| drop(entries.remove(index)));
        assert_eq!(error, AuditError::Log(index, misordered(&next)), "{index}");
    }
    // The recovery and what follows it: what it had undone is said to be.
    let error = found(|entries| entries.truncate(3));
    assert_eq!(error, AuditError::Claim(1, "nullified"));
}

#[test]
fn the_order_is_that_of_the_directory() {
    for index in [1, 3] {
        let moved = history()[index + 1].clone();
        let error = found(|entries| entries.swap(index, index + 1));
        assert_eq!(error, AuditError::Log(index, misordered(&moved)), "{index}");
    }
    assert_eq!(found(|entries| entries.swap(0, 1)), AuditError::Log(0, LogError::NoGenesis));
    // The recovery before the last that it undid.
    let late = history()[2].clone();
    assert_eq!(found(|entries| entries.swap(2, 3)), AuditError::Log(3, misordered(&late)));
}

#[test]
fn no_operation_is_there_twice() {
    for index in 0..5 {
        let error = found(|entries| entries.insert(index + 1, entries[index].clone()));
        assert_eq!(error, AuditError::Log(index + 1, LogError::Duplicate), "{index}");
    }
}

#[test]
fn times_that_forbid_a_recovery_are_found() {
    let error = found(|entries| entries[3]["createdAt"] = entries[2]["createdAt"].clone());
    assert_eq!(error, AuditError::Log(3, LogError::Clock));
    let error = found(|entries| entries[3]["createdAt"] = json!(at(10 + 72 * 3_600 + 1).as_str()));
    assert_eq!(error, AuditError::Log(3, LogError::LateRecovery));
    for time in ["", "yesterday", "2023-02-30T00:00:00Z", "2023-11-14", "1700000000"] {
        let error = found(|entries| entries[2]["createdAt"] = json!(time));
        assert_eq!(error, AuditError::Entry(2, OperationError::Field("createdAt".into(), "not a datetime")), "{time}");
    }
}

#[test]
fn nothing_stands_behind_a_tombstone() {
    let (mut log, cid) = started();
    let end = log.append(tombstone(cid, &k256()), at(1)).unwrap().cid;
    let mut entries = told(&log);
    let mut extra = entries[1].clone();
    extra["operation"] = operation(&update("a.example", end, &k256()));
    entries.push(extra);
    assert_eq!(check(&entries).unwrap_err(), AuditError::Log(2, LogError::Tombstoned));
}

#[test]
fn every_field_of_an_entry_is_required_once_and_of_its_type() {
    for field in ["did", "operation", "cid", "nullified", "createdAt"] {
        let wrong = |reason| AuditError::Entry(1, OperationError::Field(field.into(), reason));
        let error = found(|entries| drop(entries[1].as_object_mut().unwrap().remove(field)));
        assert_eq!(error, wrong("missing"));
        let error = found(|entries| entries[1][field] = json!(7));
        assert!(matches!(error, AuditError::Entry(1, OperationError::Field(..))), "{error}");
        let value = serde_json::to_string(&history()[1][field]).unwrap();
        let twice = format!(r#"[{{"{field}":{value},"{field}":{value}}}]"#);
        let error = parse_audit_log(twice.as_bytes()).unwrap_err();
        assert_eq!(error, AuditError::Entry(0, OperationError::Repeated(field.into())));
    }
    let error = found(|entries| entries[0]["operation"]["extra"] = json!(1));
    assert_eq!(error, AuditError::Entry(0, OperationError::Field("extra".into(), "no such field")));
    let error = found(|entries| entries[1]["did"] = json!("plc"));
    assert_eq!(error, AuditError::Entry(1, OperationError::Field("did".into(), "not a DID")));
}

#[test]
fn fields_of_later_days_are_passed_over() {
    let mut entries = history();
    entries[0]["seq"] = json!(17);
    entries[1]["later"] = json!({"$link": 1.5, "list": [null, {"$type": ""}]});
    assert!(check(&entries).is_ok());
}

#[test]
fn what_is_no_list_of_entries_is_no_log() {
    for text in ["", "{}", "null", "[", "[] []", "{\"message\":\"DID not registered\"}"] {
        let error = parse_audit_log(text.as_bytes()).unwrap_err();
        assert!(matches!(error, AuditError::List(_)), "{text}: {error}");
    }
    for text in ["[1]", "[[]]", "[null]"] {
        let error = parse_audit_log(text.as_bytes()).unwrap_err();
        assert_eq!(error, AuditError::Entry(0, OperationError::Field("entry".into(), "not an object")));
    }
}

#[test]
fn a_log_is_bounded_before_it_is_read() {
    let large = vec![b' '; MAX_JSON_BYTES + 1];
    let error = parse_audit_log(&large).unwrap_err();
    assert_eq!(error, AuditError::TooLarge { bytes: MAX_JSON_BYTES + 1, max: MAX_JSON_BYTES });
    let mut entry = history()[1].clone();
    entry["operation"] = operation(&tombstone(genesis().cid(), &k256()));
    let entry = serde_json::to_string(&entry).unwrap();
    let many = |count| format!("[{}]", vec![entry.as_str(); count].join(","));
    assert_eq!(parse_audit_log(many(MAX_ENTRIES).as_bytes()).unwrap().len(), MAX_ENTRIES);
    assert_eq!(parse_audit_log(many(MAX_ENTRIES + 1).as_bytes()), Err(AuditError::TooMany(MAX_ENTRIES)));
}

#[test]
fn published_logs_with_odd_keys_are_believed() {
    let doubled = PlcData { rotation_keys: vec![did_key(&p256()), did_key(&k256()), did_key(&p256())], ..data() };
    let genesis = Content::genesis(doubled).sign(&k256()).unwrap();
    let mut log = Log::new(did(&genesis));
    let cid = log.append(genesis, at(0)).unwrap().cid;
    let keyless = PlcData { rotation_keys: Vec::new(), ..data() };
    log.append(Content::Update { data: keyless, prev: Some(cid) }.sign(&k256()).unwrap(), at(1)).unwrap();
    // By the key that stands both before and behind the one that is undone.
    log.append(update("a.example", cid, &p256()), at(2)).unwrap();
    let entries = parse(&told(&log)).unwrap();
    assert_eq!(audit(log.did(), &entries).unwrap().entries(), log.entries());
}

#[test]
fn all_errors_say_something_else() {
    let operation = OperationError::Legacy;
    assert_distinct([
        AuditError::TooLarge { bytes: 2, max: 1 },
        AuditError::TooMany(1),
        AuditError::List("reason".into()),
        AuditError::Entry(0, operation.clone()),
        AuditError::Log(0, LogError::Operation(operation)),
        AuditError::Log(1, LogError::Signature),
        AuditError::Claim(1, "cid"),
        AuditError::Claim(1, "did"),
        AuditError::Empty,
    ]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_broken_log_is_refused_or_the_same(index: prop::sample::Index, byte: u8) {
        let whole = history();
        let mut json = serde_json::to_vec(&whole).unwrap();
        let at = index.index(json.len());
        json[at] = byte;
        if let Ok(log) = parse_audit_log(&json).and_then(|entries| audit(&the_did(), &entries)) {
            // Only times can have changed.
            let told = told(&log);
            prop_assert_eq!(told.len(), whole.len());
            for (found, original) in told.iter().zip(&whole) {
                prop_assert_eq!(&found["cid"], &original["cid"]);
                prop_assert_eq!(&found["nullified"], &original["nullified"]);
            }
        }
    }
}

#[test]
fn a_long_log_lets_others_have_their_turn() {
    let (mut log, mut prev) = started();
    for second in 1..u32::try_from(2 * TURN + 3).unwrap() {
        prev = log.append(update("a.example.com", prev, &p256()), at(second.into())).unwrap().cid;
    }
    let (did, entries) = (the_did(), parse(&told(&log)).unwrap());
    let mut audited = std::pin::pin!(audit_in_turns(&did, &entries));
    let mut turns = 0;
    let audited = loop {
        turns += 1;
        if let Poll::Ready(audited) =
            audited.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
        {
            break audited.unwrap();
        }
    };
    assert_eq!((turns, audited.entries()), (3, log.entries()));
}
