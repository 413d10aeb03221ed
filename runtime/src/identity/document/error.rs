use std::fmt;

/// Why something is no document of a DID.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// No JSON object, or one whose parts are of the wrong types: the place.
    Malformed(Box<str>),
    /// More bytes than a document may have, or more entries, or a deeper nesting.
    TooLarge,
    /// The document is of another DID.
    Id {
        /// What was found in its place, cut to 256 characters.
        found: Box<str>,
    },
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(place) => write!(f, "no DID document: {place}"),
            Self::TooLarge => f.write_str("a DID document that is too large"),
            Self::Id { found } => write!(f, "the document of another DID, {found:?}"),
        }
    }
}

impl std::error::Error for DocumentError {}
