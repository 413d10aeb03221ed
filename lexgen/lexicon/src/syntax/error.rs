use alloc::boxed::Box;
use core::fmt;

use super::Format;

/// The most bytes of a refused text that an error repeats.
const SHOWN: usize = 60;

/// A text that breaks the syntax of its format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    format: Format,
    reason: &'static str,
    text: Box<str>,
    cut: bool,
}

impl SyntaxError {
    #[cold]
    pub(crate) fn new(format: Format, reason: &'static str, text: &str) -> Self {
        let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= SHOWN).last();
        let shown = text.get(..end.unwrap_or(0)).unwrap_or_default();
        Self { format, reason, text: shown.into(), cut: shown.len() < text.len() }
    }

    /// The format that the text breaks.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What is wrong, in a few words.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, more) = (&self.text, if self.cut { "..." } else { "" });
        write!(f, "not a valid {}: {} in {text:?}{more}", self.format.name(), self.reason)
    }
}

impl core::error::Error for SyntaxError {}
