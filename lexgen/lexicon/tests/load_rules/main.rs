//! Each rule that makes a document invalid: a document that breaks it and nothing else.

mod constraints;
mod definitions;
mod methods;
mod objects;
mod permission_sets;
mod records;
mod references;
mod several;
mod text;
mod top_level;

use arobase_lexicon::{
    document::Document,
    json::Json,
    load::{LoadErrors, Options, Rule},
};

fn errors(text: &str) -> LoadErrors {
    match Document::parse(text) {
        Ok(_) => panic!("loads: {text}"),
        Err(errors) => errors,
    }
}

/// The errors as `rule-code path`.
fn found(text: &str) -> Vec<String> {
    errors(text).iter().map(|error| format!("{} {}", error.rule.code(), error.path)).collect()
}

fn with_defs(defs: &str) -> String {
    format!(r#"{{"lexicon": 1, "id": "org.example.thing", "defs": {defs}}}"#)
}

fn with_main(def: &str) -> String {
    with_defs(&format!(r#"{{"main": {def}}}"#))
}

fn with_property(property: &str) -> String {
    with_main(&format!(r#"{{"type": "object", "properties": {{"p": {property}}}}}"#))
}

/// Asserts that a definition breaks this rule alone, at this path below `main`.
fn main_breaks(def: &str, rule: Rule, path: &str) {
    assert_eq!(found(&with_main(def)), [format!("{} $.defs.main{path}", rule.code())], "{def}");
}

/// Asserts that a property breaks this rule alone, at this path below the property.
fn property_breaks(property: &str, rule: Rule, path: &str) {
    let path = format!("$.defs.main.properties.p{path}");
    assert_eq!(found(&with_property(property)), [format!("{} {path}", rule.code())], "{property}");
}

fn document_breaks(text: &str, rule: Rule, path: &str) {
    assert_eq!(found(text), [format!("{} {path}", rule.code())], "{text}");
}

fn loads(text: &str) -> Document {
    match Document::parse(text) {
        Ok(document) => document,
        Err(errors) => panic!("{errors}\n{text}"),
    }
}

const EMPTY_OBJECT: &str = r#"{"type": "object", "properties": {}}"#;
