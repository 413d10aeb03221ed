//! What the generated docs say: the description, where there is one, and every constraint in words.

use arobase_lexicon::{
    check::is_mime_pattern,
    document::{self, Def, DefKind, Document, ErrorDef, Kind, Node, PermissionSet, Record},
};

use crate::layout::What;

/// The docs of a module.
pub(super) fn module(document: &Document) -> Vec<String> {
    let main = document.def("main");
    let kind = main.map(|def| format!(" ({})", kind(def))).unwrap_or_default();
    let mut docs = vec![format!("`{}`{kind}", document.id.as_str())];
    push(&mut docs, document.description.as_ref());
    docs
}

fn kind(def: &Def) -> String {
    match &def.kind {
        DefKind::Record(Record { key, .. }) => format!("record, key: {key}"),
        kind => kind.type_name().to_owned(),
    }
}

/// The docs of a part that is a type.
pub(super) fn part(document: &Document, at: &str, what: What<'_>) -> Vec<String> {
    let nsid = document.id.as_str();
    let (id, rest) = at.split_once('/').unwrap_or((at, ""));
    let name = id.split_once('#').map_or("main", |(_, name)| name);
    let def = document.def(name);
    let mut docs = match (rest, def) {
        ("", Some(def)) => vec![format!("`{id}` ({})", kind(def))],
        ("params", Some(def)) => vec![format!("`{nsid}` ({})", kind(def))],
        ("input", Some(def)) if matches!(what, What::Object(_)) => vec![format!("`{nsid}` ({})", kind(def))],
        ("input", _) => vec![format!("The request body of `{nsid}`.")],
        ("output", _) => vec![format!("The response body of `{nsid}`.")],
        ("message", _) => vec![format!("The messages of `{nsid}`.")],
        _ => vec![format!("`{}` of `{id}`.", rest.replace("/items", "[]").replace('/', "."))],
    };
    if matches!(rest, "" | "params" | "input") {
        push(&mut docs, def.and_then(|def| def.description.as_ref()));
    }
    match what {
        What::Union(union) if union.closed => docs.push("Closed: it has no other members.".to_owned()),
        What::Union(_) => docs.push("Open: other members are kept as they are.".to_owned()),
        What::Strings(text) => docs.extend(sentence(&text_words(text))),
        What::Alias(kind) => docs.extend(sentence(&words(kind))),
        What::Object(_) | What::Params(_) => {}
    }
    docs
}

/// The docs of a token.
pub(super) fn token(text: &str, def: &Def) -> Vec<String> {
    let mut docs = vec![format!("`{text}` (token)")];
    push(&mut docs, def.description.as_ref());
    docs
}

/// The docs of a permission set.
pub(super) fn permission_set(nsid: &str, def: &Def, set: &PermissionSet) -> Vec<String> {
    let mut docs = vec![format!("`{nsid}` (permission-set)")];
    push(&mut docs, set.title.as_ref());
    push(&mut docs, set.detail.as_ref());
    push(&mut docs, def.description.as_ref());
    docs
}

/// The docs of a declared error.
pub(super) fn error(error: &ErrorDef) -> Vec<String> {
    let mut docs = vec![format!("`{}`", error.name)];
    push(&mut docs, error.description.as_ref());
    docs
}

/// The docs of a field.
pub(super) fn field(node: &Node) -> Vec<String> {
    let mut docs = Vec::new();
    push(&mut docs, node.description.as_ref());
    docs.extend(sentence(&words(&node.kind)));
    docs
}

/// A description is a paragraph of its own.
fn push(docs: &mut Vec<String>, description: Option<&String>) {
    let Some(text) = description.map(|text| text.trim()).filter(|text| !text.is_empty()) else { return };
    if !docs.is_empty() {
        docs.push(String::new());
    }
    docs.extend(text.lines().map(|line| line.trim().to_owned()));
    docs.push(String::new());
}

fn sentence(words: &[String]) -> Option<String> {
    let text = words.join(", ");
    let mut chars = text.chars();
    let first = chars.next()?;
    Some(format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

/// A type and its constraints.
fn words(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Boolean(boolean) => {
            let mut words = vec!["boolean".to_owned()];
            words.extend(boolean.constant.map(|value| format!("always {value}")));
            words.extend(boolean.default.map(|value| format!("default {value}")));
            words
        }
        Kind::Integer(integer) => integer_words(integer),
        Kind::String(text) => text_words(text),
        Kind::Bytes(bytes) => {
            let mut words = vec!["bytes".to_owned()];
            words.extend(range(bytes.min_length, bytes.max_length, "bytes"));
            words
        }
        Kind::CidLink => vec!["link".to_owned()],
        Kind::Blob(blob) => blob_words(blob),
        Kind::Array(array) => {
            let items = words(&array.items.kind).join(", ");
            let mut words = vec!["list".to_owned()];
            words.extend(range(array.min_length, array.max_length, "items"));
            words.push(format!("each: {items}"));
            words
        }
        Kind::Object(_) => vec!["object".to_owned()],
        Kind::Unknown => vec!["any object".to_owned()],
        Kind::Ref(reference) => vec![format!("`{reference}`")],
        Kind::Union(union) if union.closed => vec!["closed union".to_owned()],
        Kind::Union(_) => vec!["open union".to_owned()],
    }
}

fn integer_words(integer: &document::Integer) -> Vec<String> {
    let mut words = vec!["integer".to_owned()];
    words.extend(range(integer.minimum, integer.maximum, ""));
    if let Some(values) = &integer.enumeration {
        words.push(format!("one of {values:?}"));
    }
    words.extend(integer.constant.map(|value| format!("always {value}")));
    words.extend(integer.default.map(|value| format!("default {value}")));
    words
}

fn text_words(text: &document::Text) -> Vec<String> {
    let mut words = vec![text.format.map_or("string".to_owned(), |format| format!("string of format {format}"))];
    words.extend(range(text.min_length, text.max_length, "UTF-8 bytes"));
    words.extend(range(text.min_graphemes, text.max_graphemes, "graphemes"));
    if let Some(values) = text.enumeration.as_ref().filter(|_| text.format.is_some()) {
        words.push(format!("one of {}", list(values)));
    }
    if let Some(values) = text.known_values.as_ref().filter(|_| text.format.is_some()) {
        words.push(format!("for example {}", list(values)));
    }
    words.extend(text.constant.as_ref().map(|value| format!("always {}", code(value))));
    words.extend(text.default.as_ref().map(|value| format!("default {}", code(value))));
    words
}

fn blob_words(blob: &document::Blob) -> Vec<String> {
    let mut words = vec!["blob".to_owned()];
    words.extend(blob.max_size.map(|max| format!("at most {max} bytes")));
    let patterns: Vec<_> = blob.accept.iter().flatten().filter(|pattern| is_mime_pattern(pattern)).cloned().collect();
    if !patterns.is_empty() {
        words.push(format!("of type {}", list(&patterns)));
    }
    words
}

fn list(values: &[String]) -> String {
    values.iter().map(|value| code(value)).collect::<Vec<_>>().join(", ")
}

fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

fn range<T: std::fmt::Display + PartialEq>(min: Option<T>, max: Option<T>, unit: &str) -> Option<String> {
    let text = match (min, max) {
        (Some(min), Some(max)) if min == max => format!("exactly {min} {unit}"),
        (Some(min), Some(max)) => format!("{min} to {max} {unit}"),
        (Some(min), None) => format!("at least {min} {unit}"),
        (None, Some(max)) => format!("at most {max} {unit}"),
        (None, None) => return None,
    };
    Some(text.trim_end().to_owned())
}
