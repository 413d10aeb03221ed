//! Documents to JSON.

use arobase_lexicon::json::Json;

use super::{DidDocument, Service, VerificationMethod};
use crate::crypto::Curve;

const DID: &str = "https://www.w3.org/ns/did/v1";
const MULTIKEY: &str = "https://w3id.org/security/multikey/v1";
const P256: &str = "https://w3id.org/security/suites/ecdsa-2019/v1";
const K256: &str = "https://w3id.org/security/suites/secp256k1-2019/v1";

impl DidDocument {
    /// The document as the PLC directory renders it (Identity, did:plc), and as a host of did:web should, with the
    /// content type `application/did+ld+json`: contexts of the curves in the order of their first use, ids of keys
    /// with the DID, ids of services without, both as they are in the document. Reading it gives the same document,
    /// as long as it keeps the bounds of [`DidDocument::from_json`].
    ///
    /// ```
    /// use arobase_runtime::identity::DidDocument;
    ///
    /// let document = DidDocument::new("did:web:example.com".parse()?)
    ///     .with_also_known_as("at://example.com")
    ///     .with_key("atproto", "did:key:zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5")
    ///     .with_service("atproto_pds", "AtprotoPersonalDataServer", "https://pds.example.com");
    /// assert_eq!(DidDocument::from_json(document.id(), &document.to_json())?, document);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let names = self.also_known_as.iter().map(|name| string(name)).collect();
        let methods = self.verification_methods.iter().map(verification_method).collect();
        let services = self.services.iter().map(service).collect();
        let document = object([
            ("@context", Json::Array(self.contexts())),
            ("id", string(self.id.as_str())),
            ("alsoKnownAs", Json::Array(names)),
            ("verificationMethod", Json::Array(methods)),
            ("service", Json::Array(services)),
        ]);
        document.to_string().into_bytes()
    }

    fn contexts(&self) -> Vec<Json> {
        let mut contexts = vec![DID, MULTIKEY];
        for key in self.verification_methods.iter().filter_map(VerificationMethod::public_key) {
            let context = match key.curve() {
                Curve::K256 => K256,
                Curve::P256 => P256,
            };
            if !contexts.contains(&context) {
                contexts.push(context);
            }
        }
        contexts.into_iter().map(string).collect()
    }
}

fn verification_method(method: &VerificationMethod) -> Json {
    let key = method.public_key_multibase.as_deref().map(|key| ("publicKeyMultibase", string(key)));
    let head = [("id", string(&method.id)), ("type", string(&method.kind)), ("controller", string(&method.controller))];
    object(head.into_iter().chain(key))
}

fn service(service: &Service) -> Json {
    let endpoint = service.endpoint.as_deref().map(|endpoint| ("serviceEndpoint", string(endpoint)));
    object([("id", string(&service.id)), ("type", string(&service.kind))].into_iter().chain(endpoint))
}

fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Json)>) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn string(text: &str) -> Json {
    Json::from(text)
}
