//! What is breaking: one test for each rule of evolution.

use arobase_lexicon::document::Document;
use lexgen::{
    diagnostic::Diagnostics,
    evolve::{self, Change, Level},
    resolve::{self, Corpus, OtherJson},
    source::Input,
};

/// A document with these definitions.
fn document(defs: &str) -> Document {
    let text = format!(r#"{{"lexicon": 1, "id": "com.example.thing", "defs": {{{defs}}}}}"#);
    Document::parse(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn summary(changes: &[Change]) -> Vec<(Level, &'static str)> {
    changes.iter().map(|change| (change.level, change.code)).collect()
}

fn defs(old: &str, new: &str) -> Vec<(Level, &'static str)> {
    summary(&evolve::compare(&document(old), &document(new)))
}

/// Changes of `main`.
fn main_def(old: &str, new: &str) -> Vec<(Level, &'static str)> {
    defs(&format!(r#""main": {old}"#), &format!(r#""main": {new}"#))
}

/// Changes of an object, given its members.
fn object(old: &str, new: &str) -> Vec<(Level, &'static str)> {
    main_def(&format!(r#"{{"type": "object", {old}}}"#), &format!(r#"{{"type": "object", {new}}}"#))
}

/// Changes of a property, given its schema.
fn field(old: &str, new: &str) -> Vec<(Level, &'static str)> {
    object(&format!(r#""properties": {{"a": {old}}}"#), &format!(r#""properties": {{"a": {new}}}"#))
}

/// Changes of a procedure, given its members; they begin with a comma.
fn procedure(old: &str, new: &str) -> Vec<(Level, &'static str)> {
    main_def(&format!(r#"{{"type": "procedure"{old}}}"#), &format!(r#"{{"type": "procedure"{new}}}"#))
}

/// Changes of a union field, given its members beside `type`.
fn union(old: &str, new: &str) -> Vec<(Level, &'static str)> {
    let parts = r#""x": {"type": "object", "properties": {}}, "y": {"type": "object", "properties": {}}"#;
    let with = |union: &str| {
        let object = format!(r#"{{"type": "object", "properties": {{"a": {{"type": "union", {union}}}}}}}"#);
        format!(r#""main": {object}, {parts}"#)
    };
    defs(&with(old), &with(new))
}

#[test]
fn nothing_changed() {
    let text = r#"{"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}}}"#;
    assert_eq!(main_def(text, text), []);
}

#[test]
fn another_type_of_a_definition_is_breaking() {
    let changes = main_def(r#"{"type": "token"}"#, r#"{"type": "object", "properties": {}}"#);
    assert_eq!(changes, [(Level::Breaking, "def-type-changed")]);
    let changes = main_def(r#"{"type": "string"}"#, r#"{"type": "integer"}"#);
    assert_eq!(changes, [(Level::Breaking, "def-type-changed")]);
}

#[test]
fn another_type_of_a_property_is_breaking() {
    assert_eq!(field(r#"{"type": "string"}"#, r#"{"type": "integer"}"#), [(Level::Breaking, "type-changed")]);
}

#[test]
fn another_type_of_the_elements_of_an_array_is_breaking() {
    let array = |items: &str| format!(r#"{{"type": "array", "items": {{"type": "{items}"}}}}"#);
    assert_eq!(field(&array("string"), &array("bytes")), [(Level::Breaking, "type-changed")]);
}

#[test]
fn a_renamed_property_is_breaking() {
    let properties = |name: &str| format!(r#""properties": {{"{name}": {{"type": "string"}}}}"#);
    assert_eq!(object(&properties("a"), &properties("b")), [(Level::Breaking, "property-renamed")]);
}

#[test]
fn another_record_key_is_breaking() {
    let record = |key: &str| {
        format!(r#"{{"type": "record", "key": "{key}", "record": {{"type": "object", "properties": {{}}}}}}"#)
    };
    assert_eq!(main_def(&record("tid"), &record("any")), [(Level::Breaking, "record-key-changed")]);
    let changes = main_def(&record("literal:self"), &record("literal:other"));
    assert_eq!(changes, [(Level::Breaking, "record-key-changed")]);
}

#[test]
fn a_change_inside_a_record_is_found() {
    let record = |required: &str| {
        let object =
            format!(r#"{{"type": "object", "required": [{required}], "properties": {{"a": {{"type": "unknown"}}}}}}"#);
        format!(r#"{{"type": "record", "key": "tid", "record": {object}}}"#)
    };
    assert_eq!(main_def(&record(""), &record(r#""a""#)), [(Level::Breaking, "required-changed")]);
}

#[test]
fn adding_to_or_removing_from_required_is_breaking() {
    let with = |required: &str| {
        format!(r#""required": [{required}], "properties": {{"a": {{"type": "string"}}, "b": {{"type": "string"}}}}"#)
    };
    assert_eq!(object(&with(r#""a""#), &with(r#""a", "b""#)), [(Level::Breaking, "required-changed")]);
    assert_eq!(object(&with(r#""a", "b""#), &with(r#""b""#)), [(Level::Breaking, "required-changed")]);
}

#[test]
fn another_order_of_required_is_a_warning_for_the_sake_of_rust() {
    let with = |required: &str| {
        format!(r#""required": [{required}], "properties": {{"a": {{"type": "string"}}, "b": {{"type": "string"}}}}"#)
    };
    assert_eq!(object(&with(r#""a", "b""#), &with(r#""b", "a""#)), [(Level::Warning, "required-reordered")]);
}

#[test]
fn a_parameter_that_becomes_required_is_breaking() {
    let with = |required: &str| {
        format!(
            r#", "parameters": {{"type": "params", "required": [{required}], "properties": {{"a": {{"type": "string"}}}}}}"#
        )
    };
    assert_eq!(procedure(&with(""), &with(r#""a""#)), [(Level::Breaking, "required-changed")]);
    assert_eq!(procedure("", &with(r#""a""#)), [(Level::Breaking, "required-changed")]);
    assert_eq!(procedure("", &with("")), [(Level::Ok, "parameters-added")]);
}

#[test]
fn another_set_of_nullable_is_breaking() {
    let with = |nullable: &str| {
        format!(r#""nullable": [{nullable}], "properties": {{"a": {{"type": "string"}}, "b": {{"type": "string"}}}}"#)
    };
    assert_eq!(object(&with(""), &with(r#""a""#)), [(Level::Breaking, "nullable-changed")]);
    assert_eq!(object(&with(r#""a", "b""#), &with(r#""a""#)), [(Level::Breaking, "nullable-changed")]);
    assert_eq!(object(&with(r#""a", "b""#), &with(r#""b", "a""#)), []);
}

#[test]
fn a_const_that_is_added_changed_or_removed_is_breaking() {
    let changed = [(Level::Breaking, "const-changed")];
    assert_eq!(field(r#"{"type": "boolean"}"#, r#"{"type": "boolean", "const": true}"#), changed);
    assert_eq!(field(r#"{"type": "integer", "const": 1}"#, r#"{"type": "integer", "const": 2}"#), changed);
    assert_eq!(field(r#"{"type": "string", "const": "x"}"#, r#"{"type": "string"}"#), changed);
}

#[test]
fn another_set_of_enum_is_breaking() {
    let text = |values: &str| format!(r#"{{"type": "string", "enum": [{values}]}}"#);
    assert_eq!(field(&text(r#""x""#), &text(r#""x", "y""#)), [(Level::Breaking, "enum-changed")]);
    assert_eq!(field(&text(r#""x", "y""#), &text(r#""y", "x""#)), []);
    let changes = field(r#"{"type": "integer", "enum": [1]}"#, r#"{"type": "integer"}"#);
    assert_eq!(changes, [(Level::Breaking, "enum-changed")]);
}

#[test]
fn a_format_that_is_added_changed_or_removed_is_breaking() {
    let changed = [(Level::Breaking, "format-changed")];
    let (none, did, handle) = (
        r#"{"type": "string"}"#,
        r#"{"type": "string", "format": "did"}"#,
        r#"{"type": "string", "format": "handle"}"#,
    );
    assert_eq!(field(none, did), changed);
    assert_eq!(field(did, handle), changed);
    assert_eq!(field(did, none), changed);
}

#[test]
fn another_encoding_of_a_body_is_breaking() {
    let output = |encoding: &str| format!(r#", "output": {{"encoding": "{encoding}"}}"#);
    let changes = procedure(&output("application/json"), &output("text/csv"));
    assert_eq!(changes, [(Level::Breaking, "encoding-changed")]);
}

#[test]
fn closing_or_opening_a_union_is_breaking() {
    let changes = union(r##""refs": ["#x"]"##, r##""refs": ["#x"], "closed": true"##);
    assert_eq!(changes, [(Level::Breaking, "union-closed-changed")]);
    let changes = union(r##""refs": ["#x"], "closed": true"##, r##""refs": ["#x"]"##);
    assert_eq!(changes, [(Level::Breaking, "union-closed-changed")]);
}

#[test]
fn other_members_of_a_closed_union_are_breaking() {
    let changed = [(Level::Breaking, "closed-union-changed")];
    let (one, two) = (r##""closed": true, "refs": ["#x"]"##, r##""closed": true, "refs": ["#x", "#y"]"##);
    assert_eq!(union(one, two), changed);
    assert_eq!(union(two, one), changed);
}

#[test]
fn removing_a_member_of_an_open_union_is_breaking() {
    let changes = union(r##""refs": ["#x", "#y"]"##, r##""refs": ["#y"]"##);
    assert_eq!(changes, [(Level::Breaking, "union-member-removed")]);
}

#[test]
fn other_messages_of_a_subscription_are_members_of_a_union() {
    let with = |refs: &str| {
        format!(
            r#""main": {{"type": "subscription", "message": {{"schema": {{"type": "union", "refs": [{refs}]}}}}}},
            "x": {{"type": "object", "properties": {{}}}}"#
        )
    };
    assert_eq!(defs(&with(r##""#x""##), &with("")), [(Level::Breaking, "union-member-removed")]);
    assert_eq!(defs(&with(""), &with(r##""#x""##)), [(Level::Ok, "union-member-added")]);
}

#[test]
fn other_limits_are_a_warning() {
    let changed = [(Level::Warning, "limit-changed")];
    for (old, new) in [
        (r#"{"type": "integer", "minimum": 1}"#, r#"{"type": "integer", "minimum": 0}"#),
        (r#"{"type": "integer"}"#, r#"{"type": "integer", "maximum": 9}"#),
        (r#"{"type": "string", "minLength": 1}"#, r#"{"type": "string"}"#),
        (r#"{"type": "string", "maxLength": 1}"#, r#"{"type": "string", "maxLength": 2}"#),
        (r#"{"type": "string", "minGraphemes": 1}"#, r#"{"type": "string", "minGraphemes": 2}"#),
        (r#"{"type": "string", "maxGraphemes": 1}"#, r#"{"type": "string", "maxGraphemes": 2}"#),
        (r#"{"type": "bytes", "maxLength": 1}"#, r#"{"type": "bytes", "maxLength": 2}"#),
        (
            r#"{"type": "array", "items": {"type": "bytes"}}"#,
            r#"{"type": "array", "items": {"type": "bytes"}, "maxLength": 2}"#,
        ),
        (r#"{"type": "blob", "maxSize": 1}"#, r#"{"type": "blob", "maxSize": 2}"#),
        (r#"{"type": "blob", "accept": ["image/*"]}"#, r#"{"type": "blob", "accept": ["*/*"]}"#),
    ] {
        assert_eq!(field(old, new), changed, "{old} {new}");
    }
}

#[test]
fn a_ref_that_leads_elsewhere_is_a_warning() {
    let with = |target: &str| {
        format!(
            r#""main": {{"type": "object", "properties": {{"a": {{"type": "ref", "ref": "{target}"}}}}}},
            "x": {{"type": "object", "properties": {{}}}}, "y": {{"type": "object", "properties": {{}}}},
            "z": {{"type": "string"}}"#
        )
    };
    assert_eq!(defs(&with("#x"), &with("#y")), [(Level::Warning, "ref-changed")]);
    assert_eq!(defs(&with("#x"), &with("org.example.other")), [(Level::Warning, "ref-changed")]);
    assert_eq!(defs(&with("#x"), &with("com.example.thing#x")), []);
}

#[test]
fn a_ref_that_leads_to_another_type_is_breaking() {
    let with = |target: &str| {
        format!(
            r#""main": {{"type": "object", "properties": {{"a": {{"type": "ref", "ref": "{target}"}}}}}},
            "x": {{"type": "object", "properties": {{}}}}, "z": {{"type": "string"}}"#
        )
    };
    assert_eq!(defs(&with("#x"), &with("#z")), [(Level::Breaking, "ref-type-changed")]);
}

#[test]
fn a_new_optional_property_is_allowed() {
    let changes = object(r#""properties": {}"#, r#""properties": {"a": {"type": "string"}}"#);
    assert_eq!(changes, [(Level::Ok, "property-added")]);
}

#[test]
fn a_new_definition_is_allowed() {
    let changes = defs(r#""a": {"type": "token"}"#, r#""a": {"type": "token"}, "b": {"type": "token"}"#);
    assert_eq!(changes, [(Level::Ok, "def-added")]);
}

#[test]
fn a_new_member_of_an_open_union_is_allowed() {
    let changes = union(r##""refs": ["#x"]"##, r##""refs": ["#x", "#y"]"##);
    assert_eq!(changes, [(Level::Ok, "union-member-added")]);
}

#[test]
fn other_known_values_are_allowed() {
    let changes = field(r#"{"type": "string"}"#, r#"{"type": "string", "knownValues": ["x"]}"#);
    assert_eq!(changes, [(Level::Ok, "known-values-changed")]);
}

#[test]
fn a_new_error_is_allowed() {
    assert_eq!(procedure("", r#", "errors": [{"name": "NotFound"}]"#), [(Level::Ok, "error-added")]);
}

#[test]
fn other_descriptions_and_defaults_are_allowed() {
    let changes =
        field(r#"{"type": "string", "default": "x"}"#, r#"{"type": "string", "default": "y", "description": "d"}"#);
    assert_eq!(changes, [(Level::Ok, "description-changed"), (Level::Ok, "default-changed")]);
}

#[test]
fn removing_an_optional_property_is_a_warning() {
    let changes = object(r#""properties": {"a": {"type": "string"}}"#, r#""properties": {}"#);
    assert_eq!(changes, [(Level::Warning, "property-removed")]);
}

#[test]
fn removing_a_definition_is_a_warning() {
    let changes = defs(r#""a": {"type": "token"}, "b": {"type": "token"}"#, r#""a": {"type": "token"}"#);
    assert_eq!(changes, [(Level::Warning, "def-removed")]);
}

#[test]
fn a_query_that_becomes_a_procedure_is_breaking() {
    assert_eq!(main_def(r#"{"type": "query"}"#, r#"{"type": "procedure"}"#), [(Level::Breaking, "def-type-changed")]);
}

#[test]
fn a_new_input_is_breaking() {
    let changes = procedure("", r#", "input": {"encoding": "application/json"}"#);
    assert_eq!(changes, [(Level::Breaking, "input-added")]);
}

#[test]
fn a_new_output_is_allowed() {
    let changes = procedure("", r#", "output": {"encoding": "application/json"}"#);
    assert_eq!(changes, [(Level::Ok, "output-added")]);
}

#[test]
fn a_schema_for_a_body_that_was_free_is_breaking() {
    let free = r#", "input": {"encoding": "application/json"}"#;
    let bound = r#", "input": {"encoding": "application/json", "schema": {"type": "object", "properties": {}}}"#;
    assert_eq!(procedure(free, bound), [(Level::Breaking, "body-schema-added")]);
    assert_eq!(procedure(bound, free), [(Level::Warning, "body-schema-removed")]);
}

#[test]
fn removing_what_callers_may_use_is_a_warning() {
    let params = r#", "parameters": {"type": "params", "properties": {}}"#;
    assert_eq!(procedure(params, ""), [(Level::Warning, "parameters-removed")]);
    for body in ["input", "output"] {
        let body = format!(r#", "{body}": {{"encoding": "application/json"}}"#);
        assert_eq!(procedure(&body, ""), [(Level::Warning, "body-removed")]);
    }
    assert_eq!(procedure(r#", "errors": [{"name": "NotFound"}]"#, ""), [(Level::Warning, "error-removed")]);
}

#[test]
fn anything_in_a_token_or_a_permission_set_is_allowed() {
    let changes = main_def(r#"{"type": "token"}"#, r#"{"type": "token", "description": "d"}"#);
    assert_eq!(changes, [(Level::Ok, "description-changed")]);
    let set = |permissions: &str| format!(r#"{{"type": "permission-set", "permissions": [{permissions}]}}"#);
    let changes =
        main_def(&set(""), &set(r#"{"type": "permission", "resource": "repo", "collection": ["com.example.thing"]}"#));
    assert_eq!(changes, [(Level::Ok, "permission-set-changed")]);
}

#[test]
fn another_id_is_breaking() {
    let old = document(r#""main": {"type": "token"}"#);
    let new =
        Document::parse(r#"{"lexicon": 1, "id": "com.example.other", "defs": {"main": {"type": "token"}}}"#).unwrap();
    assert_eq!(summary(&evolve::compare(&old, &new)), [(Level::Breaking, "id-changed")]);
}

#[test]
fn a_change_names_its_place_and_says_what_changed() {
    let text = |length: u32| {
        format!(r#""main": {{"type": "object", "properties": {{"a": {{"type": "string", "maxLength": {length}}}}}}}"#)
    };
    let changes = evolve::compare(&document(&text(5)), &document(&text(6)));
    let change = changes.first().unwrap();
    assert_eq!(change.path.to_string(), "$.defs.main.properties.a");
    assert_eq!(change.message, "`maxLength` was 5 and is 6");
}

/// A corpus of tokens with these NSIDs.
fn set(nsids: &[&str]) -> Corpus {
    let input = |nsid: &&str| Input::Text {
        name: (*nsid).to_owned(),
        text: format!(r#"{{"lexicon": 1, "id": "{nsid}", "defs": {{"main": {{"type": "token"}}}}}}"#),
    };
    let inputs: Vec<_> = nsids.iter().map(input).collect();
    let mut dx = Diagnostics::new();
    let corpus = resolve::open(&inputs, &[], OtherJson::Refuse, &mut dx);
    assert!(dx.is_empty(), "{dx}");
    corpus
}

#[test]
fn removing_a_file_is_a_warning_and_adding_one_is_allowed() {
    let changes =
        evolve::compare_sets(&set(&["com.example.a", "com.example.b"]), &set(&["com.example.b", "com.example.c"]));
    let changes: Vec<_> = changes.iter().map(|(nsid, changes)| (nsid.as_str(), summary(changes))).collect();
    assert_eq!(
        changes,
        [
            ("com.example.a", vec![(Level::Warning, "lexicon-removed")]),
            ("com.example.c", vec![(Level::Ok, "lexicon-added")]),
        ]
    );
}
