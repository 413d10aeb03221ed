//! From JSON text to a [`Document`], with everything that is wrong with it.
//!
//! All rules that concern one document by itself are checked here, each is a [`Rule`]. Loading
//! normalises: references take their full form, repeated entries of `required`, `nullable` and
//! `refs` are merged, and an empty `required`, `nullable`, `errors`, `title:lang` or `detail:lang`
//! and a `closed` that is false count as absent.

mod at;
mod constraint;
mod def;
mod error;
mod field;
mod method;
mod permission;
mod rule;
mod types;
mod value;

use alloc::{collections::BTreeSet, format, vec::Vec};

use self::at::{At, Fields};
pub use self::{
    error::{LoadError, LoadErrors, Position},
    rule::Rule,
};
pub use crate::json::{Path, Segment};
use crate::{
    document::Document,
    json::{Json, quote},
    syntax::Nsid,
};

/// How strictly a document is read; strict by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// An object or a params schema without `properties` has none, instead of being invalid.
    pub lenient: bool,
}

impl Document {
    /// Reads a Lexicon document strictly.
    ///
    /// # Errors
    /// Everything that is wrong with the document; one error if it is not JSON.
    pub fn parse(text: &str) -> Result<Document, LoadErrors> {
        Loader::load(&Json::parse(text)?, Options::default())
    }

    /// Reads a Lexicon document strictly from bytes, which have to be UTF-8.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_bytes(bytes: &[u8]) -> Result<Document, LoadErrors> {
        Loader::load(&Json::parse_bytes(bytes)?, Options::default())
    }

    /// Reads a Lexicon document that is already a tree. A `$type` beside `lexicon`, as a
    /// published record has it, is kept and not looked at.
    ///
    /// # Errors
    /// Everything that is wrong with the document.
    pub fn from_json(json: &Json, options: Options) -> Result<Document, LoadErrors> {
        let mut loader = Loader::new(options);
        match loader.well_formed(&At::root(json), MAX_DEPTH) {
            Ok(()) => Loader::load(json, options),
            Err(Reported(())) => Err(LoadErrors::new(loader.errors)),
        }
    }
}

/// As many levels as JSON text may have.
const MAX_DEPTH: usize = 127;

/// The result of a step of loading. A failed step has reported at least one error.
type Loaded<T> = Result<T, Reported>;

/// An error was reported: the one that [`Loader::report`] just added, or an earlier one.
#[derive(Clone, Copy, Debug)]
struct Reported(());

/// Collects the errors while the parts of a document are read.
struct Loader {
    /// The document's own NSID, for local references; `None` where it is invalid.
    id: Option<Nsid>,
    options: Options,
    errors: Vec<LoadError>,
}

impl Loader {
    fn new(options: Options) -> Loader {
        Loader { id: None, options, errors: Vec::new() }
    }

    fn load(json: &Json, options: Options) -> Result<Document, LoadErrors> {
        let mut loader = Loader::new(options);
        match loader.document(&At::root(json)) {
            Ok(document) if loader.errors.is_empty() => Ok(document),
            _ => Err(LoadErrors::new(loader.errors)),
        }
    }

    fn report(&mut self, at: &At<'_>, rule: Rule, expected: &str, found: &str) -> Reported {
        let message = format!("expected {expected}, found {found}");
        self.errors.push(LoadError { path: at.path(), rule, message, position: None });
        Reported(())
    }

    /// Reports a value that is not what it should be.
    fn unexpected(&mut self, at: &At<'_>, rule: Rule, expected: &str) -> Reported {
        self.report(at, rule, expected, &at.json.describe())
    }

    /// Reports an object that lacks a key.
    fn missing(&mut self, at: &At<'_>, rule: Rule, key: &str) -> Reported {
        self.report(at, rule, &format!("the key `{key}`"), "an object without it")
    }

    /// Checks of a tree that was not made from text what parsing checks of a text.
    fn well_formed(&mut self, at: &At<'_>, levels: usize) -> Loaded<()> {
        match at.json {
            Json::Array(_) | Json::Object(_) if levels == 0 => {
                Err(self.report(at, Rule::Json, "at most 127 levels", "a deeper one"))
            }
            Json::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| self.well_formed(&at.index(index, item), levels - 1)),
            Json::Object(entries) => {
                let mut seen = BTreeSet::new();
                entries.iter().try_for_each(|(key, json)| {
                    let at = at.key(key, json);
                    if !seen.insert(key) {
                        let found = format!("{} again", quote(key));
                        return Err(self.report(&at, Rule::DuplicateKey, "each key once", &found));
                    }
                    self.well_formed(&at, levels - 1)
                })
            }
            _ => Ok(()),
        }
    }
}
