use alloc::string::String;
use core::{
    cmp::Ordering,
    hash::{Hash, Hasher},
};

use super::{Did, Format, Handle, newtype::common};

/// What names an account (Lexicon, string formats: at-identifier): a DID or a handle.
///
/// A text that starts with `did:` is a DID, any other a handle. Values are equal and in order by
/// their text.
#[derive(Clone)]
pub enum AtIdentifier {
    /// The account's DID.
    Did(Did),
    /// The account's handle, which may change.
    Handle(Handle),
}

common!(AtIdentifier, Format::AtIdentifier);

impl AtIdentifier {
    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        if is_did(text) { Did::scan(text) } else { Handle::scan(text) }
    }

    /// The text, exactly as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Did(did) => did.as_str(),
            Self::Handle(handle) => handle.as_str(),
        }
    }

    /// The text, exactly as it was given.
    #[must_use]
    pub fn into_string(self) -> String {
        match self {
            Self::Did(did) => did.into_string(),
            Self::Handle(handle) => handle.into_string(),
        }
    }

    /// Whether the text keeps the syntax. Only a value out of a lenient reader may not.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Did(did) => did.is_valid(),
            Self::Handle(handle) => handle.is_valid(),
        }
    }

    /// For decoders, which have checked the text or keep a faulty one on purpose.
    #[doc(hidden)]
    #[must_use]
    pub fn from_unchecked(text: &str) -> Self {
        if is_did(text) { Self::Did(Did::from_unchecked(text)) } else { Self::Handle(Handle::from_unchecked(text)) }
    }

    /// The DID, if it is one.
    #[must_use]
    pub fn as_did(&self) -> Option<&Did> {
        match self {
            Self::Did(did) => Some(did),
            Self::Handle(_) => None,
        }
    }

    /// The handle, if it is one.
    #[must_use]
    pub fn as_handle(&self) -> Option<&Handle> {
        match self {
            Self::Did(_) => None,
            Self::Handle(handle) => Some(handle),
        }
    }

    /// The normal form: a DID as it is, a handle in ASCII lower case.
    #[must_use]
    pub fn normalize(&self) -> Self {
        match self {
            Self::Did(did) => Self::Did(did.clone()),
            Self::Handle(handle) => Self::Handle(handle.normalize()),
        }
    }
}

fn is_did(text: &str) -> bool {
    text.starts_with("did:")
}

impl From<Did> for AtIdentifier {
    fn from(did: Did) -> Self {
        Self::Did(did)
    }
}

impl From<Handle> for AtIdentifier {
    fn from(handle: Handle) -> Self {
        Self::Handle(handle)
    }
}

impl PartialEq for AtIdentifier {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for AtIdentifier {}

impl Hash for AtIdentifier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialOrd for AtIdentifier {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AtIdentifier {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(text: &str) -> AtIdentifier {
        text.parse().expect(text)
    }

    #[test]
    fn a_text_with_the_did_prefix_is_a_did() {
        let identifier = identifier("did:web:example.com");
        assert_eq!(identifier.as_did(), Some(&Did::from_unchecked("did:web:example.com")));
        assert_eq!(identifier.as_handle(), None);
    }

    #[test]
    fn any_other_text_is_a_handle() {
        for text in ["alice.example.com", "did.example.com", "handle.invalid"] {
            let identifier = identifier(text);
            assert_eq!(identifier.as_handle(), Some(&Handle::from_unchecked(text)));
            assert_eq!(identifier.as_did(), None);
        }
    }

    #[test]
    fn a_faulty_did_is_not_tried_as_a_handle() {
        assert_eq!(AtIdentifier::scan("did:x:"), Err("an empty identifier"));
        assert_eq!(AtIdentifier::scan("did:a.b"), Err("a method that is not lower-case letters and a colon"));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "alice", "@alice.example.com", "DID:x:y", " did:x:y", "did:x:y\n", "alice.example.com "] {
            assert!(AtIdentifier::scan(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_unchecked_value_knows_whether_it_is_valid() {
        assert!(AtIdentifier::from_unchecked("did:x:y").is_valid());
        assert!(AtIdentifier::from_unchecked("a.b").is_valid());
        for text in ["", "did:", "did:x", "a"] {
            assert!(!AtIdentifier::from_unchecked(text).is_valid(), "{text:?}");
        }
        assert!(!AtIdentifier::Handle(Handle::from_unchecked("did:x:y")).is_valid());
    }

    #[test]
    fn only_a_handle_has_a_lower_case_normal_form() {
        assert_eq!(identifier("Alice.Example.COM").normalize(), "alice.example.com");
        assert_eq!(identifier("did:x:ABC").normalize(), "did:x:ABC");
    }

    #[test]
    fn dids_and_handles_convert() {
        assert_eq!(AtIdentifier::from(Did::from_unchecked("did:x:y")), identifier("did:x:y"));
        assert_eq!(AtIdentifier::from(Handle::from_unchecked("a.b")), identifier("a.b"));
    }

    #[test]
    fn the_order_is_that_of_the_texts() {
        let mut identifiers = ["x.y", "did:x:y", "a.b"].map(identifier);
        identifiers.sort();
        assert_eq!(identifiers, ["a.b", "did:x:y", "x.y"].map(identifier));
    }
}
