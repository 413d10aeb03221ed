//! The client of a directory.

mod change;
mod error;
mod export;
mod message;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use arobase_lexicon::syntax::{Did, DidMethod, DidMethodError};
use bytes::Bytes;
use http::{Method, StatusCode};

use super::{Log, Operation, PlcData, audit::audit_in_turns, parse_audit_log};
use crate::{
    client::{Base, ConfigError, Transport},
    identity::{
        DidDocument, IdentityError,
        fetch::{Fetch, FetchError, Fetched},
    },
};
pub use error::PlcError;
pub use export::SequencedOperation;
use message::message;

const DOCUMENT: &str = "application/did+ld+json, application/json";
const JSON: &str = "application/json";
const LINES: &str = "application/jsonlines, application/json";

/// The most bytes of what is about one operation: a document, a state, an operation.
const ONE: u64 = 128 * 1024;
/// The most bytes of a log. A directory takes at most 100 operations of a DID in a week, besides recoveries.
const LOG: u64 = 16 * 1024 * 1024;
/// The most operations of a page.
const PAGE: usize = 1_000;
/// The most bytes of a line of an export, of which most have about a thousand.
const LINE: u64 = 32 * 1024;

/// A PLC directory over HTTP (PLC, directory HTTP API). Cheap to clone.
#[derive(Clone)]
pub struct PlcClient {
    transport: Arc<dyn Transport>,
    base: Base,
    timeout: Duration,
}

impl PlcClient {
    /// A directory at an address, such as `https://plc.directory`.
    ///
    /// # Errors
    /// Anything but an `http` or `https` URL of host and perhaps path.
    pub fn new(url: &str, transport: Arc<dyn Transport>) -> Result<Self, ConfigError> {
        Ok(Self { transport, base: Base::parse(url)?, timeout: Duration::from_secs(10) })
    }

    /// How long one request may take, from connecting to the last byte of the answer. Default: 10 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The document of a DID.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub async fn document(&self, did: &Did) -> Result<DidDocument, IdentityError> {
        match did.check_method() {
            Ok(DidMethod::Plc) => {}
            Ok(_) => return Err(IdentityError::Did(DidMethodError::Unsupported)),
            Err(error) => return Err(IdentityError::Did(error)),
        }
        let answer = self.fetch(&format!("/{did}"), DOCUMENT, ONE).await.map_err(IdentityError::Fetch)?;
        match answer.status {
            StatusCode::OK => DidDocument::from_json(did, &answer.body).map_err(IdentityError::Document),
            StatusCode::NOT_FOUND => Err(IdentityError::NotFound),
            StatusCode::GONE => Err(IdentityError::Tombstoned),
            status => Err(IdentityError::Status(status.as_u16())),
        }
    }

    /// The state of a DID, as the directory tells it.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn data(&self, did: &Did) -> Result<PlcData, PlcError> {
        let body = self.get(did, "/data", ONE).await?;
        Ok(PlcData::from_json(did, &body)?)
    }

    /// The whole log of a DID, checked: nothing that the directory says of an operation is believed but its time.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn log(&self, did: &Did) -> Result<Log, PlcError> {
        let body = self.get(did, "/log/audit", LOG).await?;
        Ok(audit_in_turns(did, &parse_audit_log(&body)?).await?)
    }

    /// The last operation of a DID, as the directory tells it.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn last(&self, did: &Did) -> Result<Operation, PlcError> {
        let body = self.get(did, "/log/last", ONE).await?;
        Ok(Operation::from_json(&body)?)
    }

    /// Submits an operation.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn submit(&self, did: &Did, operation: &Operation) -> Result<(), PlcError> {
        let path = path(did, "")?;
        let url = self.url(&path);
        let fetch =
            Fetch { method: Method::POST, body: Bytes::from(operation.to_json()), ..self.request(&url, JSON, ONE) };
        accepted(fetch.send(&*self.transport).await?).map(drop)
    }

    /// Up to `count` operations of all DIDs behind a number, in order; 0 begins at the beginning. A page has 1 to 1,000;
    /// a `count` outside of that is taken for the nearest. Fewer than `count` say nothing about whether more follow, an
    /// empty page does.
    ///
    /// # Errors
    /// See [`PlcError`].
    pub async fn export(&self, after: u64, count: usize) -> Result<Vec<SequencedOperation>, PlcError> {
        let count = count.clamp(1, PAGE);
        let most = LINE.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
        let answer = self.fetch(&format!("/export?after={after}&count={count}"), LINES, most).await?;
        export::page(&accepted(answer)?, after, count)
    }

    async fn get(&self, did: &Did, what: &str, max_bytes: u64) -> Result<Bytes, PlcError> {
        accepted(self.fetch(&path(did, what)?, JSON, max_bytes).await?)
    }

    async fn fetch(&self, path: &str, accept: &'static str, max_bytes: u64) -> Result<Fetched, FetchError> {
        self.request(&self.url(path), accept, max_bytes).send(&*self.transport).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.as_str())
    }

    /// What all requests have in common. Redirects are not followed; without TLS goes only what was asked for like that.
    fn request<'a>(&self, url: &'a str, accept: &'static str, max_bytes: u64) -> Fetch<'a> {
        Fetch {
            method: Method::GET,
            url,
            accept,
            body: Bytes::new(),
            timeout: self.timeout,
            max_bytes,
            redirects: 0,
            https_only: false,
        }
    }
}

/// The path of a DID, whose colons stand as they are.
fn path(did: &Did, what: &str) -> Result<String, PlcError> {
    match did.check_method() {
        Ok(DidMethod::Plc) => Ok(format!("/{did}{what}")),
        _ => Err(PlcError::Did),
    }
}

/// The body of an answer, unless the directory refused.
fn accepted(answer: Fetched) -> Result<Bytes, PlcError> {
    match answer.status {
        status if status.is_success() => Ok(answer.body),
        StatusCode::NOT_FOUND => Err(PlcError::NotFound),
        StatusCode::GONE => Err(PlcError::Tombstoned),
        StatusCode::CONFLICT => Err(PlcError::Conflict(message(&answer.body))),
        status => Err(PlcError::Refused(status.as_u16(), message(&answer.body))),
    }
}

impl fmt::Debug for PlcClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlcClient")
            .field("url", &self.base.as_str())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
