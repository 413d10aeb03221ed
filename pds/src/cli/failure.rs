//! What goes wrong, and the exit codes.

use std::{fmt, io};

use arobase_pds::{Error, backup::BackupError, config::AssemblyError};

use super::tell;

/// It went well.
pub(crate) const SUCCESS: u8 = 0;
/// It did not.
pub(crate) const FAILURE: u8 = 1;
/// The arguments or the configuration are wrong.
const USAGE: u8 = 2;

/// Why the program did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are wrong.
    Usage(String),
    /// The configuration is wrong: a mistake in each line.
    Config(String),
    /// Something else, in words.
    Failed(String),
}

impl Failure {
    /// Tells of it; the exit code.
    pub(crate) fn report(&self) -> u8 {
        match self {
            Self::Usage(what) => tell(&format!("{what}; try --help")),
            Self::Config(lines) => lines.lines().for_each(tell),
            Self::Failed(what) => tell(what),
        }
        match self {
            Self::Usage(_) | Self::Config(_) => USAGE,
            Self::Failed(_) => FAILURE,
        }
    }

    pub(crate) fn failed(what: &(impl fmt::Display + ?Sized)) -> Self {
        Self::Failed(what.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(what) | Self::Config(what) | Self::Failed(what) => f.write_str(what),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(&error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        BackupError::from(error).into()
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        Self::failed(&error)
    }
}

impl From<AssemblyError> for Failure {
    fn from(error: AssemblyError) -> Self {
        Self::failed(&error)
    }
}
