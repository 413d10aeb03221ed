//! `com.atproto.identity`.

mod credentials;
mod resolve;
#[cfg(test)]
mod tests;

use arobase::{
    Context, Failure,
    com::atproto::identity::{
        GetRecommendedDidCredentials, RefreshIdentity, ResolveDid, ResolveHandle, ResolveIdentity, Server,
        UpdateHandle, get_recommended_did_credentials, refresh_identity, resolve_did, resolve_handle, resolve_identity,
    },
    identity::Freshness,
};

use super::answer;
use crate::{
    auth::{self, STANDARD},
    pds::Pds,
};

impl Server for Pds {
    async fn resolve_handle(
        &self,
        _: Context,
        query: ResolveHandle,
    ) -> Result<resolve_handle::Output, Failure<resolve_handle::Error>> {
        answer(resolve::handle(self, query.handle).await)
    }

    async fn resolve_did(
        &self,
        _: Context,
        query: ResolveDid,
    ) -> Result<resolve_did::Output, Failure<resolve_did::Error>> {
        answer(resolve::did(self, &query.did).await)
    }

    async fn resolve_identity(
        &self,
        _: Context,
        query: ResolveIdentity,
    ) -> Result<resolve_identity::Output, Failure<resolve_identity::Error>> {
        answer(resolve::identity(self, &query.identifier, Freshness::Cached).await)
    }

    async fn refresh_identity(
        &self,
        cx: Context,
        input: RefreshIdentity,
    ) -> Result<refresh_identity::Output, Failure<refresh_identity::Error>> {
        answer(
            async {
                auth::writer(&cx)?;
                resolve::identity(self, &input.identifier, Freshness::Fresh).await
            }
            .await,
        )
    }

    async fn get_recommended_did_credentials(
        &self,
        cx: Context,
        _: GetRecommendedDidCredentials,
    ) -> Result<get_recommended_did_credentials::Output, Failure> {
        answer(credentials::recommended(self, &cx).await)
    }

    async fn update_handle(&self, cx: Context, input: UpdateHandle) -> Result<(), Failure> {
        let (did, _) = answer(auth::account(&cx, STANDARD))?;
        answer(self.update_handle(did, &input.handle).await)
    }
}
