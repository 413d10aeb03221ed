//! Field types and their constraints.

use std::collections::BTreeSet;

use arobase_lexicon::{
    document::{Array, Blob, Boolean, Bytes, Integer, Kind, Node, Reference, Text},
    json::Path,
    syntax::Format,
};

use super::change::{Changes, Level};
use crate::{walk::child, words::with_article};

const CONST: (Level, &str) = (Level::Breaking, "const-changed");
const ENUM: (Level, &str) = (Level::Breaking, "enum-changed");
const FORMAT: (Level, &str) = (Level::Breaking, "format-changed");
const LIMIT: (Level, &str) = (Level::Warning, "limit-changed");
const DEFAULT: (Level, &str) = (Level::Ok, "default-changed");
const KNOWN: (Level, &str) = (Level::Ok, "known-values-changed");

impl Changes<'_> {
    pub(super) fn node(&mut self, path: &Path, old: &Node, new: &Node) {
        if old.description != new.description {
            self.description(path);
        }
        self.kind(path, &old.kind, &new.kind);
    }

    pub(super) fn kind(&mut self, path: &Path, old: &Kind, new: &Kind) {
        match (old, new) {
            (Kind::Boolean(old), Kind::Boolean(new)) => self.boolean(path, old, new),
            (Kind::Integer(old), Kind::Integer(new)) => self.integer(path, old, new),
            (Kind::String(old), Kind::String(new)) => self.text(path, old, new),
            (Kind::Bytes(old), Kind::Bytes(new)) => self.bytes(path, old, new),
            (Kind::Blob(old), Kind::Blob(new)) => self.blob(path, old, new),
            (Kind::Array(old), Kind::Array(new)) => self.array(path, old, new),
            (Kind::Object(old), Kind::Object(new)) => self.object(path, old, new),
            (Kind::Ref(old), Kind::Ref(new)) => self.reference(path, old, new),
            (Kind::Union(old), Kind::Union(new)) => self.union(path, old, new),
            (Kind::CidLink, Kind::CidLink) | (Kind::Unknown, Kind::Unknown) => {}
            _ => self.changed(path, Level::Breaking, "type-changed", "type", old.type_name(), new.type_name()),
        }
    }

    fn boolean(&mut self, path: &Path, old: &Boolean, new: &Boolean) {
        self.optional(path, CONST, "const", old.constant.as_ref(), new.constant.as_ref());
        self.optional(path, DEFAULT, "default", old.default.as_ref(), new.default.as_ref());
    }

    fn integer(&mut self, path: &Path, old: &Integer, new: &Integer) {
        self.optional(path, CONST, "const", old.constant.as_ref(), new.constant.as_ref());
        self.optional(path, DEFAULT, "default", old.default.as_ref(), new.default.as_ref());
        self.optional(path, LIMIT, "minimum", old.minimum.as_ref(), new.minimum.as_ref());
        self.optional(path, LIMIT, "maximum", old.maximum.as_ref(), new.maximum.as_ref());
        self.values(path, ENUM, "enum", old.enumeration.as_deref(), new.enumeration.as_deref());
    }

    fn text(&mut self, path: &Path, old: &Text, new: &Text) {
        let name = |text: &Text| text.format.map(Format::name);
        self.optional(path, FORMAT, "format", name(old).as_ref(), name(new).as_ref());
        self.optional(path, CONST, "const", old.constant.as_ref(), new.constant.as_ref());
        self.optional(path, DEFAULT, "default", old.default.as_ref(), new.default.as_ref());
        self.values(path, ENUM, "enum", old.enumeration.as_deref(), new.enumeration.as_deref());
        self.values(path, KNOWN, "knownValues", old.known_values.as_deref(), new.known_values.as_deref());
        let limits = |text: &Text| [text.min_length, text.max_length, text.min_graphemes, text.max_graphemes];
        self.limits(path, &["minLength", "maxLength", "minGraphemes", "maxGraphemes"], &limits(old), &limits(new));
    }

    fn bytes(&mut self, path: &Path, old: &Bytes, new: &Bytes) {
        let limits = |bytes: &Bytes| [bytes.min_length, bytes.max_length];
        self.limits(path, &["minLength", "maxLength"], &limits(old), &limits(new));
    }

    fn blob(&mut self, path: &Path, old: &Blob, new: &Blob) {
        self.limits(path, &["maxSize"], &[old.max_size], &[new.max_size]);
        self.values(path, LIMIT, "accept", old.accept.as_deref(), new.accept.as_deref());
    }

    fn array(&mut self, path: &Path, old: &Array, new: &Array) {
        let limits = |array: &Array| [array.min_length, array.max_length];
        self.limits(path, &["minLength", "maxLength"], &limits(old), &limits(new));
        self.node(&child(path, "items"), &old.items, &new.items);
    }

    fn reference(&mut self, path: &Path, old: &Reference, new: &Reference) {
        if old == new {
            return;
        }
        let (before, after) = ((self.targets.old)(old), (self.targets.new)(new));
        match (before, after) {
            (Some(before), Some(after)) if before != after => {
                let (before, after) = (with_article(before), with_article(after));
                let message = format!("`ref` led to `{old}`, {before}, and leads to `{new}`, {after}");
                self.push(Level::Breaking, "ref-type-changed", path, message);
            }
            _ => self.changed(path, Level::Warning, "ref-changed", "ref", old, new),
        }
    }

    fn limits(&mut self, path: &Path, words: &[&str], old: &[Option<u64>], new: &[Option<u64>]) {
        for ((word, old), new) in words.iter().zip(old).zip(new) {
            self.optional(path, LIMIT, word, old.as_ref(), new.as_ref());
        }
    }

    /// A list whose order means nothing.
    fn values<T: Ord + std::fmt::Debug>(
        &mut self,
        path: &Path,
        entry: (Level, &'static str),
        word: &str,
        old: Option<&[T]>,
        new: Option<&[T]>,
    ) {
        let (old, new) = (old.map(set), new.map(set));
        self.optional(path, entry, word, old.as_ref(), new.as_ref());
    }
}

fn set<T: Ord>(values: &[T]) -> BTreeSet<&T> {
    values.iter().collect()
}
