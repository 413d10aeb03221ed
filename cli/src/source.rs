//! Where input comes from.

use std::{
    ffi::OsString,
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// A file, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Standard input, `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// What was opened to be read once.
pub(crate) struct Input {
    /// Its bytes.
    pub(crate) bytes: Box<dyn Read>,
    /// How many there are, if that is known.
    pub(crate) len: Option<u64>,
}

impl From<OsString> for Source {
    fn from(argument: OsString) -> Self {
        if argument == "-" { Self::Stdin } else { Self::File(argument.into()) }
    }
}

impl Source {
    /// Opens it to be read once.
    ///
    /// # Errors
    /// It cannot be opened, or is a directory.
    pub(crate) fn open(&self) -> Result<Input, Failure> {
        let Self::File(path) = self else {
            return Ok(Input { bytes: Box::new(io::stdin().lock()), len: None });
        };
        let open = || {
            let file = File::open(path)?;
            let about = file.metadata()?;
            refuse_directory(&about)?;
            Ok((file, about))
        };
        let (file, about) = open().map_err(|error| Failure::io(self.to_string(), &error))?;
        Ok(Input { bytes: Box::new(file), len: about.is_file().then_some(about.len()) })
    }

    /// Whether it can be read only once: standard input, a pipe.
    pub(crate) fn is_stream(&self) -> bool {
        match self {
            Self::Stdin => true,
            Self::File(path) => fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir()),
        }
    }

    /// The path, for what has to read here and there in the file, and the size of the file.
    ///
    /// # Errors
    /// It is standard input, or no file that can be read here and there.
    pub(crate) fn seekable(&self) -> Result<(&Path, u64), Failure> {
        let Self::File(path) = self else {
            let message = "this command reads here and there in the file: give it the name of one, not `-`";
            return Err(Failure::Usage(message.to_owned()));
        };
        let about = fs::metadata(path).and_then(|about| {
            refuse_directory(&about)?;
            Ok(about)
        });
        let about = about.map_err(|error| Failure::io(self.to_string(), &error))?;
        if !about.is_file() {
            let reason = "this command reads here and there in the file, which this kind of file does not allow";
            return Err(Failure::Io { file: self.to_string(), reason: reason.to_owned() });
        }
        Ok((path, about.len()))
    }
}

fn refuse_directory(about: &fs::Metadata) -> io::Result<()> {
    if about.is_dir() { Err(io::Error::other("is a directory")) } else { Ok(()) }
}

/// Its name, for messages: control characters are escaped.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) => {
                for character in path.to_string_lossy().chars() {
                    if character.is_control() {
                        write!(f, "{}", character.escape_default())?;
                    } else {
                        write!(f, "{character}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_standard_input() {
        assert_eq!(Source::from(OsString::from("-")), Source::Stdin);
        assert_eq!(Source::from(OsString::from("./-")), Source::File("./-".into()));
        assert!(matches!(Source::Stdin.seekable(), Err(Failure::Usage(_))));
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(Source::File("a\nb\u{1b}é".into()).to_string(), "a\\nb\\u{1b}é");
    }

    #[test]
    fn a_directory_is_no_file() {
        let here = Source::File(std::env::temp_dir());
        let Err(Failure::Io { reason, .. }) = here.open() else { panic!("a directory was opened") };
        assert_eq!(reason, "is a directory");
        assert!(here.seekable().is_err());
    }
}
