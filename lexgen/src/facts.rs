//! A copy of a lexicon that holds its facts and nothing else.
//!
//! Names, types, constraints and references are facts of a protocol; descriptions are
//! somebody's text. The copy takes what is on a white list, place by place, so a property that
//! is *named* `description` stays.

use arobase_lexicon::json::Json;

/// What stands under a key.
#[derive(Clone, Copy)]
enum Shape {
    /// A value without names of its own: it is copied.
    Plain,
    /// A schema, whose `type` says which keys it has.
    Schema,
    /// Schemas by name.
    Schemas,
    /// An object with these keys.
    Object(&'static [(&'static str, Shape)]),
    /// A list of objects with these keys.
    Objects(&'static [(&'static str, Shape)]),
}

use Shape::{Object, Objects, Plain, Schema, Schemas};

type Keys = &'static [(&'static str, Shape)];

const BODY: Keys = &[("encoding", Plain), ("schema", Schema)];
const MESSAGE: Keys = &[("schema", Schema)];
const ERROR: Keys = &[("name", Plain)];
const LENGTHS: Keys = &[("type", Plain), ("minLength", Plain), ("maxLength", Plain)];
const PERMISSION: Keys = &[
    ("type", Plain),
    ("resource", Plain),
    ("collection", Plain),
    ("action", Plain),
    ("lxm", Plain),
    ("aud", Plain),
    ("inheritAud", Plain),
    ("accept", Plain),
    ("attr", Plain),
];

/// The keys of a schema by its `type`.
fn keys(kind: &str) -> Keys {
    match kind {
        "record" => &[("type", Plain), ("key", Plain), ("record", Schema)],
        "query" | "procedure" => &[
            ("type", Plain),
            ("parameters", Schema),
            ("input", Object(BODY)),
            ("output", Object(BODY)),
            ("errors", Objects(ERROR)),
        ],
        "subscription" => {
            &[("type", Plain), ("parameters", Schema), ("message", Object(MESSAGE)), ("errors", Objects(ERROR))]
        }
        "permission-set" => &[("type", Plain), ("permissions", Objects(PERMISSION))],
        "boolean" => &[("type", Plain), ("default", Plain), ("const", Plain)],
        "integer" => &[
            ("type", Plain),
            ("minimum", Plain),
            ("maximum", Plain),
            ("enum", Plain),
            ("default", Plain),
            ("const", Plain),
        ],
        "string" => &[
            ("type", Plain),
            ("format", Plain),
            ("minLength", Plain),
            ("maxLength", Plain),
            ("minGraphemes", Plain),
            ("maxGraphemes", Plain),
            ("enum", Plain),
            ("knownValues", Plain),
            ("default", Plain),
            ("const", Plain),
        ],
        "bytes" => LENGTHS,
        "blob" => &[("type", Plain), ("accept", Plain), ("maxSize", Plain)],
        "array" => &[("type", Plain), ("items", Schema), ("minLength", Plain), ("maxLength", Plain)],
        "object" | "params" => &[("type", Plain), ("required", Plain), ("nullable", Plain), ("properties", Schemas)],
        "ref" => &[("type", Plain), ("ref", Plain)],
        "union" => &[("type", Plain), ("refs", Plain), ("closed", Plain)],
        _ => &[("type", Plain)],
    }
}

/// The facts of a document that was loaded without errors.
///
/// The keys of the document come as `lexicon`, `id`, `defs`; all others keep their order.
#[must_use]
pub fn facts(document: &Json) -> Json {
    const DOCUMENT: Keys = &[("lexicon", Plain), ("id", Plain), ("defs", Schemas)];
    let members =
        DOCUMENT.iter().filter_map(|(key, shape)| Some(((*key).to_owned(), copy(document.get(key)?, *shape))));
    Json::Object(members.collect())
}

/// The text of a file of facts: indented by 2 spaces, with a line end.
#[must_use]
pub fn facts_text(document: &Json) -> String {
    facts(document).to_string_pretty() + "\n"
}

/// Recursion is as deep as the document, which the loader limits.
fn copy(json: &Json, shape: Shape) -> Json {
    match shape {
        Plain => json.clone(),
        Schema => select(json, keys(json.get("type").and_then(Json::as_str).unwrap_or_default())),
        Schemas => {
            let members = json.as_object().into_iter().flatten();
            Json::Object(members.map(|(name, schema)| (name.clone(), copy(schema, Schema))).collect())
        }
        Object(keys) => select(json, keys),
        Objects(keys) => Json::Array(json.as_array().into_iter().flatten().map(|item| select(item, keys)).collect()),
    }
}

fn select(json: &Json, keys: Keys) -> Json {
    let members = json.as_object().into_iter().flatten();
    let known = members.filter_map(|(name, value)| {
        let (_, shape) = keys.iter().find(|(key, _)| key == name)?;
        Some((name.clone(), copy(value, *shape)))
    });
    Json::Object(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(text: &str) -> String {
        facts(&Json::parse(text).unwrap()).to_string()
    }

    #[test]
    fn prose_and_unknown_keys_are_left_out() {
        let text = r#"{"$type":"x","defs":{"main":{"description":"d","type":"token","x":1}},"id":"a.b.c",
            "revision":2,"description":"d","lexicon":1}"#;
        assert_eq!(copied(text), r#"{"lexicon":1,"id":"a.b.c","defs":{"main":{"type":"token"}}}"#);
    }

    #[test]
    fn a_property_that_is_named_description_stays() {
        let object = r#"{"type":"object","required":["description"],"properties":{"description":{"type":"string","description":"d"},"title":{"type":"boolean"}}}"#;
        let text = format!(r#"{{"lexicon":1,"id":"a.b.c","defs":{{"description":{object}}}}}"#);
        assert_eq!(copied(&text), text.replace(r#","description":"d""#, ""));
    }

    #[test]
    fn every_fact_of_a_method_stays_in_its_order() {
        let text = r##"{"lexicon":1,"id":"a.b.c","defs":{"main":{"errors":[{"name":"E"}],"type":"procedure","input":{"schema":{"type":"ref","ref":"#x"},"encoding":"application/json"},"parameters":{"properties":{"p":{"items":{"type":"integer","maximum":9},"type":"array"}},"type":"params","required":["p"]}}}}"##;
        assert_eq!(copied(text), text);
    }

    #[test]
    fn titles_of_permission_sets_are_left_out() {
        let text = r#"{"lexicon":1,"id":"a.b.c","defs":{"main":{"type":"permission-set","title":"t","title:lang":{"pt":"t"},"detail":"d","detail:lang":{},"permissions":[{"type":"permission","resource":"rpc","lxm":["*"],"inheritAud":true,"description":"d"}]}}}"#;
        assert_eq!(
            copied(text),
            r#"{"lexicon":1,"id":"a.b.c","defs":{"main":{"type":"permission-set","permissions":[{"type":"permission","resource":"rpc","lxm":["*"],"inheritAud":true}]}}}"#
        );
    }
}
