//! Hooks for the router.

use http::header::AUTHORIZATION;

use super::{Verified, Verifier};
use crate::{
    server::{Context, Failure},
    xrpc::BoxFuture,
};

impl Verifier {
    /// A hook for [`Router::authenticate`](crate::server::Router::authenticate): every call needs a token for its
    /// method. Handlers get a [`Verified`] from [`Context::get`].
    ///
    /// ```
    /// use arobase_runtime::{
    ///     server::{Context, Failure, Router},
    ///     service_auth::{Verified, Verifier},
    /// };
    ///
    /// fn protected(router: Router, verifier: &Verifier) -> Router {
    ///     router.authenticate(verifier.authenticate())
    /// }
    ///
    /// // In a handler:
    /// fn caller(cx: &Context) -> Result<&Verified, Failure> {
    ///     cx.get::<Verified>().ok_or_else(|| Failure::unauthorized("who is calling?"))
    /// }
    /// ```
    pub fn authenticate(
        &self,
    ) -> impl Fn(Context) -> BoxFuture<'static, Result<Verified, Failure>> + Send + Sync + 'static {
        let verifier = self.clone();
        move |cx| {
            let verifier = verifier.clone();
            Box::pin(async move { verifier.verify_context(&cx).await })
        }
    }

    /// The same for servers that serve those without a token too: a call without any `Authorization` passes, and one
    /// with a wrong token does not. Handlers get an `Option<Verified>` from [`Context::get`].
    pub fn authenticate_optional(
        &self,
    ) -> impl Fn(Context) -> BoxFuture<'static, Result<Option<Verified>, Failure>> + Send + Sync + 'static {
        let verifier = self.clone();
        move |cx| {
            let verifier = verifier.clone();
            Box::pin(async move {
                if !cx.headers().contains_key(AUTHORIZATION) {
                    return Ok(None);
                }
                verifier.verify_context(&cx).await.map(Some)
            })
        }
    }

    /// Checks the token of a request, for the method that was called: for hooks of one's own, which treat some methods
    /// differently.
    ///
    /// # Errors
    /// What [`Verifier::verify`] says, as the answer for the caller.
    pub async fn verify_context(&self, cx: &Context) -> Result<Verified, Failure> {
        let method = cx.nsid().parse()?;
        Ok(self.verify_headers(cx.headers(), &method).await?)
    }
}
