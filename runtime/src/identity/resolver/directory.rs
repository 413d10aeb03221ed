//! The resolver as what a consumer of events asks.

use arobase_lexicon::syntax::Did;

use super::{Freshness, Resolver};
use crate::{
    identity::IdentityError,
    repo::SourceError,
    sync::{Directory, Identity},
    xrpc::BoxFuture,
};

impl Directory for Resolver {
    fn resolve<'a>(&'a self, did: &'a Did, fresh: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>> {
        let freshness = if fresh { Freshness::Fresh } else { Freshness::Cached };
        Box::pin(async move {
            match self.repository(did, freshness).await {
                Ok(identity) => Ok(Some(identity)),
                Err(error) if is_absence(&error) => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn forget(&self, did: &Did) {
        Self::forget(self, did);
    }
}

impl Resolver {
    async fn repository(&self, did: &Did, freshness: Freshness) -> Result<Identity, IdentityError> {
        let known = self.known(did, freshness).await?;
        let key = known.key("atproto").ok_or(IdentityError::NoKey)?;
        Ok(Identity { key, host: host(self.pds_of(&known)?) })
    }
}

/// Whether the answer is that there is no such account, or none with a repository.
fn is_absence(error: &IdentityError) -> bool {
    matches!(
        error,
        IdentityError::Did(_)
            | IdentityError::NotFound
            | IdentityError::Tombstoned
            | IdentityError::NoKey
            | IdentityError::NoPds
    )
}

/// The host of an endpoint in lower case, without the port that its scheme has anyway.
fn host(endpoint: &str) -> Box<str> {
    let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
    let usual = if scheme.eq_ignore_ascii_case("http") { ":80" } else { ":443" };
    host.strip_suffix(usual).unwrap_or(host).to_ascii_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_has_its_port_unless_it_is_the_usual_one() {
        for (endpoint, expected) in [
            ("https://PDS.example.com", "pds.example.com"),
            ("https://pds.example.com:443", "pds.example.com"),
            ("https://pds.example.com:8443", "pds.example.com:8443"),
            ("http://localhost:2583", "localhost:2583"),
            ("http://localhost:80", "localhost"),
            ("HTTP://localhost:80", "localhost"),
            ("http://localhost:443", "localhost:443"),
            ("http://[::1]:2583", "[::1]:2583"),
        ] {
            assert_eq!(&*host(endpoint), expected, "{endpoint}");
        }
    }
}
