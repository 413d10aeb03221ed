//! The constraint checks of the Lexicon language (Lexicon, field types and constraints): plain
//! functions that generated code, dynamic validation and the loader share.

use alloc::{boxed::Box, format, string::String};
use core::fmt;

use unicode_segmentation::UnicodeSegmentation;

use crate::syntax::{Format, Mode, Nsid, SyntaxError};

/// The most bytes of a refused text that a violation repeats.
const SHOWN: usize = 60;

/// A broken constraint: which one, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// A length below its lower bound.
    TooShort {
        /// What is counted.
        unit: Unit,
        /// The lower bound.
        min: u64,
        /// The length found.
        actual: u64,
    },
    /// A length above its upper bound.
    TooLong {
        /// What is counted.
        unit: Unit,
        /// The upper bound.
        max: u64,
        /// The length found; graphemes are counted only until the bound is passed.
        actual: u64,
    },
    /// An integer below its minimum.
    TooSmall {
        /// The minimum.
        min: i64,
        /// The value found.
        actual: i64,
    },
    /// An integer above its maximum.
    TooLarge {
        /// The maximum.
        max: i64,
        /// The value found.
        actual: i64,
    },
    /// A value outside its `enum`.
    NotInEnum {
        /// The value found, cut.
        found: Box<str>,
    },
    /// A value that is not its `const`.
    NotConst {
        /// The constant.
        expected: Box<str>,
        /// The value found, cut.
        found: Box<str>,
    },
    /// A string that breaks its format.
    Format(SyntaxError),
    /// A blob whose MIME type matches no pattern of `accept`.
    MimeNotAccepted {
        /// The MIME type found.
        found: Box<str>,
    },
    /// A blob above its `maxSize`.
    BlobTooLarge {
        /// The most bytes.
        max: u64,
        /// The bytes found.
        actual: u64,
    },
    /// A legacy blob where only typed ones are allowed.
    LegacyBlob,
    /// Data of another type.
    WrongType {
        /// What the schema wants.
        expected: Found,
        /// What is there.
        found: Found,
    },
    /// A required field that is not there.
    Missing,
    /// Null in a field that is not nullable.
    Null,
    /// A member that a closed union does not list.
    UnknownMember(String),
    /// A `$type` other than the one that belongs here.
    TypeMismatch {
        /// The one that belongs here.
        expected: Box<str>,
        /// The one found.
        found: Box<str>,
    },
    /// A `$type` that is neither an NSID nor an NSID with a name.
    TypeSyntax {
        /// The one found.
        found: Box<str>,
    },
    /// The schema is not in the catalog.
    UnknownSchema(String),
    /// A key that the schema knows stands among those that it does not know.
    Shadowed,
}

/// What a length counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// UTF-8 bytes of a string.
    StringBytes,
    /// Extended grapheme clusters of a string.
    Graphemes,
    /// Bytes.
    Bytes,
    /// Elements of an array.
    Items,
}

/// A type of the data model, as messages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// `null`
    Null,
    /// `boolean`
    Boolean,
    /// `integer`
    Integer,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `cid-link`
    CidLink,
    /// `blob`
    Blob,
    /// `array`
    Array,
    /// `object`
    Object,
    /// Nothing at all.
    Nothing,
    /// Something outside the data model.
    Invalid,
}

/// Checks the length of a string in UTF-8 bytes.
///
/// # Errors
/// The bound that it breaks.
pub fn string_length(text: &str, min: Option<u64>, max: Option<u64>) -> Result<(), Violation> {
    length(Unit::StringBytes, text.len(), min, max)
}

/// Checks the length of bytes.
///
/// # Errors
/// The bound that it breaks.
pub fn bytes_length(count: usize, min: Option<u64>, max: Option<u64>) -> Result<(), Violation> {
    length(Unit::Bytes, count, min, max)
}

/// Checks the number of elements of an array.
///
/// # Errors
/// The bound that it breaks.
pub fn list_length(count: usize, min: Option<u64>, max: Option<u64>) -> Result<(), Violation> {
    length(Unit::Items, count, min, max)
}

fn length(unit: Unit, actual: usize, min: Option<u64>, max: Option<u64>) -> Result<(), Violation> {
    let actual = actual as u64;
    match (min, max) {
        (Some(min), _) if actual < min => Err(Violation::TooShort { unit, min, actual }),
        (_, Some(max)) if actual > max => Err(Violation::TooLong { unit, max, actual }),
        _ => Ok(()),
    }
}

/// Checks the length of a string in extended grapheme clusters (UAX 29).
///
/// A string has at most as many clusters as bytes, so most strings need no counting.
///
/// # Errors
/// The bound that it breaks.
pub fn graphemes(text: &str, min: Option<u64>, max: Option<u64>) -> Result<(), Violation> {
    let bytes = text.len() as u64;
    if min.is_none_or(|min| min == 0 || (min == 1 && bytes > 0)) && max.is_none_or(|max| bytes <= max) {
        return Ok(());
    }
    if let Some(min) = min.filter(|min| bytes < *min) {
        return Err(Violation::TooShort { unit: Unit::Graphemes, min, actual: count_graphemes(text, bytes) });
    }
    let enough = max.map_or(min.unwrap_or(0), |max| max.saturating_add(1));
    let actual = count_graphemes(text, enough);
    match (min, max) {
        (Some(min), _) if actual < min => Err(Violation::TooShort { unit: Unit::Graphemes, min, actual }),
        (_, Some(max)) if actual > max => Err(Violation::TooLong { unit: Unit::Graphemes, max, actual }),
        _ => Ok(()),
    }
}

/// Counts clusters, but not beyond `enough`. In ASCII only a carriage return before a line feed
/// joins it.
fn count_graphemes(text: &str, enough: u64) -> u64 {
    if text.is_ascii() {
        let joined = text.as_bytes().windows(2).filter(|pair| pair == b"\r\n").count();
        return (text.len() - joined) as u64;
    }
    let enough = usize::try_from(enough).unwrap_or(usize::MAX);
    text.graphemes(true).take(enough).count() as u64
}

/// Checks an integer against its bounds.
///
/// # Errors
/// The bound that it breaks.
pub fn integer_range(actual: i64, min: i64, max: i64) -> Result<(), Violation> {
    if actual < min {
        Err(Violation::TooSmall { min, actual })
    } else if actual > max {
        Err(Violation::TooLarge { max, actual })
    } else {
        Ok(())
    }
}

/// Checks a string against its `enum`.
///
/// # Errors
/// If it is none of the values.
pub fn string_enum<T: AsRef<str>>(text: &str, values: impl IntoIterator<Item = T>) -> Result<(), Violation> {
    if values.into_iter().any(|value| value.as_ref() == text) {
        Ok(())
    } else {
        Err(Violation::NotInEnum { found: cut(text) })
    }
}

/// Checks an integer against its `enum`.
///
/// # Errors
/// If it is none of the values.
pub fn integer_enum(actual: i64, values: &[i64]) -> Result<(), Violation> {
    if values.contains(&actual) { Ok(()) } else { Err(Violation::NotInEnum { found: format!("{actual}").into() }) }
}

/// Checks a string against its `const`.
///
/// # Errors
/// If it is another one.
pub fn string_const(text: &str, constant: &str) -> Result<(), Violation> {
    if text == constant { Ok(()) } else { Err(Violation::NotConst { expected: constant.into(), found: cut(text) }) }
}

/// Checks a boolean or an integer against its `const`.
///
/// # Errors
/// If it is another one.
pub fn scalar_const<T: Copy + PartialEq + fmt::Display>(actual: T, constant: T) -> Result<(), Violation> {
    if actual == constant {
        Ok(())
    } else {
        Err(Violation::NotConst { expected: format!("{constant}").into(), found: format!("{actual}").into() })
    }
}

/// Checks a string against its format.
///
/// # Errors
/// Says what is wrong with the text.
pub fn string_format(text: &str, format: Format, mode: Mode) -> Result<(), Violation> {
    format.check(text, mode).map_err(Violation::Format)
}

/// Checks the MIME type of a blob against `accept`: equal, `*/*`, or `type/*`. No patterns at all
/// mean no restriction; patterns of another form match nothing.
///
/// # Errors
/// If no pattern matches.
pub fn mime_accepted<T: AsRef<str>>(mime: &str, accept: &[T]) -> Result<(), Violation> {
    if accept.is_empty() || accept.iter().any(|pattern| mime_matches(mime, pattern.as_ref())) {
        Ok(())
    } else {
        Err(Violation::MimeNotAccepted { found: cut(mime) })
    }
}

fn mime_matches(mime: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("*/") => true,
        Some(prefix) => prefix.len() > 1 && prefix.ends_with('/') && mime.starts_with(prefix),
        None => mime == pattern,
    }
}

/// Whether a pattern of `accept` has one of the three forms that can match: `type/subtype`,
/// `type/*`, `*/*`.
#[must_use]
pub fn is_mime_pattern(pattern: &str) -> bool {
    let Some((kind, sub)) = pattern.split_once('/') else { return false };
    let token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    pattern == "*/*" || (token(kind) && (sub == "*" || token(sub)))
}

/// Checks the size of a blob.
///
/// # Errors
/// If it is larger.
pub fn blob_size(actual: u64, max: Option<u64>) -> Result<(), Violation> {
    match max {
        Some(max) if actual > max => Err(Violation::BlobTooLarge { max, actual }),
        _ => Ok(()),
    }
}

/// Checks the syntax of a `$type`: an NSID, or an NSID, `#` and a name other than `main`.
///
/// # Errors
/// If it has another form.
pub fn type_syntax(text: &str) -> Result<(), Violation> {
    let fits = match text.split_once('#') {
        None => Nsid::scan(text).is_ok(),
        Some((nsid, name)) => Nsid::scan(nsid).is_ok() && !matches!(name, "" | "main") && !name.contains(['#', '.']),
    };
    if fits { Ok(()) } else { Err(Violation::TypeSyntax { found: cut(text) }) }
}

fn cut(text: &str) -> Box<str> {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= SHOWN).last();
    text.get(..end.unwrap_or(0)).unwrap_or_default().into()
}

impl From<SyntaxError> for Violation {
    fn from(error: SyntaxError) -> Self {
        Self::Format(error)
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { unit, min, actual } => write!(f, "shorter than {min} {unit} (has {actual})"),
            Self::TooLong { unit: Unit::Graphemes, max, .. } => write!(f, "longer than {max} graphemes"),
            Self::TooLong { unit, max, actual } => write!(f, "longer than {max} {unit} (has {actual})"),
            Self::TooSmall { min, actual } => write!(f, "{actual} is less than {min}"),
            Self::TooLarge { max, actual } => write!(f, "{actual} is more than {max}"),
            Self::NotInEnum { found } => write!(f, "{found:?} is none of the allowed values"),
            Self::NotConst { expected, found } => write!(f, "{found:?} where only {expected:?} is allowed"),
            Self::Format(error) => error.fmt(f),
            Self::MimeNotAccepted { found } => write!(f, "a blob of type {found:?} is not accepted here"),
            Self::BlobTooLarge { max, actual } => write!(f, "a blob of {actual} bytes; at most {max} are allowed"),
            Self::LegacyBlob => f.write_str("a legacy blob (`cid`, `mimeType`) is not accepted here"),
            Self::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Missing => f.write_str("required but missing"),
            Self::Null => f.write_str("null, but not nullable"),
            Self::UnknownMember(name) => write!(f, "{name:?} is no member of this closed union"),
            Self::TypeMismatch { expected, found } => write!(f, "expected the type {expected:?}, found {found:?}"),
            Self::TypeSyntax { found } => write!(f, "{found:?} is neither an NSID nor an NSID with a name"),
            Self::UnknownSchema(name) => write!(f, "unknown schema {name:?}"),
            Self::Shadowed => {
                f.write_str("stands in `extra` too, where a lenient reader keeps what a field cannot hold")
            }
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StringBytes => "UTF-8 bytes",
            Self::Graphemes => "graphemes",
            Self::Bytes => "bytes",
            Self::Items => "items",
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::String => "a string",
            Self::Bytes => "bytes",
            Self::CidLink => "a link",
            Self::Blob => "a blob",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Nothing => "nothing",
            Self::Invalid => "something outside the data model",
        })
    }
}

impl core::error::Error for Violation {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_inclusive() {
        assert_eq!(string_length("abc", Some(3), Some(3)), Ok(()));
        assert_eq!(string_length("ab", Some(3), None).unwrap_err().to_string(), "shorter than 3 UTF-8 bytes (has 2)");
        assert_eq!(list_length(4, None, Some(3)).unwrap_err().to_string(), "longer than 3 items (has 4)");
        assert_eq!(bytes_length(0, None, Some(0)), Ok(()));
    }

    #[test]
    fn strings_are_measured_in_utf8_bytes() {
        assert!(string_length("é", None, Some(1)).is_err());
        assert!(string_length("é", Some(2), Some(2)).is_ok());
    }

    #[test]
    fn a_family_a_flag_and_a_line_end_are_one_grapheme_each() {
        for one in ["👨‍👩‍👧‍👦", "🇵🇹", "\r\n", "e\u{301}"] {
            assert_eq!(graphemes(one, Some(1), Some(1)), Ok(()), "{one:?}");
            assert!(graphemes(one, Some(2), None).is_err(), "{one:?}");
        }
        assert!(graphemes("🇵🇹🇵🇹", None, Some(1)).is_err());
    }

    #[test]
    fn graphemes_of_ascii_are_counted_without_segmentation() {
        assert!(graphemes("ab\r\ncd", None, Some(5)).is_ok());
        assert!(graphemes("ab\r\ncd", None, Some(4)).is_err());
        assert!(graphemes("a\rb", Some(3), Some(3)).is_ok());
    }

    #[test]
    fn a_long_text_of_few_graphemes_is_short() {
        let text = "👨‍👩‍👧‍👦".repeat(10);
        assert!(graphemes(&text, None, Some(10)).is_ok());
        assert!(graphemes(&text, None, Some(9)).is_err());
        assert!(graphemes(&text, Some(11), None).is_err());
    }

    #[test]
    fn mime_patterns_match_whole_types_only() {
        let accepted = |mime, accept: &[&str]| mime_accepted(mime, accept).is_ok();
        assert!(accepted("image/png", &["image/*"]));
        assert!(accepted("image/png", &["text/plain", "image/png"]));
        assert!(accepted("image/png", &["*/*"]));
        assert!(accepted("image/png", &[]));
        assert!(!accepted("imagery/png", &["image/*"]));
        assert!(!accepted("image/png", &["image/p*"]));
        assert!(!accepted("image/png", &["*"]));
        assert!(!accepted("image/png", &["/*"]));
        assert!(!accepted("image/PNG", &["image/png"]));
    }

    #[test]
    fn only_three_forms_are_mime_patterns() {
        assert!(["*/*", "image/*", "application/vnd.ipld.car"].into_iter().all(is_mime_pattern));
        assert!(!["*", "image", "text/ht*", "*/png", "/png", "a/b/c", "a/b;c"].into_iter().any(is_mime_pattern));
    }

    #[test]
    fn a_type_is_an_nsid_with_or_without_a_name() {
        assert!(type_syntax("com.example.thing").is_ok());
        assert!(type_syntax("com.example.thing#part").is_ok());
        for bad in ["", "blob", "#part", "com.example.thing#", "com.example.thing#main", "com.example.thing#a#b"] {
            assert!(type_syntax(bad).is_err(), "{bad:?}");
        }
    }
}
