//! Diagnostics as build-script lines, so that cargo shows them.

use std::fmt::Write as _;

use super::{Diagnostics, Severity, Style};

impl Diagnostics {
    /// The lines that a build script prints to standard output: `cargo::error=` for errors,
    /// `cargo::warning=` for the rest. A build with `cargo::error=` lines fails.
    ///
    /// A directive ends with its line, so each line of a message is a directive of its own.
    pub fn to_cargo(&self) -> String {
        let mut out = String::new();
        for (location, diagnostic) in self.sorted() {
            let directive = match diagnostic.severity {
                Severity::Error => "cargo::error",
                Severity::Warning | Severity::Note => "cargo::warning",
            };
            let block = self.block(diagnostic, location.as_ref(), Style::Plain);
            for line in block.lines() {
                let written = writeln!(out, "{directive}={line}");
                debug_assert!(written.is_ok(), "writing to a string does not fail");
            }
        }
        out
    }
}
