//! Methods whose names the traits of their group need themselves, and groups that are hard to set.

use serde_json::{Value, json};

use super::{document, each, local, object, small, string, union};

/// Names of methods. The traits have methods, arguments, types and functions of these names, or the
/// language and its prelude do.
const NAMES: &str = "client server router self super crate type async await fn impl dyn gen new clone drop into from eq \
    hash fmt default send sync s c t e f cx query input params body output error message result ok err some none option \
    string vec stream future call caller subscribe context failure events route rt std core methods subscriptions \
    infallible i64 str nsid endpoint";

/// Encodings that are not JSON, or not quite.
const ENCODINGS: &[&str] = &[
    "*/*",
    "video/*",
    "video/mp4",
    "application/vnd.ipld.car",
    "application/jsonl",
    "APPLICATION/JSON",
    "application/ld+json",
];

pub(super) fn documents() -> Vec<Value> {
    let mut documents = Vec::new();
    for (group, main) in kinds() {
        for name in NAMES.split_whitespace() {
            let defs = json!({ "main": main, "thing": small(), "list": list(), "word": string() });
            documents.push(document(&format!("com.group.{group}.{name}"), defs));
        }
    }
    documents.extend(encodings());
    documents.extend(nested());
    for authority in ["io.exa-mple", "io.4exa-mple", "type.exa--mple"] {
        documents.push(document(&format!("{authority}.getThing"), json!({ "main": query() })));
        documents.push(document(&format!("{authority}.watch-things.now"), json!({ "main": subscription() })));
    }
    documents
}

/// A method of each shape, by the name of its group.
fn kinds() -> Vec<(&'static str, Value)> {
    let params = json!({ "type": "params", "properties": each(NAMES.split_whitespace().take(12), |_| string()) });
    let by = |name: &str| json!({ "encoding": "application/json", "schema": { "type": "ref", "ref": local(name) } });
    let procedure = |input: Value| json!({ "type": "procedure", "parameters": params, "input": input });
    let mut silent = procedure(by("thing"));
    silent["errors"] = json!([{ "name": "Input" }, { "name": "Output" }]);
    vec![
        ("queries", query()),
        ("subscription", subscription()),
        ("record", procedure(by("thing"))),
        ("list", procedure(by("list"))),
        ("word", json!({ "type": "query", "output": by("word") })),
        ("errors", silent),
        ("bodies", procedure(json!({ "encoding": "*/*" }))),
        (
            "itself",
            json!({ "type": "procedure", "input": json_body(&object(each(NAMES.split_whitespace().take(12), |_| string()))) }),
        ),
    ]
}

fn query() -> Value {
    json!({
        "type": "query",
        "parameters": { "type": "params", "properties": { "cursor": string() } },
        "output": json_body(&object(json!({ "cursor": string() }))),
        "errors": [{ "name": "NotFound" }],
    })
}

fn subscription() -> Value {
    json!({ "type": "subscription", "message": { "schema": union([]) } })
}

fn json_body(schema: &Value) -> Value {
    json!({ "encoding": "application/json", "schema": schema })
}

fn list() -> Value {
    json!({ "type": "array", "items": string() })
}

fn encodings() -> Vec<Value> {
    let documents = ENCODINGS.iter().enumerate().map(|(number, encoding)| {
        let body = json!({ "encoding": encoding });
        let main = json!({ "type": "procedure", "input": body, "output": body });
        document(&format!("com.group.encoding.number{number}"), json!({ "main": main }))
    });
    documents.collect()
}

/// Methods that are the group of others, and define what those are called.
fn nested() -> Vec<Value> {
    let defs = || {
        let mut defs = each(["inner", "client", "server", "router", "output", "error"], |_| small());
        defs.insert("main".to_owned(), query());
        defs
    };
    let names = ["com.group.outer", "com.group.outer.inner", "com.group.outer.inner.more", "com.group.outer.router"];
    names.map(|nsid| document(nsid, Value::Object(defs()))).into()
}
