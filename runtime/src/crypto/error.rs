//! What can be wrong with keys and signing.

use std::fmt;

/// Why a text or bytes are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not a `did:key`, or not a multikey of base58.
    Encoding,
    /// Of a curve other than K-256 and P-256.
    Curve,
    /// Of the wrong length.
    Length,
    /// Not a point of the curve, or not a scalar in its range.
    Value,
}

/// Why a key did not sign. It says nothing about the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignError(Box<str>);

impl SignError {
    /// The error with a reason, which must not hold secrets.
    #[must_use]
    pub fn new(reason: impl Into<Box<str>>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encoding => "not a multikey in base58",
            Self::Curve => "a key of another curve than K-256 and P-256",
            Self::Length => "a key of the wrong length",
            Self::Value => "not a point of the curve or not a scalar in its range",
        })
    }
}

impl std::error::Error for KeyError {}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing failed: {}", self.0)
    }
}

impl std::error::Error for SignError {}
