use super::*;

#[test]
fn a_document_is_an_object() {
    for text in ["[]", "null", "1", "\"x\""] {
        document_breaks(text, Rule::NotAnObject, "$");
    }
}

#[test]
fn the_version_is_the_integer_1() {
    for version in ["\"1\"", "2", "0", "1.0", "1e0", "true", "null", "[1]"] {
        let text = with_main(EMPTY_OBJECT).replace("\"lexicon\": 1", &format!("\"lexicon\": {version}"));
        document_breaks(&text, Rule::LexiconVersion, "$.lexicon");
    }
    let text = with_main(EMPTY_OBJECT).replace("\"lexicon\": 1,", "");
    document_breaks(&text, Rule::LexiconVersion, "$");
}

#[test]
fn the_id_is_an_nsid() {
    for id in ["7", "null", "\"\"", "\"org.example\"", "\"org.example.thing#main\"", "\"9org.example.a\""] {
        let text = with_main(EMPTY_OBJECT).replace("\"org.example.thing\"", id);
        document_breaks(&text, Rule::Id, "$.id");
    }
    let text = with_main(EMPTY_OBJECT).replace("\"id\": \"org.example.thing\",", "");
    document_breaks(&text, Rule::Id, "$");
}

#[test]
fn defs_are_an_object() {
    for defs in ["[]", "null", "\"main\""] {
        document_breaks(&with_defs(defs), Rule::Defs, "$.defs");
    }
    document_breaks(r#"{"lexicon": 1, "id": "org.example.thing"}"#, Rule::Defs, "$");
}

#[test]
fn there_is_at_least_one_definition() {
    document_breaks(&with_defs("{}"), Rule::DefsEmpty, "$.defs");
}

#[test]
fn revision_and_description_have_their_types() {
    let text = |key: &str| with_main(EMPTY_OBJECT).replacen('{', &format!("{{{key},"), 1);
    document_breaks(&text(r#""revision": "3""#), Rule::WrongType, "$.revision");
    document_breaks(&text(r#""revision": 1.5"#), Rule::WrongType, "$.revision");
    document_breaks(&text(r#""description": null"#), Rule::WrongType, "$.description");
}
