//! "Did you mean" for what the loader does not know.

use arobase_lexicon::{
    json::{Json, Path, Segment},
    load::{LoadError, Rule},
    syntax::Format,
};

use crate::diagnostic::nearest;

/// The words that `type` can be.
const TYPES: [&str; 19] = [
    "array",
    "blob",
    "boolean",
    "bytes",
    "cid-link",
    "integer",
    "object",
    "params",
    "permission",
    "permission-set",
    "procedure",
    "query",
    "record",
    "ref",
    "string",
    "subscription",
    "token",
    "union",
    "unknown",
];

/// Words of other schema languages, and the one of this language.
const FOREIGN_TYPES: [(&str, &str); 9] = [
    ("bool", "boolean"),
    ("dict", "object"),
    ("float", "integer"),
    ("int", "integer"),
    ("list", "array"),
    ("map", "object"),
    ("number", "integer"),
    ("struct", "object"),
    ("text", "string"),
];

/// What to do about an empty file.
pub(super) const EMPTY: &str = "write a lexicon, or remove the file";

/// What to do where reading the text stopped.
pub(super) fn syntax_help(text: &str, offset: usize) -> Option<String> {
    let (before, after) = text.split_at_checked(offset)?;
    let help = if text.starts_with('\u{feff}') {
        "save the file without a byte order mark"
    } else if after.trim().is_empty() {
        "the text ends too early: complete it, or add the brackets that are missing"
    } else if after.starts_with(['}', ']']) && before.trim_end().ends_with(',') {
        "remove the comma before it"
    } else if after.starts_with('/') {
        "remove the comment: JSON has none"
    } else if after.starts_with('\'') {
        "write strings in double quotes"
    } else {
        return None;
    };
    Some(help.to_owned())
}

/// What to do about a load error, where the document gives a hint.
pub(super) fn help(error: &LoadError, json: &Json) -> Option<String> {
    let found = json.at(&error.path);
    match error.rule {
        Rule::TypeUnknown => type_help(found?.as_str()?),
        Rule::FormatUnknown => format_help(found?.as_str()?),
        Rule::RequiredUndeclared | Rule::NullableUndeclared => property_help(error, json),
        Rule::LexiconVersion if found == Some(&Json::from("1")) => Some("write 1 without quotes".to_owned()),
        Rule::PrimaryOutsideMain => Some("give it the name `main`, in a lexicon of its own".to_owned()),
        Rule::QueryInput => Some("use `parameters`, or make it a procedure".to_owned()),
        Rule::ErrorNameSpace => Some("write it in UpperCamelCase, like `RecordNotFound`".to_owned()),
        Rule::BodyEncoding => encoding_help(found?.as_str()?),
        Rule::TypeNotDefinable => Some("put it where it is used, as the type of a property".to_owned()),
        _ => None,
    }
}

fn type_help(word: &str) -> Option<String> {
    let foreign = FOREIGN_TYPES.iter().find(|(other, _)| *other == word).map(|(_, own)| *own);
    match Format::from_name(word) {
        Some(_) => Some(format!("write `\"type\": \"string\", \"format\": \"{word}\"`")),
        None => did_you_mean(foreign.or_else(|| nearest(word, TYPES))),
    }
}

/// The MIME type without its parameters.
fn encoding_help(encoding: &str) -> Option<String> {
    let bare = encoding.split([';', ',', ' ']).next().filter(|bare| bare.contains('/'))?;
    Some(format!("write `{bare}`"))
}

fn format_help(word: &str) -> Option<String> {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
    let suggestion = did_you_mean(nearest(word, names.iter().copied()));
    Some(suggestion.unwrap_or_else(|| format!("the formats are {}", names.join(", "))))
}

/// The nearest of the properties that stand beside the list.
fn property_help(error: &LoadError, json: &Json) -> Option<String> {
    let name = json.at(&error.path)?.as_str()?;
    let object = json.at(&owner(&error.path)?)?;
    let names: Vec<&str> = object.get("properties")?.as_object()?.iter().map(|(name, _)| name.as_str()).collect();
    let suggestion = did_you_mean(nearest(name, names.iter().copied()));
    Some(suggestion.unwrap_or_else(|| format!("declare `{name}` in `properties`, or remove it here")))
}

/// The object that has the list that has the element.
fn owner(element: &Path) -> Option<Path> {
    matches!(element.segments().last()?, Segment::Index(_)).then(|| element.parent()?.parent()).flatten()
}

fn did_you_mean(name: Option<&str>) -> Option<String> {
    name.map(|name| format!("did you mean `{name}`?"))
}
