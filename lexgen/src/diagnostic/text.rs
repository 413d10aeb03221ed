//! Diagnostics as text, in the style of rustc.

use std::ops::Range;

use super::{Counts, Diagnostic, Diagnostics, Location, Severity};
use crate::locate;

/// The widest part of a source line that is shown, in characters.
const MAX_WIDTH: usize = 120;

/// How many characters stand before the caret in a line that had to be cut.
const CONTEXT: usize = 40;

/// Whether text has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// No escape codes.
    #[default]
    Plain,
    /// ANSI escape codes.
    Coloured,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Note => "1;36",
        };
        self.paint(code, text)
    }

    fn frame(self, text: &str) -> String {
        self.paint("1;34", text)
    }
}

impl Diagnostics {
    /// All diagnostics, each with its source line, and a summary line; empty if there are none.
    pub fn to_text(&self, style: Style) -> String {
        let mut out = String::new();
        for (location, diagnostic) in self.sorted() {
            out.push_str(&self.block(diagnostic, location.as_ref(), style));
            out.push('\n');
        }
        if let Some(summary) = self.summary() {
            out.push_str(&summary);
            out.push('\n');
        }
        out
    }

    /// `3 errors in 2 files, 1 warning`; `None` without errors and warnings.
    pub fn summary(&self) -> Option<String> {
        let Counts { errors, warnings, .. } = self.counts();
        let mut parts = Vec::new();
        for (count, severity) in [(errors, Severity::Error), (warnings, Severity::Warning)] {
            if count > 0 {
                let files = self.files_with(severity);
                let place = if files > 0 { format!(" in {}", plural(files, "file")) } else { String::new() };
                parts.push(format!("{}{place}", plural(count, severity.as_str())));
            }
        }
        if self.not_kept() > 0 {
            parts.push(format!("{} of them not shown", self.not_kept()));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// One diagnostic: several lines, each with its line end.
    pub(super) fn block(&self, diagnostic: &Diagnostic, location: Option<&Location>, style: Style) -> String {
        let mut lines = vec![head(diagnostic, style)];
        let margin = location.map_or(1, |location| location.position.line.to_string().len());
        let indent = " ".repeat(margin);
        if let Some(path) = self.path_of(diagnostic) {
            let position = location.map(|location| location.position);
            let place = position.map_or(String::new(), |at| format!(":{}:{}", at.line, at.column));
            lines.push(format!("{indent}{} {}{place}", style.frame("-->"), printable(path)));
        }
        if let (Some(location), Some(file)) = (location, diagnostic.file) {
            let excerpt = Excerpt::new(self.sources.text(file), &location.span);
            let bar = style.frame("|");
            lines.push(format!("{indent} {bar}"));
            lines.push(format!("{} {bar} {}", style.frame(&location.position.line.to_string()), excerpt.line));
            let caret = style.severity(diagnostic.severity, &"^".repeat(excerpt.carets));
            lines.push(format!("{indent} {bar} {}{caret}", " ".repeat(excerpt.column)));
        }
        let notes = notes(diagnostic);
        if location.is_some() && !notes.is_empty() {
            lines.push(format!("{indent} {}", style.frame("|")));
        }
        for (label, text) in notes {
            let label = style.paint("1", label);
            lines.push(format!("{indent} {} {label}: {}", style.frame("="), printable(text)));
        }
        lines.join("\n") + "\n"
    }
}

fn head(diagnostic: &Diagnostic, style: Style) -> String {
    let label = format!("{}[{}]", diagnostic.severity, diagnostic.code);
    let message = printable(&diagnostic.message);
    format!("{}: {}", style.severity(diagnostic.severity, &label), style.paint("1", &message))
}

/// What is said below the source line.
fn notes(diagnostic: &Diagnostic) -> Vec<(&'static str, &str)> {
    let notes =
        [("rule", diagnostic.rule), ("expected", diagnostic.expected.as_deref()), ("help", diagnostic.help.as_deref())];
    notes.into_iter().filter_map(|(label, text)| Some((label, text?))).collect()
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Text without characters that move the cursor or turn the writing direction: lexicons come
/// from strangers, and messages go to terminals.
fn printable(text: &str) -> String {
    text.chars().map(printable_char).collect()
}

fn printable_char(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

/// The part of a line that is shown, and where its carets go; both in characters.
struct Excerpt {
    line: String,
    column: usize,
    carets: usize,
}

impl Excerpt {
    /// A line that is too wide is cut around its first caret.
    fn new(text: &str, span: &Range<usize>) -> Self {
        let (line_start, line) = locate::line_at(text, span.start);
        let inside = |offset: usize| locate::floor_char_boundary(line, offset.saturating_sub(line_start));
        let (before, rest) = line.split_at(inside(span.start));
        let marked = rest.split_at(inside(span.end).saturating_sub(before.len())).0;
        let from = start_of_last(before, CONTEXT);
        let wide = line.chars().nth(MAX_WIDTH).is_some();
        let shown = if wide { before.get(from..).unwrap_or_default() } else { before };
        let room = if wide { MAX_WIDTH - CONTEXT } else { MAX_WIDTH };
        let (left, right) = (cut_mark(shown.len() < before.len()), cut_mark(rest.chars().nth(room).is_some()));
        let start: String = shown.chars().map(printable_char).collect();
        let end: String = rest.chars().take(room).map(printable_char).collect();
        Self {
            column: left.len() + start.chars().count(),
            carets: marked.chars().take(room).count().max(1),
            line: format!("{left}{start}{end}{right}"),
        }
    }
}

/// Where the last characters of a text begin.
fn start_of_last(text: &str, characters: usize) -> usize {
    text.char_indices().rev().nth(characters.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// What stands for the part of a line that is not shown.
fn cut_mark(cut: bool) -> &'static str {
    if cut { "..." } else { "" }
}
