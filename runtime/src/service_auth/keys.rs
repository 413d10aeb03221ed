//! Where keys come from.

use arobase_lexicon::syntax::Did;

use crate::{
    crypto::PublicKey,
    identity::{Freshness, IdentityError, Resolver},
    xrpc::{BoxFuture, MaybeSend, MaybeSync},
};

/// Who knows the keys of DIDs.
pub trait KeySource: MaybeSend + MaybeSync {
    /// The key of a name (without `#`) in the document of a DID, such as `atproto`. With [`Freshness::Fresh`] past
    /// what is remembered.
    fn key<'a>(
        &'a self,
        did: &'a Did,
        name: &'a str,
        freshness: Freshness,
    ) -> BoxFuture<'a, Result<PublicKey, IdentityError>>;
}

impl KeySource for Resolver {
    fn key<'a>(
        &'a self,
        did: &'a Did,
        name: &'a str,
        freshness: Freshness,
    ) -> BoxFuture<'a, Result<PublicKey, IdentityError>> {
        Box::pin(Self::key(self, did, name, freshness))
    }
}
