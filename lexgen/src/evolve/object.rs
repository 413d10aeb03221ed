//! Objects and the properties of query strings.

use std::collections::BTreeSet;

use arobase_lexicon::{
    document::{Map, Node, Object},
    json::Path,
};

use super::{
    change::{Changes, Level, list},
    find,
};
use crate::walk::child;

impl Changes<'_> {
    pub(super) fn object(&mut self, path: &Path, old: &Object, new: &Object) {
        self.properties(path, &old.properties, &new.properties);
        self.required(path, &old.required, &new.required);
        let (before, after) = (set(&old.nullable), set(&new.nullable));
        if before != after {
            self.set_changed(path, "nullable-changed", "nullable", &before, &after);
        }
    }

    pub(super) fn properties(&mut self, path: &Path, old: &Map<Node>, new: &Map<Node>) {
        let path = child(path, "properties");
        let renamed = renamed(old, new);
        for (name, node) in new {
            let path = child(&path, name);
            match find(old, name) {
                Some(before) => self.node(&path, before, node),
                None => match renamed.iter().find(|(_, after)| after == name) {
                    Some((before, _)) => {
                        let message = format!("the property `{before}` was renamed to `{name}`");
                        self.push(Level::Breaking, "property-renamed", &path, message);
                    }
                    None => self.push(Level::Ok, "property-added", &path, format!("the property `{name}` was added")),
                },
            }
        }
        let gone = old.iter().filter(|(name, _)| find(new, name).is_none());
        for (name, _) in gone.filter(|(name, _)| !renamed.iter().any(|(before, _)| before == name)) {
            let message = format!("the property `{name}` was removed");
            self.push(Level::Warning, "property-removed", &child(&path, name), message);
        }
    }

    /// Adding and removing breaks data; another order breaks only generated Rust, whose
    /// constructors take the required values in this order.
    pub(super) fn required(&mut self, path: &Path, old: &[String], new: &[String]) {
        let (before, after) = (set(old), set(new));
        if before != after {
            self.set_changed(path, "required-changed", "required", &before, &after);
        } else if old != new {
            let message = "the order of `required` changed, and with it the arguments of generated Rust constructors";
            self.push(Level::Warning, "required-reordered", &child(path, "required"), message);
        }
    }

    fn set_changed(&mut self, path: &Path, code: &'static str, word: &str, old: &BTreeSet<&str>, new: &BTreeSet<&str>) {
        let mut parts = Vec::new();
        for (verb, names) in [("gained", new.difference(old)), ("lost", old.difference(new))] {
            let names = list(names.copied());
            if !names.is_empty() {
                parts.push(format!("{verb} {names}"));
            }
        }
        let message = format!("`{word}` {}", parts.join(" and "));
        self.push(Level::Breaking, code, &child(path, word), message);
    }
}

/// Properties that are gone, with one of the same type that is new at the same position: a
/// rename looks like this.
fn renamed<'a>(old: &'a Map<Node>, new: &'a Map<Node>) -> Vec<(&'a str, &'a str)> {
    old.iter()
        .zip(new)
        .filter(|((before, old_node), (after, new_node))| {
            find(new, before).is_none() && find(old, after).is_none() && old_node.kind == new_node.kind
        })
        .map(|((before, _), (after, _))| (before.as_str(), after.as_str()))
        .collect()
}

fn set(names: &[String]) -> BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}
