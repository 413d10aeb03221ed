use std::{fmt, ops::Deref};

/// A byte string (Lexicon, `bytes`). In JSON it is `{"$bytes": "<base64>"}`.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// The bytes as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

/// Shows the length and the first eight bytes.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        write!(f, "Bytes({}", self.len())?;
        if !self.is_empty() {
            f.write_str(": ")?;
        }
        self.iter().take(SHOWN).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(if self.len() > SHOWN { "..)" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_and_the_beginning() {
        assert_eq!(format!("{:?}", Bytes::default()), "Bytes(0)");
        assert_eq!(format!("{:?}", Bytes::from(vec![0, 255])), "Bytes(2: 00ff)");
        let long = Bytes::from(vec![1; 9]);
        assert_eq!(format!("{long:?}"), "Bytes(9: 0101010101010101..)");
    }
}
