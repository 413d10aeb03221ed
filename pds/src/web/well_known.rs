//! Documents under `/.well-known/` (Identity, handles and did:web).

use arobase::identity::DidDocument;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};

use super::plain;
use crate::{error::Error, pds::Pds};

const ANY: HeaderValue = HeaderValue::from_static("*");

/// The DID of the handle under whose name the server was asked.
pub(super) async fn atproto_did(State(pds): State<Pds>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(host) = host(&uri, &headers) else { return nobody() };
    match pds.account_of_host(&host).await {
        Ok(Some(did)) => open(did.as_str().to_owned().into_response()),
        Ok(None) => nobody(),
        Err(error) => failed(&error),
    }
}

/// The document of the did:web of the host that was asked: that of the server, or of an account.
pub(super) async fn did_document(State(pds): State<Pds>, uri: Uri, headers: HeaderMap) -> Response {
    let host = host(&uri, &headers);
    match host {
        Some(host) if !host.eq_ignore_ascii_case(pds.settings().host()) => match of_account(&pds, &host).await {
            Ok(Some(document)) => document_answer(&document),
            // Behind a proxy the server need not hear its own name.
            Ok(None) => of_server(&pds),
            Err(error) => failed(&error),
        },
        _ => of_server(&pds),
    }
}

fn of_server(pds: &Pds) -> Response {
    let settings = pds.settings();
    if settings.did.as_str().strip_prefix("did:web:") != Some(&*settings.host().replace(':', "%3A")) {
        return open(plain(StatusCode::NOT_FOUND, "The DID of this server is kept elsewhere.\n"));
    }
    let document = DidDocument::new(settings.did.clone());
    document_answer(&document.with_service("atproto_pds", "AtprotoPersonalDataServer", &settings.url))
}

/// The document of an account whose DID is the did:web of its handle.
async fn of_account(pds: &Pds, host: &str) -> Result<Option<DidDocument>, Error> {
    let Some(did) = pds.account_of_host(host).await? else { return Ok(None) };
    if did.as_str().strip_prefix("did:web:") != Some(&*host.to_ascii_lowercase()) {
        return Ok(None);
    }
    let account = pds.account(&did.into()).await?;
    account.map(|account| pds.document_of(&account)).transpose()
}

/// HTTP/2 has the host in the address, HTTP/1.1 in a header.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host: Authority = uri.authority().map(Authority::as_str).or(header)?.parse().ok()?;
    let name = host.host().trim_end_matches('.');
    Some(host.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
}

fn nobody() -> Response {
    open(plain(StatusCode::NOT_FOUND, "No account has this handle.\n"))
}

fn failed(error: &Error) -> Response {
    tracing::error!("an account could not be looked up: {error:?}");
    plain(StatusCode::SERVICE_UNAVAILABLE, "Nobody can say now.\n")
}

fn document_answer(document: &DidDocument) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/did+ld+json"));
    open(([kind], document.to_json()).into_response())
}

/// Pages of all origins may read it.
fn open(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    super::harden(&mut answer);
    answer
}
