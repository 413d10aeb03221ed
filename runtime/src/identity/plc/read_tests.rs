use proptest::prelude::*;

use super::super::{
    Content, LegacyCreate, Operation, OperationError, PlcData, PlcService,
    testing::{assert_distinct, data, did, did_key, genesis, json_with, k256, p256, tombstone, update},
};
use crate::{
    crypto::Signature,
    data::{Cid, CidError, Value, cbor},
};

fn refused(json: &[u8]) -> OperationError {
    Operation::from_json(json).expect_err(&String::from_utf8_lossy(json))
}

fn field(place: &str, reason: &'static str) -> OperationError {
    OperationError::Field(place.into(), reason)
}

fn some_cid() -> Cid {
    Cid::of_cbor(b"an operation")
}

/// One operation of each form.
fn forms() -> [Operation; 4] {
    let create = LegacyCreate {
        signing_key: did_key(&p256()),
        recovery_key: did_key(&k256()),
        handle: "old.example.com".into(),
        service: "https://pds.example.com".into(),
    };
    let create = Content::Create(create).sign(&p256()).unwrap();
    [genesis(), update("bob.example.com", some_cid(), &k256()), tombstone(some_cid(), &k256()), create]
}

fn object(operation: &Operation) -> serde_json::Map<String, serde_json::Value> {
    serde_json::from_slice(&operation.to_json()).unwrap()
}

fn bytes(object: &serde_json::Map<String, serde_json::Value>) -> Vec<u8> {
    serde_json::to_vec(object).unwrap()
}

#[test]
fn every_field_of_a_form_is_required() {
    for operation in forms() {
        for key in object(&operation).keys() {
            let mut object = object(&operation);
            object.remove(key);
            assert_eq!(refused(&bytes(&object)), field(key, "missing"));
        }
    }
}

#[test]
fn every_field_has_one_type() {
    for operation in forms() {
        for key in object(&operation).keys() {
            for wrong in [serde_json::json!(1), true.into(), 1.5.into()] {
                let mut object = object(&operation);
                object.insert(key.clone(), wrong);
                let error = refused(&bytes(&object));
                assert!(matches!(&error, OperationError::Field(place, _) if **place == **key), "{key}: {error}");
            }
        }
    }
}

#[test]
fn null_is_for_prev_alone() {
    for operation in forms() {
        for key in object(&operation).keys().filter(|key| *key != "prev") {
            let mut object = object(&operation);
            object.insert(key.clone(), serde_json::Value::Null);
            let error = refused(&bytes(&object));
            assert!(matches!(&error, OperationError::Field(place, _) if **place == **key), "{key}: {error}");
        }
    }
}

#[test]
fn fields_that_nobody_knows_are_refused() {
    for operation in forms() {
        let json = json_with(&operation, "{", r#"{"extra":null,"#);
        assert_eq!(refused(&json), field("extra", "no such field"));
    }
    let json = json_with(&genesis(), r#""endpoint":"#, r#""extra":"","endpoint":"#);
    assert_eq!(refused(&json), field("services.atproto_pds.extra", "no such field"));
}

#[test]
fn fields_of_other_forms_are_refused() {
    let [_, update, tombstone, create] = forms();
    let others = [
        (&update, r#""did":"did:plc:lxaisagbdcldns2lyn6q53ic""#, "did"),
        (&update, r#""handle":"a.example.com""#, "handle"),
        (&tombstone, r#""rotationKeys":[]"#, "rotationKeys"),
        (&tombstone, r#""services":{}"#, "services"),
        (&create, r#""alsoKnownAs":[]"#, "alsoKnownAs"),
    ];
    for (operation, extra, name) in others {
        let json = json_with(operation, "{", &format!("{{{extra},"));
        assert_eq!(refused(&json), field(name, "not a field of this form"));
    }
}

#[test]
fn a_key_that_stands_twice_is_refused_wherever_it_does() {
    for operation in forms() {
        for key in object(&operation).keys() {
            let value = serde_json::to_string(&object(&operation)[key]).unwrap();
            let json = json_with(&operation, "{", &format!("{{\"{key}\":{value},"));
            assert_eq!(refused(&json), OperationError::Repeated(key.as_str().into()));
        }
    }
    let inner = [
        (r#""endpoint":"#, r#""endpoint":"a","endpoint":"#, "services.atproto_pds.endpoint"),
        (r#""atproto_pds":"#, r#""atproto_pds":{"type":"a","endpoint":"b"},"atproto_pds":"#, "services.atproto_pds"),
        (r#""atproto":"#, r#""atproto":"a","atproto":"#, "verificationMethods.atproto"),
        // The same key, written otherwise.
        (r#""atproto":"#, r#""\u0061tproto":"a","atproto":"#, "verificationMethods.atproto"),
    ];
    for (part, other, place) in inner {
        assert_eq!(refused(&json_with(&genesis(), part, other)), OperationError::Repeated(place.into()));
    }
}

#[test]
fn services_have_exactly_a_type_and_an_endpoint() {
    let cases = [
        (r#"{"a":{}}"#, field("services.a.type", "missing")),
        (r#"{"a":{"type":"b"}}"#, field("services.a.endpoint", "missing")),
        (r#"{"a":{"type":"b","endpoint":{}}}"#, field("services.a.endpoint", "not text")),
        (r#"{"a":"https://pds.example.com"}"#, field("services.a", "not an object")),
        (r#"[]"#, field("services", "not an object")),
    ];
    for (services, error) in cases {
        let mut object = object(&genesis());
        object.insert("services".into(), serde_json::from_str(services).unwrap());
        assert_eq!(refused(&bytes(&object)), error);
    }
}

#[test]
fn lists_and_maps_hold_text() {
    let mut object = object(&genesis());
    object.insert("rotationKeys".into(), serde_json::json!(["a", 1]));
    assert_eq!(refused(&bytes(&object)), field("rotationKeys[1]", "not text"));
    object.insert("rotationKeys".into(), serde_json::json!({"0": "a"}));
    assert_eq!(refused(&bytes(&object)), field("rotationKeys", "not a list"));
    let json = json_with(&genesis(), r#""atproto":"did"#, r#""atproto":["did"],"b":"did"#);
    assert_eq!(refused(&json), field("verificationMethods.atproto", "not text"));
}

#[test]
fn prev_is_the_text_of_a_cid_of_dag_cbor() {
    let raw = Cid::of_raw(b"bytes").to_string();
    let cases = [
        ("", CidError::Multibase),
        ("null", CidError::Multibase),
        ("b", CidError::TextLength),
        (raw.as_str(), CidError::Codec(0x55)),
        ("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n", CidError::Multibase),
    ];
    let upper = some_cid().to_string().to_uppercase();
    for (text, error) in cases.into_iter().chain([(upper.as_str(), CidError::Multibase)]) {
        for operation in [update("bob.example.com", some_cid(), &k256()), tombstone(some_cid(), &k256())] {
            let json = json_with(&operation, &some_cid().to_string(), text);
            assert_eq!(refused(&json), OperationError::Prev(error), "{text}");
        }
    }
    let link = format!(r#"{{"$link":"{}"}}"#, some_cid());
    let json = json_with(&tombstone(some_cid(), &k256()), &format!("\"{}\"", some_cid()), &link);
    assert_eq!(refused(&json), field("prev", "neither text nor null"));
}

#[test]
fn a_link_in_cbor_is_no_prev() {
    let tombstone = tombstone(some_cid(), &k256());
    let mut value = Value::from_cbor(&tombstone.to_cbor()).unwrap();
    let Value::Map(map) = &mut value else { panic!("not a map") };
    map.insert("prev".into(), some_cid().into());
    assert_eq!(Operation::from_cbor(&value.to_cbor().unwrap()), Err(field("prev", "neither text nor null")));
}

#[test]
fn prev_is_null_where_the_old_form_is_and_never_in_a_tombstone() {
    let [.., tombstone, create] = forms();
    let cid = format!("\"{}\"", some_cid());
    assert_eq!(refused(&json_with(&tombstone, &cid, "null")), field("prev", "null in a tombstone"));
    let json = json_with(&create, "null", &cid);
    assert_eq!(refused(&json), field("prev", "not null in a genesis of the old form"));
}

#[test]
fn other_types_of_operation_are_refused() {
    for other in ["", "PLC_OPERATION", "plc_operation ", "tombstone", "plc_create"] {
        let json = json_with(&genesis(), "plc_operation", other);
        assert_eq!(refused(&json), field("type", "no type of operation"));
    }
}

#[test]
fn what_is_no_json_object_is_no_operation() {
    let cut = genesis().to_json();
    let twice = [cut.as_slice(), b"{}"].concat();
    let texts: [&[u8]; 7] = [b"", b" ", b"{", b"\xff", b"{\"type\":\"\xff\"}", &cut[..cut.len() - 1], &twice];
    for text in texts {
        let error = refused(text);
        assert!(matches!(error, OperationError::Syntax(_)), "{error:?}");
    }
    for text in ["[]", "null", "\"plc_operation\"", "1"] {
        assert_eq!(refused(text.as_bytes()), field("operation", "not an object"));
    }
}

#[test]
fn deep_nesting_is_refused_without_a_look_at_all_of_it() {
    let deep = format!(r#"{{"rotationKeys":{}"#, "[".repeat(60_000));
    assert_eq!(refused(deep.as_bytes()), field("rotationKeys[0]", "not text"));
}

#[test]
fn what_published_logs_hold_is_read() {
    let many = |keys: usize| PlcData { rotation_keys: vec![did_key(&k256()); keys], ..data() };
    for keys in [0, 2, 10] {
        let operation = Content::genesis(many(keys)).sign(&k256()).unwrap();
        assert_eq!(Operation::from_json(&operation.to_json()).unwrap(), operation, "{keys}");
    }
    let operation = Content::genesis(many(11)).sign(&k256()).unwrap();
    assert_eq!(refused(&operation.to_json()), field("rotationKeys", "more than 10"));
    let mut other = data();
    other.set_signing_key("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK");
    other.also_known_as.extend((0..12).map(|_| "the same".to_owned()));
    let operation = Content::genesis(other).sign(&k256()).unwrap();
    assert_eq!(Operation::from_json(&operation.to_json()).unwrap(), operation);
}

#[test]
fn names_that_strangers_chose_do_not_fill_messages() {
    let name = format!("\\n\\u001b{}", "x".repeat(900));
    let json = json_with(&genesis(), "{", &format!("{{\"{name}\":1,"));
    let text = refused(&json).to_string();
    assert!(text.starts_with(r"\n\u{1b}xxx") && text.len() < 200, "{text}");
}

#[test]
fn a_state_is_read_as_it_was_written_and_only_for_its_did() {
    let did = did(&genesis());
    let json = data().to_json(&did);
    assert_eq!(PlcData::from_json(&did, &json), Ok(data()));
    let other = "did:plc:w2njvmgsekt3i7sscvnwkxcj".parse().unwrap();
    assert_eq!(PlcData::from_json(&other, &json), Err(field("did", "another DID")));
    let tree: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(tree["did"], did.as_str());
    assert_eq!(tree["services"]["atproto_pds"]["endpoint"], "https://pds.example.com");
    for key in ["did", "rotationKeys", "verificationMethods", "alsoKnownAs", "services"] {
        let mut object = tree.as_object().unwrap().clone();
        object.remove(key);
        assert_eq!(PlcData::from_json(&did, &bytes(&object)), Err(field(key, "missing")));
    }
    let mut object = tree.as_object().unwrap().clone();
    object.insert("prev".into(), serde_json::Value::Null);
    assert_eq!(PlcData::from_json(&did, &bytes(&object)), Err(field("prev", "not a field of this form")));
    let large = vec![b' '; Operation::MAX_JSON_BYTES + 1];
    assert!(matches!(PlcData::from_json(&did, &large), Err(OperationError::InputTooLarge { .. })));
}

#[test]
fn all_errors_say_something_else() {
    assert_distinct([
        OperationError::Syntax("reason".into()),
        OperationError::Repeated("prev".into()),
        field("prev", "missing"),
        OperationError::InputTooLarge { bytes: 9, max: 8 },
        OperationError::TooLarge { bytes: 9, max: 8 },
        OperationError::Prev(CidError::Multibase),
        OperationError::Prev(CidError::Codec(0x55)),
        OperationError::SignatureEncoding,
        OperationError::SignatureLength(70),
        OperationError::SignatureRange,
        OperationError::SignatureHighS,
        OperationError::Legacy,
        OperationError::Limit("rotationKeys".into(), "more than 5"),
    ]);
}

fn any_data() -> impl Strategy<Value = PlcData> {
    let name = "[a-z$#]{0,4}|\\PC{0,6}";
    let service = (name, ".{0,12}").prop_map(|(kind, endpoint)| PlcService { kind, endpoint });
    (
        prop::collection::vec(".{0,20}", 0..=10),
        prop::collection::btree_map(name, ".{0,20}", 0..6),
        prop::collection::vec(".{0,20}", 0..6),
        prop::collection::btree_map(name, service, 0..6),
    )
        .prop_map(|(rotation_keys, verification_methods, also_known_as, services)| PlcData {
            rotation_keys,
            verification_methods,
            also_known_as,
            services,
        })
}

fn any_content() -> impl Strategy<Value = Content> {
    let cid = any::<[u8; 32]>().prop_map(|digest| Cid::new(crate::data::Codec::DagCbor, digest));
    let create =
        (".{0,20}", ".{0,20}", ".{0,20}", ".{0,20}").prop_map(|(signing_key, recovery_key, handle, service)| {
            Content::Create(LegacyCreate { signing_key, recovery_key, handle, service })
        });
    prop_oneof![
        (any_data(), prop::option::of(cid.clone())).prop_map(|(data, prev)| Content::Update { data, prev }),
        cid.prop_map(|prev| Content::Tombstone { prev }),
        create,
    ]
}

fn any_operation() -> impl Strategy<Value = Operation> {
    (any_content(), prop::array::uniform32(1..=0x7e_u8), prop::array::uniform32(1..=0x7e_u8)).prop_map(
        |(content, r, s)| {
            let mut bytes = [0; 64];
            bytes[..32].copy_from_slice(&r);
            bytes[32..].copy_from_slice(&s);
            content.signed_with(Signature::from_bytes(bytes))
        },
    )
}

proptest! {
    #[test]
    fn any_operation_survives_json_and_cbor(operation in any_operation()) {
        let (json, cbor) = (operation.to_json(), operation.to_cbor());
        prop_assert_eq!(&Operation::from_json(&json).unwrap(), &operation);
        prop_assert_eq!(&Operation::from_cbor(&cbor).unwrap(), &operation);
        // The bytes are canonical, and hold what the JSON holds.
        let value = cbor::parse(&cbor).unwrap();
        let tree: serde_json::Value = serde_json::from_slice(&json).unwrap();
        prop_assert_eq!(plain(&value), tree);
    }

    #[test]
    fn broken_operations_are_refused_or_are_others(
        operation in any_operation(), index: prop::sample::Index, byte: u8, cut: bool,
    ) {
        for input in [operation.to_json(), operation.to_cbor()] {
            let mut broken = input.clone();
            let at = index.index(broken.len());
            if cut { broken.truncate(at) } else { broken[at] = byte }
            for read in [Operation::from_json(&broken), Operation::from_cbor(&broken)].into_iter().flatten() {
                prop_assert_eq!(read == operation, read.cid() == operation.cid());
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Operation::from_json(&bytes), Operation::from_cbor(&bytes));
    }
}

/// What an operation's DAG-CBOR says, as plain JSON.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::String(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key.to_owned(), plain(value))).collect(),
        other => panic!("{other:?} in an operation"),
    }
}
