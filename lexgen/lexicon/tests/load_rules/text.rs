use super::*;

#[test]
fn what_is_not_json_has_one_error_with_line_and_column() {
    for text in ["", "  ", "\u{feff}{}", "\0", "hello", "{\"lexicon\": 1,\n\"id\": }", "{} x"] {
        let errors = errors(text);
        let [error] = errors.as_slice() else { panic!("{errors}") };
        assert_eq!((error.rule, error.path.to_string().as_str()), (Rule::Json, "$"));
        let position = error.position.expect("a position in the text");
        assert!(position.line >= 1 && position.column >= 1, "{text:?}");
    }
}

#[test]
fn the_position_is_the_line_of_the_fault() {
    let errors = errors("{\n\"lexicon\": 1,\n\"id\": ?\n}");
    let line = errors.iter().find_map(|error| error.position).map(|position| position.line);
    assert_eq!(line, Some(3));
    assert!(errors.to_string().starts_with("3:"), "{errors}");
}

#[test]
fn deep_nesting_is_refused_as_text_and_as_a_tree() {
    let text = with_property(&format!(
        "{}{}{}",
        r#"{"type": "array", "items": "#.repeat(200),
        r#"{"type": "integer"}"#,
        "}".repeat(200)
    ));
    document_breaks(&text, Rule::Json, "$");
    let mut tree = Json::Null;
    for _ in 0..200 {
        tree = Json::Array(vec![tree]);
    }
    let errors = Document::from_json(&tree, Options::default()).unwrap_err();
    assert_eq!(errors.as_slice()[0].rule, Rule::Json);
    assert_eq!(errors.as_slice()[0].path.segments().len(), 127);
}

#[test]
fn numbers_beyond_64_bits_are_refused() {
    for number in ["9223372036854775808", "-9223372036854775809", "1e400", "123456789012345678901234567890"] {
        let text = with_property(&format!(r#"{{"type": "integer", "maximum": {number}}}"#));
        document_breaks(&text, Rule::Json, "$");
    }
}

#[test]
fn a_repeated_key_is_refused_with_its_path() {
    let text = with_defs(r#"{"a": {"type": "token"}, "a": {"type": "token"}}"#);
    document_breaks(&text, Rule::DuplicateKey, "$.defs.a");
    let twice = |key: &str| (String::from(key), Json::Null);
    let tree = Json::Object(vec![twice("a"), twice("a")]);
    let errors = Document::from_json(&tree, Options::default()).unwrap_err();
    assert_eq!(errors.as_slice()[0].rule, Rule::DuplicateKey);
    assert_eq!(errors.as_slice()[0].path.to_string(), "$.a");
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    let errors = Document::parse_bytes(b"{\"lexicon\": \"\xc0\"}").unwrap_err();
    assert_eq!(errors.as_slice()[0].rule, Rule::Json);
    let text = with_main(EMPTY_OBJECT);
    assert_eq!(Document::parse_bytes(text.as_bytes()), Document::parse(&text));
}
