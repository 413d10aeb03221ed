//! Names: those of the network, and the handles of accounts that are here.

use std::{net::SocketAddr, sync::Arc};

use arobase::{
    identity::{Dns, DnsError, SystemDns},
    syntax::Handle,
    xrpc::BoxFuture,
};

use crate::{
    error::Error,
    store::{Database, State},
};

/// What names of handles begin with in DNS (Identity, handle resolution).
const LABEL: &str = "_atproto.";

/// The names of the system. Somebody who develops without a network has none, and needs none.
pub(super) fn system(development: bool) -> Result<Arc<dyn Dns>, DnsError> {
    match SystemDns::new() {
        Ok(dns) => Ok(Arc::new(dns)),
        Err(error) if development => {
            tracing::warn!("no name of the network can be looked up: {error}");
            Ok(Arc::new(NoNames))
        }
        Err(error) => Err(error),
    }
}

/// No name is known.
struct NoNames;

impl Dns for NoNames {
    fn txt<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }
}

/// Names of the network, but handles under the server's own domains are looked up in its database: it is the authority
/// for them, whether or not the network leads to it.
pub(super) struct HostedNames {
    network: Arc<dyn Dns>,
    db: Database,
    domains: Vec<Box<str>>,
}

impl HostedNames {
    pub(super) fn new(network: Arc<dyn Dns>, db: Database, domains: &[Box<str>]) -> Self {
        Self { network, db, domains: domains.to_vec() }
    }

    /// The handle that a name is looked up for, if it is one of ours.
    fn hosted(&self, name: &str) -> Option<Handle> {
        let handle: Handle = name.strip_prefix(LABEL)?.trim_end_matches('.').parse().ok()?;
        let handle = handle.normalize();
        self.domains.iter().any(|domain| handle.as_str().ends_with(&**domain)).then_some(handle)
    }

    async fn owner(&self, handle: Handle) -> Result<Vec<String>, DnsError> {
        let found = self.db.read::<_, Error, _>(move |view| Ok(view.account_of_handle(&handle)?)).await;
        let found = found.map_err(|_| DnsError::Failed("the database failed".into()))?;
        let is_named = |state| matches!(state, State::Active | State::Deactivated);
        let account = found.filter(|account| is_named(account.state())).ok_or(DnsError::NotFound)?;
        Ok(vec![format!("did={}", account.did)])
    }
}

impl Dns for HostedNames {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        match self.hosted(name) {
            Some(handle) => Box::pin(self.owner(handle)),
            None => self.network.txt(name),
        }
    }

    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        self.network.addresses(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn handles_of_accounts_here_lead_to_them_and_other_names_into_the_network() {
        let (pds, alice) = testing::with_alice().await;
        let names = HostedNames::new(Arc::new(NoNames), pds.database().clone(), &[".test".into()]);
        assert_eq!(names.txt("_atproto.Alice.test.").await, Ok(vec![format!("did={alice}")]));
        assert_eq!(names.txt("_atproto.nobody.test").await, Err(DnsError::NotFound));
        assert_eq!(names.txt("_atproto.alice.example.com").await, Err(DnsError::NotFound));
        pds.set_takedown(&alice, Some("1")).await.unwrap();
        assert_eq!(names.txt("_atproto.alice.test").await, Err(DnsError::NotFound));
    }
}
