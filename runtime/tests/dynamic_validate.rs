//! Validation by NSID.

use arobase_runtime::{
    Catalog,
    catalog::{Unknown, Validity},
    data::{Error, Map, Value},
};

const NOTE: &str = r##"{ "lexicon": 1, "id": "com.example.note", "defs": {
    "main": { "type": "record", "key": "tid", "record": { "type": "object", "required": ["text"], "nullable": ["memo"],
        "properties": {
            "text": { "type": "string", "maxLength": 10 },
            "memo": { "type": "string" },
            "zero": { "type": "string", "maxLength": 0 },
            "floor": { "type": "integer", "minimum": 0 },
            "never": { "type": "boolean", "const": false },
            "open": { "type": "union", "refs": ["#a"] },
            "closed": { "type": "union", "closed": true, "refs": ["#a"] },
            "part": { "type": "ref", "ref": "com.example.note#a" },
            "main": { "type": "ref", "ref": "com.example.thing#main" },
            "any": { "type": "unknown" },
            "image": { "type": "blob", "accept": ["image/*"], "maxSize": 100 },
            "elsewhere": { "type": "ref", "ref": "com.example.absent" } } } },
    "a": { "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } }
} }"##;

const THING: &str = r#"{ "lexicon": 1, "id": "com.example.thing", "defs": {
    "main": { "type": "object", "required": ["ok"], "properties": { "ok": { "type": "boolean" } } }
} }"#;

const METHOD: &str = r#"{ "lexicon": 1, "id": "com.example.doThing", "defs": { "main": { "type": "procedure",
    "parameters": { "type": "params", "required": ["limit", "who"], "properties": {
        "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 50 },
        "who": { "type": "string", "format": "at-identifier" },
        "tags": { "type": "array", "items": { "type": "string" } } } },
    "input": { "encoding": "application/json", "schema": { "type": "object", "required": ["mode"], "properties": {
        "mode": { "type": "string", "default": "fast", "maxLength": 4 } } } },
    "output": { "encoding": "application/json", "schema": { "type": "object", "required": ["mode"], "properties": {
        "mode": { "type": "string", "default": "fast" } } } }
} } }"#;

const STREAM: &str = r##"{ "lexicon": 1, "id": "com.example.subscribe", "defs": {
    "main": { "type": "subscription", "message": { "schema": { "type": "union", "refs": ["#tick"] } } },
    "tick": { "type": "object", "required": ["seq"], "properties": { "seq": { "type": "integer" } } }
} }"##;

const CAR: &str = r#"{ "lexicon": 1, "id": "com.example.getCar", "defs": { "main": { "type": "query",
    "output": { "encoding": "application/vnd.ipld.car" } } } }"#;

fn catalog() -> Catalog {
    let documents = [NOTE, THING, METHOD, STREAM, CAR].map(|text| Catalog::from_json(text).unwrap());
    documents.iter().fold(Catalog::new(), |all, one| all.with(one).unwrap())
}

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes()).unwrap()
}

fn map(json: &str) -> Map {
    value(json).as_map().unwrap().clone()
}

/// A note with these fields beside its text.
fn note(fields: &str) -> Value {
    value(&format!(r#"{{ "$type": "com.example.note", "text": "hi" {fields} }}"#))
}

fn check(catalog: &Catalog, fields: &str) -> Result<Validity, Error> {
    catalog.validate_record("com.example.note", &note(fields))
}

#[track_caller]
fn refused(result: Result<Validity, Error>, expected: &str) {
    assert_eq!(result.unwrap_err().to_string(), expected);
}

#[test]
fn a_record_has_its_own_type() {
    let catalog = catalog();
    let nsid = "com.example.note";
    assert_eq!(check(&catalog, "").unwrap(), Validity::Valid);
    refused(catalog.validate_record(nsid, &value(r#"{ "text": "hi" }"#)), "$.$type: required but missing");
    refused(
        catalog.validate_record(nsid, &value(r#"{ "$type": "com.example.thing", "text": "hi" }"#)),
        r#"$.$type: expected the type "com.example.note", found "com.example.thing""#,
    );
    refused(catalog.validate_record("com.example.thing", &note("")), "$: com.example.thing is no record");
    refused(catalog.validate_record(nsid, &value("[]")), "$: expected an object, found an array");
}

#[test]
fn zero_and_false_are_constraints_too() {
    let catalog = catalog();
    refused(check(&catalog, r#", "zero": "x""#), "$.zero: longer than 0 UTF-8 bytes (has 1)");
    refused(check(&catalog, r#", "floor": -1"#), "$.floor: -1 is less than 0");
    refused(check(&catalog, r#", "never": true"#), r#"$.never: "true" where only "false" is allowed"#);
    assert!(check(&catalog, r#", "zero": "", "floor": 0, "never": false, "memo": null, "more": [1]"#).is_ok());
}

#[test]
fn a_blob_is_looked_at() {
    let link = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    let blob = |mime: &str, size: u32| {
        format!(
            r#", "image": {{ "$type": "blob", "ref": {{ "$link": "{link}" }}, "mimeType": "{mime}", "size": {size} }}"#
        )
    };
    let catalog = catalog();
    assert!(check(&catalog, &blob("image/png", 100)).is_ok());
    refused(check(&catalog, &blob("image/png", 101)), "$.image: a blob of 101 bytes; at most 100 are allowed");
    assert!(check(&catalog, &blob("text/plain", 1)).is_err());
    assert!(check(&catalog, r#", "image": {}"#).is_err());
}

#[test]
fn a_reference_to_main_leads_to_the_definition() {
    let catalog = catalog();
    assert!(check(&catalog, r#", "main": { "ok": true }"#).is_ok());
    refused(check(&catalog, r#", "main": { "ok": 1 }"#), "$.main.ok: expected a boolean, found an integer");
}

#[test]
fn a_lexicon_that_is_not_there_matters_where_data_leads_to_it() {
    let catalog = catalog();
    assert!(check(&catalog, "").is_ok());
    refused(check(&catalog, r#", "elsewhere": {}"#), r#"$.elsewhere: unknown schema "com.example.absent""#);
}

#[test]
fn the_world_is_open_where_any_type_may_stand() {
    let catalog = catalog();
    assert!(check(&catalog, r#", "any": { "$type": "com.example.absent", "x": 1 }"#).is_ok());
    assert!(check(&catalog, r#", "any": { "$type": "com.example.thing", "ok": 1 }"#).is_ok());
    assert!(check(&catalog, r#", "open": { "$type": "com.example.thing", "ok": 1 }"#).is_ok());
    assert!(check(&catalog, r#", "open": { "$type": "com.example.note#a", "n": "x" }"#).is_err());
    assert!(check(&catalog, r#", "closed": { "$type": "com.example.thing", "ok": true }"#).is_err());
    assert!(check(&catalog, r#", "any": "text""#).is_err());
}

#[test]
fn deep_validation_looks_at_known_types_everywhere() {
    let catalog = catalog().deep(true);
    refused(
        check(&catalog, r#", "any": { "$type": "com.example.thing", "ok": 1 }"#),
        "$.any.ok: expected a boolean, found an integer",
    );
    refused(
        check(&catalog, r#", "open": { "$type": "com.example.thing", "ok": 1 }"#),
        "$.open.ok: expected a boolean, found an integer",
    );
    assert!(check(&catalog, r#", "any": { "$type": "com.example.thing", "ok": true }"#).is_ok());
    assert!(check(&catalog, r#", "any": { "$type": "com.example.absent", "x": 1 }"#).is_ok());
    assert!(check(&catalog, r#", "open": { "$type": "com.example.absent" }"#).is_ok());
    // No type of data is called so, whatever references may be called.
    assert!(check(&catalog, r#", "open": { "$type": "com.example.thing#main" }"#).is_ok());
}

#[test]
fn ignored_keys_are_passed_over_at_any_depth() {
    let catalog = catalog().ignore(["n", "image", "text"]);
    assert!(check(&catalog, r#", "part": { "n": "no integer" }, "image": 5"#).is_ok());
    assert!(check(&catalog, r#", "part": {}"#).is_ok());
    assert!(check(&catalog, r#", "floor": "x""#).is_err());
    assert!(catalog.validate_record("com.example.note", &value(r#"{ "$type": "com.example.note" }"#)).is_ok());
}

#[test]
fn an_unknown_lexicon_is_refused_or_passes() {
    let nsid = "com.example.absent";
    let record = value(r#"{ "$type": "com.example.absent", "x": 1 }"#);
    let strict = catalog();
    refused(strict.validate_record(nsid, &record), r#"$: unknown schema "com.example.absent""#);
    assert!(strict.validate_params(nsid, &Map::new()).is_err());
    assert!(strict.validate_record_key(nsid, "self").is_err());

    let open = catalog().unknown(Unknown::Pass);
    assert_eq!(open.validate_record(nsid, &record).unwrap(), Validity::Unknown);
    assert_eq!(open.validate_input(nsid, &record).unwrap().as_str(), "unknown");
    assert_eq!(open.validate_params(nsid, &Map::new()).unwrap(), Validity::Unknown);
    assert_eq!(open.validate_record_key(nsid, "self").unwrap(), Validity::Unknown);
    assert!(open.validate_record_key(nsid, "a/b").is_err());
    assert!(open.validate_record(nsid, &note("")).is_err(), "another type");
    assert!(open.validate_record(nsid, &value("5")).is_err());
    assert_eq!(open.validate_record("com.example.note", &note("")).unwrap().as_str(), "valid");
    assert!(open.validate_params("com.example.note", &Map::new()).is_err(), "a record is no method");
}

#[test]
fn a_key_has_the_form_that_the_record_wants() {
    let catalog = catalog();
    assert_eq!(catalog.validate_record_key("com.example.note", "3jzfcijpj2z2a").unwrap(), Validity::Valid);
    assert!(catalog.validate_record_key("com.example.note", "self").is_err());
    refused(catalog.validate_record_key("com.example.thing", "self"), "$: com.example.thing is no record");
}

#[test]
fn new_records_keep_more_rules() {
    let catalog = catalog();
    let large = note(r#", "floor": 9007199254740993"#);
    assert!(catalog.validate_record("com.example.note", &large).is_ok());
    assert!(catalog.validate_new_record("com.example.note", &large).is_err());
    assert!(catalog.validate_new_record("com.example.note", &note("")).is_ok());
    let odd = note(r#", "open": { "$type": "odd" }"#);
    assert!(catalog.validate_record("com.example.note", &odd).is_ok());
    assert!(catalog.validate_new_record("com.example.note", &odd).is_err());
}

#[test]
fn parameters_may_leave_out_what_has_a_default() {
    let catalog = catalog();
    let params = |json: &str| catalog.validate_params("com.example.doThing", &map(json));
    assert!(params(r#"{ "who": "atproto.com" }"#).is_ok());
    refused(params("{}"), "$.who: required but missing");
    refused(params(r#"{ "who": "atproto.com", "limit": 101 }"#), "$.limit: 101 is more than 100");
    refused(params(r#"{ "who": "atproto.com", "tags": "a" }"#), "$.tags: expected an array, found a string");
    assert!(params(r#"{ "who": "atproto.com", "utm_source": "x" }"#).is_ok());
}

#[test]
fn input_may_leave_out_what_has_a_default_and_output_may_not() {
    let catalog = catalog();
    let nsid = "com.example.doThing";
    assert!(catalog.validate_input(nsid, &value("{}")).is_ok());
    refused(
        catalog.validate_input(nsid, &value(r#"{ "mode": "slowly" }"#)),
        "$.mode: longer than 4 UTF-8 bytes (has 6)",
    );
    refused(catalog.validate_output(nsid, &value("{}")), "$.mode: required but missing");
    assert!(catalog.validate_output(nsid, &value(r#"{ "mode": "slowly" }"#)).is_ok());
}

#[test]
fn only_json_is_validated_as_json() {
    let catalog = catalog();
    refused(catalog.validate_output("com.example.getCar", &value("{}")), "$: com.example.getCar gives no JSON");
    refused(catalog.validate_input("com.example.getCar", &value("{}")), "$: com.example.getCar takes no JSON");
}

#[test]
fn a_message_says_which_one_it_is() {
    let catalog = catalog();
    let message = |json: &str| catalog.validate_message("com.example.subscribe", &value(json));
    assert!(message(r#"{ "$type": "com.example.subscribe#tick", "seq": 1 }"#).is_ok());
    refused(message(r#"{ "$type": "com.example.subscribe#tick" }"#), "$.seq: required but missing");
    refused(message(r#"{ "seq": 1 }"#), "$.$type: required but missing");
    assert!(message(r#"{ "$type": "com.example.subscribe#other" }"#).is_ok());
    assert!(catalog.validate_message("com.example.getCar", &value("{}")).is_err());
}

#[test]
fn any_definition_can_be_validated_against() {
    let catalog = catalog();
    assert!(catalog.validate("com.example.note#a", &value(r#"{ "n": 1 }"#)).is_ok());
    assert!(catalog.validate("com.example.thing#main", &value(r#"{ "ok": true }"#)).is_ok());
    refused(catalog.validate("com.example.note#a", &value("{}")), "$.n: required but missing");
    assert!(catalog.validate("com.example.note#b", &value("{}")).is_err());
}

#[test]
fn hyphens_in_nsids_are_no_matter() {
    let text = r#"{ "lexicon": 1, "id": "io.exa-mple.dashedName", "defs": { "main": { "type": "record", "key": "any",
        "record": { "type": "object", "properties": {} } } } }"#;
    let catalog = Catalog::from_json(text).unwrap();
    let record = value(r#"{ "$type": "io.exa-mple.dashedName" }"#);
    assert!(catalog.validate_record("io.exa-mple.dashedName", &record).is_ok());
}
