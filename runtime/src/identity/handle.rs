//! From handles to DIDs (Identity, handle resolution): DNS and HTTPS side by side.

mod dns;
mod error;
#[cfg(all(test, feature = "dns"))]
mod host_tests;
#[cfg(all(test, feature = "dns"))]
mod tests;
mod well_known;

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use arobase_lexicon::syntax::{Did, Handle};
use futures_util::future::{Either, select};

use self::{dns::FromDns, well_known::FromHost};
use super::{Dns, DnsError};
use crate::client::Transport;

pub use self::error::HandleError;

/// Resolves handles (Identity, handle resolution). What it finds is a claim: the document of the DID has to name the
/// handle. The DID may be of any method; whoever resolves it on says which are supported.
///
/// DNS (`_atproto.<handle>`) and the host (`https://<handle>/.well-known/atproto-did`) are asked at the same time. What
/// DNS says counts, and ends the request to the host; the host's answer counts where DNS has none, is not reached in
/// time or says something that is no DID. Different DIDs in DNS end the resolution.
///
/// ```
/// # use std::sync::Arc;
/// # use arobase_runtime::{client::Transport, identity::{Dns, HandleError, HandleResolver}};
/// # async fn run(dns: Arc<dyn Dns>, transport: Arc<dyn Transport>) -> Result<(), Box<dyn std::error::Error>> {
/// let resolver = HandleResolver::new(dns, transport);
/// let did = resolver.resolve(&"atproto.com".parse()?).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct HandleResolver {
    dns: Arc<dyn Dns>,
    transport: Arc<dyn Transport>,
    timeout: Duration,
    development: bool,
}

impl HandleResolver {
    /// With DNS, and a transport that should reach public addresses only.
    #[must_use]
    pub fn new(dns: Arc<dyn Dns>, transport: Arc<dyn Transport>) -> Self {
        Self { dns, transport, timeout: Duration::from_secs(5), development: false }
    }

    /// With another bound on the time of a whole resolution. Default: 5 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Lets handles under `.test` pass; their hosts are asked over plain http, as a server under development has no
    /// certificate that others know. Default: no.
    #[must_use]
    pub fn development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// The DID that a handle names. Case does not count.
    ///
    /// # Errors
    /// See [`HandleError`].
    pub async fn resolve(&self, handle: &Handle) -> Result<Did, HandleError> {
        let handle = handle.normalize();
        if self.is_reserved(&handle) {
            return Err(HandleError::Reserved);
        }
        let is_plain = handle.has_test_tld();
        let from_dns = pin!(self.ask_dns(&handle));
        let from_host = pin!(well_known::ask(&*self.transport, &handle, is_plain, self.timeout));
        match select(from_dns, from_host).await {
            Either::Left((said, from_host)) => match said.settle() {
                Ok(settled) => settled,
                Err(open) => open.or(from_host.await),
            },
            Either::Right((host, from_dns)) => match from_dns.await.settle() {
                Ok(settled) => settled,
                Err(open) => open.or(host),
            },
        }
    }

    fn is_reserved(&self, handle: &Handle) -> bool {
        let is_test = handle.has_test_tld() && !self.development;
        is_test || handle.is_invalid_marker() || handle.has_disallowed_tld()
    }

    async fn ask_dns(&self, handle: &Handle) -> FromDns {
        let Some(name) = dns::name(handle) else { return FromDns::Nothing };
        match select(self.dns.txt(&name), self.transport.sleep(self.timeout)).await {
            Either::Left((Ok(records), _)) => FromDns::read(&records),
            Either::Left((Err(DnsError::NotFound), _)) => FromDns::Nothing,
            Either::Left((Err(error), _)) => FromDns::Failed(error),
            Either::Right(_) => FromDns::Failed(DnsError::Timeout),
        }
    }
}

impl FromDns {
    /// The result, if the host has no say in it; else what DNS said, which then is no DID.
    fn settle(self) -> Result<Result<Did, HandleError>, Self> {
        match self {
            Self::Did(did) => Ok(Ok(did)),
            Self::Ambiguous => Ok(Err(HandleError::Ambiguous)),
            open => Err(open),
        }
    }

    /// What the host says, where DNS gave no DID.
    fn or(self, host: FromHost) -> Result<Did, HandleError> {
        match (host, self) {
            (FromHost::Did(did), _) => Ok(did),
            (FromHost::Failed(http), Self::Failed(dns)) => {
                Err(HandleError::Failed { dns: Some(dns), http: Some(http) })
            }
            (FromHost::Failed(http), _) => Err(HandleError::Failed { dns: None, http: Some(http) }),
            (FromHost::Status(status), _) => Err(HandleError::Status(status)),
            (_, Self::Failed(dns)) => Err(HandleError::Failed { dns: Some(dns), http: None }),
            (FromHost::NotADid, _) | (_, Self::NotADid) => Err(HandleError::NotADid),
            (FromHost::Nothing, _) => Err(HandleError::NotFound),
        }
    }
}

impl fmt::Debug for HandleResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandleResolver")
            .field("timeout", &self.timeout)
            .field("development", &self.development)
            .finish_non_exhaustive()
    }
}
