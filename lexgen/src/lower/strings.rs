//! Strings with known values.

use arobase_lexicon::document::Text;

use crate::{
    ir::{Strings, Variant},
    layout::last_segment,
    name::{Scope, variant_ident},
};

/// An `enum` is closed; `knownValues` are open, and win nothing where both are there.
pub(super) fn lower(text: &Text) -> Strings {
    let closed = text.enumeration.as_ref().is_some_and(|values| !values.is_empty());
    let values = if closed { &text.enumeration } else { &text.known_values };
    let mut scope = Scope::default();
    if !closed {
        scope.claim("Other");
    }
    let mut variants: Vec<Variant> = Vec::new();
    for value in values.iter().flatten() {
        if variants.iter().any(|variant| variant.text == *value) {
            continue;
        }
        let [short, long] = names(value);
        let docs = vec![format!("`{value}`")];
        variants.push(Variant { name: scope.claim_first(&[&short, &long]), text: value.clone(), docs });
    }
    Strings { variants, closed }
}

/// A token is called by its own name; if that is taken, behind the name of its group.
fn names(value: &str) -> [String; 2] {
    match value.split_once('#') {
        Some((nsid, name)) if nsid.matches('.').count() >= 2 => {
            let group = nsid.rsplit('.').nth(1).unwrap_or_default();
            [variant_ident(name), format!("{}{}", variant_ident(group), variant_ident(name))]
        }
        _ if value.matches('.').count() >= 2 && !value.contains(' ') => {
            [variant_ident(last_segment(value)), variant_ident(value)]
        }
        _ => [variant_ident(value), format!("{}_", variant_ident(value))],
    }
}
