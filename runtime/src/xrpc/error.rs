use std::{convert::Infallible, fmt};

/// The errors that a method declares. [`Infallible`] is for methods that declare none.
pub trait DeclaredError: std::error::Error + Sized + Send + Sync + 'static {
    /// Their names on the wire.
    const NAMES: &'static [&'static str];

    /// The error of a name; `None` if the method does not declare it.
    fn from_parts(name: &str, message: Option<String>) -> Option<Self>;
    /// The name on the wire.
    fn name(&self) -> &'static str;
    /// The text for people that came or goes with it.
    fn message(&self) -> Option<&str>;
}

impl DeclaredError for Infallible {
    const NAMES: &'static [&'static str] = &[];

    fn from_parts(_: &str, _: Option<String>) -> Option<Self> {
        None
    }

    fn name(&self) -> &'static str {
        match *self {}
    }

    fn message(&self) -> Option<&str> {
        match *self {}
    }
}

/// How declared errors print themselves: their name, and their message where there is one.
///
/// # Errors
/// Those of the formatter.
pub fn display_error(error: &impl DeclaredError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error.message() {
        Some(message) => write!(f, "{}: {message}", error.name()),
        None => f.write_str(error.name()),
    }
}
