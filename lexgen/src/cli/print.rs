//! What goes to the terminal: results to standard output, messages to standard error.

use std::io::{self, IsTerminal, Write};

use lexgen::diagnostic::{Diagnostics, Style};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    /// Whether diagnostics are JSON on standard output.
    pub(crate) json: bool,
    /// Whether only findings are printed.
    pub(crate) quiet: bool,
}

impl Printer {
    pub(crate) fn diagnostics(self, dx: &Diagnostics) {
        if self.json {
            output(&dx.to_json());
        } else {
            error(&dx.to_text(style()));
        }
    }

    /// A sentence about how it went.
    pub(crate) fn status(self, text: &str) {
        if !self.quiet && !self.json {
            error(&format!("{text}\n"));
        }
    }
}

/// Colours, on a terminal and without the variable `NO_COLOR`.
fn style() -> Style {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if io::stderr().is_terminal() && !unwanted { Style::Coloured } else { Style::Plain }
}

/// `1 lexicon`, `2 lexicons`.
pub(crate) fn lexicons(count: usize) -> String {
    if count == 1 { "1 lexicon".to_owned() } else { format!("{count} lexicons") }
}

/// To standard output; a reader that has gone away is no error.
pub(crate) fn output(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// To standard error.
pub(crate) fn error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
