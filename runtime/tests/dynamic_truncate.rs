//! Shortening of texts, by schema.

use arobase_runtime::{Catalog, data::Value};

const POST: &str = r##"{ "lexicon": 1, "id": "com.example.post", "defs": {
    "main": { "type": "record", "key": "tid", "record": { "type": "object", "properties": {
        "text": { "type": "string", "maxGraphemes": 10 },
        "bytes": { "type": "string", "maxLength": 10 },
        "site": { "type": "string", "format": "uri", "maxLength": 10 },
        "known": { "type": "string", "knownValues": ["a"], "maxLength": 10 },
        "mood": { "type": "string", "enum": ["good"], "maxLength": 10 },
        "inner": { "type": "object", "properties": { "text": { "type": "string", "maxGraphemes": 3 } } },
        "part": { "type": "ref", "ref": "#part" },
        "name": { "type": "ref", "ref": "#name" },
        "list": { "type": "array", "items": { "type": "array", "items": { "type": "string", "maxGraphemes": 3 } } },
        "union": { "type": "union", "refs": ["#part"] },
        "any": { "type": "unknown" } } } },
    "name": { "type": "string", "maxGraphemes": 3 },
    "part": { "type": "object", "properties": {
        "text": { "type": "string", "maxGraphemes": 3 }, "part": { "type": "ref", "ref": "#part" } } }
} }"##;

fn catalog() -> Catalog {
    Catalog::from_json(POST).unwrap()
}

#[track_caller]
fn becomes(fields: &str, expected: &str) {
    let [mut post, expected] = [fields, expected].map(|fields| Value::from_json(fields.as_bytes()).unwrap());
    catalog().truncate("com.example.post", &mut post);
    assert_eq!(post, expected);
}

#[test]
fn graphemes_and_bytes_are_kept_to() {
    becomes(r#"{ "text": "twelve chars" }"#, r#"{ "text": "twelve ch…" }"#);
    becomes(r#"{ "bytes": "éééééé" }"#, r#"{ "bytes": "ééé…" }"#);
    becomes(r#"{ "text": "short", "bytes": "short" }"#, r#"{ "text": "short", "bytes": "short" }"#);
}

#[test]
fn texts_are_found_wherever_a_schema_describes_them() {
    becomes(r#"{ "inner": { "text": "long" } }"#, r#"{ "inner": { "text": "lo…" } }"#);
    becomes(r#"{ "part": { "part": { "text": "long" } } }"#, r#"{ "part": { "part": { "text": "lo…" } } }"#);
    becomes(r#"{ "name": "long" }"#, r#"{ "name": "lo…" }"#);
    becomes(r#"{ "list": [["long", "ok"], []] }"#, r#"{ "list": [["lo…", "ok"], []] }"#);
    becomes(
        r#"{ "union": { "$type": "com.example.post#part", "text": "long" } }"#,
        r#"{ "union": { "$type": "com.example.post#part", "text": "lo…" } }"#,
    );
    becomes(r#"{ "known": "longer than ten" }"#, r#"{ "known": "longer …" }"#);
}

#[test]
fn what_means_something_as_a_whole_or_has_no_schema_stays() {
    for same in [
        r#"{ "site": "https://example.com/long" }"#,
        r#"{ "mood": "longer than ten" }"#,
        r#"{ "any": { "text": "longer than ten" }, "other": "longer than ten" }"#,
        r#"{ "union": { "$type": "com.example.other", "text": "long" } }"#,
        r#"{ "union": { "text": "long" } }"#,
    ] {
        becomes(same, same);
    }
}

#[test]
fn data_of_another_shape_is_passed_over() {
    becomes(
        r#"{ "text": 5, "inner": "x", "part": [], "list": {}, "union": null, "bytes": "longer than ten" }"#,
        r#"{ "text": 5, "inner": "x", "part": [], "list": {}, "union": null, "bytes": "longer …" }"#,
    );
    becomes("[]", "[]");
}

#[test]
fn nothing_happens_to_an_unknown_type() {
    let mut value = Value::from("longer than ten");
    catalog().truncate("com.example.absent", &mut value);
    assert_eq!(value, "longer than ten".into());
    catalog().truncate("com.example.post#name", &mut value);
    assert_eq!(value, "lo…".into());
}

#[test]
fn data_that_is_nested_without_end_does_no_harm() {
    let mut value = Value::Map([("text", "long")].into_iter().collect());
    for _ in 0..2_000 {
        value = Value::Map([("part", value)].into_iter().collect());
    }
    catalog().truncate("com.example.post#part", &mut value);
}
