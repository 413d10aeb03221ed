//! Documents that load: what the model holds, and that it prints as what was read.

use arobase_lexicon::{
    document::{DefKind, Document, Kind, Object, RecordKeyType, Union},
    json::Json,
    load::Options,
};

const DOCUMENTS: [&str; 5] = [
    include_str!("data/record.json"),
    include_str!("data/query.json"),
    include_str!("data/procedure.json"),
    include_str!("data/subscription.json"),
    include_str!("data/permissions.json"),
];

fn loads(text: &str) -> Document {
    match Document::parse(text) {
        Ok(document) => document,
        Err(errors) => panic!("{errors}\n{text}"),
    }
}

/// A document whose `main` is an object with these other keys.
fn object(keys: &str) -> Object {
    let text =
        format!(r#"{{"lexicon": 1, "id": "org.example.thing", "defs": {{"main": {{"type": "object", {keys}}}}}}}"#);
    match loads(&text).def("main").map(|def| def.kind.clone()) {
        Some(DefKind::Type(Kind::Object(object))) => object,
        other => panic!("{other:?}"),
    }
}

fn union(refs: &str) -> Union {
    let object = object(&format!(r#""properties": {{"p": {{"type": "union", "refs": {refs}}}}}"#));
    match object.properties.into_iter().map(|(_, node)| node.kind).next() {
        Some(Kind::Union(union)) => union,
        other => panic!("{other:?}"),
    }
}

fn targets(refs: &str) -> Vec<String> {
    union(refs).refs.iter().map(ToString::to_string).collect()
}

#[test]
fn a_document_prints_as_the_json_that_was_read() {
    for text in DOCUMENTS {
        let json = Json::parse(text).unwrap();
        let printed = loads(text).to_json();
        assert!(json.same_tree(&printed), "{}", printed.to_string_pretty());
    }
}

#[test]
fn a_printed_document_loads_as_itself() {
    for text in DOCUMENTS {
        let document = loads(text);
        let json = document.to_json();
        assert_eq!(Document::from_json(&json, Options::default()), Ok(document.clone()));
        assert_eq!(Document::parse(&json.to_string()), Ok(document.clone()));
        assert_eq!(Document::parse(&json.to_string_pretty()), Ok(document));
    }
}

#[test]
fn unknown_keys_are_kept_at_every_level() {
    let document = loads(DOCUMENTS[0]);
    let keys: Vec<&str> = document.extra.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["$type", "x-origin"]);
    let main = document.def("main").unwrap();
    assert_eq!(main.extra[0].0, "x-note");
    let DefKind::Record(record) = &main.kind else { panic!() };
    assert_eq!(record.record_extra, [("x-inner".to_string(), Json::Bool(true))]);
    let (_, nickname) = &record.record.properties[1];
    assert_eq!(nickname.extra, [("x-hint".to_string(), Json::from("short"))]);
}

#[test]
fn a_key_of_another_type_counts_as_unknown() {
    let object = object(r#""properties": {"p": {"type": "bytes", "maxGraphemes": "many"}}"#);
    assert_eq!(object.properties[0].1.extra, [("maxGraphemes".to_string(), Json::from("many"))]);
}

#[test]
fn any_type_at_the_top_level_is_kept() {
    let text = r#"{"$type": 7, "lexicon": 1, "id": "a.b.c", "defs": {"main": {"type": "token"}}}"#;
    assert_eq!(loads(text).extra, [("$type".to_string(), Json::Int(7))]);
}

#[test]
fn the_order_of_the_file_is_kept() {
    let object = object(
        r#""required": ["z", "a"], "properties": {"z": {"type": "unknown"}, "m": {"type": "unknown"}, "a": {"type": "unknown"}}"#,
    );
    let names: Vec<&str> = object.properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["z", "m", "a"]);
    assert_eq!(object.required, ["z", "a"]);
}

#[test]
fn repeated_names_are_merged() {
    let object = object(
        r#""required": ["b", "a", "b"], "nullable": ["a", "a"], "properties": {"a": {"type": "unknown"}, "b": {"type": "unknown"}}"#,
    );
    assert_eq!(object.required, ["b", "a"]);
    assert_eq!(object.nullable, ["a"]);
}

#[test]
fn references_take_their_full_form() {
    assert_eq!(
        targets(r##"["#x", "#main", "a.b.c", "a.b.d#main", "a.b.c#y"]"##),
        ["org.example.thing#x", "org.example.thing", "a.b.c", "a.b.d", "a.b.c#y"]
    );
    let first = union(r##"["#main"]"##).refs.remove(0);
    assert!(first.is_main());
    assert_eq!((first.nsid.as_str(), first.name.as_str()), ("org.example.thing", "main"));
}

#[test]
fn repeated_references_are_one_member() {
    let refs = r##"["a.b.c", "#x", "a.b.c#main", "org.example.thing#x", "a.b.c"]"##;
    assert_eq!(targets(refs), ["a.b.c", "org.example.thing#x"]);
}

#[test]
fn an_open_union_may_be_empty() {
    assert_eq!(union("[]"), Union { refs: vec![], closed: false });
}

#[test]
fn what_counts_as_absent_is_not_printed() {
    let text = r#"{"lexicon": 1, "id": "a.b.c", "defs": {
        "main": {"type": "query", "errors": [], "parameters": {"type": "params", "required": [], "properties": {}}},
        "o": {"type": "object", "required": [], "nullable": [], "properties": {
            "u": {"type": "union", "refs": [], "closed": false}}}}}"#;
    let printed = loads(text).to_json().to_string();
    for key in ["errors", "required", "nullable", "closed"] {
        assert!(!printed.contains(key), "{key}");
    }
}

#[test]
fn a_record_may_have_no_properties_and_any_key_type() {
    for (key, expected) in [
        ("tid", RecordKeyType::Tid),
        ("nsid", RecordKeyType::Nsid),
        ("any", RecordKeyType::Any),
        ("literal:self", RecordKeyType::Literal("self".into())),
    ] {
        let document = loads(&format!(
            r#"{{"lexicon": 1, "id": "a.b.c", "defs": {{"main": {{"type": "record", "key": "{key}",
                "record": {{"type": "object", "properties": {{}}}}}}}}}}"#
        ));
        let Some(DefKind::Record(record)) = document.def("main").map(|def| &def.kind) else { panic!() };
        assert_eq!(record.key, expected);
        assert_eq!(record.key.to_string(), key);
    }
}

#[test]
fn main_may_be_a_field_type_or_absent() {
    loads(r#"{"lexicon": 1, "id": "a.b.c", "defs": {"main": {"type": "string"}}}"#);
    let document = loads(r#"{"lexicon": 1, "id": "a.b.c", "defs": {"other": {"type": "token"}}}"#);
    assert_eq!(document.def("main"), None);
    assert_eq!(document.def("other").map(|def| def.kind.type_name()), Some("token"));
}

#[test]
fn a_wildcard_permission_that_inherits_its_audience_loads() {
    let document = loads(DOCUMENTS[4]);
    let Some(DefKind::PermissionSet(set)) = document.def("main").map(|def| &def.kind) else { panic!() };
    let fields = [("lxm".to_string(), Json::from(vec!["*"])), ("inheritAud".to_string(), Json::Bool(true))];
    assert_eq!(set.permissions[1].fields, fields);
    assert_eq!(set.permissions[1].description.as_deref(), Some("All calls."));
}

#[test]
fn what_is_only_advised_is_no_error() {
    for keys in [
        r#""nullable": ["p"], "properties": {"p": {"type": "string"}}"#,
        r##""properties": {"$p": {"type": "string", "knownValues": ["#local"]}}"##,
        r#""properties": {"9 -": {"type": "string", "format": "did", "maxLength": 1}}"#,
        r#""properties": {"p": {"type": "blob", "accept": ["text/ht*", "*"]}}"#,
    ] {
        object(keys);
    }
}
