//! Identities out of a PLC directory.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Mutex, PoisonError},
};

use arobase::{
    crypto::{Curve, PublicKey},
    data::{Map, Value},
    repo::SourceError,
    sync::{Directory, Identity},
    syntax::Did,
    xrpc::BoxFuture,
};

/// The most bytes of a DID document.
const MAX_DOCUMENT: usize = 512 << 10;

/// A PLC directory. Accounts of other methods are unknown to it.
pub(crate) struct Plc {
    http: reqwest::Client,
    url: String,
    known: Mutex<HashMap<Did, Identity>>,
}

impl Plc {
    pub(crate) fn new(url: &str) -> Result<Self, Box<dyn Error>> {
        // reqwest is built without a provider of its own.
        rustls::crypto::ring::default_provider().install_default().map_err(|_| "a second TLS provider")?;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned(), known: Mutex::default() })
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Did, Identity>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, did: &Did) -> Result<Option<Identity>, SourceError> {
        let mut answer = self.http.get(format!("{}/{did}", self.url)).send().await?;
        if matches!(answer.status().as_u16(), 404 | 410) {
            return Ok(None);
        }
        let mut document = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            document.extend_from_slice(&piece);
            if document.len() > MAX_DOCUMENT {
                return Err("a DID document of more than 512 KiB".into());
            }
        }
        let document = Value::from_json(&document)?;
        Ok(document
            .get("id")
            .and_then(Value::as_str)
            .filter(|id| *id == did.as_str())
            .and_then(|_| identity(&document)))
    }
}

impl Directory for Plc {
    fn resolve<'a>(&'a self, did: &'a Did, fresh: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>> {
        Box::pin(async move {
            let known = self.known().get(did).cloned().filter(|_| !fresh);
            if known.is_some() || !did.as_str().starts_with("did:plc:") {
                return Ok(known);
            }
            let found = self.ask(did).await?;
            if let Some(identity) = &found {
                self.known().insert(did.clone(), identity.clone());
            }
            Ok(found)
        })
    }

    fn forget(&self, did: &Did) {
        self.known().remove(did);
    }
}

/// The host of a URL, with its port.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split('/').next().filter(|host| !host.is_empty())
}

/// What a document says of the repository.
fn identity(document: &Value) -> Option<Identity> {
    let key = items(document, "verificationMethod").find_map(key)?;
    let service = items(document, "service").find(|service| is(service, "#atproto_pds"))?;
    Some(Identity { key, host: host(service.get("serviceEndpoint")?.as_str()?)?.into() })
}

fn items<'a>(document: &'a Value, list: &str) -> impl Iterator<Item = &'a Map> {
    document.get(list).and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_map)
}

fn is(item: &Map, fragment: &str) -> bool {
    item.get("id").and_then(Value::as_str).is_some_and(|id| id.ends_with(fragment))
}

fn key(method: &Map) -> Option<PublicKey> {
    let text = method.get("publicKeyMultibase")?.as_str()?;
    match method.get("type")?.as_str()? {
        _ if !is(method, "#atproto") => None,
        "Multikey" => PublicKey::from_multikey(text).ok(),
        "EcdsaSecp256k1VerificationKey2019" => PublicKey::from_legacy_multibase(Curve::K256, text).ok(),
        "EcdsaSecp256r1VerificationKey2019" => PublicKey::from_legacy_multibase(Curve::P256, text).ok(),
        _ => None,
    }
}
