//! Names that become one, and names that the generated code needs itself.

use serde_json::{Map, Value, json};

use super::{document, each, local, object, small, string, union};

/// Names of the prelude, and of what derives and macros refer to.
const PRELUDE: &[&str] = &[
    "option",
    "vec",
    "string",
    "box",
    "result",
    "some",
    "none",
    "ok",
    "err",
    "clone",
    "copy",
    "default",
    "from",
    "into",
    "self",
    "send",
    "sync",
    "sized",
    "drop",
    "fn",
    "iterator",
    "debug",
    "hash",
    "hasher",
    "eq",
    "partialEq",
    "asRef",
    "toOwned",
    "toString",
    "tryFrom",
    "i64",
    "bool",
    "str",
    "u8",
    "usize",
    "display",
    "formatter",
    "fromStr",
    "infallible",
    "serialize",
    "deserialize",
    "serializer",
    "deserializer",
    "h",
    "s",
    "d",
    "t",
    "error",
];

/// Names of the runtime.
const RUNTIME: &[&str] = &[
    "rt",
    "data",
    "value",
    "blob",
    "fields",
    "slot",
    "schema",
    "extra",
    "record",
    "query",
    "procedure",
    "subscription",
    "place",
    "view",
    "members",
    "text",
    "items",
    "nullable",
    "bytes",
    "cidLink",
    "did",
    "datetime",
    "body",
    "blank",
    "key",
    "declaredError",
    "index",
    "member",
    "message",
    "name",
    "this",
    "f",
    "state",
    "other",
    "unknown",
    "asStr",
];

/// Names of what belongs to methods.
const METHOD: &[&str] = &[
    "main2", "output", "error", "message", "input", "params", "client", "server", "key", "unknown", "other", "request",
];

pub(super) fn documents() -> Vec<Value> {
    let mut documents = vec![
        document("com.clash.case", case()),
        document("com.clash.parent", parent()),
        document("com.clash.prelude", all_used(PRELUDE)),
        document("com.clash.runtime", all_used(RUNTIME)),
        document("com.clash.digits", digits()),
        document("com.clash.digits.4.more", json!({ "main": small() })),
        document("com.clash.prefix", prefix()),
        document("com.clash.prefix.part", json!({ "main": small() })),
        document("com.clash.prefix.part.more", json!({ "main": small(), "part": small() })),
        document("com.clash.prefix.fooSchema", json!({ "main": { "type": "token" } })),
    ];
    documents.extend(modules());
    documents.extend(methods());
    documents
}

fn case() -> Value {
    let names = [
        "fooBar",
        "foo_bar",
        "foo-bar",
        "FooBar",
        "foo bar",
        "type",
        "Type",
        "type_",
        "new",
        "New",
        "new_",
        "extra",
        "Extra",
        "self",
        "Self",
        "limitOrDefault",
        "limit_or_default",
    ];
    let mut properties = each(names, |_| string());
    properties.insert("limit".to_owned(), json!({ "type": "integer", "default": 5 }));
    properties.insert("Limit".to_owned(), json!({ "type": "boolean", "default": true }));
    let mut required = object(properties.clone());
    required["required"] = json!(names);
    let mut defs =
        each(["a1b", "a1B", "A1b", "fooBar", "FooBar", "foo-bar", "foo_bar", "foo bar", "FOO_BAR"], |_| small());
    defs.insert("main".to_owned(), object(properties));
    defs.insert("required".to_owned(), required);
    defs.insert("token1".to_owned(), json!({ "type": "token" }));
    defs.insert("Token1".to_owned(), json!({ "type": "token" }));
    defs.insert("a1bSchema".to_owned(), json!({ "type": "token" }));
    defs.insert("case".to_owned(), small());
    Value::Object(defs)
}

/// Types in place whose names are those of definitions.
fn parent() -> Value {
    let inline = json!({ "type": "object", "properties": { "deep": { "type": "object", "properties": {} } } });
    let properties = json!({
        "embed": inline,
        "list": { "type": "array", "items": inline },
        "any": { "type": "union", "refs": ["#post", "#embed"] },
        "kind": { "type": "string", "knownValues": ["any", "other", "Other"] },
        "parent": inline,
    });
    let holder = json!({ "type": "object", "properties": properties });
    let names = [
        "embed",
        "embedObject",
        "embedDeep",
        "postEmbed",
        "postEmbedObject",
        "postEmbedDeep",
        "postListItem",
        "listItem",
        "any",
        "anyUnion",
        "postKind",
        "postKindValue",
        "kind",
    ];
    let mut defs = each(names, |_| small());
    defs.insert("main".to_owned(), holder.clone());
    defs.insert("post".to_owned(), holder);
    Value::Object(defs)
}

/// Definitions of these names, and an object that holds each of them in every way.
fn all_used(names: &[&str]) -> Value {
    let mut defs = each(names, |_| small());
    let mut properties = Map::new();
    for name in names {
        let target = json!({ "type": "ref", "ref": local(name) });
        properties.insert((*name).to_owned(), target.clone());
        properties.insert(format!("{name}List"), json!({ "type": "array", "items": target }));
        properties.insert(format!("{name}Null"), target);
    }
    properties.insert("anyOfThem".to_owned(), union(names.iter().map(|name| local(name))));
    properties.insert("anyValue".to_owned(), json!({ "type": "string", "knownValues": names, "default": "none" }));
    properties.insert("oneValue".to_owned(), json!({ "type": "string", "enum": names }));
    properties.insert("number".to_owned(), json!({ "type": "integer", "default": 1 }));
    let nullable: Vec<_> = names.iter().map(|name| format!("{name}Null")).collect();
    let required: Vec<_> = names.iter().take(20).collect();
    let main = json!({ "type": "object", "properties": properties, "nullable": nullable, "required": required });
    defs.insert("main".to_owned(), main);
    Value::Object(defs)
}

/// Names that begin with a digit, as constants, types, fields and modules.
fn digits() -> Value {
    json!({
        "main": object(each(["4", "5", "4x", "12"], |_| string())),
        "4": small(),
        "5": { "type": "token" },
        "12": { "type": "string", "knownValues": ["1", "2", "1.5", "-1"] },
    })
}

/// A lexicon that is also the namespace of others.
fn prefix() -> Value {
    json!({ "main": object(each(["part"], |_| json!({ "type": "ref", "ref": "com.clash.prefix.part" }))),
        "part": small(), "foo": small(), "fooSchema": small() })
}

/// Segments that are names of the language, of crates or of files.
fn modules() -> Vec<Value> {
    let mut documents = Vec::new();
    let names =
        ["rt", "std", "core", "alloc", "str", "bool", "i64", "u8", "usize", "char", "arobase", "serde", "lib", "mod"];
    let properties = each(names, |name| json!({ "type": "ref", "ref": format!("com.clash.module.{name}") }));
    let mut main = object(properties);
    main["properties"]["limit"] = json!({ "type": "integer", "default": 5, "maximum": 9 });
    main["properties"]["flag"] = json!({ "type": "boolean", "default": true });
    main["properties"]["text"] = json!({ "type": "string", "default": "x" });
    main["properties"]["kind"] = json!({ "type": "string", "enum": ["x"] });
    documents.push(document("com.clash.module", json!({ "main": main, "token": { "type": "token" } })));
    for name in names {
        documents.push(document(&format!("com.clash.module.{name}"), json!({ "main": small() })));
        documents.push(document(&format!("{name}.clash.first"), json!({ "main": small() })));
        documents.push(document(&format!("com.{name}.middle"), json!({ "main": small() })));
    }
    let authorities =
        ["com.some-site", "com.some--site", "com.somesite", "com.4chan", "xn--fiqs8s.example", "com.9-9", "com.9"];
    documents.extend(authorities.map(|authority| document(&format!("{authority}.thing1"), json!({ "main": small() }))));
    documents
}

/// Methods and records whose documents define what they are made of, and methods called so.
fn methods() -> Vec<Value> {
    let all = || {
        let refs: Vec<_> = METHOD.iter().map(|name| local(name)).collect();
        let any = json!({ "type": "union", "refs": refs });
        json!({ "type": "object", "properties": { "any": any, "error": { "type": "ref", "ref": "#error" }, "inner": small() } })
    };
    let body = || json!({ "encoding": "application/json", "schema": all() });
    let params =
        json!({ "type": "params", "properties": { "error": string(), "input": string(), "params": string() } });
    let errors = json!([{ "name": "Error" }, { "name": "Other" }, { "name": "Unknown" }, { "name": "None" }]);
    let query = json!({ "type": "query", "parameters": params, "output": body(), "errors": errors });
    let procedure = json!({ "type": "procedure", "input": body(), "output": body(), "errors": errors });
    let both =
        json!({ "type": "procedure", "parameters": params, "input": body(), "output": body(), "errors": errors });
    let message =
        json!({ "schema": { "type": "union", "refs": METHOD.iter().map(|name| local(name)).collect::<Vec<_>>() } });
    let subscription = json!({ "type": "subscription", "parameters": params, "message": message, "errors": errors });
    let record = json!({ "type": "record", "key": "literal:self", "record": all() });
    let mains = [
        ("query", query),
        ("procedure", procedure),
        ("both", both),
        ("subscription", subscription),
        ("record", record),
    ];
    let mut documents = Vec::new();
    for (group, main) in &mains {
        for name in METHOD {
            let mut defs = each(METHOD, |_| small());
            defs.insert("main".to_owned(), main.clone());
            documents.push(document(&format!("com.clash.{group}.{name}"), Value::Object(defs)));
        }
    }
    documents
}
