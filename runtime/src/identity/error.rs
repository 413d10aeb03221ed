//! Why an identity is not known.

use std::fmt;

use arobase_lexicon::syntax::DidMethodError;

use super::{document::DocumentError, fetch::FetchError, handle::HandleError};

/// Why an identity is not known. Cheap to clone: all who waited for one look-up get the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum IdentityError {
    /// The method of the DID is not supported, or the DID breaks its rules. Nothing was asked.
    Did(DidMethodError),
    /// The DID is not registered.
    NotFound,
    /// The DID was given up by its owner.
    Tombstoned,
    /// Nobody could say: another attempt may. It is never taken for [`IdentityError::NotFound`].
    Fetch(FetchError),
    /// The server answered with this status, which says neither that the DID exists nor that it does not.
    Status(u16),
    /// What came is no document of this DID.
    Document(DocumentError),
    /// The document has no signing key that can be used.
    NoKey,
    /// The document has no PDS that can be used.
    NoPds,
    /// The handle leads to no DID.
    Handle(HandleError),
}

impl IdentityError {
    /// Whether the answer is certain: another attempt gives the same until somebody changes something. Only such an
    /// answer may be remembered as one.
    ///
    /// Certain are [`Did`](Self::Did), [`NotFound`](Self::NotFound), [`Tombstoned`](Self::Tombstoned), and
    /// [`NoKey`](Self::NoKey) and [`NoPds`](Self::NoPds), which a document that was read says by what it lacks;
    /// [`Handle`](Self::Handle) where [`HandleError::is_permanent`] says so. [`Document`](Self::Document) is not: a
    /// server in trouble answers with pages that are no documents too.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Did(_) | Self::NotFound | Self::Tombstoned | Self::NoKey | Self::NoPds => true,
            Self::Fetch(_) | Self::Status(_) | Self::Document(_) => false,
            Self::Handle(error) => error.is_permanent(),
        }
    }
}

impl From<DidMethodError> for IdentityError {
    fn from(error: DidMethodError) -> Self {
        Self::Did(error)
    }
}

impl From<DocumentError> for IdentityError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

impl From<FetchError> for IdentityError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<HandleError> for IdentityError {
    fn from(error: HandleError) -> Self {
        Self::Handle(error)
    }
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Did(error) => error.fmt(f),
            Self::NotFound => f.write_str("the DID is not registered"),
            Self::Tombstoned => f.write_str("the DID was given up"),
            Self::Fetch(error) => write!(f, "the DID could not be resolved: {error}"),
            Self::Status(status) => write!(f, "the DID could not be resolved: status {status}"),
            Self::Document(error) => write!(f, "the DID could not be resolved: {error}"),
            Self::NoKey => f.write_str("the DID document has no signing key that can be used"),
            Self::NoPds => f.write_str("the DID document has no PDS that can be used"),
            Self::Handle(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IdentityError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Fetch(error) => error.source(),
            Self::Handle(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, sync::Arc};

    use super::*;
    use crate::client::TransportError;

    fn broken() -> FetchError {
        FetchError::Transport(Arc::new(TransportError::new("no connection").with_source("the line is dead")))
    }

    #[test]
    fn only_what_is_certain_is_permanent() {
        let certain = [
            IdentityError::Did(DidMethodError::BadPlc),
            IdentityError::NotFound,
            IdentityError::Tombstoned,
            IdentityError::NoKey,
            IdentityError::NoPds,
            IdentityError::Handle(HandleError::Reserved),
        ];
        assert!(certain.iter().all(IdentityError::is_permanent), "{certain:?}");
        let passing = [
            IdentityError::Fetch(FetchError::Timeout),
            IdentityError::Fetch(broken()),
            IdentityError::Status(500),
            IdentityError::Document(DocumentError::TooLarge),
            IdentityError::Document(DocumentError::Id { found: "did:web:other.example.com".into() }),
            IdentityError::Handle(HandleError::Failed { dns: None, http: Some(broken()) }),
        ];
        assert!(!passing.iter().any(IdentityError::is_permanent), "{passing:?}");
    }

    #[test]
    fn every_error_says_what_happened() {
        let found = "did:web:other.example.com\n".into();
        let texts = [
            (IdentityError::Did(DidMethodError::Unsupported), "a DID method that is not supported"),
            (IdentityError::NotFound, "the DID is not registered"),
            (IdentityError::Tombstoned, "the DID was given up"),
            (IdentityError::Fetch(broken()), "the DID could not be resolved: no connection"),
            (IdentityError::Status(500), "the DID could not be resolved: status 500"),
            (
                IdentityError::Document(DocumentError::Id { found }),
                r#"the DID could not be resolved: the document of another DID, "did:web:other.example.com\n""#,
            ),
            (
                IdentityError::Document(DocumentError::Malformed("`id` is no text".into())),
                "the DID could not be resolved: no DID document: `id` is no text",
            ),
            (
                IdentityError::Document(DocumentError::TooLarge),
                "the DID could not be resolved: a DID document that is too large",
            ),
            (IdentityError::NoKey, "the DID document has no signing key that can be used"),
            (IdentityError::NoPds, "the DID document has no PDS that can be used"),
        ];
        for (error, text) in texts {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn what_is_behind_an_error_is_its_source() {
        let error = IdentityError::from(broken());
        assert_eq!(error.source().unwrap().to_string(), "the line is dead");
        assert!(error.clone().source().is_some());
        assert!(IdentityError::NotFound.source().is_none());
    }
}
