//! JSON text to a tree.

use alloc::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{
    cell::{Cell, RefCell},
    fmt::{self, Display, Formatter},
};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Json, Path, Segment, quote};

/// Why a text is not the JSON that we take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line where reading stopped, counting from 1.
    pub line: usize,
    /// The column in that line, in bytes, counting from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub message: String,
    /// What kind of fault it is.
    pub kind: JsonErrorKind,
    /// The repeated key, if that is the fault; otherwise the root.
    pub path: Path,
}

/// The kinds of [`JsonError`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// The text is not JSON, is not UTF-8, is nested deeper than 127 levels, or has a number
    /// whose magnitude is 2^63 or more.
    #[default]
    Text,
    /// An object has a key twice.
    DuplicateKey,
}

impl Display for JsonError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl core::error::Error for JsonError {}

impl Json {
    /// Reads a JSON text.
    ///
    /// # Errors
    /// The text is not JSON or begins with a byte order mark, an object has a key twice, values
    /// are nested deeper than 127 levels, or a number does not fit in 64 bits.
    pub fn parse(text: &str) -> Result<Json, JsonError> {
        if text.trim_ascii().is_empty() {
            return Err(JsonError::text(1, 1, "expected JSON text, found nothing"));
        }
        if text.starts_with('\u{feff}') {
            return Err(JsonError::text(1, 1, "expected JSON text, found a byte order mark"));
        }
        let fault = Fault::default();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Reader(&fault)
            .deserialize(&mut deserializer)
            .and_then(|json| deserializer.end().map(|()| json))
            .map_err(|error| fault.into_error(&error))
    }

    /// Reads a JSON text in UTF-8.
    ///
    /// # Errors
    /// As [`Json::parse`], and where the bytes are not UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Json, JsonError> {
        match core::str::from_utf8(bytes) {
            Ok(text) => Json::parse(text),
            Err(error) => {
                let (before, _) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                let column = 1 + before.iter().rev().take_while(|byte| **byte != b'\n').count();
                Err(JsonError::text(line, column, "expected UTF-8 text, found an invalid byte"))
            }
        }
    }
}

impl JsonError {
    fn text(line: usize, column: usize, message: &str) -> JsonError {
        JsonError { line, column, message: message.into(), kind: JsonErrorKind::Text, path: Path::default() }
    }
}

/// Repeated keys are refused, whatever the format.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        Reader(&Fault::default()).deserialize(deserializer)
    }
}

/// What the visitor knows of a fault and cannot say through serde's error.
#[derive(Default)]
struct Fault {
    kind: Cell<JsonErrorKind>,
    /// The steps to a repeated key, the innermost first.
    steps: RefCell<Vec<Segment>>,
}

impl Fault {
    fn duplicate_key<E: Error>(&self, key: String) -> E {
        let error = E::custom(format_args!("expected each key once, found {} again", quote(&key)));
        self.kind.set(JsonErrorKind::DuplicateKey);
        self.step(|| Segment::Key(key));
        error
    }

    fn step(&self, segment: impl FnOnce() -> Segment) {
        if self.kind.get() == JsonErrorKind::DuplicateKey {
            self.steps.borrow_mut().push(segment());
        }
    }

    fn into_error(self, error: &serde_json::Error) -> JsonError {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let bare = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
        let message = match error.classify() {
            serde_json::error::Category::Data => bare.to_string(),
            _ => format!("expected JSON text, stopped reading ({bare})"),
        };
        JsonError {
            line: line.max(1),
            column: column.max(1),
            message,
            kind: self.kind.get(),
            path: self.steps.into_inner().into_iter().rev().collect(),
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'f>(&'f Fault);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        i64::try_from(value).map(Json::Int).map_err(|_| too_large(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        // An integer beyond 64 bits arrives here, already rounded.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if value.abs() < LIMIT { Ok(Json::Float(value)) } else { Err(too_large(value)) }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        loop {
            match access.next_element_seed(self) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(Json::Array(items)),
                Err(error) => {
                    self.0.step(|| Segment::Index(items.len()));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = access.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(self.0.duplicate_key(key));
            }
            match access.next_value_seed(self) {
                Ok(value) => entries.push((key, value)),
                Err(error) => {
                    self.0.step(|| Segment::Key(key));
                    return Err(error);
                }
            }
        }
        Ok(Json::Object(entries))
    }
}

fn too_large<E: Error>(value: impl Display) -> E {
    E::custom(format_args!("expected a number within 64 bits, found {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> JsonError {
        Json::parse(text).unwrap_err()
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r#"{"a": [null, true, -7, 1.5, "x"], "b": {}}"#;
        let list = [Json::Null, true.into(), (-7).into(), Json::Float(1.5), "x".into()];
        let expected =
            Json::Object(Vec::from([("a".into(), Json::Array(list.into())), ("b".into(), Json::Object(Vec::new()))]));
        assert_eq!(Json::parse(text), Ok(expected));
    }

    #[test]
    fn an_integral_number_with_a_point_is_no_integer() {
        assert_eq!(Json::parse("1.0"), Ok(Json::Float(1.0)));
        assert_eq!(Json::parse("1e0"), Ok(Json::Float(1.0)));
        assert_eq!(Json::parse("1"), Ok(Json::Int(1)));
    }

    #[test]
    fn numbers_beyond_64_bits_are_refused() {
        assert_eq!(Json::parse("9223372036854775807"), Ok(Json::Int(i64::MAX)));
        assert_eq!(Json::parse("-9223372036854775808"), Ok(Json::Int(i64::MIN)));
        for text in ["9223372036854775808", "-9223372036854775809", "99999999999999999999999999", "1e300", "1e999"] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
        assert_eq!(error("18446744073709551615").line, 1);
    }

    #[test]
    fn a_repeated_key_is_refused_where_it_stands() {
        let fault = error("{\"a\": [{\"b\": 1,\n \"b\": 2}]}");
        assert_eq!(fault.kind, JsonErrorKind::DuplicateKey);
        assert_eq!(fault.path.to_string(), "$.a[0].b");
        assert_eq!(fault.line, 2);
        assert_eq!(fault.message, "expected each key once, found \"b\" again");
    }

    #[test]
    fn keys_that_differ_only_by_escapes_are_repeated() {
        assert_eq!(error(r#"{"a": 1, "\u0061": 2}"#).kind, JsonErrorKind::DuplicateKey);
    }

    #[test]
    fn a_fault_in_the_text_has_line_and_column() {
        let fault = error("{\n  \"a\": ?\n}");
        assert_eq!((fault.line, fault.kind), (2, JsonErrorKind::Text));
        assert!(fault.message.starts_with("expected JSON text"), "{}", fault.message);
        assert!(!fault.message.contains("line"), "{}", fault.message);
        assert_eq!(fault.path, Path::default());
    }

    #[test]
    fn texts_that_are_no_json_are_refused() {
        for text in [
            "",
            " \n\t",
            "\u{feff}{}",
            "\0",
            "{\"a\": \"\0\"}",
            "hello",
            "{} {}",
            "{'a': 1}",
            "[1,]",
            "{\"a\": 1,}",
            "// x\n{}",
            "NaN",
            "01",
            "\"\\ud800\"",
        ] {
            let fault = error(text);
            assert!(fault.line >= 1 && fault.column >= 1, "{text:?}");
            assert!(fault.message.starts_with("expected"), "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(Json::parse(&("[".repeat(127) + &"]".repeat(127))).is_ok());
        assert!(error(&("[".repeat(128) + &"]".repeat(128))).message.contains("recursion"));
        assert!(error(&"[".repeat(1_000_000)).message.contains("recursion"));
        assert!(error(&"{\"a\":".repeat(1_000_000)).message.contains("recursion"));
    }

    #[test]
    fn bytes_outside_utf_8_are_refused_where_they_stand() {
        let fault = Json::parse_bytes(b"{\n \"a\": \"\xff\"}").unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 8));
        assert_eq!(Json::parse_bytes(b"[]"), Ok(Json::Array(Vec::new())));
    }

    #[test]
    fn serde_reads_a_tree_from_any_format() {
        assert_eq!(serde_json::from_str::<Json>("[1]").unwrap(), Json::from(Vec::from([1])));
        assert!(serde_json::from_str::<Json>(r#"{"a":1,"a":1}"#).is_err());
    }
}
