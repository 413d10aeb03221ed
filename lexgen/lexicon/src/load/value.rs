//! The JSON values that known keys have.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use super::{At, Loaded, Loader, Rule};
use crate::{document::Map, json::Json};

impl Loader {
    pub(super) fn string(&mut self, at: &At<'_>) -> Loaded<String> {
        let text = at.json.as_str();
        text.map(String::from).ok_or_else(|| self.unexpected(at, Rule::WrongType, "a string"))
    }

    pub(super) fn strings(&mut self, at: &At<'_>) -> Loaded<Vec<String>> {
        self.list(at, Self::string)
    }

    pub(super) fn boolean(&mut self, at: &At<'_>) -> Loaded<bool> {
        let value = at.json.as_bool();
        value.ok_or_else(|| self.unexpected(at, Rule::WrongType, "a boolean"))
    }

    pub(super) fn integer(&mut self, at: &At<'_>) -> Loaded<i64> {
        let value = at.json.as_i64();
        value.ok_or_else(|| self.unexpected(at, Rule::WrongType, "an integer"))
    }

    pub(super) fn integers(&mut self, at: &At<'_>) -> Loaded<Vec<i64>> {
        self.list(at, Self::integer)
    }

    pub(super) fn length(&mut self, at: &At<'_>) -> Loaded<u64> {
        let value = self.integer(at)?;
        u64::try_from(value).map_err(|_| self.unexpected(at, Rule::LengthNegative, "0 or more"))
    }

    /// Reads every element, also after one that failed.
    pub(super) fn list<T>(
        &mut self,
        at: &At<'_>,
        mut read: impl FnMut(&mut Self, &At<'_>) -> Loaded<T>,
    ) -> Loaded<Vec<T>> {
        let Json::Array(items) = at.json else {
            return Err(self.unexpected(at, Rule::WrongType, "a list"));
        };
        let items: Vec<_> = items.iter().enumerate().map(|(i, item)| read(self, &at.index(i, item))).collect();
        items.into_iter().collect()
    }

    /// Reads every entry, also after one that failed; `rule` says why it has to be an object.
    pub(super) fn map<T>(
        &mut self,
        at: &At<'_>,
        rule: Rule,
        mut read: impl FnMut(&mut Self, &str, &At<'_>) -> Loaded<T>,
    ) -> Loaded<Map<T>> {
        let Json::Object(entries) = at.json else {
            return Err(self.unexpected(at, rule, "an object"));
        };
        let entries: Vec<_> =
            entries.iter().map(|(key, json)| Ok((key.clone(), read(self, key, &at.key(key, json))?))).collect();
        entries.into_iter().collect()
    }
}

/// The items without repeats, each where it came first.
pub(super) fn merged<T: Ord + Clone>(items: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|item| seen.insert(item.clone())).collect()
}
