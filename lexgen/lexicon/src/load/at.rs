//! A value together with the way that leads to it, and the keys of an object.

use alloc::{string::String, vec::Vec};

use super::{Loaded, Loader, Rule};
use crate::{
    document::Map,
    json::{Json, Path, Segment},
};

/// A value in the document that knows its path; the path costs nothing until it is asked for.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) json: &'a Json,
    outer: Option<(&'a At<'a>, Step<'a>)>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    pub(super) fn root(json: &'a Json) -> At<'a> {
        At { json, outer: None }
    }

    pub(super) fn key(&'a self, key: &'a str, json: &'a Json) -> At<'a> {
        At { json, outer: Some((self, Step::Key(key))) }
    }

    pub(super) fn index(&'a self, index: usize, json: &'a Json) -> At<'a> {
        At { json, outer: Some((self, Step::Index(index))) }
    }

    pub(super) fn path(&self) -> Path {
        let mut steps = Vec::new();
        let mut at = self;
        while let Some((outer, step)) = at.outer {
            steps.push(match step {
                Step::Key(key) => Segment::Key(key.into()),
                Step::Index(index) => Segment::Index(index),
            });
            at = outer;
        }
        steps.into_iter().rev().collect()
    }
}

/// The keys of an object; what nobody took in the end is what the language does not know.
pub(super) struct Fields<'a> {
    pub(super) at: &'a At<'a>,
    entries: &'a [(String, Json)],
    taken: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The value under `key`, which from now on is a known key.
    pub(super) fn take(&mut self, key: &'static str) -> Option<At<'a>> {
        self.taken.push(key);
        self.peek(key)
    }

    pub(super) fn peek(&self, key: &'static str) -> Option<At<'a>> {
        let (_, json) = self.entries.iter().find(|(name, _)| name == key)?;
        Some(self.at.key(key, json))
    }

    /// Where to report a fault of `key`: at its value, or at the object where there is none.
    pub(super) fn place(&self, key: &'static str) -> At<'a> {
        self.peek(key).unwrap_or(*self.at)
    }

    pub(super) fn optional<T>(
        &mut self,
        loader: &mut Loader,
        key: &'static str,
        read: impl FnOnce(&mut Loader, &At<'_>) -> Loaded<T>,
    ) -> Loaded<Option<T>> {
        self.take(key).map(|at| read(loader, &at)).transpose()
    }

    /// The value under `key`; `rule` says why it has to be there.
    pub(super) fn required<T>(
        &mut self,
        loader: &mut Loader,
        key: &'static str,
        rule: Rule,
        read: impl FnOnce(&mut Loader, &At<'_>) -> Loaded<T>,
    ) -> Loaded<T> {
        match self.take(key) {
            Some(at) => read(loader, &at),
            None => Err(loader.missing(self.at, rule, key)),
        }
    }

    pub(super) fn untaken(&self) -> impl Iterator<Item = &'a (String, Json)> {
        self.entries.iter().filter(|(key, _)| !self.taken.contains(&key.as_str()))
    }

    pub(super) fn extra(&self) -> Map<Json> {
        self.untaken().cloned().collect()
    }
}

impl Loader {
    pub(super) fn fields<'a>(&mut self, at: &'a At<'a>) -> Loaded<Fields<'a>> {
        match at.json {
            Json::Object(entries) => Ok(Fields { at, entries, taken: Vec::new() }),
            _ => Err(self.unexpected(at, Rule::NotAnObject, "an object")),
        }
    }
}
