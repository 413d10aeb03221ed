//! From Lexicon names to Rust names.
//!
//! Every function is total: whatever a lexicon calls its things, an identifier comes out. Two
//! names that become one are kept apart by [`Scope`], in the order of the file.

use std::collections::BTreeSet;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};

/// Keywords that a raw identifier can hold.
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that no identifier can hold.
const NEVER: &[&str] = &["self", "Self", "super", "crate", "_"];

/// The name of a struct, an enum or an alias.
pub(crate) fn type_ident(name: &str) -> String {
    letter(whole(plain(name).to_upper_camel_case(), "Unnamed"))
}

/// The name of an enum variant.
pub(crate) fn variant_ident(name: &str) -> String {
    whole(plain(name).to_upper_camel_case(), "Empty")
}

/// The name of a field or a module, raw where it is a keyword.
pub(crate) fn snake_ident(name: &str) -> String {
    let ident = whole(plain(name).to_snake_case(), "unnamed");
    if RAW.contains(&ident.as_str()) { format!("r#{ident}") } else { ident }
}

/// The name of a constant.
pub(crate) fn const_ident(name: &str) -> String {
    letter(whole(plain(name).to_shouty_snake_case(), "UNNAMED"))
}

/// Spells out what no identifier holds; ASCII punctuation only parts words.
fn plain(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() => out.push(c),
            _ if c.is_ascii() => out.push('_'),
            _ => out.push_str(&format!("_u{:x}_", u32::from(c))),
        }
    }
    out
}

fn whole(ident: String, empty: &str) -> String {
    match ident.chars().next() {
        None => empty.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{ident}"),
        Some(_) if NEVER.contains(&ident.as_str()) => format!("{ident}_"),
        Some(_) => ident,
    }
}

/// Types and constants begin with a letter, so that `_4` is always a field or a module.
fn letter(ident: String) -> String {
    match ident.strip_prefix('_') {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_digit()) => format!("N{rest}"),
        _ => ident,
    }
}

/// Names that are taken in one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(BTreeSet<String>);

impl Scope {
    /// Takes a name; one that is taken already gets underscores behind it until it is free.
    pub(crate) fn claim(&mut self, name: &str) -> String {
        if self.0.insert(name.to_owned()) {
            return name.to_owned();
        }
        let mut name = format!("{}_", name.strip_prefix("r#").unwrap_or(name));
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// Takes the first name that is free; if none is, the last one with underscores.
    pub(crate) fn claim_first(&mut self, names: &[&str]) -> String {
        let free = names.iter().find(|name| !self.0.contains(**name)).or(names.last());
        self.claim(free.copied().unwrap_or("Unnamed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camel_case_becomes_what_rust_uses() {
        assert_eq!(type_ident("replyRef"), "ReplyRef");
        assert_eq!(snake_ident("createdAt"), "created_at");
        assert_eq!(const_ident("reasonSpam"), "REASON_SPAM");
    }

    #[test]
    fn keywords_are_raw_or_get_an_underscore() {
        assert_eq!(snake_ident("type"), "r#type");
        assert_eq!(snake_ident("gen"), "r#gen");
        assert_eq!(snake_ident("self"), "self_");
        assert_eq!(snake_ident("crate"), "crate_");
        assert_eq!(type_ident("self"), "Self_");
    }

    #[test]
    fn every_name_has_an_identifier() {
        assert_eq!(snake_ident(""), "unnamed");
        assert_eq!(snake_ident("$"), "unnamed");
        assert_eq!(snake_ident("2nd-level"), "_2nd_level");
        assert_eq!(type_ident("2nd-level"), "N2ndLevel");
        assert_eq!(const_ident("4"), "N4");
        assert_eq!(variant_ident("!hide"), "Hide");
        assert_eq!(snake_ident("日"), "u65e5");
        assert_eq!(type_ident("_"), "Unnamed");
    }

    #[test]
    fn names_that_collide_get_underscores() {
        let mut scope = Scope::default();
        assert_eq!(scope.claim("a"), "a");
        assert_eq!(scope.claim("a"), "a_");
        assert_eq!(scope.claim("a"), "a__");
        assert_eq!(scope.claim("r#type"), "r#type");
        assert_eq!(scope.claim("r#type"), "type_");
    }
}
