use super::*;

fn record(key: &str, record: &str) -> String {
    format!(r#"{{"type": "record", {key} "record": {record}}}"#)
}

#[test]
fn a_record_has_a_key_of_a_known_form() {
    for key in ["tid", "nsid", "any", "literal:self", "literal:a:b"] {
        loads(&with_main(&record(&format!(r#""key": "{key}","#), EMPTY_OBJECT)));
    }
    for key in
        ["\"\"", "\"TID\"", "\"self\"", "\"literal:\"", "\"literal:a b\"", "\"literal:.\"", "\"record-key\"", "1"]
    {
        main_breaks(&record(&format!(r#""key": {key},"#), EMPTY_OBJECT), Rule::RecordKey, ".key");
    }
    main_breaks(&record("", EMPTY_OBJECT), Rule::RecordKey, "");
}

#[test]
fn a_record_has_an_object() {
    let tid = r#""key": "tid","#;
    main_breaks(r#"{"type": "record", "key": "tid"}"#, Rule::RecordObject, "");
    main_breaks(&record(tid, r#"{"type": "string"}"#), Rule::RecordObject, ".record.type");
    main_breaks(&record(tid, r#"{"type": "params", "properties": {}}"#), Rule::RecordObject, ".record.type");
    main_breaks(&record(tid, r#"{"properties": {}}"#), Rule::TypeMissing, ".record");
    main_breaks(&record(tid, "7"), Rule::NotAnObject, ".record");
}
