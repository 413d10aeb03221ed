use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use arobase_lexicon::load::{LoadError, LoadErrors};

/// Why lexicons could not be loaded: the mistakes of all of them, 1,000 at most.
#[derive(Debug)]
pub struct CatalogError {
    mistakes: Vec<Mistake>,
}

/// One thing that is wrong with the lexicons of a catalog.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mistake {
    /// The file, where it came from one.
    pub file: Option<PathBuf>,
    /// What is wrong.
    pub kind: MistakeKind,
}

/// What can be wrong with the lexicons of a catalog.
#[derive(Debug)]
#[non_exhaustive]
pub enum MistakeKind {
    /// A document breaks a rule of the Lexicon language; says where and which.
    Lexicon(LoadError),
    /// There are two documents of this NSID.
    Duplicate(String),
    /// There are two documents whose NSIDs differ only in upper and lower case.
    SameButCase(String, String),
    /// The union at `place` has a member that is neither an object nor a record.
    UnionMember {
        /// The place of the union.
        place: String,
        /// The type of the member.
        member: String,
    },
    /// A file could not be read.
    Unreadable(io::Error),
    /// A file is larger than a lexicon can be.
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
}

/// How many mistakes an error lists.
const MANY: usize = 1_000;

impl CatalogError {
    /// The mistakes, in the order of the files; at least one.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// Collects mistakes.
#[derive(Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(&mut self, file: Option<&Path>, kind: MistakeKind) {
        if self.0.len() < MANY {
            self.0.push(Mistake { file: file.map(Path::to_owned), kind });
        }
    }

    pub(super) fn add_all(&mut self, file: Option<&Path>, errors: LoadErrors) {
        errors.into_iter().for_each(|error| self.add(file, MistakeKind::Lexicon(error)));
    }

    /// The value, if there was no mistake.
    pub(super) fn or<T>(self, value: T) -> Result<T, CatalogError> {
        if self.0.is_empty() { Ok(value) } else { Err(CatalogError { mistakes: self.0 }) }
    }
}

/// One line for each mistake.
impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            write!(f, "{line_end}{mistake}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}: {}", file.display(), self.kind),
            None => self.kind.fmt(f),
        }
    }
}

impl fmt::Display for MistakeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lexicon(error) => error.fmt(f),
            Self::Duplicate(nsid) => write!(f, "{nsid} is there twice"),
            Self::SameButCase(nsid, other) => write!(f, "{nsid} and {other} differ only in case"),
            Self::UnionMember { place, member } => {
                write!(f, "{member} is neither an object nor a record, and cannot be a member of the union {place}")
            }
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::TooLarge { limit } => write!(f, "has more than {limit} bytes"),
        }
    }
}

impl Error for CatalogError {}
