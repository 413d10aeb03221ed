//! Why data could not be read or written, and where in it.

use std::{borrow::Cow, fmt};

use arobase_lexicon::check::Violation;

use super::source::Kind;

/// A fault in data: what is wrong, where in the value, and where in the input.
///
/// One pointer wide, so that a `Result` of a small value stays small.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// Innermost first: they are added while the error travels up.
    segments: Vec<Segment>,
    offset: Option<usize>,
}

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input is not JSON, or not DAG-CBOR in its canonical form.
    Syntax(Cow<'static, str>),
    /// The input is well formed but is no value of the data model, or not of the type that is
    /// wanted here.
    Model(Cow<'static, str>),
    /// The input exceeds a limit; see [`Limits`](super::Limits).
    Limit(Cow<'static, str>),
    /// The value breaks a constraint of its schema.
    Violation(Violation),
    /// The value cannot be written, or must not be created.
    Unwritable(Cow<'static, str>),
    /// A descriptor does not fit its Rust type. Generated code cannot cause this.
    Mismatch,
}

/// One step from a value into a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Into the value of a map key.
    Key(Box<str>),
    /// Into a list element, counted from 0.
    Index(usize),
}

impl Error {
    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where in the value: displays as `$.embed.images[2].alt`, where `$` is the whole value. A
    /// key that is not a plain name stands in brackets and quotes.
    #[must_use]
    pub fn path(&self) -> impl fmt::Display + '_ {
        Path(&self.0.segments)
    }

    /// The steps of the path, outermost first.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.0.segments.iter().rev()
    }

    /// Where in the input, in bytes from its start. Not every fault has such a place.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner { kind, segments: Vec::new(), offset: None }))
    }

    pub(crate) fn syntax(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Syntax(reason.into()))
    }

    pub(crate) fn model(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Model(reason.into()))
    }

    pub(crate) fn limit(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Limit(reason.into()))
    }

    pub(crate) fn unwritable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unwritable(reason.into()))
    }

    /// What stands in the input is not what is wanted.
    #[cold]
    pub(crate) fn wrong_kind(expected: &str, found: Kind) -> Self {
        Self::model(format!("expected {expected}, found {}", noun(found)))
    }

    /// The same error as one of syntax: there is no way to go on after it.
    pub(crate) fn into_syntax(mut self) -> Self {
        if let ErrorKind::Model(reason) = self.0.kind {
            self.0.kind = ErrorKind::Syntax(reason);
        }
        self
    }

    /// Sets the place in the input.
    pub(crate) fn at_offset(mut self, offset: usize) -> Self {
        self.0.offset = Some(offset);
        self
    }

    /// The same error, seen from the map that has the faulty value under `key`.
    pub(crate) fn in_key(mut self, key: &str) -> Self {
        self.prepend(Segment::Key(key.into()));
        self
    }

    /// The same error, seen from the list that has the faulty value at `index`.
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.prepend(Segment::Index(index));
        self
    }

    /// Puts a step before the path.
    pub(crate) fn prepend(&mut self, segment: Segment) {
        self.0.segments.push(segment);
    }

    /// Whether the input is well formed and only breaks the data model.
    pub(crate) fn is_model(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Model(_))
    }

    /// Whether the fault lies in the data alone, so that a lenient reader can go on after it.
    pub(crate) fn is_about_data(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Model(_) | ErrorKind::Violation(_))
    }

    /// The same error with a place in the input, unless it has one.
    pub(crate) fn or_offset(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "a boolean",
        Kind::Int => "a number",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
        Kind::Link => "a link",
        Kind::List => "a list",
        Kind::Map => "a map",
    }
}

struct Path<'a>(&'a [Segment]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().rev().try_for_each(|segment| match segment {
            Segment::Key(key) if is_plain(key) => write!(f, ".{key}"),
            Segment::Key(key) => write!(f, "[{key:?}]"),
            Segment::Index(index) => write!(f, "[{index}]"),
        })
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'))
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) | Self::Model(reason) | Self::Limit(reason) | Self::Unwritable(reason) => {
                f.write_str(reason)
            }
            Self::Violation(violation) => violation.fmt(f),
            Self::Mismatch => f.write_str("the descriptor does not fit the type"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.kind())?;
        match self.offset() {
            Some(offset) => write!(f, " (at byte {offset})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("path", &format_args!("{}", self.path()))
            .field("kind", &self.0.kind)
            .field("offset", &self.0.offset)
            .finish()
    }
}

impl std::error::Error for Error {}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Self::new(ErrorKind::Violation(violation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_grows_from_the_inside() {
        let error = Error::model("bad").in_key("alt").at_index(2).in_key("images").in_key("embed").at_offset(17);
        assert_eq!(error.to_string(), "$.embed.images[2].alt: bad (at byte 17)");
    }

    #[test]
    fn a_key_that_is_no_plain_name_is_quoted() {
        let error = Error::model("bad").in_key("a.b").in_key("");
        assert_eq!(error.path().to_string(), r#"$[""]["a.b"]"#);
    }
}
