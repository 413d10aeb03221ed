use super::*;

#[test]
fn everything_that_is_wrong_is_reported() {
    let text = r#"{
        "lexicon": 2,
        "id": "thing",
        "description": 1,
        "defs": {
            "main": {
                "type": "record",
                "record": {
                    "type": "object",
                    "required": ["a", "b"],
                    "properties": {
                        "a": {"type": "string", "format": "email", "minLength": -1, "default": 1},
                        "c": {"type": "array", "items": {"type": "token"}},
                        "d": {"type": "ref", "ref": ""},
                        "e": {"type": "integer", "minimum": 2, "maximum": 1, "default": 0}
                    }
                }
            },
            "other": {"type": "query", "input": {}, "output": {}, "errors": [{}, {"name": "a b"}]}
        }
    }"#;
    let expected = [
        "lexicon-version $.lexicon",
        "id $.id",
        "wrong-type $.description",
        "record-key $.defs.main",
        "format-unknown $.defs.main.record.properties.a.format",
        "length-negative $.defs.main.record.properties.a.minLength",
        "wrong-type $.defs.main.record.properties.a.default",
        "type-not-allowed $.defs.main.record.properties.c.items.type",
        "ref-syntax $.defs.main.record.properties.d.ref",
        "bounds-crossed $.defs.main.record.properties.e.minimum",
        "value-constraint $.defs.main.record.properties.e.default",
        "required-undeclared $.defs.main.record.required[1]",
        "primary-outside-main $.defs.other.type",
        "query-input $.defs.other.input",
        "body-encoding $.defs.other.output",
        "error-name $.defs.other.errors[0]",
        "error-name-space $.defs.other.errors[1].name",
    ];
    assert_eq!(found(text), expected);
}

#[test]
fn local_references_do_not_add_errors_where_the_id_is_wrong() {
    let text = with_property(r##"{"type": "ref", "ref": "#main"}"##).replace("org.example.thing", "thing");
    document_breaks(&text, Rule::Id, "$.id");
}

#[test]
fn a_message_says_what_is_expected_and_then_what_was_found() {
    let text = with_property(r#"{"type": "token"}"#).replace("\"lexicon\": 1", "\"lexicon\": \"1\"");
    let lines: Vec<String> = errors(&text).iter().map(ToString::to_string).collect();
    let types = "`boolean` or `integer` or `string` or `bytes` or `cid-link` or `blob` or `array` \
                 or `object` or `unknown` or `ref` or `union`";
    assert_eq!(
        lines,
        [
            "$.lexicon: expected the integer 1, found the string \"1\" [lexicon-version]".to_string(),
            format!(
                "$.defs.main.properties.p.type: expected the type {types}, \
                 found the string \"token\" [type-not-allowed]"
            ),
        ]
    );
}
