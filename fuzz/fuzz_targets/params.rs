//! Whatever the reader of query strings accepts is the same after it was written and read again.
#![no_main]

use std::sync::LazyLock;

use arobase_runtime::{
    Catalog,
    data::{Value, fields::View},
    xrpc::params::{self, UnknownParams},
};
use libfuzzer_sys::fuzz_target;

const LEXICON: &str = r#"{ "lexicon": 1, "id": "com.example.list", "defs": { "main": {
    "type": "query", "parameters": { "type": "params", "required": ["s"], "properties": {
        "b": { "type": "boolean" },
        "i": { "type": "integer", "minimum": -5, "default": 5 },
        "s": { "type": "string", "maxGraphemes": 10 },
        "d": { "type": "string", "format": "datetime" },
        "bs": { "type": "array", "items": { "type": "boolean" } },
        "is": { "type": "array", "maxLength": 3, "items": { "type": "integer" } },
        "ss": { "type": "array", "items": { "type": "string", "minLength": 2 } }
    } } } } }"#;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::from_json(LEXICON).expect("the lexicon is valid"));

fuzz_target!(|query: &str| {
    let schema = CATALOG.find("com.example.list#main/params").expect("the method has parameters");
    if let Ok(map) = params::decode(&CATALOG, schema, query, UnknownParams::Ignore) {
        let value = Value::Map(map);
        let written = params::encode(&CATALOG, schema, View::Value(&value)).expect("what was read can be written");
        let again = params::decode(&CATALOG, schema, &written, UnknownParams::Refuse);
        assert_eq!(Value::Map(again.expect("what was written can be read")), value);
    }
});
