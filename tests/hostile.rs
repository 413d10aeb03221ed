//! Input that was made to hurt, and values that were made by hand.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
};

use arobase::{
    app::bsky::{actor::Profile, feed::Post},
    data::{Blob, Cid, CidLink, Data, Extra, Limits, Strictness, Value, json},
};

fn post(more: &str) -> String {
    format!(r#"{{"$type":"app.bsky.feed.post","text":"a","createdAt":"2026-11-21T09:30:00Z"{more}}}"#)
}

fn hash<T: Hash>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Sorted in one by one, this took 22 s.
#[test]
fn very_many_unknown_keys_in_the_worst_order_are_read() {
    let keys: Vec<String> = (100_000..200_000).rev().map(|n| format!(r#","k{n}":0"#)).collect();
    let read = Post::from_json(post(&keys.concat()).as_bytes()).expect("unknown keys");
    assert_eq!(read.extra.map().len(), 100_000);
    let through_serde: Value = serde_json::from_str(&post(&keys.concat())).expect("unknown keys");
    assert_eq!(through_serde, read.to_value().expect("a valid post"));
}

#[test]
fn a_hundred_thousand_faults_are_a_hundred_issues() {
    let tags = vec!["7"; 100_000].join(",");
    let json = post(&format!(r#","tags":[{tags}]"#));
    let read = Post::from_json_lenient(json.as_bytes()).expect("a map");
    assert_eq!(read.issues.len(), 100);
    let written = read.value.to_json_lenient().expect("what was read");
    assert_eq!(Value::from_json(&written).unwrap(), Value::from_json(json.as_bytes()).unwrap());
}

#[test]
fn a_faulty_record_within_untyped_data_is_read_leniently() {
    let (value, _) = json::parse_lenient(post(r#","tags":1.5,"x":0.5"#).as_bytes(), Limits::DEFAULT).expect("JSON");
    let read = Post::from_value_lenient(&value).expect("a map");
    let paths: Vec<String> = read.issues.iter().map(|issue| issue.path().to_string()).collect();
    assert_eq!(paths, ["$.x", "$.tags"], "in canonical order");
}

#[test]
fn a_type_that_is_no_text_is_kept_by_the_lenient_reader() {
    let json = br#"{"$type":5,"text":"a","createdAt":"2026-11-21T09:30:00Z"}"#;
    let read = Post::from_json_lenient(json).expect("a map");
    assert_eq!((read.value.text.as_str(), read.issues.len()), ("a", 1));
    assert_eq!(Value::from_json(json).unwrap_err().to_string(), "$: $type is not text (at byte 0)");
    assert!(read.value.to_json().is_err());
    let written = read.value.to_json_lenient().expect("what was read");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&written).unwrap()["$type"], 5);
}

#[test]
fn an_error_stands_where_it_is_even_in_broken_json() {
    let json = post(r#","reply":{"root":}"#);
    let error = Post::from_json(json.as_bytes()).unwrap_err();
    assert!(error.to_string().starts_with("$.reply.root: "), "{error}");
}

#[test]
fn no_unknown_fields_are_no_unknown_fields() {
    let mut emptied = Extra::new();
    emptied.insert("x", 1);
    emptied.remove("x");
    assert_eq!(emptied, Extra::new());
    assert_eq!(hash(&emptied), hash(&Extra::new()));
}

#[test]
fn a_blob_without_a_type_is_not_written() {
    let avatar = Blob::new(CidLink::from(Cid::of_raw(b"x")), "", 1);
    let profile = Profile::new().avatar(avatar);
    assert!(profile.validate().is_err());
    assert!(profile.to_json().is_err());
}

#[test]
fn unknown_members_of_any_name_are_read_but_not_created() {
    let json = post(r##","embed":{"$type":"#other"}"##);
    let read = Post::from_json(json.as_bytes()).expect("an unknown member");
    assert!(read.to_json().is_ok());
    assert!(read.check_creatable().is_err());
    let named =
        Post::from_json(post(r#","embed":{"$type":"com.example.other"}"#).as_bytes()).expect("an unknown member");
    named.check_creatable().expect("a name of its own");
}

#[test]
fn integers_beyond_53_bits_are_kept_but_not_created() {
    let read = Post::from_json(post(r#","n":9007199254740993"#).as_bytes()).expect("an integer");
    assert_eq!(read.extra.get("n"), Some(&Value::Int(9_007_199_254_740_993)));
    assert!(read.to_cbor().is_ok());
    assert!(read.check_creatable().is_err());
}

#[test]
fn the_limits_of_a_record_can_be_asked_for() {
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let json = post(&format!(r#","x":{deep}"#));
    assert!(Post::from_json(json.as_bytes()).is_ok());
    let error = Post::read_json(json.as_bytes(), Strictness::Strict, Limits::RECORD).unwrap_err();
    assert!(error.to_string().contains("nested too deep"), "{error}");
}

#[test]
fn what_is_missing_is_called_missing() {
    let read = Post::from_json_lenient(br#"{"$type":"app.bsky.feed.post","text":"a"}"#).expect("a map");
    assert_eq!(read.value.to_json().unwrap_err().to_string(), "$.createdAt: required but missing");
}
