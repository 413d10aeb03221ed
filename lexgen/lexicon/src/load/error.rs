//! What is wrong with a document.

use alloc::{string::String, vec, vec::Vec};
use core::fmt::{self, Display, Formatter};

use super::Rule;
use crate::json::{JsonError, JsonErrorKind, Path};

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// Where: a value in the document, or the object that lacks a key.
    pub path: Path,
    /// The rule that is broken; [`Rule::expected`] says what it asks for.
    pub rule: Rule,
    /// What was expected and what was found, on one line.
    pub message: String,
    /// Where reading the text stopped, for a document that is not JSON.
    pub position: Option<Position>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, counting from 1.
    pub line: usize,
    /// The column in bytes, counting from 1.
    pub column: usize,
}

/// Everything that is wrong with a document, in the order of finding; at least one error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadErrors {
    errors: Vec<LoadError>,
}

impl LoadErrors {
    pub(super) fn new(errors: Vec<LoadError>) -> LoadErrors {
        LoadErrors { errors }
    }

    /// The errors.
    #[must_use]
    pub fn as_slice(&self) -> &[LoadError] {
        &self.errors
    }

    /// The errors one by one.
    pub fn iter(&self) -> core::slice::Iter<'_, LoadError> {
        self.errors.iter()
    }
}

impl IntoIterator for LoadErrors {
    type Item = LoadError;
    type IntoIter = vec::IntoIter<LoadError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

impl<'a> IntoIterator for &'a LoadErrors {
    type Item = &'a LoadError;
    type IntoIter = core::slice::Iter<'a, LoadError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<JsonError> for LoadErrors {
    fn from(error: JsonError) -> LoadErrors {
        let rule = match error.kind {
            JsonErrorKind::Text => Rule::Json,
            JsonErrorKind::DuplicateKey => Rule::DuplicateKey,
        };
        let position = Some(Position { line: error.line, column: error.column });
        LoadErrors::new(vec![LoadError { path: error.path, rule, message: error.message, position }])
    }
}

impl Display for LoadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}: ")?;
        }
        write!(f, "{}: {} [{}]", self.path, self.message, self.rule.code())
    }
}

/// One line for each error.
impl Display for LoadErrors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{error}")?;
        }
        Ok(())
    }
}

impl core::error::Error for LoadError {}

impl core::error::Error for LoadErrors {}
