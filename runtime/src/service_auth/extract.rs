//! The extractor for axum.

use arobase_lexicon::syntax::Nsid;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, OriginalUri};
use http::{header::AUTHORIZATION, request::Parts};

use super::{Verified, Verifier};
use crate::server::Failure;

/// Who calls, by a service token: an extractor for axum, for handlers beside those of
/// [`Router`](crate::server::Router). The [`Verifier`] comes from the state. The method is what follows `/xrpc/` in the
/// path.
///
/// A request that is refused is answered with the error of XRPC: a JSON object with `error` and `message`. As an
/// `Option` it lets requests without any `Authorization` pass.
///
/// ```
/// use arobase_runtime::service_auth::{ServiceCaller, Verifier};
/// use axum::{Router, routing::get};
///
/// async fn get_thing(ServiceCaller(caller): ServiceCaller) -> String {
///     format!("Hello, {}", caller.iss)
/// }
///
/// fn app(verifier: Verifier) -> Router {
///     Router::new().route("/xrpc/com.example.getThing", get(get_thing)).with_state(verifier)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ServiceCaller(pub Verified);

impl<S> FromRequestParts<S> for ServiceCaller
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let method = method(parts).ok_or_else(|| Failure::invalid_request("the path is not that of a method"))?;
        let verified = Verifier::from_ref(state).verify_headers(&parts.headers, &method).await?;
        Ok(Self(verified))
    }
}

impl<S> OptionalFromRequestParts<S> for ServiceCaller
where
    Verifier: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Failure> {
        if !parts.headers.contains_key(AUTHORIZATION) {
            return Ok(None);
        }
        <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
    }
}

/// The method that is called, its authority in lower case, as the router has it. A nested router sees the rest of the
/// path alone, so the path as it came counts.
fn method(parts: &Parts) -> Option<Nsid> {
    let path = parts.extensions.get().map_or(parts.uri.path(), |OriginalUri(uri)| uri.path());
    path.strip_prefix("/xrpc/")?.parse::<Nsid>().ok().map(|nsid| nsid.normalize())
}
