//! The transport that holds to a policy, at the moment of connecting.

use std::{fmt, sync::Arc, time::Duration};

use http::{Request, Response};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};

use super::{
    AddressPolicy,
    gate::Gate,
    lookup::{GuardedLookup, Refusal},
};
use crate::{
    client::{ConfigError, Transport, TransportError, reqwest::incoming, reqwest::outgoing, tls},
    identity::{Dns, DnsError},
    xrpc::{Body, BoxFuture},
};

/// How long a connection may take to come about, with TLS and over all addresses of a host.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a connection is kept for the next request. Hosts of strangers are many, and most are asked once.
const IDLE: Duration = Duration::from_secs(15);
/// How many idle connections to one host are kept.
const IDLE_PER_HOST: usize = 2;

/// A transport over reqwest that connects to addresses only which its policy allows. The address that was checked is
/// the one that is connected to, so answers of DNS that change do not help an attacker; each redirect is a request of
/// its own and is checked like one.
///
/// An address in a URL is judged like one from DNS, however it is spelt. Under [`AddressPolicy::Public`] requests go
/// over TLS only, to any port, since the endpoint of a PDS may name one. Connections are kept for some seconds and
/// used again without another check: each was checked when it was made, under the one policy that a transport has.
///
/// Nothing comes from the environment (no proxy), redirects are answers, and there are no cookies. WebSockets are not
/// offered. It has to be used within a tokio runtime.
#[derive(Clone)]
pub struct PublicTransport {
    client: reqwest::Client,
    gate: Gate,
}

impl PublicTransport {
    /// With names from `dns`.
    ///
    /// # Errors
    /// TLS could not be set up.
    pub fn new(dns: Arc<dyn Dns>, policy: AddressPolicy) -> Result<Self, ConfigError> {
        Self::build(dns, Gate::new(policy), tls::public_roots())
    }

    /// The same, trusting a further certificate authority (DER): for networks and tests with one of their own.
    ///
    /// # Errors
    /// TLS could not be set up; that is no certificate.
    pub fn with_root(dns: Arc<dyn Dns>, policy: AddressPolicy, root: &[u8]) -> Result<Self, ConfigError> {
        Self::build(dns, Gate::new(policy), roots_and(root)?)
    }

    /// Under the public policy, with a few places of a test that stand for public ones.
    #[cfg(test)]
    pub(crate) fn for_test(
        dns: Arc<dyn Dns>,
        besides: &[std::net::SocketAddr],
        root: &[u8],
    ) -> Result<Self, ConfigError> {
        Self::build(dns, Gate::new(AddressPolicy::Public).besides(besides), roots_and(root)?)
    }

    fn build(dns: Arc<dyn Dns>, gate: Gate, roots: RootCertStore) -> Result<Self, ConfigError> {
        let tls = tls::config_with(&["h2", "http/1.1"], roots);
        let tls = tls.map_err(|_| ConfigError::new("TLS could not be set up"))?;
        let client = client(tls, GuardedLookup::new(dns, gate.clone()));
        let client = client.map_err(|_| ConfigError::new("the HTTP client could not be set up"))?;
        Ok(Self { client, gate })
    }

    /// Refuses what no look-up will get to see: the scheme, and addresses in the place of names.
    fn check(&self, url: &reqwest::Url) -> Result<(), TransportError> {
        if url.scheme() != "https" && !self.gate.allows_plain() {
            return Err(TransportError::new("a request without TLS is not allowed").forbidden());
        }
        let port = url.port_or_known_default().unwrap_or_default();
        let host = url.host_str().ok_or_else(|| TransportError::new("an address without a host").connecting())?;
        if !self.gate.allows_host(host, port) {
            return Err(TransportError::new(Refusal::Forbidden.to_string()).forbidden());
        }
        Ok(())
    }
}

impl Transport for PublicTransport {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request.map(outgoing)).map_err(fault)?;
            self.check(request.url())?;
            self.client.execute(request).await.map(incoming).map_err(fault)
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

fn roots_and(root: &[u8]) -> Result<RootCertStore, ConfigError> {
    let mut roots = tls::public_roots();
    let added = roots.add(CertificateDer::from(root.to_vec()));
    added.map_err(|_| ConfigError::new("the certificate of the authority cannot be read"))?;
    Ok(roots)
}

fn client(tls: ClientConfig, lookup: GuardedLookup) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(lookup)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .build()
}

/// URLs stay out of errors.
fn fault(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let fault = match Refusal::behind(&error) {
        Some(refusal @ Refusal::Forbidden) => TransportError::new(refusal.to_string()).forbidden(),
        Some(Refusal::Dns(DnsError::NotFound)) => TransportError::new("no such host").no_such_host(),
        Some(refusal @ Refusal::Dns(_)) => TransportError::new(refusal.to_string()).connecting(),
        None if error.is_connect() => TransportError::new("no connection to the host").connecting(),
        None => TransportError::new("the host gave no answer"),
    };
    fault.with_source(error)
}

impl fmt::Debug for PublicTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicTransport").field("gate", &self.gate).finish_non_exhaustive()
    }
}
