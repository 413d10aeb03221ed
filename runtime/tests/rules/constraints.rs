//! Lengths, ranges, constants, closed and open sets, and what an error says.

use arobase_runtime::data::{Value, validate_all};

use super::{NSID, fault, object, refuses, takes, value};

#[test]
fn texts_have_lengths_in_bytes() {
    let catalog = object(
        r#""text": { "type": "string", "minLength": 2, "maxLength": 4 }, "none": { "type": "string", "maxLength": 0 }"#,
    );
    takes(&catalog, &[r#""text": "ab""#, r#""text": "abcd""#, r#""text": "éé""#, r#""text": "😀""#, r#""none": """#]);
    refuses(&catalog, &[r#""text": "a""#, r#""text": "abcde""#, r#""text": "ééé""#, r#""text": """#, r#""none": "a""#]);
}

#[test]
fn a_grapheme_is_what_people_see_as_one_character() {
    let catalog = object(r#""text": { "type": "string", "minGraphemes": 2, "maxGraphemes": 3 }"#);
    let family = "👨‍👩‍👧‍👦";
    let flag = "🇵🇹";
    for text in
        [format!("{family}{family}{family}"), format!("{flag}{flag}"), "a\\r\\n".into(), "e\u{301}e\u{301}".into()]
    {
        takes(&catalog, &[&format!(r#""text": "{text}""#)]);
    }
    for text in [family.into(), flag.into(), "\\r\\n".into(), format!("{flag}{flag}{flag}{flag}"), "abcd".into()] {
        refuses(&catalog, &[&format!(r#""text": "{text}""#)]);
    }
}

#[test]
fn bytes_and_lists_have_lengths() {
    let catalog = object(
        r#""bytes": { "type": "bytes", "minLength": 1, "maxLength": 2 },
           "list": { "type": "array", "items": { "type": "integer" }, "minLength": 1, "maxLength": 2 },
           "none": { "type": "array", "items": { "type": "integer" }, "maxLength": 0 }"#,
    );
    takes(&catalog, &[r#""bytes": { "$bytes": "q80" }"#, r#""list": [1]"#, r#""list": [1, 2]"#, r#""none": []"#]);
    refuses(
        &catalog,
        &[
            r#""bytes": { "$bytes": "" }"#,
            r#""bytes": { "$bytes": "q83v" }"#,
            r#""list": []"#,
            r#""list": [1, 2, 3]"#,
            r#""none": [1]"#,
        ],
    );
}

#[test]
fn integers_have_bounds_and_zero_is_one() {
    let catalog = object(
        r#""n": { "type": "integer", "minimum": 0, "maximum": 5 }, "below": { "type": "integer", "maximum": 0 }"#,
    );
    takes(&catalog, &[r#""n": 0"#, r#""n": 5"#, r#""below": 0"#, r#""below": -7"#]);
    refuses(&catalog, &[r#""n": -1"#, r#""n": 6"#, r#""below": 1"#]);
}

#[test]
fn a_constant_is_one_also_if_it_is_false_zero_or_empty() {
    let catalog = object(
        r#""no": { "type": "boolean", "const": false }, "zero": { "type": "integer", "const": 0 },
           "empty": { "type": "string", "const": "" }, "word": { "type": "string", "const": "yes" }"#,
    );
    takes(&catalog, &[r#""no": false, "zero": 0, "empty": "", "word": "yes""#]);
    refuses(&catalog, &[r#""no": true"#, r#""zero": 1"#, r#""empty": "x""#, r#""word": "no""#, r#""word": """#]);
}

#[test]
fn an_enum_is_closed_and_known_values_are_not() {
    let catalog = object(
        r#""word": { "type": "string", "enum": ["a", "b"] }, "n": { "type": "integer", "enum": [0, 2] },
           "known": { "type": "string", "knownValues": ["a", "b"] }"#,
    );
    takes(&catalog, &[r#""word": "a", "n": 0, "known": "a""#, r#""known": "anything""#]);
    refuses(&catalog, &[r#""word": "c""#, r#""word": """#, r#""n": 1"#]);
}

#[test]
fn an_error_says_where_and_why_and_repeats_little() {
    let catalog = object(
        r#""list": { "type": "array", "items": { "type": "object", "properties": {
               "word": { "type": "string", "enum": ["a"] }, "n": { "type": "integer", "maximum": 5 } } } }"#,
    );
    assert_eq!(fault(&catalog, r#""list": [{}, { "n": 6 }]"#).unwrap(), "$.list[1].n: 6 is more than 5");
    let long = fault(&catalog, &format!(r#""list": [{{ "word": "{}" }}]"#, "secret".repeat(1000))).unwrap();
    assert!(long.starts_with("$.list[0].word: ") && long.len() < 200, "{long}");

    let both = value(r#"{ "list": [{ "n": 6 }, { "word": "b" }] }"#);
    let all = validate_all(catalog.compiled(), catalog.schema(NSID).unwrap(), &both);
    assert_eq!(all.len(), 2);
}

#[test]
fn ignored_names_are_passed_over_wherever_they_stand() {
    let catalog = object(
        r#""n": { "type": "integer" }, "other": { "type": "integer" },
           "list": { "type": "array", "items": { "type": "object", "required": ["n"],
               "properties": { "n": { "type": "integer" } } } }"#,
    );
    let all = r#""n": "x", "list": [{ "n": [] }, {}]"#;
    refuses(&catalog, &[all]);
    takes(&catalog.clone().ignore(["n"]), &[all]);
    refuses(&catalog.ignore(["n"]), &[r#""other": "x""#]);
}

#[test]
fn truncated_texts_keep_both_lengths_and_whole_characters() {
    let catalog = object(r#""text": { "type": "string", "maxGraphemes": 10, "maxLength": 24 }"#);
    let family = "👨‍👩‍👧‍👦";
    for (text, expected) in [
        ("twelve chars".to_owned(), "twelve ch…".to_owned()),
        ("ten chars!".to_owned(), "ten chars!".to_owned()),
        // Within ten graphemes, but not within 24 bytes.
        ("é".repeat(10), "é".repeat(10)),
        ("語".repeat(10), format!("{}…", "語".repeat(7))),
        (family.to_owned(), "…".to_owned()),
        (format!("a{family}"), "a…".to_owned()),
    ] {
        let mut value = Value::Map([("text", text)].into_iter().collect());
        catalog.truncate(NSID, &mut value);
        assert_eq!(value.get("text").unwrap().as_str(), Some(&*expected));
        assert!(catalog.validate(NSID, &value).is_ok());
    }
}
