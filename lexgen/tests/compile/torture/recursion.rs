//! Types that contain themselves, in every way that can end.

use serde_json::{Value, json};

use super::document;

pub(super) fn documents() -> Vec<Value> {
    vec![
        document("com.recursive.fields", fields()),
        document("com.recursive.unions", unions()),
        document("com.recursive.lists", lists()),
        document("com.recursive.left", json!({ "main": other("com.recursive.right") })),
        document("com.recursive.right", json!({ "main": other("com.recursive.left") })),
    ]
}

fn other(nsid: &str) -> Value {
    json!({ "type": "object", "properties": { "other": { "type": "ref", "ref": nsid } } })
}

/// Required fields that may be null or absent on the way.
fn fields() -> Value {
    json!({
        "main": { "type": "object", "required": ["a"], "nullable": ["a"], "properties": {
            "a": { "type": "ref", "ref": "#a" }, "again": { "type": "ref", "ref": "#main" } } },
        "a": { "type": "object", "required": ["b"], "properties": { "b": { "type": "ref", "ref": "#b" } } },
        "b": { "type": "object", "required": ["main"], "properties": {
            "main": { "type": "ref", "ref": "#main" },
            "inline": { "type": "object", "required": ["b"], "nullable": ["b"], "properties": { "b": { "type": "ref", "ref": "#b" } } },
        } },
        "selfNull": { "type": "object", "required": ["me"], "nullable": ["me"], "properties": { "me": { "type": "ref", "ref": "#selfNull" } } },
        "selfBoth": { "type": "object", "nullable": ["me"], "properties": { "me": { "type": "ref", "ref": "#selfBoth" } } },
        "record1": { "type": "object", "properties": { "inner": { "type": "object", "required": ["outer"], "nullable": ["outer"],
            "properties": { "outer": { "type": "ref", "ref": "#record1" } } } } },
    })
}

/// Closed unions whose first member leads back to them.
fn unions() -> Value {
    let choice = json!({ "type": "union", "closed": true, "refs": ["#more", "#most", "#end"] });
    json!({
        "main": { "type": "object", "required": ["choice"], "properties": { "choice": choice } },
        "more": { "type": "object", "required": ["choice"], "properties": { "choice": choice } },
        "most": { "type": "object", "required": ["main", "more"], "properties": {
            "main": { "type": "ref", "ref": "#main" }, "more": { "type": "ref", "ref": "#more" } } },
        "end": { "type": "object", "properties": { "again": choice } },
        "open": { "type": "object", "required": ["any"], "properties": { "any": { "type": "union", "refs": ["#open"] } } },
        "listed": { "type": "object", "required": ["all"], "properties": {
            "all": { "type": "array", "items": { "type": "union", "closed": true, "refs": ["#listed"] } } } },
        "nulled": { "type": "object", "required": ["one"], "nullable": ["one"], "properties": {
            "one": { "type": "union", "closed": true, "refs": ["#nulled"] } } },
    })
}

/// Arrays of themselves have no Rust type of their own.
fn lists() -> Value {
    json!({
        "main": { "type": "object", "required": ["ring"], "properties": { "ring": { "type": "ref", "ref": "#ring1" } } },
        "ring1": { "type": "array", "items": { "type": "ref", "ref": "#ring2" } },
        "ring2": { "type": "array", "items": { "type": "array", "items": { "type": "ref", "ref": "#ring3" } } },
        "ring3": { "type": "array", "items": { "type": "ref", "ref": "#ring1" } },
        "into": { "type": "array", "items": { "type": "ref", "ref": "#ring1" } },
        "objects": { "type": "array", "items": { "type": "object", "properties": { "all": { "type": "ref", "ref": "#objects" } } } },
    })
}
