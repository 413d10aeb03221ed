//! Lints about constraints.

use std::collections::BTreeSet;

use arobase_lexicon::{
    check::is_mime_pattern,
    document::{Kind, Text},
    json::Path,
};

use super::{Context, Finding, field::repeated};
use crate::walk::{Part, child, element};

/// More bytes than this do not belong into a record.
const LARGE: u64 = 20_480;

fn text<'a>(part: Part<'a>) -> Option<&'a Text> {
    match part {
        Part::Kind(Kind::String(text)) => Some(text),
        _ => None,
    }
}

pub(super) fn accept_empty(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Kind(Kind::Blob(blob)) = part else { return None };
    blob.accept.as_ref().filter(|accept| accept.is_empty())?;
    Some(Finding::new(&child(path, "accept"), "`accept` is empty", "remove it to accept anything"))
}

pub(super) fn accept_pattern(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Kind(Kind::Blob(blob)) = part else { return None };
    let accept = blob.accept.as_deref()?;
    let (index, pattern) = accept.iter().enumerate().find(|(_, pattern)| !is_mime_pattern(pattern))?;
    let path = element(&child(path, "accept"), index);
    let help = if pattern == "*" { "write `*/*`" } else { "write the whole type, or `type/*` for all of a kind" };
    Some(Finding::new(&path, format!("`{pattern}` matches nothing"), help))
}

pub(super) fn closed_enum(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let (help, path) = match part {
        Part::Kind(Kind::String(text)) if text.enumeration.is_some() => ("use `knownValues`", child(path, "enum")),
        Part::Kind(Kind::Integer(integer)) if integer.enumeration.is_some() => {
            ("use `minimum` and `maximum`, or a string with `knownValues`", child(path, "enum"))
        }
        _ => return None,
    };
    Some(Finding::name(&path, "a value can never be added to this `enum`", help))
}

pub(super) fn closed_union(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Union(union) = part else { return None };
    union
        .closed
        .then(|| Finding::name(&child(path, "closed"), "a member can never be added to this union", "remove `closed`"))
}

pub(super) fn format_and_length(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let text = text(part)?;
    let format = text.format?;
    let limits = [
        ("minLength", text.min_length),
        ("maxLength", text.max_length),
        ("minGraphemes", text.min_graphemes),
        ("maxGraphemes", text.max_graphemes),
    ];
    let (word, _) = limits.into_iter().find(|(_, limit)| limit.is_some())?;
    let message = format!("the format `{}` limits the length already", format.name());
    Some(Finding::name(&child(path, word), message, format!("remove `{word}`")))
}

pub(super) fn graphemes_ratio(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let text = text(part)?;
    let (bytes, graphemes) = (text.max_length?, text.max_graphemes?);
    let (least, most) = (graphemes.saturating_mul(10), graphemes.saturating_mul(20));
    if (least..=most).contains(&bytes) {
        return None;
    }
    let message = format!("{bytes} bytes for {graphemes} graphemes");
    Some(Finding::new(&child(path, "maxLength"), message, format!("set `maxLength` to {least} to {most}")))
}

pub(super) fn graphemes_without_bytes(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let text = text(part)?;
    let graphemes = text.max_graphemes.filter(|_| text.max_length.is_none())?;
    let help = format!("add `maxLength`: {} would fit", graphemes.saturating_mul(10));
    Some(Finding::name(&child(path, "maxGraphemes"), "graphemes are limited and bytes are not", help))
}

pub(super) fn known_string_local_ref(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let values = text(part)?.known_values.as_deref()?;
    let (index, value) = values.iter().enumerate().find(|(_, value)| value.starts_with('#'))?;
    let path = element(&child(path, "knownValues"), index);
    let message = format!("`{value}` is not a reference here, but text");
    Some(Finding::new(&path, message, format!("write `{}{value}`", context.nsid())))
}

pub(super) fn large_bytes(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Kind(Kind::Bytes(bytes)) = part else { return None };
    large(path, bytes.max_length?)
}

pub(super) fn large_string(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    large(path, text(part)?.max_length?)
}

fn large(path: &Path, length: u64) -> Option<Finding> {
    (length > LARGE).then(|| {
        let message = format!("{length} bytes are more than {LARGE}");
        Finding::new(&child(path, "maxLength"), message, "lower the limit, or use a blob")
    })
}

pub(super) fn union_member_repeated(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Union(_) = part else { return None };
    let mut seen = BTreeSet::new();
    let members = context.strings(path, "refs");
    let full = |text: &str| {
        let (nsid, name) = text.split_once('#').unwrap_or((text, "main"));
        (if nsid.is_empty() { context.nsid().to_owned() } else { nsid.to_owned() }, name.to_owned())
    };
    let (index, member) = members.iter().enumerate().find(|(_, member)| !seen.insert(full(member)))?;
    let path = element(&child(path, "refs"), index);
    Some(Finding::new(&path, format!("`{member}` is a member already"), "remove it here"))
}

pub(super) fn unlimited_bytes(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Kind(Kind::Bytes(bytes)) = part else { return None };
    bytes.max_length.is_none().then(|| Finding::new(path, "these bytes have no limit", "add `maxLength`"))
}

pub(super) fn unlimited_string(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let text = text(part)?;
    let limited = text.format.is_some() || text.max_length.is_some() || text.max_graphemes.is_some();
    let fixed = text.enumeration.is_some() || text.constant.is_some();
    (!limited && !fixed).then(|| Finding::new(path, "this string has no limit", "add a `format`, or `maxLength`"))
}

pub(super) fn value_repeated(context: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    text(part)?;
    repeated(context, path, "enum").or_else(|| repeated(context, path, "knownValues"))
}
