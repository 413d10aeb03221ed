//! One change, and the list of them.

use std::fmt;

use arobase_lexicon::json::Path;

use super::Targets;

/// What a change does to those who use the old version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is allowed.
    Ok,
    /// It is allowed, and probably hurts someone.
    Warning,
    /// It is not allowed under the same NSID.
    Breaking,
}

impl Level {
    /// `ok`, `warning` or `breaking`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One change between two versions of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does.
    pub level: Level,
    /// A stable name of the kind of change, in kebab-case.
    pub code: &'static str,
    /// Where in the new document; in the old one, if it is gone from the new.
    pub path: Path,
    /// What changed.
    pub message: String,
}

impl Change {
    pub(super) fn new(level: Level, code: &'static str, path: Path, message: impl Into<String>) -> Self {
        Self { level, code, path, message: message.into() }
    }
}

/// Collects changes.
pub(super) struct Changes<'a> {
    pub(super) targets: &'a Targets<'a>,
    list: Vec<Change>,
}

impl<'a> Changes<'a> {
    pub(super) fn new(targets: &'a Targets<'a>) -> Self {
        Self { targets, list: Vec::new() }
    }

    pub(super) fn into_vec(self) -> Vec<Change> {
        self.list
    }

    pub(super) fn push(&mut self, level: Level, code: &'static str, path: &Path, message: impl Into<String>) {
        self.list.push(Change::new(level, code, path.clone(), message));
    }

    /// A value under a word of the language that is another one now.
    pub(super) fn changed(
        &mut self,
        path: &Path,
        level: Level,
        code: &'static str,
        word: &str,
        old: impl fmt::Display,
        new: impl fmt::Display,
    ) {
        self.push(level, code, path, format!("`{word}` was {old} and is {new}"));
    }

    /// The same for a value that may be absent.
    pub(super) fn optional<T: PartialEq + fmt::Debug>(
        &mut self,
        path: &Path,
        (level, code): (Level, &'static str),
        word: &str,
        old: Option<&T>,
        new: Option<&T>,
    ) {
        let show = |value: Option<&T>| value.map_or("absent".to_owned(), |value| format!("{value:?}"));
        if old != new {
            self.changed(path, level, code, word, show(old), show(new));
        }
    }

    pub(super) fn description(&mut self, path: &Path) {
        self.push(Level::Ok, "description-changed", path, "the description changed");
    }
}

/// A list for a sentence: `a, b, c`, cut after ten.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 10;
    let mut items: Vec<&str> = items.into_iter().collect();
    let more = items.len().saturating_sub(MOST);
    items.truncate(MOST);
    let shown = items.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}
