//! How commands end.

use std::{fmt, io};

use arobase::lexicon::json::Json;

use crate::output;

/// All is well.
pub(crate) const SUCCESS: u8 = 0;
/// The answer is no: a file is faulty, a record is not there, two repositories differ, an identity is not believed.
pub(crate) const NO: u8 = 1;
/// The command could not be carried out.
pub(crate) const TROUBLE: u8 = 2;

/// Why a command stops.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong.
    Usage(String),
    /// A file cannot be read or written.
    Io {
        /// Its name.
        file: String,
        /// What went wrong.
        reason: String,
    },
    /// A file is not what it should be.
    Faulty {
        /// Its name.
        file: String,
        /// What is wrong with it, and where.
        fault: String,
    },
    /// What was asked for is not there.
    Absent {
        /// The file in which it is not.
        file: String,
        /// What is not there.
        what: String,
    },
    /// An identity does not exist, or what is said of it is not to be believed.
    Identity {
        /// The DID or handle.
        who: String,
        /// Why not.
        reason: String,
    },
    /// Nobody could say.
    Network {
        /// What was asked for.
        who: String,
        /// Why there is no answer.
        reason: String,
    },
    /// Whoever read the output has gone away, and does not want to hear of it.
    Gone,
}

impl Failure {
    /// A file or stream that cannot be read or written.
    pub(crate) fn io(file: impl Into<String>, error: &io::Error) -> Self {
        Self::Io { file: file.into(), reason: reason(error) }
    }

    /// A fault in a file.
    pub(crate) fn faulty(file: impl Into<String>, fault: impl fmt::Display) -> Self {
        Self::Faulty { file: file.into(), fault: fault.to_string() }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Io { .. } | Self::Network { .. } => TROUBLE,
            Self::Faulty { .. } | Self::Absent { .. } | Self::Identity { .. } => NO,
            Self::Gone => SUCCESS,
        }
    }

    /// Says on standard error what went wrong, in one line of text or JSON. The exit code.
    pub(crate) fn report(&self, json: bool) -> u8 {
        match self {
            Self::Gone => {}
            failure if json => output::error(&format!("{}\n", failure.to_json())),
            Self::Usage(message) => output::error(&format!("arobase: {message} (try `arobase --help`)\n")),
            failure => output::error(&format!("arobase: {failure}\n")),
        }
        self.code()
    }

    /// The failure as JSON: an object with the member `error`.
    pub(crate) fn to_json(&self) -> Json {
        let (kind, about, message) = match self {
            Self::Usage(message) => ("usage", None, message.as_str()),
            Self::Io { file, reason } => ("io", Some(("file", file)), reason.as_str()),
            Self::Faulty { file, fault } => ("faulty", Some(("file", file)), fault.as_str()),
            Self::Absent { file, what } => ("absent", Some(("file", file)), what.as_str()),
            Self::Identity { who, reason } => ("identity", Some(("identity", who)), reason.as_str()),
            Self::Network { who, reason } => ("network", Some(("identity", who)), reason.as_str()),
            Self::Gone => ("gone", None, ""),
        };
        let about = about.map(|(name, what)| (name, Json::from(what.as_str())));
        let members = [("kind", Json::from(kind)), ("message", Json::from(message))].into_iter().chain(about);
        output::object([("error", output::object(members))])
    }
}

/// What the system says, without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Io { file, reason: message }
            | Self::Faulty { file, fault: message }
            | Self::Absent { file, what: message }
            | Self::Identity { who: file, reason: message }
            | Self::Network { who: file, reason: message } => write!(f, "{file}: {message}"),
            Self::Gone => f.write_str("nobody reads the output"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_as_json_names_its_kind_and_its_file() {
        let failure = Failure::io("a.car", &io::Error::from_raw_os_error(2));
        let text = failure.to_json().to_string();
        assert_eq!(text, r#"{"error":{"kind":"io","message":"no such file or directory","file":"a.car"}}"#);
        assert_eq!(failure.code(), TROUBLE);
    }

    #[test]
    fn faults_in_files_are_another_code_than_trouble_with_them() {
        assert_eq!(Failure::faulty("a.car", "truncated").code(), NO);
        assert_eq!(Failure::Usage(String::new()).code(), TROUBLE);
        assert_eq!(Failure::Gone.code(), SUCCESS);
    }
}
