//! Reading values by their keys.

use std::{fs, io::Read, ops::RangeInclusive, path::Path};

use super::{
    HIDDEN,
    raw::{Given, Place, Raw},
    source::Source,
    value::{Value, text},
};

/// The most bytes of a file that holds a secret.
const SECRET: u64 = 64 * 1024;

/// Reads values, and keeps what is wrong with them, and what holds.
#[derive(Debug)]
pub(super) struct Reader {
    source: Source,
    pub(super) held: Vec<Held>,
}

/// What holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) place: Place,
}

impl Reader {
    pub(super) fn new(source: Source) -> Self {
        Self { source, held: Vec::new() }
    }

    pub(super) fn finish(self) -> (Source, Vec<Held>) {
        (self.source, self.held)
    }

    /// A value, if there is one.
    pub(super) fn optional<T: Value>(&mut self, name: &'static str) -> Option<T> {
        self.checked(name, |value| Ok(value))
    }

    /// A value, or what holds without it.
    pub(super) fn or<T: Value>(&mut self, name: &'static str, default: T) -> T {
        self.optional(name).unwrap_or_else(|| {
            self.hold(name, default.show(), Place::Default);
            default
        })
    }

    /// The same, in a range.
    pub(super) fn within<T: Value + PartialOrd>(
        &mut self,
        name: &'static str,
        default: T,
        range: RangeInclusive<T>,
    ) -> T {
        let bounds = format!("{} to {}", range.start().show(), range.end().show());
        let check = |value: T| if range.contains(&value) { Ok(value) } else { Err(format!("it must be {bounds}")) };
        self.checked(name, check).unwrap_or_else(|| {
            self.hold(name, default.show(), Place::Default);
            default
        })
    }

    /// A text of which something is made.
    pub(super) fn made<T>(&mut self, name: &'static str, make: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let mut made = None;
        self.checked::<Box<str>>(name, |text| {
            made = Some(make(&text)?);
            Ok(text)
        });
        made
    }

    /// One of these words.
    pub(super) fn choice<T: Copy>(&mut self, name: &'static str, default: T, words: &[(&str, T)]) -> T {
        let listed: Vec<_> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        let pick = |text: &str| {
            let found = words.iter().find(|(word, _)| *word == text);
            found.map(|(_, value)| *value).ok_or_else(|| format!("it must be {}", listed.join(" or ")))
        };
        self.made(name, pick).unwrap_or(default)
    }

    /// A value that is checked further.
    pub(super) fn checked<T: Value>(
        &mut self,
        name: &'static str,
        check: impl FnOnce(T) -> Result<T, String>,
    ) -> Option<T> {
        let Given { raw, place } = self.given(name)?;
        let Some(value) = T::read(&raw) else {
            let what = format!("`{name}` must be {}, not {}", T::WHAT, raw.describe());
            self.source.fault(place, what);
            return None;
        };
        let shown = value.show();
        match check(value) {
            Ok(value) => {
                self.hold(name, shown, place);
                Some(value)
            }
            Err(what) => {
                self.source.fault(place, format!("`{name}`: {what}"));
                None
            }
        }
    }

    /// A secret, which stands here or in a file. It is never shown.
    pub(super) fn secret(&mut self, name: &'static str, file: &'static str) -> Option<Box<str>> {
        let (secret, place, shown) = match (self.given(name), self.given(file)) {
            (Some(_), Some(other)) => {
                self.source.fault(other.place, format!("`{name}` and `{file}` are both given"));
                return None;
            }
            (Some(given), None) => (text(&given.raw).map(str::to_owned), given.place, name),
            (None, Some(given)) => (self.secret_of(&given, file), given.place, file),
            (None, None) => return None,
        };
        let secret = secret.map(|secret| secret.trim_end_matches(['\r', '\n']).to_owned());
        match secret {
            Some(secret) if !secret.is_empty() => {
                self.hold(name, HIDDEN.into(), place);
                Some(secret.into())
            }
            // The file was complained of already.
            None if shown == file => None,
            _ => {
                self.source.fault(place, format!("`{shown}`: there is no text in it"));
                None
            }
        }
    }

    fn given(&self, name: &str) -> Option<Given> {
        self.source.given.get(name).cloned()
    }

    fn secret_of(&mut self, given: &Given, name: &'static str) -> Option<String> {
        let Some(path) = text(&given.raw) else {
            let what = format!("`{name}` must be a path, not {}", given.raw.describe());
            self.source.fault(given.place.clone(), what);
            return None;
        };
        read_secret(Path::new(path))
            .inspect_err(|error| self.source.fault(given.place.clone(), format!("`{name}`: {path}: {error}")))
            .ok()
    }

    /// Keys that stand in a list, or one in a line of a file.
    pub(super) fn keys<T: Value>(&mut self, name: &'static str, file: &'static str) -> Vec<T> {
        let in_file = self.source.given.contains_key(file);
        match self.source.given.get(name) {
            Some(_) if !in_file => self.secret_list(name),
            _ => {
                let place = self.source.given.get(file).map(|given| given.place.clone());
                let Some(lines) = self.secret(name, file) else { return Vec::new() };
                let keys = lines.lines().map(str::trim).filter(|line| !line.is_empty());
                let keys: Option<Vec<_>> = keys.map(|key| T::read(&Raw::Text(key.to_owned()))).collect();
                keys.unwrap_or_else(|| {
                    let what = format!("`{file}`: each line must be {}", T::WHAT);
                    self.source.fault(place.unwrap_or(Place::Default), what);
                    Vec::new()
                })
            }
        }
    }

    /// Like any list, but the complaint does not show what was written.
    fn secret_list<T: Value>(&mut self, name: &'static str) -> Vec<T> {
        let Some(Given { raw, place }) = self.given(name) else { return Vec::new() };
        match Vec::read(&raw) {
            Some(keys) => {
                self.hold(name, HIDDEN.into(), place);
                keys
            }
            None => {
                self.source.fault(place, format!("`{name}` must be {}", T::MANY));
                Vec::new()
            }
        }
    }

    /// Whether there is a value, right or wrong.
    pub(super) fn has(&self, name: &str) -> bool {
        self.source.given.contains_key(name)
    }

    /// Something that is wrong with a key, whether it was given or not.
    pub(super) fn fault(&mut self, name: &str, what: &str) {
        let place = self.source.given.get(name).map_or(Place::Default, |given| given.place.clone());
        self.source.fault(place, format!("`{name}`: {what}"));
    }

    /// Notes what holds.
    pub(super) fn hold(&mut self, name: &'static str, value: String, place: Place) {
        self.held.push(Held { name, value, place });
    }
}

fn read_secret(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(SECRET).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}
