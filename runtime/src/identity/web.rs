//! did:web: the document is at a well-known place of the host (Identity, did:web).

#[cfg(all(test, feature = "dns"))]
mod server_tests;
#[cfg(test)]
mod tests;

use std::time::Duration;

use arobase_lexicon::syntax::{Did, DidMethod, DidMethodError, Handle};
use bytes::Bytes;
use http::Method;

use super::{
    DidDocument, IdentityError,
    fetch::{Fetch, FetchError, Fetched},
};
use crate::client::Transport;

const ACCEPT: &str = "application/did+ld+json, application/json";

/// Gets the document of a did:web. `development` lets `localhost`, then by http and with any port, and hosts under
/// `.test`, still by https, pass.
///
/// # Errors
/// See [`IdentityError`]: 404, 410 and a host that does not exist are [`IdentityError::NotFound`], everything else is
/// not known.
pub(super) async fn resolve(
    did: &Did,
    transport: &dyn Transport,
    timeout: Duration,
    development: bool,
) -> Result<DidDocument, IdentityError> {
    let url = url(did, development)?;
    let fetch = Fetch {
        method: Method::GET,
        url: &url,
        accept: ACCEPT,
        body: Bytes::new(),
        timeout,
        max_bytes: DidDocument::MAX_BYTES as u64,
        redirects: 0,
        https_only: !development,
    };
    match fetch.send(transport).await {
        Ok(answer) => document(did, &answer),
        Err(FetchError::NoSuchHost) => Err(IdentityError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// Where the document is. A host is written in lower case, so that a DID has one spelling.
fn url(did: &Did, development: bool) -> Result<String, IdentityError> {
    let DidMethod::Web { host, port } = did.check_method()? else {
        return Err(DidMethodError::Unsupported.into());
    };
    let is_local = host == "localhost";
    let is_test = host.parse::<Handle>().is_ok_and(|host| host.has_test_tld());
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) || ((is_local || is_test) && !development) {
        return Err(DidMethodError::BadWeb.into());
    }
    let scheme = if is_local { "http" } else { "https" };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("{scheme}://{host}{port}/.well-known/did.json"))
}

fn document(did: &Did, answer: &Fetched) -> Result<DidDocument, IdentityError> {
    match answer.status.as_u16() {
        200 => Ok(DidDocument::from_json(did, &answer.body)?),
        404 | 410 => Err(IdentityError::NotFound),
        status => Err(IdentityError::Status(status)),
    }
}
