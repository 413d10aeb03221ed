//! What can be wrong with operations.

use std::fmt;

use crate::data::CidError;

/// Why something is no valid operation, or no state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationError {
    /// No JSON, or no DAG-CBOR of the data model: the reason, and where.
    Syntax(Box<str>),
    /// A key stands twice in one map: its place.
    Repeated(Box<str>),
    /// Not of any form of operation: the place, and what is wrong there.
    Field(Box<str>, &'static str),
    /// More input than any operation needs. It was not looked at.
    InputTooLarge {
        /// Its bytes.
        bytes: usize,
        /// What is allowed.
        max: usize,
    },
    /// More bytes than an operation may have.
    TooLarge {
        /// Its DAG-CBOR.
        bytes: usize,
        /// What is allowed.
        max: usize,
    },
    /// `prev` is no CID of DAG-CBOR in text.
    Prev(CidError),
    /// `sig` is not base64url, or has padding, or stray bits at its end.
    SignatureEncoding,
    /// `sig` has another number of bytes than 64, as a signature in DER has.
    SignatureLength(usize),
    /// `sig` has a number that is zero, or one that no signature of either curve reaches.
    SignatureRange,
    /// `sig` has an `s` in the upper half, whichever of the curves it is of.
    SignatureHighS,
    /// The old form of a genesis, which nobody makes any more.
    Legacy,
    /// A rule for new operations is broken: the place, and the rule.
    Limit(Box<str>, &'static str),
}

/// The longest name in a message, in characters.
const LONGEST: usize = 64;

/// Names that strangers chose, so that they cannot fill a message or change what it looks like.
pub(super) fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for OperationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "the operation cannot be read: {reason}"),
            Self::Repeated(place) => write!(f, "{place} stands twice"),
            Self::Field(place, reason) | Self::Limit(place, reason) => write!(f, "{place}: {reason}"),
            Self::InputTooLarge { bytes, max } => write!(f, "{bytes} bytes of input, at most {max} are looked at"),
            Self::TooLarge { bytes, max } => write!(f, "an operation of {bytes} bytes, at most {max} are allowed"),
            Self::Prev(error) => write!(f, "prev: {error}"),
            Self::SignatureEncoding => f.write_str("sig: not base64url without padding and stray bits"),
            Self::SignatureLength(bytes) => write!(f, "sig: {bytes} bytes, not 64"),
            Self::SignatureRange => f.write_str("sig: a number that no signature has"),
            Self::SignatureHighS => f.write_str("sig: s is in the upper half"),
            Self::Legacy => f.write_str("the old form of a genesis is not made any more"),
        }
    }
}

impl std::error::Error for OperationError {}
