//! Lints about names.

use heck::{ToKebabCase, ToLowerCamelCase, ToUpperCamelCase};

use arobase_lexicon::{
    document::{DefKind, Kind},
    json::Path,
};

use super::{Context, Finding};
use crate::{
    layout,
    walk::{Part, child, element, keys},
};

/// The longest name, in bytes.
const LONGEST: usize = 255;

pub(super) fn def_name_syntax(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { name, .. } = part else { return None };
    name_syntax(path, name)
}

pub(super) fn field_name_syntax(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let (Part::Property { name, .. } | Part::Param { name, .. }) = part else { return None };
    name_syntax(path, name)
}

/// Two definitions of one Rust name, or one that a method or a record needs itself.
pub(super) fn rust_name_taken(context: &Context<'_>) -> Vec<Finding> {
    let renamed = layout::renamed(&context.entry.document).into_iter();
    let finding = |(name, wanted, got): (String, String, String)| {
        let message = format!("`{name}` is `{got}` in Rust, because `{wanted}` is taken");
        Finding::name(&keys(&["defs", &name]), message, "rename one of them")
    };
    renamed.map(finding).collect()
}

fn name_syntax(path: &Path, name: &str) -> Option<Finding> {
    let fault = name_fault(name)?;
    let better = name.to_lower_camel_case();
    let better = if name_fault(&better).is_none() { better.as_str() } else { "" };
    Some(Finding::name(path, format!("`{name}` {fault}"), write(better)))
}

fn name_fault(name: &str) -> Option<&'static str> {
    if name.len() > LONGEST {
        Some("is too long")
    } else if name.starts_with('$') {
        Some("begins with `$`, which the protocol keeps for itself")
    } else if name.starts_with(|first: char| !first.is_ascii_alphabetic()) {
        Some("does not begin with a letter")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Some("has characters that are not letters and digits")
    } else if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        Some("begins with a capital letter")
    } else {
        None
    }
}

pub(super) fn defs_main_definition(context: &Context<'_>) -> Vec<Finding> {
    let has_main = context.entry.document.defs.iter().any(|(name, _)| name == "main");
    let finding = || {
        let message = format!("`{}` defines `main`", context.nsid());
        Finding::name(&keys(&["defs", "main"]), message, "give the definition a name, or a lexicon of its own")
    };
    (context.name() == "defs" && has_main).then(finding).into_iter().collect()
}

pub(super) fn error_name_case(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Error(error) = part else { return None };
    let upper = error.name.starts_with(|first: char| first.is_ascii_uppercase());
    let plain = error.name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let message = format!("the error `{}` is not UpperCamelCase", error.name);
    (!upper || !plain).then(|| Finding::new(&child(path, "name"), message, write(&error.name.to_upper_camel_case())))
}

pub(super) fn fixed_string_case(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Kind(Kind::String(text)) = part else { return None };
    let lists = [("enum", &text.enumeration), ("knownValues", &text.known_values)];
    lists.into_iter().find_map(|(word, values)| {
        let (index, value) = values.iter().flatten().enumerate().find(|(_, value)| !is_fixed_string(value))?;
        let message = format!("`{value}` is not kebab-case");
        let path = element(&child(path, word), index);
        Some(Finding::new(&path, message, write(&value.to_kebab_case())))
    })
}

/// What to write instead; empty if nobody knows.
fn write(better: &str) -> String {
    match better {
        "" => "choose another name, if it is not published yet".to_owned(),
        _ => format!("write `{better}`, if it is not published yet"),
    }
}

/// Kebab-case, or a name with dots or `#`: a token, an NSID, a file name.
fn is_fixed_string(value: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    value.contains(['#', '.']) || value.strip_prefix('!').unwrap_or(value).split('-').all(word)
}

pub(super) fn reserved_name(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let (Part::Property { name, .. } | Part::Param { name, .. } | Part::Def { name, .. }) = part else { return None };
    matches!(name, "default" | "length")
        .then(|| Finding::name(path, format!("`{name}` is an awkward name"), "choose a name that says more"))
}

pub(super) fn record_name(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let name = context.name();
    let singular = !name.ends_with('s') || ["ss", "us", "is"].iter().any(|end| name.ends_with(end));
    let message = format!("the record `{name}` looks like a plural");
    (matches!(def.kind, DefKind::Record(_)) && !singular)
        .then(|| Finding::new(path, message, "name it for what one record is"))
}

pub(super) fn query_name(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let good = begins_with(context.name(), &["get", "list", "search", "query"]);
    let message = format!("the name of the query `{}` does not say what it does", context.name());
    (matches!(def.kind, DefKind::Query(_)) && !good)
        .then(|| Finding::new(path, message, "begin it with one of these words, like `getThing`"))
}

pub(super) fn procedure_name(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let good = begins_with(context.name(), &["create", "update", "delete", "upsert", "put"]);
    let message = format!("the name of the procedure `{}` does not say what it does", context.name());
    (matches!(def.kind, DefKind::Procedure(_)) && !good)
        .then(|| Finding::new(path, message, "begin it with one of these words, like `createThing`"))
}

pub(super) fn subscription_name(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let good = begins_with(context.name(), &["subscribe"]) && context.name().ends_with('s');
    let message = format!("the name of the subscription `{}` is unusual", context.name());
    (matches!(def.kind, DefKind::Subscription(_)) && !good)
        .then(|| Finding::new(path, message, "name it like `subscribeThings`"))
}

/// Whether a name is one of the verbs, or begins with it and a capital letter.
fn begins_with(name: &str, verbs: &[&str]) -> bool {
    verbs.iter().any(|verb| {
        name.strip_prefix(verb)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|next: char| next.is_ascii_uppercase()))
    })
}
