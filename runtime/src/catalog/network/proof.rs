//! What the PDS of an authority proves of a record.

use std::{sync::Arc, time::Duration};

use arobase_lexicon::syntax::{Did, Nsid};
use bytes::Bytes;
use http::{Method, StatusCode};

use super::{LexiconError, record::COLLECTION};
use crate::{
    client::Transport,
    data::Value,
    identity::{DidDocument, Freshness, IdentityError, Resolver, fetch::Fetch, is_https},
    repo::RepoPath,
    sync::{
        Invalid,
        verify::{RecordProof, read_record_proof},
    },
};

/// The most bytes of an answer. A record has at most one mebibyte, and the nodes above it are small.
const MAX_BYTES: u64 = 2 << 20;

/// The most redirects; the proof does not depend on who gives it.
const REDIRECTS: usize = 3;

/// The most bytes of a refusal that are looked into, and the most characters of its name.
const MAX_REFUSAL: usize = 4_096;
const MAX_NAME: usize = 64;

/// Asks the PDS of an authority.
pub(super) struct Host<'a> {
    pub(super) identities: &'a Resolver,
    pub(super) public: &'a dyn Transport,
    pub(super) timeout: Duration,
    pub(super) development: bool,
}

impl Host<'_> {
    /// The proof of what stands under an NSID, signed by the key of the authority. Where the reason of a failure may
    /// be an old DID document, that is asked for anew, once.
    pub(super) async fn prove(&self, did: &Did, nsid: &Nsid) -> Result<RecordProof, LexiconError> {
        let path = format!("{COLLECTION}/{nsid}").parse().map_err(|_| LexiconError::NotAnNsid)?;
        let document = self.document(did, Freshness::Cached).await?;
        let error = match self.attempt(&document, &path).await {
            Err(error) if may_be_outdated(&error) => error,
            result => return result,
        };
        match self.document(did, Freshness::Fresh).await {
            Ok(fresh) if differs(&document, &fresh) => self.attempt(&fresh, &path).await,
            _ => Err(error),
        }
    }

    pub(super) async fn document(&self, did: &Did, freshness: Freshness) -> Result<Arc<DidDocument>, LexiconError> {
        self.identities.document(did, freshness).await.map_err(LexiconError::Identity)
    }

    async fn attempt(&self, document: &DidDocument, path: &RepoPath) -> Result<RecordProof, LexiconError> {
        let did = document.id();
        let key = document.signing_key().ok_or(LexiconError::Identity(IdentityError::NoKey))?;
        let (collection, rkey) = (path.collection(), path.rkey());
        let query = format!("did={}&collection={collection}&rkey={rkey}", escaped(did));
        let file = self.get(document, "com.atproto.sync.getRecord", &query, "application/vnd.ipld.car").await?;
        let proof = read_record_proof(&file, did, path).map_err(invalid)?;
        proof.check_signature(&key).map_err(invalid)?;
        Ok(proof)
    }

    /// The answer of a query.
    pub(super) async fn get(
        &self,
        document: &DidDocument,
        method: &str,
        query: &str,
        accept: &'static str,
    ) -> Result<Bytes, LexiconError> {
        let pds = document.pds().ok_or(LexiconError::Identity(IdentityError::NoPds))?;
        if !self.development && !is_https(pds) {
            return Err(LexiconError::Plaintext);
        }
        let fetch = Fetch {
            method: Method::GET,
            url: &format!("{pds}/xrpc/{method}?{query}"),
            accept,
            body: Bytes::new(),
            timeout: self.timeout,
            max_bytes: MAX_BYTES,
            redirects: REDIRECTS,
            https_only: !self.development,
        };
        let answer = fetch.send(self.public).await.map_err(LexiconError::Fetch)?;
        if answer.status == StatusCode::OK { Ok(answer.body) } else { Err(refused(answer.status, &answer.body)) }
    }
}

/// A DID as the value of a query. It has no other character that means something there.
pub(super) fn escaped(did: &Did) -> String {
    did.as_str().replace('%', "%25")
}

fn invalid(error: Invalid) -> LexiconError {
    LexiconError::Proof(Arc::new(error))
}

fn refused(status: StatusCode, body: &[u8]) -> LexiconError {
    let body = if body.len() > MAX_REFUSAL { None } else { Value::from_json(body).ok() };
    let error = body.as_ref().and_then(|body| body.get("error")?.as_str()).filter(|name| is_name(name));
    LexiconError::Refused { status: status.as_u16(), error: error.map(Box::from) }
}

fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the key or the PDS may be others by now.
fn may_be_outdated(error: &LexiconError) -> bool {
    match error {
        LexiconError::Proof(invalid) => matches!(**invalid, Invalid::Signature),
        LexiconError::Identity(error) => matches!(error, IdentityError::NoKey | IdentityError::NoPds),
        LexiconError::Fetch(_) | LexiconError::Refused { .. } => true,
        _ => false,
    }
}

fn differs(old: &DidDocument, new: &DidDocument) -> bool {
    old.signing_key() != new.signing_key() || old.pds() != new.pds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_with_a_port_is_escaped_once_more() {
        let did: Did = "did:web:localhost%3A8443".parse().unwrap();
        assert_eq!(escaped(&did), "did:web:localhost%253A8443");
    }

    #[test]
    fn the_name_of_an_error_is_letters_and_digits_of_no_great_number() {
        let name = |body: &str| match refused(StatusCode::BAD_REQUEST, body.as_bytes()) {
            LexiconError::Refused { status: 400, error } => error,
            error => panic!("{error}"),
        };
        assert_eq!(name(r#"{ "error": "RepoNotFound" }"#).as_deref(), Some("RepoNotFound"));
        let long = format!(r#"{{ "error": "{}" }}"#, "a".repeat(65));
        for body in ["", "no", r#"{ "error": 5 }"#, r#"{ "error": "two words" }"#, &long] {
            assert_eq!(name(body), None, "{body}");
        }
    }
}
