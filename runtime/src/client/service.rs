//! Names of other services, from what people have at hand.

use arobase_lexicon::syntax::Did;
use http::HeaderValue;

use super::ConfigError;
use crate::xrpc::{HeaderError, Labeler, Labelers, ServiceRef};

impl TryFrom<&str> for ServiceRef {
    type Error = HeaderError;

    fn try_from(text: &str) -> Result<Self, HeaderError> {
        text.parse()
    }
}

impl TryFrom<&String> for ServiceRef {
    type Error = HeaderError;

    fn try_from(text: &String) -> Result<Self, HeaderError> {
        text.parse()
    }
}

impl TryFrom<String> for ServiceRef {
    type Error = HeaderError;

    fn try_from(text: String) -> Result<Self, HeaderError> {
        text.parse()
    }
}

/// Without special wishes.
impl From<Did> for Labeler {
    fn from(did: Did) -> Self {
        Self { did, redact: false }
    }
}

/// The header that names a service.
pub(crate) fn proxy_header<S>(service: S) -> Result<HeaderValue, ConfigError>
where
    S: TryInto<ServiceRef>,
    ConfigError: From<S::Error>,
{
    header(&service.try_into()?.to_string())
}

/// The header that lists labelers.
pub(crate) fn labelers_header<L: Into<Labeler>>(
    labelers: impl IntoIterator<Item = L>,
) -> Result<HeaderValue, ConfigError> {
    let mut list = Labelers::new();
    for Labeler { did, redact } in labelers.into_iter().map(Into::into) {
        // A lenient reader lets a DID pass that would be something else in a list.
        if !did.is_valid() {
            return Err(ConfigError::new("the DID of a labeler is not valid"));
        }
        list.add(did, redact);
    }
    header(&list.to_string())
}

fn header(text: &str) -> Result<HeaderValue, ConfigError> {
    text.parse().map_err(|_| ConfigError::new("the name of a service is not visible ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_named_by_did_and_id() {
        assert_eq!(proxy_header("did:web:api.bsky.app#bsky_appview").unwrap(), "did:web:api.bsky.app#bsky_appview");
        for text in ["", "did:web:x", "did:web:x#", "did:web:x#a#b", "did:web:x#a b", "x#a"] {
            assert!(proxy_header(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn labelers_are_a_list_with_flags() {
        let plain = Labeler::from("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse::<Did>().unwrap());
        let redact = Labeler { did: "did:web:labels.example.com".parse().unwrap(), redact: true };
        let header = labelers_header([plain, redact]).unwrap();
        assert_eq!(header, "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa, did:web:labels.example.com;redact");
        assert_eq!(labelers_header::<Labeler>([]).unwrap(), "");
        assert!(labelers_header([Did::from_unchecked("x, did:web:y")]).is_err());
    }
}
