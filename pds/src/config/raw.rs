//! What was written, and where.

use std::fmt;

use toml::de::DeValue;

/// A value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Raw>),
    /// The text of a variable, which may stand for any of these.
    Variable(String),
    /// Something of TOML that no key takes; what it is called.
    Other(&'static str),
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) raw: Raw,
    pub(super) place: Place,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In the file, in this line.
    Line(usize),
    /// In the environment, under this name.
    Variable(String),
    /// Nowhere: it follows from others, or is what holds without a word.
    Default,
}

impl Raw {
    pub(super) fn of(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.clone().into_owned()),
            DeValue::Boolean(value) => Self::Boolean(*value),
            DeValue::Integer(number) => {
                let digits: String = number.as_str().chars().filter(|c| *c != '_').collect();
                i64::from_str_radix(&digits, number.radix()).map_or(Self::Other("a number out of range"), Self::Integer)
            }
            DeValue::Array(values) => Self::List(values.iter().map(|value| Self::of(value.get_ref())).collect()),
            other => Self::Other(other.type_str()),
        }
    }

    /// What it is, in words for somebody who should have written something else.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(text) | Self::Variable(text) => format!("{:?}", shown(text)),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(value) => value.to_string(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::describe).collect();
                shown(&format!("[{}]", items.join(", ")))
            }
            Self::Other(what) => (*what).to_owned(),
        }
    }
}

/// A text in a message, bounded.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Default => f.write_str("default"),
        }
    }
}
