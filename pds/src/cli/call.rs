//! A command with its arguments, as it goes to whoever has the data folder.

use serde_json::{Map, Value, json};

use super::failure::Failure;

/// A command with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) command: String,
    pub(crate) arguments: Arguments,
}

/// Arguments by their names: texts, and `true` for those that are only there or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arguments(pub(crate) Map<String, Value>);

impl Arguments {
    /// An argument, if it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// An argument that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::Usage(format!("{} is missing", name.to_uppercase())))
    }

    /// An argument that is the text of something.
    pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Failure> {
        let parse = |text: &str| text.parse().map_err(|error| Failure::Usage(format!("{name}: {error}")));
        self.text(name).map(parse).transpose()
    }

    /// Whether it was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl Call {
    pub(crate) fn to_json(&self) -> Value {
        json!({ "command": self.command, "arguments": self.arguments.0 })
    }

    pub(crate) fn of(value: &Value) -> Option<Self> {
        let command = value.get("command")?.as_str()?.to_owned();
        Some(Self { command, arguments: Arguments(value.get("arguments")?.as_object()?.clone()) })
    }
}
