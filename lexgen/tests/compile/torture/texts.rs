//! Texts that rustdoc or rustc would make something of, and names without a letter.

use serde_json::{Value, json};

use super::{document, each, object, string, union};

/// Each must come out as plain prose.
const TRAPS: &[&str] = &[
    "[link](https://example.com) and [broken] and [broken][too] and [`code`]",
    "[reference]: https://example.com",
    "a bare https://example.com/a_b_c and http://example.com, and mail@example.com",
    "<https://example.com> <b>bold</b> <Vec<String>> <script> </div> <!-- -->",
    "```\nlet x: u8 = \"no\";\n```",
    "```rust\ncompile_error!();\n```\n",
    "``` never closed",
    "~~~\ncompile_error!();\n~~~",
    "    compile_error!();",
    "\tcompile_error!();",
    "\u{1}\u{1}\u{1}\u{1}\u{1}compile_error!();",
    "one ` backtick",
    "`two` and `three",
    "``double``",
    "` `",
    "`[code]` `<b>`",
    "\\`escaped\\`",
    "\\",
    "ends with \\",
    "*/ /* */ //! /// /** {} {0} {{ }} #[doc] #![x] \"quote\" 'c' $crate \\n \\u{0}",
    "left \u{202e}right\u{202c} \u{2066}isolate\u{2069} \u{200b} \u{feff}",
    "- item\n- item\n  lazy\n* item\n+ item\n1. one\n2) two\n10000000000. ten",
    "# heading\n## heading\n===\n---\n***\n___",
    "heading\n===\n\nheading\n---",
    "> quote\n| a | b |\n|---|---|\n| c | d |",
    "[^1] and [^1]: footnote",
    "&amp; &lt; &#0; &nbsp;",
    "text\r\nwith\rreturns\u{b}\u{c}\u{85}\u{2028}and\u{2029}others\0",
    "$math$ ~~strike~~ __bold__ *bold* :emoji: @user #tag",
    "trailing spaces   \nhard break  \n\n\n\nmany blank lines\n\n",
    "   ",
    "",
    "\n",
    "é 日本語 👩‍👩‍👧 e\u{301}",
    "Self self crate super::foo std::vec::Vec [crate::x] [`Self::x`] [struct@Foo] [Foo!()]",
];

/// Names of properties and definitions that have no letters to speak of.
const NAMES: &[&str] = &[
    "日本", "é", "ß", "-", "--", "_", "__", "$", "$fix", " ", "  ", "a b", "a.b", "a/b", "a`b", "\"", "'", "\\", "{",
    "}", "{}", "1", "12", "2nd", "👩", "\n", "\u{202e}", "\0", "*/", "//", "#", "u65e5", "U65e5", "İ", "ﬁ", "ǅ",
    "e\u{301}", "[x]", "<b>",
];

pub(super) fn documents() -> Vec<Value> {
    let long = "a very long line ".repeat(2000);
    let traps = || TRAPS.iter().copied().chain([long.as_str()]);
    let mut documents = Vec::new();
    for (number, text) in traps().enumerate() {
        documents.push(described(&format!("com.text.trap{number}"), text));
    }
    documents.push(document("com.text.names", names()));
    documents.push(document("com.text.slashes", slashes()));
    documents.push(document("com.text.slashesOfQuery", slashes_of_query()));
    documents.push(document("com.text.slashesOfProcedure", slashes_of_procedure()));
    let all: Vec<_> = traps().filter(|text| text.len() < 1000).chain(NAMES.iter().copied()).collect();
    documents.push(document(
        "com.text.values",
        json!({
            "open": { "type": "string", "knownValues": all },
            "closed": { "type": "string", "enum": all },
            "main": { "type": "object", "properties": {
                "constant": { "type": "string", "const": TRAPS[0] },
                "default": { "type": "string", "default": TRAPS[19] },
                "blob": { "type": "blob", "accept": ["image/*", "a/`b`", "[x]/*"] },
                "format": { "type": "string", "format": "uri", "knownValues": ["https://example.com/`[x]`"] },
            } },
        }),
    ));
    documents
}

/// Everything that can have a description, with this one.
fn described(nsid: &str, text: &str) -> Value {
    let object = json!({ "type": "object", "description": text, "properties": { "x": { "type": "string", "description": text } } });
    let params = json!({ "type": "params", "description": text, "properties": { "p": { "type": "integer", "description": text } } });
    let body = json!({ "encoding": "application/json", "description": text, "schema": object });
    json!({ "lexicon": 1, "id": nsid, "description": text, "defs": {
        "main": { "type": "procedure", "description": text, "parameters": params, "input": body, "output": body,
            "errors": [{ "name": "Failed", "description": text }] },
        "object": object,
        "token": { "type": "token", "description": text },
        "string": { "type": "string", "description": text, "knownValues": ["x"] },
        "alias": { "type": "array", "description": text, "items": { "type": "integer", "description": text } },
    } })
}

fn names() -> Value {
    let mut required = object(each(NAMES, |_| string()));
    required["required"] = json!(NAMES);
    let types: Vec<_> = NAMES.iter().filter(|name| !name.contains(['.', '#'])).collect();
    let mut defs = each(&types, |_| object(each(NAMES, |_| string())));
    defs.insert("main".to_owned(), required);
    defs.insert("inline".to_owned(), object(each(&types, |_| object(each(["x"], |_| string())))));
    Value::Object(defs)
}

/// Definitions whose names read like the way to what stands in others.
fn slashes() -> Value {
    let inline = |key: &str| object(each(["b", "b~1c"], |_| object(each([key], |_| string()))));
    let names = ["a", "a/b", "a~1b", "a/b~1c", "a/b~01c", "main/b", "/", "~", "~0", "list/items"];
    let refs = names.iter().filter(|name| **name != "~").map(|name| format!("#{name}"));
    let mut main = object(each(names, |name| json!({ "type": "ref", "ref": format!("#{name}") })));
    main["properties"]["b"] = inline("inMain");
    main["properties"]["any"] = union(refs);
    json!({
        "main": main,
        "a": inline("inline"),
        "a/b": object(each(["slash"], |_| json!({ "type": "integer" }))),
        "a~1b": object(each(["tilde"], |_| json!({ "type": "boolean" }))),
        "a/b~1c": object(each(["both"], |_| object(each(["x"], |_| string())))),
        "a/b~01c": object(each(["b"], |_| object(each(["y"], |_| string())))),
        "main/b": object(each(["ofMain"], |_| string())),
        "/": object(each(["/"], |_| object(each(["/"], |_| string())))),
        "~": { "type": "string", "knownValues": ["a/b", "~"] },
        "~0": object(each(["~"], |_| object(each(["~"], |_| string())))),
        "list": { "type": "array", "items": object(each(["x"], |_| string())) },
        "list/items": object(each(["y"], |_| string())),
        "token/x": { "type": "token" },
    })
}

/// Definitions whose names read like those of the parts of a query.
fn slashes_of_query() -> Value {
    json!({
        "main": {
            "type": "query",
            "parameters": { "type": "params", "properties": { "limit": { "type": "integer" } } },
            "output": { "encoding": "application/json", "schema": object(each(["b"], |_| object(each(["x"], |_| string())))) },
        },
        "main/params": object(each(["text"], |_| string())),
        "main/output": { "type": "string", "knownValues": ["x"] },
        "main/output/b": object(each(["text"], |_| string())),
    })
}

/// Definitions whose names read like those of the parts of a procedure.
fn slashes_of_procedure() -> Value {
    let body = |key: &str| json!({ "encoding": "application/json", "schema": object(each([key], |_| string())) });
    json!({
        "main": { "type": "procedure", "input": body("given"), "output": body("got") },
        "main/input": object(each(["text"], |_| json!({ "type": "integer" }))),
        "main/params": object(each(["text"], |_| string())),
        "main/output": object(each(["text"], |_| json!({ "type": "boolean" }))),
    })
}
