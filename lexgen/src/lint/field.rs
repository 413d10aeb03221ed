//! Lints about fields: which are there, and what they hold.

use std::collections::BTreeSet;

use arobase_lexicon::{
    document::{DefKind, Kind, Object},
    json::Path,
    syntax::Format,
};

use super::{Context, Finding};
use crate::{
    walk::{Part, Referrer, child, element},
    words::with_article,
};

pub(super) fn account_in_params(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Param { name, node } = part else { return None };
    let kind = match &node.kind {
        Kind::Array(array) => &array.items.kind,
        kind => kind,
    };
    let format = format_of(kind).filter(|format| matches!(format, Format::Did | Format::Handle))?;
    let message = format!("the parameter `{name}` has the format `{}`", format.name());
    Some(Finding::name(path, message, "use the format `at-identifier`, so that callers need not resolve it first"))
}

pub(super) fn account_in_record(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Property { name, node } = part else { return None };
    let format = format_of(&node.kind).filter(|format| matches!(format, Format::AtIdentifier | Format::Handle))?;
    if !context.is_record() {
        return None;
    }
    let message = format!("`{name}` has the format `{}`", format.name());
    Some(Finding::name(path, message, "use the format `did`: handles change, and records do not follow"))
}

fn format_of(kind: &Kind) -> Option<Format> {
    match kind {
        Kind::String(text) => text.format,
        _ => None,
    }
}

pub(super) fn body_ref_target(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Reference { reference, from: Referrer::Body } = part else { return None };
    let kind = &context.corpus.lookup(reference)?.kind;
    if matches!(kind, DefKind::Record(_) | DefKind::Type(Kind::Object(_))) {
        return None;
    }
    let message = format!("`{}` is {}, which no JSON body can be", reference, with_article(kind.type_name()));
    Some(Finding::new(path, message, "wrap it in an object"))
}

pub(super) fn boolean_default(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Kind(Kind::Boolean(boolean)) = part else { return None };
    (boolean.default == Some(true)).then(|| {
        Finding::new(
            &child(path, "default"),
            "a boolean is true by default",
            "name it for the opposite, and let it be false by default",
        )
    })
}

pub(super) fn nullable_and_optional(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Object(Object { required, nullable, .. }) = part else { return None };
    let required: BTreeSet<_> = required.iter().collect();
    let name = nullable.iter().find(|name| !required.contains(name))?;
    let path = child(&child(path, "properties"), name);
    let message = format!("`{name}` can be absent and can be null, which readers will confuse");
    Some(Finding::name(&path, message, "remove it from `nullable`, or add it to `required`"))
}

pub(super) fn required_repeated(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let (Part::Object(_) | Part::Params) = part else { return None };
    repeated(context, path, "required")
}

pub(super) fn nullable_repeated(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Object(_) = part else { return None };
    repeated(context, path, "nullable")
}

/// The first string that the list under `word` has twice.
pub(super) fn repeated(context: &Context<'_>, path: &Path, word: &str) -> Option<Finding> {
    let mut seen = BTreeSet::new();
    let names = context.strings(path, word);
    let (index, name) = names.iter().enumerate().find(|(_, name)| !seen.insert(**name))?;
    let path = element(&child(path, word), index);
    Some(Finding::new(&path, format!("`{name}` stands in `{word}` already"), "remove it here"))
}
