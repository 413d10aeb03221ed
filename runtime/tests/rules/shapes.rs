//! Types, presence, references, unions, `unknown`, blobs.

use arobase_runtime::{Catalog, data::Value};

use super::{NSID, document, fault, object, refuses, takes, value};

const CID: &str = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua";

/// One value of each type of the data model.
fn samples() -> [(&'static str, String); 10] {
    [
        ("null", "null".into()),
        ("boolean", "true".into()),
        ("integer", "1".into()),
        ("string", r#""text""#.into()),
        ("bytes", r#"{ "$bytes": "q80" }"#.into()),
        ("cid-link", format!(r#"{{ "$link": "{CID}" }}"#)),
        (
            "blob",
            format!(r#"{{ "$type": "blob", "ref": {{ "$link": "{RAW}" }}, "mimeType": "image/png", "size": 9 }}"#),
        ),
        ("array", "[1]".into()),
        ("object", r#"{ "n": 1 }"#.into()),
        ("unknown", r#"{ "$type": "com.example.other", "n": 1 }"#.into()),
    ]
}

/// A link to bytes.
const RAW: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

#[test]
fn a_value_of_another_type_is_refused() {
    let catalog = object(
        r#""boolean": { "type": "boolean" }, "integer": { "type": "integer" }, "string": { "type": "string" },
           "bytes": { "type": "bytes" }, "cid-link": { "type": "cid-link" }, "blob": { "type": "blob" },
           "array": { "type": "array", "items": { "type": "integer" } },
           "object": { "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } },
           "unknown": { "type": "unknown" }"#,
    );
    let samples = samples();
    for (field, _) in samples.iter().filter(|(field, _)| *field != "null") {
        for (found, json) in &samples {
            // An `unknown` field takes all objects; a `$type` does not matter to an object without a name.
            let fits = field == found || matches!((*field, *found), ("unknown", "object") | ("object", "unknown"));
            let fault = fault(&catalog, &format!(r#""{field}": {json}"#));
            assert_eq!(fault.is_none(), fits, "{found} in {field}: {fault:?}");
        }
    }
}

#[test]
fn integers_are_whole_and_have_64_bits() {
    let catalog = object(r#""n": { "type": "integer" }"#);
    takes(&catalog, &[r#""n": 0"#, r#""n": 3.0"#, r#""n": 9223372036854775807"#, r#""n": -9223372036854775808"#]);
    for number in ["9223372036854775808", "-9223372036854775809", "1180591620717411303424", "1.5", "1e400"] {
        let json = format!(r#"{{ "n": {number} }}"#);
        assert!(Value::from_json(json.as_bytes()).is_err(), "{number}");
    }
}

#[test]
fn there_are_no_floats_at_any_depth() {
    let catalog = object(r#""any": { "type": "unknown" }, "open": { "type": "union", "refs": [] }"#);
    takes(&catalog, &[r#""any": { "a": [{ "b": 1 }] }"#]);
    for json in [
        r#"{ "any": { "a": [{ "b": 1.5 }] } }"#,
        r#"{ "open": { "$type": "com.example.x", "a": 1.5 } }"#,
        r#"{ "undeclared": { "a": [1.5] } }"#,
    ] {
        assert!(Value::from_json(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn a_required_field_is_there_and_is_null_only_where_it_may_be() {
    let main = r#""main": { "type": "object", "required": ["a", "b"], "nullable": ["b", "c"], "properties": {
        "a": { "type": "integer" }, "b": { "type": "integer" }, "c": { "type": "integer" } } }"#;
    let catalog = Catalog::from_json(document(NSID, main)).unwrap();
    takes(&catalog, &[r#""a": 1, "b": 2"#, r#""a": 1, "b": null"#, r#""a": 1, "b": 2, "c": null"#]);
    assert_eq!(fault(&catalog, r#""a": 1"#).unwrap(), "$.b: required but missing");
    assert_eq!(fault(&catalog, r#""a": null, "b": 1"#).unwrap(), "$.a: null, but not nullable");
    let undeclared = main.replace(r#""required": ["a", "b"]"#, r#""required": ["z"]"#);
    assert!(Catalog::from_json(document(NSID, &undeclared)).is_err(), "what is required has to be a property");
}

#[test]
fn null_is_no_element_of_a_list() {
    let catalog = object(r#""list": { "type": "array", "items": { "type": "integer" } }"#);
    takes(&catalog, &[r#""list": []"#, r#""list": [1, 2]"#]);
    assert_eq!(fault(&catalog, r#""list": [1, null]"#).unwrap(), "$.list[1]: expected an integer, found null");
}

#[test]
fn fields_that_the_schema_does_not_know_are_let_be() {
    let catalog = object(r#""n": { "type": "integer" }"#);
    takes(&catalog, &[r#""n": 1, "more": [null, { "x": "y" }]"#, r#""N": "text""#]);
}

#[test]
fn a_reference_leads_within_the_document_and_to_others() {
    let catalog = Catalog::from_json(document(
        NSID,
        r##""main": { "type": "object", "properties": {
                "near": { "type": "ref", "ref": "#part" }, "far": { "type": "ref", "ref": "com.example.record" } } },
            "part": { "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } }"##,
    ))
    .unwrap();
    let record = r#""main": { "type": "record", "key": "any", "record": { "type": "object", "required": ["n"],
        "properties": { "n": { "type": "integer" } } } }"#;
    let catalog = catalog.with(&Catalog::from_json(document("com.example.record", record)).unwrap()).unwrap();
    takes(
        &catalog,
        &[
            r#""near": { "n": 1 }"#,
            r#""near": { "$type": "com.example.thing#part", "n": 1 }"#,
            r#""far": { "$type": "com.example.record", "n": 1 }"#,
        ],
    );
    refuses(
        &catalog,
        &[
            r#""near": { "n": "1" }"#,
            r#""near": "com.example.thing#part""#,
            r#""near": { "$type": "com.example.other", "n": 1 }"#,
            r#""far": { "n": 1 }"#,
            r#""far": { "$type": "com.example.record" }"#,
        ],
    );
}

/// Unions over one member of each kind.
fn unions() -> Catalog {
    let defs = r##""main": { "type": "object", "properties": {
            "open": { "type": "union", "refs": ["#part"] },
            "closed": { "type": "union", "closed": true, "refs": ["#part", "com.example.thing#main"] } } },
        "part": { "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } }"##;
    Catalog::from_json(document(NSID, defs)).unwrap()
}

#[test]
fn an_open_union_takes_any_type_and_looks_into_those_that_it_lists() {
    takes(
        &unions(),
        &[
            r#""open": { "$type": "com.example.thing#part", "n": 1 }"#,
            r#""open": { "$type": "com.example.new", "n": "anything" }"#,
            // No type of the data model is called so; it is one that nobody knows.
            r##""open": { "$type": "#part", "n": "anything" }"##,
            r#""open": { "$type": "com.example.thing#main", "open": 5 }"#,
        ],
    );
    refuses(
        &unions(),
        &[
            r#""open": { "$type": "com.example.thing#part", "n": "1" }"#,
            r#""open": { "n": 1 }"#,
            r#""open": "com.example.thing#part""#,
            r#""open": [1]"#,
            r#""open": { "$bytes": "q80" }"#,
            &format!(r#""open": {{ "$link": "{CID}" }}"#),
            &format!(r#""open": {}"#, samples()[6].1),
        ],
    );
    for json in [r#"{ "open": { "$type": "" } }"#, r#"{ "open": { "$type": 1 } }"#] {
        assert!(Value::from_json(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn a_closed_union_takes_its_members_under_their_full_names() {
    takes(
        &unions(),
        &[
            r#""closed": { "$type": "com.example.thing#part", "n": 1 }"#,
            r#""closed": { "$type": "com.example.thing" }"#,
        ],
    );
    refuses(
        &unions(),
        &[
            r#""closed": { "$type": "com.example.new" }"#,
            r##""closed": { "$type": "#part", "n": 1 }"##,
            r#""closed": { "$type": "part", "n": 1 }"#,
            r#""closed": { "$type": "com.example.thing#main" }"#,
            r#""closed": { "$type": "com.example.thing", "open": 5 }"#,
            r#""closed": {}"#,
        ],
    );
}

#[test]
fn unknown_is_an_object_of_any_type() {
    let catalog = object(r#""any": { "type": "unknown" }"#);
    takes(
        &catalog,
        &[
            r#""any": {}"#,
            r#""any": { "$type": "com.example.nowhere", "a": [null, "b"] }"#,
            r#""any": { "$type": "com.example.thing", "any": 5 }"#,
        ],
    );
    refuses(
        &catalog,
        &[
            r#""any": "text""#,
            r#""any": 1"#,
            r#""any": true"#,
            r#""any": [{}]"#,
            r#""any": null"#,
            r#""any": { "$bytes": "q80" }"#,
            &format!(r#""any": {{ "$link": "{CID}" }}"#),
            &format!(r#""any": {}"#, samples()[6].1),
        ],
    );
}

#[test]
fn a_blob_has_a_form_a_type_and_a_size() {
    let catalog = object(
        r#""image": { "type": "blob", "accept": ["image/*", "video/mp4"], "maxSize": 1000 },
           "any": { "type": "blob" }, "all": { "type": "blob", "accept": ["*/*"] }"#,
    );
    let blob = |field: &str, mime: &str, size: &str| {
        format!(
            r#""{field}": {{ "$type": "blob", "ref": {{ "$link": "{RAW}" }}, "mimeType": "{mime}", "size": {size} }}"#
        )
    };
    takes(
        &catalog,
        &[
            &blob("image", "image/png", "1000"),
            &blob("image", "video/mp4", "1"),
            &blob("any", "text/html", "99999999"),
            &blob("all", "text/html", "1"),
        ],
    );
    refuses(
        &catalog,
        &[
            &blob("image", "image/png", "1001"),
            &blob("image", "video/webm", "1"),
            &blob("image", "images/png", "1"),
            r#""any": {}"#,
            r#""any": { "ref": "x" }"#,
            &format!(r#""any": {{ "cid": "{RAW}", "mimeType": "image/png" }}"#),
        ],
    );
    for broken in [
        blob("any", "image/png", "-1"),
        blob("any", "image/png", r#""1""#),
        blob("any", "image/png", "1").replace(r#", "mimeType": "image/png""#, ""),
        blob("any", "image/png", "1").replace(r#""$link""#, r#""link""#),
    ] {
        assert!(Value::from_json(format!("{{ {broken} }}").as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn a_token_is_a_name_and_no_data() {
    let defs = r##""main": { "type": "object", "properties": {
            "mood": { "type": "string", "knownValues": ["com.example.thing#good"] },
            "part": { "type": "ref", "ref": "#good" } } },
        "good": { "type": "token" }"##;
    let catalog = Catalog::from_json(document(NSID, defs)).unwrap();
    takes(&catalog, &[r#""mood": "com.example.thing#good""#, r#""mood": "com.example.thing#other""#]);
    refuses(&catalog, &[r#""part": "com.example.thing#good""#, r#""part": {}"#]);
}

#[test]
fn a_record_is_of_the_type_that_it_is_checked_against() {
    let main = r#""main": { "type": "record", "key": "any", "record": { "type": "object", "properties": {} } }"#;
    let catalog = Catalog::from_json(document(NSID, main)).unwrap();
    let check = |json: &str| catalog.validate_record(NSID, &value(json)).is_ok();
    assert!(check(r#"{ "$type": "com.example.thing" }"#));
    for json in [
        "{}",
        r#"{ "$type": "com.example.other" }"#,
        r#"{ "$type": "com.example.thing#main" }"#,
        r#"{ "$type": "com.example.Thing" }"#,
        "[]",
    ] {
        assert!(!check(json), "{json}");
    }
}
