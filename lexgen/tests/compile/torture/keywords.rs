//! Rust keywords, in every place where a lexicon has a name.

use serde_json::{Value, json};

use super::{document, each, local, object, small, string, union};

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "auto", "await", "become", "box", "break", "const", "continue", "crate", "default",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "raw", "ref", "return", "safe", "self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

pub(super) fn documents() -> Vec<Value> {
    let mut documents = vec![
        document("com.keyword.inside.properties", json!({ "main": all_required(), "optional": all_optional() })),
        document("com.keyword.inside.defs", definitions()),
        document("com.keyword.inside.tokens", Value::Object(each(KEYWORDS, |_| json!({ "type": "token" })))),
        document("com.keyword.inside.values", values()),
        document("com.keyword.inside.call", json!({ "main": method() })),
        document("com.keyword.inside.members", json!({ "main": object(each(["any"], |_| members())) })),
    ];
    for keyword in KEYWORDS {
        documents.push(document(&format!("com.keyword.last.{keyword}"), json!({ "main": small() })));
        documents.push(document(&format!("com.keyword.{keyword}.middle"), json!({ "main": small() })));
        documents.push(document(&format!("{keyword}.keyword.first"), json!({ "main": small() })));
    }
    documents
}

fn all_optional() -> Value {
    let mut names = KEYWORDS.to_vec();
    names.extend(["Self", "_", "__", "macro_rules"]);
    object(each(names, |_| string()))
}

fn all_required() -> Value {
    let mut object = all_optional();
    object["required"] = json!(KEYWORDS);
    object
}

fn definitions() -> Value {
    let mut defs = each(KEYWORDS, |_| small());
    defs.insert("Self".to_owned(), small());
    let all: Vec<_> = defs.keys().cloned().collect();
    let mut properties = each(&all, |name| json!({ "type": "ref", "ref": local(name) }));
    properties.insert("any".to_owned(), union(all.iter().map(|name| local(name))));
    defs.insert("main".to_owned(), object(properties));
    Value::Object(defs)
}

fn members() -> Value {
    let last = KEYWORDS.iter().map(|keyword| format!("com.keyword.last.{keyword}"));
    let inner = KEYWORDS.iter().map(|keyword| format!("com.keyword.inside.defs#{keyword}"));
    union(last.chain(inner))
}

fn values() -> Value {
    json!({
        "open": { "type": "string", "knownValues": KEYWORDS },
        "closed": { "type": "string", "enum": KEYWORDS },
        "tokens": {
            "type": "string",
            "knownValues": KEYWORDS.iter().map(|name| format!("com.keyword.inside.tokens#{name}")).collect::<Vec<_>>(),
        },
    })
}

fn method() -> Value {
    json!({
        "type": "query",
        "parameters": { "type": "params", "properties": each(KEYWORDS, |_| string()) },
        "errors": KEYWORDS.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "output": { "encoding": "application/json", "schema": all_required() },
    })
}
