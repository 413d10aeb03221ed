//! Paths of records (Repository, paths and keys).

use std::fmt;

use arobase_lexicon::syntax::{Nsid, RecordKey};

/// The path of a record: collection, slash, record key; at most 1,024 bytes. Its bytes are the key in
/// the tree.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath {
    text: Box<str>,
    slash: usize,
}

/// Why a text is no path of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    text: Box<str>,
    reason: &'static str,
}

impl RepoPath {
    /// The path of a record.
    ///
    /// # Errors
    /// A part that was read leniently and breaks its syntax, or more than 1,024 bytes.
    pub fn new(collection: &Nsid, rkey: &RecordKey) -> Result<Self, PathError> {
        format!("{collection}/{rkey}").parse()
    }

    /// The path that a key in the tree is.
    ///
    /// # Errors
    /// The key is no path.
    pub fn from_key(key: &[u8]) -> Result<Self, PathError> {
        match std::str::from_utf8(key) {
            Ok(text) => text.parse(),
            Err(_) => Err(PathError { text: key.escape_ascii().to_string().into(), reason: "not UTF-8" }),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key in the tree.
    #[must_use]
    pub fn as_key(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The collection.
    #[must_use]
    pub fn collection(&self) -> &str {
        &self.text[..self.slash]
    }

    /// The record key.
    #[must_use]
    pub fn rkey(&self) -> &str {
        &self.text[self.slash + 1..]
    }
}

impl std::str::FromStr for RepoPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let refuse = |reason| PathError { text: text.into(), reason };
        if text.len() > 1024 {
            return Err(PathError {
                text: text.chars().take(64).collect::<String>().into(),
                reason: "more than 1024 bytes",
            });
        }
        let (collection, rkey) = text.split_once('/').ok_or(refuse("no slash"))?;
        collection.parse::<Nsid>().map_err(|_| refuse("the collection is no NSID"))?;
        rkey.parse::<RecordKey>().map_err(|_| refuse("the rest is no record key"))?;
        Ok(Self { text: text.into(), slash: collection.len() })
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoPath({})", self.text)
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no path of a record: {}", self.text, self.reason)
    }
}

impl std::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_collection_and_a_record_key() {
        let path: RepoPath = "com.example.note/3jzfcijpj2z2a".parse().unwrap();
        assert_eq!((path.collection(), path.rkey()), ("com.example.note", "3jzfcijpj2z2a"));
        assert_eq!(path.as_key(), b"com.example.note/3jzfcijpj2z2a");
    }

    #[test]
    fn record_keys_may_have_colons_and_tildes() {
        for text in ["com.example.note/a:b", "com.example.note/~x_y-z.1", "com.example.note/self"] {
            assert!(text.parse::<RepoPath>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let long = format!("com.example.note/{}", "a".repeat(513));
        let texts = [
            "",
            "/",
            "com.example.note",
            "com.example.note/",
            "/a",
            "com.example.note/..",
            "com.example.note/.",
            "com.example.note/a/b",
            "note/a",
            "com.example.note/a b",
            "com.example.note/é",
            "com.example.note/a\0",
            &long,
        ];
        for text in texts {
            assert!(text.parse::<RepoPath>().is_err(), "{text}");
        }
        assert!(RepoPath::from_key(b"com.example.note/\xff").is_err());
    }
}
