//! What goes out: results to standard output, messages to standard error.

use std::{
    fmt,
    io::{self, BufWriter, StdoutLock, Write},
};

use arobase::lexicon::json::Json;

use crate::failure::{Failure, TROUBLE};

/// Standard output, buffered.
pub(crate) struct Out {
    to: BufWriter<StdoutLock<'static>>,
    json: bool,
}

impl Out {
    /// Standard output, for text or for JSON.
    pub(crate) fn new(json: bool) -> Self {
        Self { to: BufWriter::with_capacity(1 << 16, io::stdout().lock()), json }
    }

    /// Whether results are wanted as JSON.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Writes text as it is.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.to.write_all(bytes).map_err(|error| failure(&error))
    }

    /// Writes a line.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        writeln!(self.to, "{line}").map_err(|error| failure(&error))
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.to.flush().map_err(|error| failure(&error))
    }

    /// Writes out what is buffered, at the end of a command. The exit code: the given one, unless that fails.
    pub(crate) fn finish(mut self, code: u8) -> u8 {
        match self.flush() {
            Ok(()) | Err(Failure::Gone) => code,
            Err(failure) => failure.report(self.json).max(TROUBLE),
        }
    }
}

/// A reader that went away is no error worth a message.
fn failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Gone,
        _ => Failure::io("standard output", error),
    }
}

/// To standard error; nobody is left to tell if that fails.
pub(crate) fn error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// JSON in which the controls from U+007F to U+009F are escaped, since some terminals act upon them. JSON has escaped
/// those below U+0020; it has none of these but in strings.
pub(crate) fn escape_controls(json: String) -> String {
    let is_control = |c: char| matches!(c, '\u{7f}'..='\u{9f}');
    if !json.contains(is_control) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_control(c) {
            escaped += &format!("\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A JSON object.
pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A JSON number.
pub(crate) fn number(number: u64) -> Json {
    Json::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A JSON string of what prints itself.
pub(crate) fn string(value: impl fmt::Display) -> Json {
    Json::String(value.to_string())
}

/// JSON of what may be absent, `null` if it is.
pub(crate) fn optional<T>(value: Option<T>, json: impl FnOnce(T) -> Json) -> Json {
    value.map_or(Json::Null, json)
}
