//! A JSON tree that keeps the order of keys and refuses repeated ones.

mod parse;
mod path;
mod print;

use alloc::{format, string::String, vec::Vec};

pub use self::{
    parse::{JsonError, JsonErrorKind},
    path::{Path, Segment},
};

/// A JSON value.
///
/// Equality looks at the order of keys; [`Json::same_tree`] does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction and exponent, within 64 bits.
    Int(i64),
    /// Any other number, `1.0` and `1e2` included; its magnitude is below 2^63.
    Float(f64),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Json>),
    /// An object; its keys are unique and in the order of the text.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value under `key`, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        let (_, value) = self.as_object()?.iter().find(|(name, _)| name == key)?;
        Some(value)
    }

    /// The value that `path` leads to.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<&Json> {
        path.segments().iter().try_fold(self, |json, segment| match segment {
            Segment::Key(key) => json.get(key),
            Segment::Index(index) => json.as_array()?.get(*index),
        })
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer, if the number was written as one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Json::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(value) => Some(value),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The entries in their order, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Json::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether the two are equal when the order of keys does not count.
    #[must_use]
    pub fn same_tree(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_tree(b)),
            (Json::Object(a), Json::Object(b)) => {
                let (a, b) = (by_key(a), by_key(b));
                a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.0 == b.0 && a.1.same_tree(&b.1))
            }
            _ => self == other,
        }
    }

    /// What the value is, for an error message: "the string \"x\"", "a list".
    pub(crate) fn describe(&self) -> String {
        match self {
            Json::Null => String::from("null"),
            Json::Bool(value) => format!("the boolean {value}"),
            Json::Int(value) => format!("the integer {value}"),
            Json::Float(_) => format!("the number {self}"),
            Json::String(text) => format!("the string {}", quote(text)),
            Json::Array(_) => String::from("a list"),
            Json::Object(_) => String::from("an object"),
        }
    }
}

fn by_key(entries: &[(String, Json)]) -> Vec<&(String, Json)> {
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    sorted
}

/// The text in quotes, cut where it is too long for a message.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{}", Json::String(shown))
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Json {
        Json::Int(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Json {
        Json::String(String::from(value))
    }
}

impl From<String> for Json {
    fn from(value: String) -> Json {
        Json::String(value)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Json {
        Json::Array(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Json {
        Json::parse(r#"{"b": [1, {"c": "x"}], "a": null}"#).unwrap()
    }

    #[test]
    fn keys_keep_the_order_of_the_text() {
        let keys: Vec<_> = tree().as_object().unwrap().iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(keys, ["b", "a"]);
    }

    #[test]
    fn a_path_leads_to_the_value() {
        let mut path = Path::default();
        path.push(Segment::Key("b".into()));
        path.push(Segment::Index(1));
        path.push(Segment::Key("c".into()));
        assert_eq!(tree().at(&path), Some(&Json::from("x")));
        path.push(Segment::Index(0));
        assert_eq!(tree().at(&path), None);
    }

    #[test]
    fn the_same_tree_may_have_another_order_of_keys_but_not_of_elements() {
        let other = Json::parse(r#"{"a": null, "b": [1, {"c": "x"}]}"#).unwrap();
        assert_ne!(tree(), other);
        assert!(tree().same_tree(&other));
        let swapped = Json::parse(r#"{"a": null, "b": [{"c": "x"}, 1]}"#).unwrap();
        assert!(!tree().same_tree(&swapped));
        let missing = Json::parse(r#"{"b": [1, {"c": "x"}]}"#).unwrap();
        assert!(!tree().same_tree(&missing));
    }

    #[test]
    fn a_long_string_is_cut_in_messages() {
        let text = "é".repeat(100);
        let shown = Json::from(text.as_str()).describe();
        assert!(shown.ends_with("é…\""));
        assert!(shown.chars().count() < 100);
    }
}
