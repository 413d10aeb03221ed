//! What a run has to say about the lexicons: collected, sorted, and shown all at once.
//!
//! Every phase takes a [`Diagnostics`] and puts in what it finds. The collector knows the
//! sources, so it can show each message with its line, as text ([`Diagnostics::to_text`]),
//! as JSON ([`Diagnostics::to_json`]) or for cargo ([`Diagnostics::to_cargo`]).

mod cargo;
mod json;
mod nearest;
mod text;

use std::{
    collections::BTreeMap,
    fmt,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

pub(crate) use nearest::{nearest, nearest_nsid};
pub use text::Style;

pub use crate::locate::Position;

use arobase_lexicon::json::Path;

use crate::{
    locate,
    source::{FileId, SourceMap},
};

/// How many diagnostics of one severity are kept for one file.
///
/// More than this many mistakes are one mistake made often, and finding the place of each
/// costs a pass over the text.
const MAX_PER_FILE: usize = 100;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// No code can be generated.
    Error,
    /// Probably a mistake.
    Warning,
    /// Only said.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which text of its file a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    File,
    /// These bytes.
    Text(Range<usize>),
    /// The value at a JSON path.
    Value(Path),
    /// The key of the member at a JSON path.
    Key(Path),
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name of the kind of finding, in kebab-case.
    pub code: &'static str,
    /// The file, if it is about one.
    pub file: Option<FileId>,
    /// Where in the file.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// The rule of the language, or the lint, that it is about: a sentence.
    pub rule: Option<&'static str>,
    /// What should stand there.
    pub expected: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding about nothing in particular; see [`Self::in_file`] and its siblings.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { severity, code, file: None, place: Place::File, message, rule: None, expected: None, help: None }
    }

    /// A [`Severity::Error`].
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A [`Severity::Warning`].
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A [`Severity::Note`].
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// Is about a file.
    #[must_use]
    pub fn in_file(mut self, file: FileId) -> Self {
        self.file = Some(file);
        self
    }

    /// Is about the value at a JSON path.
    #[must_use]
    pub fn at(mut self, file: FileId, path: Path) -> Self {
        self.place = Place::Value(path);
        self.in_file(file)
    }

    /// Is about the key of the member at a JSON path.
    #[must_use]
    pub fn at_key(mut self, file: FileId, path: Path) -> Self {
        self.place = Place::Key(path);
        self.in_file(file)
    }

    /// Is about the text from a byte offset.
    #[must_use]
    pub fn at_offset(self, file: FileId, offset: usize) -> Self {
        self.at_text(file, offset..offset + 1)
    }

    /// Names the rule that it is about, in a sentence.
    #[must_use]
    pub fn rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Says what should stand there.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Is about these bytes of the text.
    #[must_use]
    pub fn at_text(mut self, file: FileId, bytes: Range<usize>) -> Self {
        self.place = Place::Text(bytes);
        self.in_file(file)
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The JSON path, if it is about one.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Value(path) | Place::Key(path) => Some(path),
            Place::File | Place::Text(_) => None,
        }
    }

    /// The bytes of the text that it is about.
    ///
    /// A value of several lines is pointed at by its key, or by its first character.
    fn span(&self, text: &str) -> Option<Range<usize>> {
        let (path, at_key) = match &self.place {
            Place::File => return None,
            Place::Text(bytes) => return Some(bytes.start.min(text.len())..bytes.end.min(text.len())),
            Place::Value(path) => (path, false),
            Place::Key(path) => (path, true),
        };
        let found = locate::find(text, path)?;
        let missing = found.depth < path.segments().len();
        let many_lines = text.get(found.value.clone())?.contains('\n');
        match found.key {
            Some(key) if at_key || missing || many_lines => Some(key),
            _ if missing || many_lines => Some(found.value.start..found.value.start + 1),
            _ => Some(found.value),
        }
    }
}

/// Where a diagnostic stands, worked out from the text.
#[derive(Clone, Debug)]
struct Location {
    span: Range<usize>,
    position: Position,
}

/// How many diagnostics there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

/// Collects the diagnostics of a run, and holds the sources that they are about.
///
/// Whoever makes one must look into it: in debug builds, dropping a collector that was never
/// asked for its content panics.
#[derive(Debug, Default)]
#[must_use = "diagnostics must be looked at"]
pub struct Diagnostics {
    sources: SourceMap,
    items: Vec<Diagnostic>,
    kept: BTreeMap<(Option<FileId>, Severity), usize>,
    counts: Counts,
    read: AtomicBool,
}

impl Diagnostics {
    /// An empty collector.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a diagnostic. Of one severity, 100 are kept for each file; all are counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Error => self.counts.errors += 1,
            Severity::Warning => self.counts.warnings += 1,
            Severity::Note => self.counts.notes += 1,
        }
        let kept = self.kept.entry((diagnostic.file, diagnostic.severity)).or_default();
        *kept += 1;
        if *kept <= MAX_PER_FILE {
            self.items.push(diagnostic);
        }
    }

    /// Whether one more diagnostic would be kept: the effort of a good one is for those only.
    pub(crate) fn keeps(&self, file: FileId, severity: Severity) -> bool {
        self.kept.get(&(Some(file), severity)).is_none_or(|kept| *kept < MAX_PER_FILE)
    }

    /// The sources.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// The sources, to add to them.
    pub fn sources_mut(&mut self) -> &mut SourceMap {
        &mut self.sources
    }

    /// Whether there is an error: the next phase must not begin.
    pub fn has_errors(&self) -> bool {
        self.counts().errors > 0
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.counts() == Counts::default()
    }

    /// How many were found, those that were not kept included.
    pub fn counts(&self) -> Counts {
        self.read.store(true, Ordering::Relaxed);
        self.counts
    }

    /// All that were kept, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.read.store(true, Ordering::Relaxed);
        self.items.iter()
    }

    /// The lines and columns of a diagnostic's text.
    pub fn position(&self, diagnostic: &Diagnostic) -> Option<Position> {
        self.locate(diagnostic).map(|location| location.position)
    }

    fn locate(&self, diagnostic: &Diagnostic) -> Option<Location> {
        let text = self.sources.text(diagnostic.file?);
        let span = diagnostic.span(text)?;
        Some(Location { position: locate::position(text, span.start), span })
    }

    /// All that were kept, sorted by file, then position.
    fn sorted(&self) -> Vec<(Option<Location>, &Diagnostic)> {
        let mut sorted: Vec<_> = self.iter().map(|diagnostic| (self.locate(diagnostic), diagnostic)).collect();
        sorted.sort_by(|(a_at, a), (b_at, b)| {
            let key = |at: &Option<Location>, diagnostic: &Diagnostic| {
                (self.path_of(diagnostic).map(str::to_owned), at.as_ref().map(|at| at.span.start), diagnostic.code)
            };
            key(a_at, a).cmp(&key(b_at, b)).then_with(|| a.message.cmp(&b.message))
        });
        sorted
    }

    fn path_of(&self, diagnostic: &Diagnostic) -> Option<&str> {
        diagnostic.file.map(|file| self.sources.path(file))
    }

    /// How many files have a diagnostic of this severity.
    fn files_with(&self, severity: Severity) -> usize {
        let mut paths: Vec<_> = self
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .filter_map(|diagnostic| self.path_of(diagnostic))
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths.len()
    }

    /// How many are counted but not kept.
    fn not_kept(&self) -> usize {
        self.counts.errors + self.counts.warnings + self.counts.notes - self.items.len()
    }
}

/// Plain text, as [`Diagnostics::to_text`] without colours.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Style::Plain))
    }
}

impl std::error::Error for Diagnostics {}

impl Drop for Diagnostics {
    fn drop(&mut self) {
        let read = self.read.load(Ordering::Relaxed) || std::thread::panicking();
        debug_assert!(read, "diagnostics were dropped without a look at them");
    }
}

#[cfg(test)]
mod tests;
