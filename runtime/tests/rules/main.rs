//! What lexicons and their data have to keep, as a program sees it that loads its lexicons at run
//! time.

mod constraints;
mod formats;
mod lexicons;
mod shapes;

use arobase_runtime::{Catalog, data::Value};

/// A document of these definitions.
fn document(nsid: &str, defs: &str) -> String {
    format!(r#"{{ "lexicon": 1, "id": "{nsid}", "defs": {{ {defs} }} }}"#)
}

/// One document, whose `main` is an object of these properties.
fn object(properties: &str) -> Catalog {
    let main = format!(r#""main": {{ "type": "object", "properties": {{ {properties} }} }}"#);
    Catalog::from_json(document(NSID, &main)).unwrap()
}

const NSID: &str = "com.example.thing";

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// What is wrong with an object of these fields; nothing if it is valid.
fn fault(catalog: &Catalog, fields: &str) -> Option<String> {
    let value = value(&format!("{{ {fields} }}"));
    catalog.validate(NSID, &value).err().map(|error| error.to_string())
}

#[track_caller]
fn takes(catalog: &Catalog, all: &[&str]) {
    for fields in all {
        assert_eq!(fault(catalog, fields), None, "{fields}");
    }
}

#[track_caller]
fn refuses(catalog: &Catalog, all: &[&str]) {
    for fields in all {
        assert!(fault(catalog, fields).is_some(), "{fields}");
    }
}
