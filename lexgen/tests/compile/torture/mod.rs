//! Lexicons that nobody would write, and that must become code all the same.

mod clashes;
mod groups;
mod keywords;
mod recursion;
mod sizes;
mod texts;

use serde_json::{Map, Value, json};

/// All of them.
pub(crate) fn documents() -> Vec<Value> {
    [
        keywords::documents(),
        clashes::documents(),
        groups::documents(),
        sizes::documents(),
        texts::documents(),
        recursion::documents(),
    ]
    .concat()
}

fn document(nsid: &str, defs: impl Into<Value>) -> Value {
    json!({ "lexicon": 1, "id": nsid, "defs": defs.into() })
}

/// An object with these properties, all optional.
fn object(properties: impl Into<Value>) -> Value {
    json!({ "type": "object", "properties": properties.into() })
}

/// A map of all names, made of each name.
fn each<S: AsRef<str>>(names: impl IntoIterator<Item = S>, make: impl Fn(&str) -> Value) -> Map<String, Value> {
    names.into_iter().map(|name| (name.as_ref().to_owned(), make(name.as_ref()))).collect()
}

fn string() -> Value {
    json!({ "type": "string" })
}

/// An object that holds one string.
fn small() -> Value {
    json!({ "type": "object", "required": ["x"], "properties": { "x": { "type": "string" }, "y": { "type": "integer" } } })
}

/// A union of these.
fn union(refs: impl IntoIterator<Item = String>) -> Value {
    json!({ "type": "union", "refs": refs.into_iter().collect::<Vec<_>>() })
}

/// A reference to a definition of the same document.
fn local(name: &str) -> String {
    format!("#{name}")
}
