//! What is wrong with a CAR file.

use std::fmt;

/// Why a CAR file cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The offset of the header or block in the file, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a CAR file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The file ends too early.
    Truncated,
    /// A length is not a varint in its shortest form.
    Varint,
    /// The header is not the DAG-CBOR of roots and version.
    Header(&'static str),
    /// The version is not 1.
    Version,
    /// A block has no bytes at all, not even a CID.
    EmptySection,
    /// What should be a CID is none.
    Cid,
    /// The bytes of a block are not those of its CID.
    Hash,
    /// A limit is exceeded.
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The most that is accepted.
        limit: u64,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CAR file at byte {}: {}", self.offset, self.fault)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the file ends too early"),
            Self::Varint => f.write_str("a length is not a varint in its shortest form"),
            Self::Header(reason) => write!(f, "invalid header: {reason}"),
            Self::Version => f.write_str("the version is not 1"),
            Self::EmptySection => f.write_str("a block of no bytes, not even a CID"),
            Self::Cid => f.write_str("a block without a valid CID"),
            Self::Hash => f.write_str("the bytes of a block are not those of its CID"),
            Self::Limit { what, limit } => write!(f, "more than {limit} {what}"),
        }
    }
}
