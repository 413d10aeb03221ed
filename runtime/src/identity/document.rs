//! DID documents (Identity, DID documents), of the old style and the new one.

mod endpoint;
mod error;
mod read;
mod render;
#[cfg(test)]
mod tests;

use arobase_lexicon::syntax::{Did, Handle};

pub(crate) use self::endpoint::is_https;
pub use self::error::DocumentError;
use crate::crypto::{Curve, PublicKey};

/// What a DID document says, as far as the protocol reads it. Everything else in it is passed over.
///
/// ```
/// use arobase_runtime::identity::DidDocument;
///
/// let did = "did:web:example.com".parse()?;
/// let json = br##"{
///     "@context": ["https://www.w3.org/ns/did/v1"],
///     "id": "did:web:example.com",
///     "alsoKnownAs": ["https://example.com", "at://alice.example.com"],
///     "verificationMethod": [{
///         "id": "#atproto",
///         "type": "Multikey",
///         "controller": "did:web:example.com",
///         "publicKeyMultibase": "zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5"
///     }],
///     "service": [{
///         "id": "#atproto_pds",
///         "type": "AtprotoPersonalDataServer",
///         "serviceEndpoint": "https://pds.example.com/"
///     }]
/// }"##;
/// let document = DidDocument::from_json(&did, json)?;
/// assert_eq!(document.handle().unwrap(), "alice.example.com");
/// assert_eq!(document.pds(), Some("https://pds.example.com"));
/// assert!(document.signing_key().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidDocument {
    id: Did,
    also_known_as: Vec<Box<str>>,
    verification_methods: Vec<VerificationMethod>,
    services: Vec<Service>,
}

/// A key in a DID document, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationMethod {
    /// Its id: `#name` or the DID, `#` and the name.
    pub id: Box<str>,
    /// Its type, such as `Multikey`.
    pub kind: Box<str>,
    /// The DID that controls it.
    pub controller: Box<str>,
    /// `publicKeyMultibase`, where it has one.
    pub public_key_multibase: Option<Box<str>>,
}

/// A service in a DID document, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id: `#name` or the DID, `#` and the name.
    pub id: Box<str>,
    /// Its type, such as `AtprotoPersonalDataServer`.
    pub kind: Box<str>,
    /// Its endpoint; `None` where that is no text.
    pub endpoint: Option<Box<str>>,
}

impl DidDocument {
    /// A document without keys and services.
    #[must_use]
    pub fn new(id: Did) -> Self {
        Self { id, also_known_as: Vec::new(), verification_methods: Vec::new(), services: Vec::new() }
    }

    /// The DID.
    #[must_use]
    pub fn id(&self) -> &Did {
        &self.id
    }

    /// Its other names, as they were written.
    #[must_use]
    pub fn also_known_as(&self) -> &[Box<str>] {
        &self.also_known_as
    }

    /// Its keys, as they were written.
    #[must_use]
    pub fn verification_methods(&self) -> &[VerificationMethod] {
        &self.verification_methods
    }

    /// Its services, as they were written.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The handle that it claims, in lower case: the first name that is `at://` and a handle and nothing else. It
    /// proves nothing before the handle leads back to the DID.
    #[must_use]
    pub fn handle(&self) -> Option<Handle> {
        let handles = self.also_known_as.iter().filter_map(|name| name.strip_prefix("at://")?.parse::<Handle>().ok());
        handles.map(|handle| handle.normalize()).next()
    }

    /// The key of a name without `#`: the first valid entry of that name. Valid is an entry that the DID controls
    /// itself and that has a key which can be read, see [`VerificationMethod::public_key`].
    ///
    /// The protocol has the names `atproto` (repositories and service tokens, [`DidDocument::signing_key`]) and
    /// `atproto_label` (labels).
    #[must_use]
    pub fn key(&self, name: &str) -> Option<PublicKey> {
        let mut methods = self.verification_methods.iter();
        methods.find_map(|method| {
            let is_named = self.is_named(&method.id, name) && *method.controller == *self.id.as_str();
            if is_named { method.public_key() } else { None }
        })
    }

    /// The key that signs the repository, `#atproto`.
    #[must_use]
    pub fn signing_key(&self) -> Option<PublicKey> {
        self.key("atproto")
    }

    /// The endpoint of the first service of this name (without `#`) and type: scheme, host and perhaps port, without
    /// a slash at its end. The scheme may be `http`, which only development should accept. `None` also if the endpoint
    /// is anything else; a later service is not looked for then.
    ///
    /// | service | name | type |
    /// |---|---|---|
    /// | PDS ([`DidDocument::pds`]) | `atproto_pds` | `AtprotoPersonalDataServer` |
    /// | labeler | `atproto_labeler` | `AtprotoLabeler` |
    /// | feed generator | `bsky_fg` | `BskyFeedGenerator` |
    /// | notifications | `bsky_notif` | `BskyNotificationService` |
    #[must_use]
    pub fn service(&self, name: &str, kind: &str) -> Option<&str> {
        self.endpoint(|service| self.is_named(&service.id, name) && *service.kind == *kind)
    }

    /// The endpoint of the first service of this name (without `#`), whatever its type, as [`DidDocument::service`]
    /// gives it: the service that the header `atproto-proxy` refers to.
    #[must_use]
    pub fn service_named(&self, name: &str) -> Option<&str> {
        self.endpoint(|service| self.is_named(&service.id, name))
    }

    /// The endpoint of its PDS.
    #[must_use]
    pub fn pds(&self) -> Option<&str> {
        self.service("atproto_pds", "AtprotoPersonalDataServer")
    }

    /// Adds another name.
    #[must_use]
    pub fn with_also_known_as(mut self, name: impl Into<Box<str>>) -> Self {
        self.also_known_as.push(name.into());
        self
    }

    /// Adds a key under a name without `#`, as a `Multikey`. The key is a `did:key` or what follows it.
    #[must_use]
    pub fn with_key(mut self, name: &str, key: &str) -> Self {
        self.verification_methods.push(VerificationMethod {
            id: format!("{}#{name}", self.id).into(),
            kind: "Multikey".into(),
            controller: self.id.as_str().into(),
            public_key_multibase: Some(key.strip_prefix("did:key:").unwrap_or(key).into()),
        });
        self
    }

    /// Adds a service under a name without `#`.
    #[must_use]
    pub fn with_service(mut self, name: &str, kind: &str, endpoint: &str) -> Self {
        let id = format!("#{name}").into();
        self.services.push(Service { id, kind: kind.into(), endpoint: Some(endpoint.into()) });
        self
    }

    /// Whether an id is a name, relative to the DID or with it. An id with another DID is not.
    fn is_named(&self, id: &str, name: &str) -> bool {
        let fragment = id.strip_prefix(self.id.as_str()).unwrap_or(id);
        fragment.strip_prefix('#') == Some(name)
    }

    fn endpoint(&self, is_wanted: impl Fn(&Service) -> bool) -> Option<&str> {
        let service = self.services.iter().find(|service| is_wanted(service))?;
        endpoint::origin(service.endpoint.as_deref()?)
    }
}

impl VerificationMethod {
    /// The key, if its type and `publicKeyMultibase` are of one of the forms of the protocol: a `Multikey`, or a point
    /// of the old types `EcdsaSecp256k1VerificationKey2019` and `EcdsaSecp256r1VerificationKey2019`. A key that has
    /// `publicKeyJwk` only is not read.
    #[must_use]
    pub fn public_key(&self) -> Option<PublicKey> {
        let text = self.public_key_multibase.as_deref()?;
        let key = match &*self.kind {
            "Multikey" => PublicKey::from_multikey(text),
            "EcdsaSecp256k1VerificationKey2019" => PublicKey::from_legacy_multibase(Curve::K256, text),
            "EcdsaSecp256r1VerificationKey2019" => PublicKey::from_legacy_multibase(Curve::P256, text),
            _ => return None,
        };
        key.ok()
    }
}
