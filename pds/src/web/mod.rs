//! What is not XRPC: the landing page, well-known documents, robots, numbers for operators.

mod health;
mod landing;
mod observe;
mod operators;
#[cfg(test)]
mod tests;
mod well_known;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::pds::Pds;

/// `/`, `/.well-known/atproto-did`, `/.well-known/did.json`, `/robots.txt`, `/metrics`.
pub(crate) fn router(pds: &Pds) -> Router {
    Router::new()
        .route("/", get(landing::page))
        .route("/robots.txt", get(robots))
        .route("/metrics", get(operators::metrics))
        .fallback(async || plain(StatusCode::NOT_FOUND, "There is no such page.\n"))
        .method_not_allowed_fallback(async || plain(StatusCode::METHOD_NOT_ALLOWED, "There is no such method here.\n"))
        .with_state(pds.clone())
        .merge(pds.well_known())
}

impl Pds {
    /// The documents under `/.well-known/`: the DID of the handle that was asked for (`atproto-did`), and the document
    /// of the server's own DID (`did.json`). Part of [`Pds::router`]; for programs that have a router with other pages.
    pub fn well_known(&self) -> Router {
        Router::new()
            .route("/.well-known/atproto-did", get(well_known::atproto_did))
            .route("/.well-known/did.json", get(well_known::did_document))
            .with_state(self.clone())
    }

    /// Logs and counts the requests to a router, and has its health check look at the database. Part of
    /// [`Pds::router`]; for programs that have a router of their own.
    pub fn observe(&self, router: Router) -> Router {
        router
            .layer(middleware::from_fn_with_state(self.clone(), health::check))
            .layer(middleware::from_fn_with_state(self.clone(), observe::observe))
    }
}

/// Robots may look at everything, as the whole of it is public.
async fn robots() -> Response {
    plain(StatusCode::OK, "# This is a server of the AT Protocol. Crawling its API is fine.\nUser-agent: *\nAllow: /\n")
}

/// A short text.
fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut answer = (status, text).into_response();
    harden(&mut answer);
    answer
}

/// Headers of everything that a browser may show: nothing is loaded, framed or guessed.
fn harden(answer: &mut Response) {
    const POLICY: HeaderValue =
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    let headers = answer.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
