//! Very many, and very deep.

use serde_json::{Value, json};

use super::{document, each, local, object, small, union};

pub(super) fn documents() -> Vec<Value> {
    vec![
        document("com.size.properties", json!({ "main": properties() })),
        document("com.size.members", members()),
        document("com.size.values", values()),
        document("com.size.deep", json!({ "main": deep(30), "lists": lists(30) })),
        document("com.size.errors", json!({ "main": errors() })),
    ]
}

/// A thousand properties of all types, every second one required.
fn properties() -> Value {
    let names: Vec<_> = (0..1000).map(|number| format!("property{number}")).collect();
    let types = [
        json!({ "type": "string", "maxLength": 10 }),
        json!({ "type": "integer", "minimum": 0 }),
        json!({ "type": "boolean" }),
        json!({ "type": "array", "items": { "type": "string", "format": "did" } }),
        json!({ "type": "string", "format": "datetime" }),
    ];
    let mut object = object(each(&names, |name| types[name.len() * 7 % types.len()].clone()));
    object["required"] = names.iter().step_by(2).cloned().collect();
    object
}

fn members() -> Value {
    let names: Vec<_> = (0..300).map(|number| format!("member{number}")).collect();
    let mut defs = each(&names, |_| small());
    let refs = || names.iter().map(|name| local(name));
    let mut closed = union(refs());
    closed["closed"] = json!(true);
    defs.insert(
        "main".to_owned(),
        json!({ "type": "object", "properties": { "open": union(refs()), "closed": closed } }),
    );
    Value::Object(defs)
}

fn values() -> Value {
    let values: Vec<_> = (0..500).map(|number| format!("value-{number}")).collect();
    let numbers: Vec<_> = (0..500).collect();
    json!({
        "open": { "type": "string", "knownValues": values },
        "closed": { "type": "string", "enum": values },
        "main": { "type": "object", "properties": { "number": { "type": "integer", "enum": numbers } } },
    })
}

fn deep(levels: usize) -> Value {
    (0..levels)
        .fold(small(), |inner, _| json!({ "type": "object", "required": ["level"], "properties": { "level": inner } }))
}

fn lists(levels: usize) -> Value {
    (0..levels).fold(json!({ "type": "integer" }), |inner, _| json!({ "type": "array", "items": inner }))
}

fn errors() -> Value {
    let errors: Vec<_> = (0..200).map(|number| json!({ "name": format!("Error{number}") })).collect();
    json!({ "type": "query", "errors": errors })
}
