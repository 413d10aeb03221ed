use std::fmt;

use data_encoding::DecodeKind;

/// Why something is no CID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CidError {
    /// More than 100 bytes, or text that cannot stand for so few.
    TooLong,
    /// It ends before its own structure does.
    Truncated,
    /// A number in it is not in the shortest form, or has more than nine bytes.
    Number,
    /// The text does not begin with the multibase letter `b`.
    Multibase,
    /// A character that lower-case base32 does not have.
    Symbol,
    /// A number of characters that base32 cannot give.
    TextLength,
    /// Bits that are set after the last whole byte of the text.
    TrailingBits,
    /// CIDv0.
    Version0,
    /// A version other than 1.
    Version(u64),
    /// A codec other than dag-cbor and raw, where only those are allowed.
    Codec(u64),
    /// A hash function other than SHA-256, where only that is allowed.
    Hash(u64),
    /// The digest has another length than announced, or one that is wrong for the hash function.
    DigestLength,
}

impl fmt::Display for CidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self {
            Self::TooLong => "a CID has at most 100 bytes",
            Self::Truncated => "the CID ends too early",
            Self::Number => "a number in the CID is not in its shortest form",
            Self::Multibase => "the text of a CID begins with `b`",
            Self::Symbol => "the text of a CID has only the letters a-z and the digits 2-7",
            Self::TextLength => "the text of the CID has an impossible length",
            Self::TrailingBits => "the text of the CID has stray bits at its end",
            Self::Version0 => "a CID of version 0 is not allowed",
            Self::Version(version) => return write!(f, "unknown CID version {version}"),
            Self::Codec(codec) => {
                return write!(f, "CID codec {codec:#x} is neither dag-cbor nor raw");
            }
            Self::Hash(hash) => return write!(f, "CID hash function {hash:#x} is not SHA-256"),
            Self::DigestLength => "the digest of the CID has the wrong length",
        };
        f.write_str(reason)
    }
}

impl std::error::Error for CidError {}

impl From<DecodeKind> for CidError {
    fn from(kind: DecodeKind) -> Self {
        match kind {
            DecodeKind::Length => Self::TextLength,
            DecodeKind::Symbol | DecodeKind::Padding => Self::Symbol,
            DecodeKind::Trailing => Self::TrailingBits,
        }
    }
}
