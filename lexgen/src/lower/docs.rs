//! What the generated docs say: the description, where there is one, and every constraint in words.

use arobase_lexicon::{
    check::is_mime_pattern,
    compile::type_name,
    document::{self, Def, DefKind, Document, ErrorDef, Kind, Node, PermissionSet, Record},
};

use crate::{
    ir::ItemKind,
    layout::{What, input_is_request},
};

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
pub(super) fn part(document: &Document, at: &str, what: What<'_>, item: &ItemKind) -> Vec<String> {
    let nsid = document.id.as_str();
    let (top, rest) = at.split_once('/').unwrap_or((at, ""));
    let name = top.split_once('#').map_or("main".to_owned(), |(_, name)| unescaped(name));
    let (id, def) = (type_name(nsid, &name), document.def(&name));
    let request = matches!(def.map(|def| &def.kind), Some(DefKind::Procedure(it)) if input_is_request(it));
    let method = top.ends_with("#main");
    // What the definition itself became carries its description.
    let is_def = rest.is_empty() || method && (rest == "params" || rest == "input" && request);
    let subject = match rest {
        _ if is_def => format!("`{id}`"),
        "input" if method => format!("The request body of `{nsid}`"),
        "output" if method => format!("The response body of `{nsid}`"),
        "message" if method => format!("The messages of `{nsid}`"),
        _ => format!("`{}` of `{id}`", place(rest)),
    };
    let main = def.filter(|_| is_def);
    let first = match (what, main) {
        (What::Strings(text), _) => format!("{subject}: {}.", text_words(text).join(", ")),
        (What::Alias(kind), _) => format!("{subject}: {}.", words(kind).join(", ")),
        (_, Some(def)) => format!("{subject} ({})", kind(def)),
        _ => format!("{subject}."),
    };
    let mut docs = vec![first];
    push(&mut docs, main.and_then(|def| def.description.as_ref()));
    match item {
        ItemKind::Union(union) if union.closed.is_some() => docs.push("Closed: it has no other members.".to_owned()),
        ItemKind::Union(_) => docs.push("Open: other members are kept as they are.".to_owned()),
        _ => {}
    }
    docs
}

/// The name of a definition in a place name, as the document has it.
fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

/// The way to a part, as people write it.
fn place(rest: &str) -> String {
    format!("/{rest}").replace("/items", "[]").replace('/', ".").trim_start_matches('.').to_owned()
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
    if docs.last().is_some_and(|line| !line.is_empty()) {
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
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        words.push(format!("one of {}", values.join(", ")));
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
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    format!("`{}`", text.replace('`', "'"))
}

fn range<T: std::fmt::Display + PartialEq>(min: Option<T>, max: Option<T>, unit: &str) -> Option<String> {
    let counted = |number: T| {
        let number = number.to_string();
        let unit = if number == "1" { unit.trim_end_matches('s') } else { unit };
        format!("{number} {unit}").trim_end().to_owned()
    };
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(format!("exactly {}", counted(min))),
        (Some(min), Some(max)) => Some(format!("{min} to {}", counted(max))),
        (Some(min), None) => Some(format!("at least {}", counted(min))),
        (None, Some(max)) => Some(format!("at most {}", counted(max))),
        (None, None) => None,
    }
}
