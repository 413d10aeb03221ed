use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";
const OTHER: &str = "did:plc:zzzzzzzzzzzzzzzzzzzzzzzz";
const K256: &str = "zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
const P256: &str = "zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5";
const K256_OLD: &str = "zSaSWeofUgJnVCNbRyzof1gxm39UxpsQngTMCVc6CEDKdLVySV4HUXdugKTAEyXUX4titwRf5Jxt8gGRTiipJvdVs";
const P256_OLD: &str = "zNJ525F7951jeCaXtKxZHm8VriSEEk8pZZdeHZiQ4R9ijK3SsKwJhAbHLTVgLJ7uznL7xMg4HsS3hwbBni1u869Px";

fn did() -> Did {
    DID.parse().unwrap()
}

fn read(document: &Value) -> Result<DidDocument, DocumentError> {
    DidDocument::from_json(&did(), &serde_json::to_vec(document).unwrap())
}

/// The document with one more field.
fn with(field: &str, value: Value) -> DidDocument {
    let mut document = json!({"id": DID});
    document[field] = value;
    read(&document).unwrap()
}

fn method(id: &str, kind: &str, key: &str) -> Value {
    json!({"id": id, "type": kind, "controller": DID, "publicKeyMultibase": key})
}

fn keys(methods: &[Value]) -> DidDocument {
    with("verificationMethod", methods.into())
}

fn signing_key(methods: &[Value]) -> Option<String> {
    keys(methods).signing_key().map(|key| key.to_multikey())
}

fn service(id: &str, kind: &str, endpoint: impl Into<Value>) -> Value {
    json!({"id": id, "type": kind, "serviceEndpoint": endpoint.into()})
}

fn pds_service(endpoint: impl Into<Value>) -> Value {
    service("#atproto_pds", "AtprotoPersonalDataServer", endpoint)
}

fn pds(services: &[Value]) -> Option<String> {
    with("service", services.into()).pds().map(Into::into)
}

fn handle(names: Value) -> Option<String> {
    with("alsoKnownAs", names).handle().map(Into::into)
}

#[test]
fn a_document_may_lack_everything_but_its_id() {
    let document = read(&json!({"id": DID})).unwrap();
    assert_eq!(document, DidDocument::new(did()));
    assert_eq!((document.handle(), document.signing_key(), document.pds()), (None, None, None));
    let nulls = json!({"id": DID, "alsoKnownAs": null, "verificationMethod": null, "service": null});
    assert_eq!(read(&nulls), Ok(document));
}

#[test]
fn what_the_protocol_does_not_read_may_be_anything() {
    for extra in [json!(1.5), json!(1e300), json!({"$link": 1}), json!([[{}]]), json!(null), json!("x")] {
        let document = json!({
            "@context": extra,
            "id": DID,
            "controller": extra,
            "authentication": [extra, "#atproto", {"id": extra}],
            "proof": {"value": extra},
        });
        assert_eq!(read(&document), Ok(DidDocument::new(did())), "{extra}");
    }
}

#[test]
fn entries_of_no_use_are_passed_over() {
    let document = read(&json!({
        "id": DID,
        "alsoKnownAs": [1, null, {}, "at://alice.example.com"],
        "verificationMethod": ["#atproto", 1.5, {}, {"id": 1}, method("#atproto", "Multikey", K256)],
        "service": ["#atproto_pds", {"id": "#atproto_pds"}, null, pds_service("https://pds.example.com")],
    }));
    let document = document.unwrap();
    assert_eq!(document.handle().unwrap(), "alice.example.com");
    assert!(document.signing_key().is_some());
    assert_eq!(document.pds(), Some("https://pds.example.com"));
    let counts = (document.also_known_as().len(), document.verification_methods().len(), document.services().len());
    assert_eq!(counts, (1, 1, 1));
}

#[test]
fn the_document_of_another_did_is_told_apart() {
    for id in [OTHER.to_owned(), DID.to_uppercase(), format!("{DID}#"), format!("{DID} "), String::new()] {
        assert_eq!(read(&json!({"id": id})), Err(DocumentError::Id { found: id.into() }));
    }
    let Err(DocumentError::Id { found }) = read(&json!({"id": "é".repeat(10_000)})) else { panic!() };
    assert_eq!(found.chars().count(), 256);
}

#[test]
fn what_is_no_document_is_malformed() {
    for text in [
        "",
        "null",
        "[]",
        "<html>",
        "{",
        r#"{"id": 1}"#,
        r#"{"id": null}"#,
        r#"{}"#,
        r#"{"id": "did:plc:abcdefghijklmnopqrstuvwx", "id": "did:plc:abcdefghijklmnopqrstuvwx"}"#,
        r#"{"id": "did:plc:abcdefghijklmnopqrstuvwx"} x"#,
        r#"{"id": "did:plc:abcdefghijklmnopqrstuvwx", "alsoKnownAs": "at://alice.example.com"}"#,
        r#"{"id": "did:plc:abcdefghijklmnopqrstuvwx", "verificationMethod": {}}"#,
        r#"{"id": "did:plc:abcdefghijklmnopqrstuvwx", "service": 1}"#,
    ] {
        let read = DidDocument::from_json(&did(), text.as_bytes());
        assert!(matches!(read, Err(DocumentError::Malformed(_))), "{text}: {read:?}");
    }
    assert!(matches!(DidDocument::from_json(&did(), b"{\"id\": \"\xff\"}"), Err(DocumentError::Malformed(_))));
}

#[test]
fn size_depth_and_entries_have_bounds() {
    let padded = |len: usize| {
        let mut json = serde_json::to_vec(&json!({"id": DID})).unwrap();
        json.resize(len, b' ');
        DidDocument::from_json(&did(), &json)
    };
    assert!(padded(DidDocument::MAX_BYTES).is_ok());
    assert_eq!(padded(DidDocument::MAX_BYTES + 1), Err(DocumentError::TooLarge));
    let extra = |text: &str| DidDocument::from_json(&did(), format!(r#"{{"id": "{DID}", "x": {text}}}"#).as_bytes());
    let nested = |levels: usize| extra(&("[".repeat(levels) + &"]".repeat(levels)));
    assert!(nested(31).is_ok());
    assert_eq!(nested(32), Err(DocumentError::TooLarge));
    assert_eq!(nested(100_000), Err(DocumentError::TooLarge));
    let names = |count: usize| read(&json!({"id": DID, "alsoKnownAs": vec!["x"; count]}));
    assert_eq!(names(1_024).unwrap().also_known_as().len(), 1_024);
    assert_eq!(names(1_025), Err(DocumentError::TooLarge));
    let many = read(&json!({"id": DID, "x": vec![vec![0; 1_000]; 17]}));
    assert_eq!(many, Err(DocumentError::TooLarge));
}

#[test]
fn the_handle_is_the_first_name_that_is_one() {
    assert_eq!(handle(json!(["at://alice.example.com", "at://bob.example.com"])).unwrap(), "alice.example.com");
    let bad = json!([
        "https://alice.example.com",
        "alice.example.com",
        "AT://alice.example.com",
        " at://alice.example.com",
        "at://alice.example.com/",
        "at://alice.example.com/app.bsky.feed.post",
        "at://alice.example.com?a",
        "at://alice.example.com#a",
        "at://@alice.example.com",
        "at://alice",
        "at://alice_b.example.com",
        "at://did:plc:abcdefghijklmnopqrstuvwx",
        "at://",
        "at:alice.example.com",
    ]);
    assert_eq!(handle(bad.clone()), None);
    let mut names = bad.as_array().unwrap().clone();
    names.push("at://Bob.Example.com".into());
    assert_eq!(handle(names.into()).unwrap(), "bob.example.com");
}

#[test]
fn a_handle_that_never_leads_anywhere_is_still_the_claim() {
    assert_eq!(handle(json!(["at://handle.invalid", "at://bob.example.com"])).unwrap(), "handle.invalid");
}

#[test]
fn a_key_has_an_id_with_the_did_or_without() {
    for id in ["#atproto", &format!("{DID}#atproto")] {
        assert_eq!(signing_key(&[method(id, "Multikey", K256)]).unwrap(), K256);
    }
    for id in ["atproto", "", "#", "#Atproto", "##atproto", "#atproto_label", DID, &format!("{OTHER}#atproto")] {
        assert_eq!(signing_key(&[method(id, "Multikey", K256)]), None, "{id}");
    }
    // A DID that the own one begins with is another DID.
    assert_eq!(signing_key(&[method(&format!("{}#atproto", &DID[..20]), "Multikey", K256)]), None);
    assert_eq!(signing_key(&[method(&format!("{DID}x#atproto"), "Multikey", K256)]), None);
}

#[test]
fn keys_of_both_curves_and_all_forms_are_read() {
    let k256_old = "EcdsaSecp256k1VerificationKey2019";
    let p256_old = "EcdsaSecp256r1VerificationKey2019";
    let compressed = |key: &str| {
        let key = PublicKey::from_multikey(key).unwrap();
        format!("z{}", bs58::encode(key.as_bytes()).into_string())
    };
    for (kind, text, key) in [
        ("Multikey", K256, K256),
        ("Multikey", P256, P256),
        (k256_old, K256_OLD, K256),
        (p256_old, P256_OLD, P256),
        (k256_old, &compressed(K256), K256),
        (p256_old, &compressed(P256), P256),
    ] {
        assert_eq!(signing_key(&[method("#atproto", kind, text)]).as_deref(), Some(key), "{kind} {text}");
    }
    for (kind, text) in [
        ("Multikey", K256_OLD),
        ("Multikey", &K256[1..]),
        ("Multikey", &format!("did:key:{K256}")),
        ("Multikey", ""),
        (k256_old, K256),
        (k256_old, P256_OLD),
        (p256_old, K256_OLD),
        ("JsonWebKey2020", K256),
        ("Ed25519VerificationKey2020", "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"),
        ("multikey", K256),
    ] {
        assert_eq!(signing_key(&[method("#atproto", kind, text)]), None, "{kind} {text}");
    }
}

#[test]
fn the_first_valid_key_counts_and_others_are_passed_over() {
    let mut foreign = method("#atproto", "Multikey", P256);
    foreign["controller"] = OTHER.into();
    let mut uncontrolled = method("#atproto", "Multikey", P256);
    uncontrolled.as_object_mut().unwrap().remove("controller");
    let methods = [
        method(&format!("{OTHER}#atproto"), "Multikey", P256),
        method("#other", "Multikey", P256),
        foreign,
        uncontrolled,
        json!({"id": "#atproto", "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": {"kty": "EC"}}),
        json!({"id": "#atproto", "type": "Multikey", "controller": DID, "publicKeyJwk": {"kty": "EC"}}),
        json!({"id": "#atproto", "type": "Multikey", "controller": DID, "publicKeyMultibase": 1}),
        method("#atproto", "Multikey", "z123"),
        method("#atproto", "Multikey", K256),
        method("#atproto", "Multikey", P256),
    ];
    assert_eq!(signing_key(&methods).unwrap(), K256);
    assert_eq!(signing_key(&methods[..8]), None);
}

#[test]
fn a_labeler_has_a_key_and_a_service_of_its_own() {
    let document = read(&json!({
        "id": DID,
        "verificationMethod": [method("#atproto", "Multikey", K256), method("#atproto_label", "Multikey", P256)],
        "service": [
            pds_service("https://pds.example.com"),
            service("#atproto_labeler", "AtprotoLabeler", "https://labels.example.com"),
            service("#bsky_fg", "BskyFeedGenerator", "https://feeds.example.com"),
            service("#bsky_notif", "BskyNotificationService", "https://notes.example.com"),
        ],
    }));
    let document = document.unwrap();
    assert_eq!(document.key("atproto_label").unwrap().to_multikey(), P256);
    assert_eq!(document.service("atproto_labeler", "AtprotoLabeler"), Some("https://labels.example.com"));
    assert_eq!(document.service("bsky_fg", "BskyFeedGenerator"), Some("https://feeds.example.com"));
    assert_eq!(document.service("bsky_notif", "BskyNotificationService"), Some("https://notes.example.com"));
    assert_eq!(document.service("atproto_labeler", "AtprotoPersonalDataServer"), None);
    assert_eq!(document.service_named("bsky_fg"), Some("https://feeds.example.com"));
    assert_eq!(document.service_named("bsky"), None);
}

#[test]
fn the_pds_is_the_first_service_of_its_id_and_type() {
    let good = pds_service("https://pds.example.com");
    let absolute = service(&format!("{DID}#atproto_pds"), "AtprotoPersonalDataServer", "https://pds.example.com");
    for service in [&good, &absolute] {
        assert_eq!(pds(std::slice::from_ref(service)).unwrap(), "https://pds.example.com");
    }
    let others = [
        service("#atproto_pds", "AtprotoLabeler", "https://a.example.com"),
        service("#pds", "AtprotoPersonalDataServer", "https://b.example.com"),
        service("atproto_pds", "AtprotoPersonalDataServer", "https://c.example.com"),
        service(&format!("{OTHER}#atproto_pds"), "AtprotoPersonalDataServer", "https://d.example.com"),
        json!({"id": "#atproto_pds", "type": ["AtprotoPersonalDataServer"], "serviceEndpoint": "https://e.example.com"}),
    ];
    assert_eq!(pds(&others), None);
    assert_eq!(pds(&[others.as_slice(), &[good]].concat()).unwrap(), "https://pds.example.com");
}

#[test]
fn no_other_pds_is_looked_for_if_the_endpoint_of_the_first_is_of_no_use() {
    let later = pds_service("https://later.example.com");
    for endpoint in [
        json!("https://pds.example.com/path"),
        json!("https://me@pds.example.com"),
        json!(""),
        json!(null),
        json!({"uri": "https://pds.example.com"}),
        json!(["https://pds.example.com"]),
    ] {
        assert_eq!(pds(&[pds_service(endpoint.clone()), later.clone()]), None, "{endpoint}");
    }
    let mut without = later.clone();
    without.as_object_mut().unwrap().remove("serviceEndpoint");
    assert_eq!(pds(&[without, later]), None);
}

#[test]
fn one_slash_at_the_end_of_an_endpoint_goes() {
    assert_eq!(pds(&[pds_service("https://pds.example.com/")]).unwrap(), "https://pds.example.com");
    assert_eq!(pds(&[pds_service("https://pds.example.com//")]), None);
}

#[test]
fn a_document_is_rendered_as_the_directory_does() {
    let document = DidDocument::new(did())
        .with_also_known_as("at://alice.example.com")
        .with_key("atproto", &format!("did:key:{P256}"))
        .with_key("atproto_label", K256)
        .with_key("again", P256)
        .with_key("other", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
        .with_service("atproto_pds", "AtprotoPersonalDataServer", "https://pds.example.com");
    let expected = [
        r#"{"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/multikey/v1","#,
        r#""https://w3id.org/security/suites/ecdsa-2019/v1","https://w3id.org/security/suites/secp256k1-2019/v1"],"#,
        r#""id":"did:plc:abcdefghijklmnopqrstuvwx","alsoKnownAs":["at://alice.example.com"],"#,
        r#""verificationMethod":["#,
        r#"{"id":"did:plc:abcdefghijklmnopqrstuvwx#atproto","type":"Multikey","#,
        r#""controller":"did:plc:abcdefghijklmnopqrstuvwx","#,
        r#""publicKeyMultibase":"zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5"},"#,
        r#"{"id":"did:plc:abcdefghijklmnopqrstuvwx#atproto_label","type":"Multikey","#,
        r#""controller":"did:plc:abcdefghijklmnopqrstuvwx","#,
        r#""publicKeyMultibase":"zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV"},"#,
        r#"{"id":"did:plc:abcdefghijklmnopqrstuvwx#again","type":"Multikey","#,
        r#""controller":"did:plc:abcdefghijklmnopqrstuvwx","#,
        r#""publicKeyMultibase":"zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5"},"#,
        r#"{"id":"did:plc:abcdefghijklmnopqrstuvwx#other","type":"Multikey","#,
        r#""controller":"did:plc:abcdefghijklmnopqrstuvwx","#,
        r#""publicKeyMultibase":"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}],"#,
        r##""service":[{"id":"#atproto_pds","type":"AtprotoPersonalDataServer","##,
        r#""serviceEndpoint":"https://pds.example.com"}]}"#,
    ];
    assert_eq!(String::from_utf8(document.to_json()).unwrap(), expected.concat());
}

#[test]
fn contexts_stand_in_the_order_of_their_first_use() {
    let contexts = |document: &DidDocument| {
        let json: Value = serde_json::from_slice(&document.to_json()).unwrap();
        let contexts = json["@context"].as_array().unwrap().clone();
        contexts.iter().skip(2).map(|context| context.as_str().unwrap().contains("secp256k1")).collect::<Vec<_>>()
    };
    let new = || DidDocument::new(did());
    assert!(contexts(&new()).is_empty());
    assert_eq!(contexts(&new().with_key("a", K256)), [true]);
    assert_eq!(contexts(&new().with_key("a", P256).with_key("b", K256)), [false, true]);
    assert_eq!(contexts(&new().with_key("a", K256).with_key("b", P256).with_key("c", K256)), [true, false]);
}

fn any_document() -> impl Strategy<Value = DidDocument> {
    let text = || "[ -~é\u{0}\n\u{1f600}]{0,12}";
    let key = prop_oneof![Just(K256.to_owned()), Just(P256.to_owned()), text()];
    let keys = prop::collection::vec((text(), key), 0..4);
    let services = prop::collection::vec((text(), text(), text()), 0..4);
    (prop::collection::vec(text(), 0..4), keys, services).prop_map(|(names, keys, services)| {
        let document = names.into_iter().fold(DidDocument::new(did()), DidDocument::with_also_known_as);
        let document = keys.iter().fold(document, |document, (name, key)| document.with_key(name, key));
        services.iter().fold(document, |document, (name, kind, endpoint)| document.with_service(name, kind, endpoint))
    })
}

/// Anything, with what documents are made of among it.
fn any_json() -> impl Strategy<Value = Value> {
    let texts =
        [DID, K256, K256_OLD, "#atproto", "#atproto_pds", "Multikey", "at://a.example.com", "https://a.example.com"];
    let fields = ["id", "type", "controller", "publicKeyMultibase", "serviceEndpoint", "$link", "x"];
    let leaf = prop_oneof![
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<Option<bool>>().prop_map(Value::from),
        "[ -~é\u{0}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        let field = prop::sample::select(fields.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(field, inner, 0..6).prop_map(|map| map.into_iter().collect::<Value>()),
        ]
    })
}

fn look_at(document: &DidDocument) {
    let _ = (document.handle(), document.signing_key(), document.key(""), document.pds(), document.service_named("x"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_document_that_was_rendered_is_read_as_it_was(document in any_document()) {
        prop_assert_eq!(DidDocument::from_json(&did(), &document.to_json()), Ok(document));
    }

    #[test]
    fn no_changed_document_breaks_the_reader(
        document in any_document(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut json = document.to_json();
        for (at, byte) in changes {
            let at = at.index(json.len());
            json[at] = byte;
        }
        for json in [json.as_slice(), &json[..cut.index(json.len())]] {
            if let Ok(read) = DidDocument::from_json(&did(), json) {
                look_at(&read);
                prop_assert_eq!(DidDocument::from_json(&did(), &read.to_json()), Ok(read));
            }
        }
    }

    #[test]
    fn no_document_of_other_parts_breaks_the_reader(
        id in prop_oneof![9 => Just(json!(DID)), 1 => any_json()],
        names in any_json(), methods in prop::collection::vec(any_json(), 0..4), services in any_json(), x in any_json(),
    ) {
        let document = json!({
            "id": id, "alsoKnownAs": names, "verificationMethod": methods, "service": services, "@context": x,
        });
        if let Ok(read) = read(&document) {
            look_at(&read);
            prop_assert_eq!(DidDocument::from_json(&did(), &read.to_json()), Ok(read));
        }
    }
}
