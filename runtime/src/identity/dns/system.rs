//! DNS over hickory.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::future::{Either, select};
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    net::runtime::TokioRuntimeProvider,
    proto::rr::{Name, RecordType},
};
use tokio::time::timeout;

use super::{Dns, DnsError, records};
use crate::xrpc::BoxFuture;

/// The bound on a look-up with the servers of the system.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The greatest bound that can be set; hickory adds it to the time of day.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the addresses of one family wait for those of the other.
const GRACE: Duration = Duration::from_millis(100);
/// The longest name, in text without the dot at its end.
const MAX_NAME: usize = 253;

/// DNS as the system is configured, or over given servers.
///
/// Each look-up is a new question: nothing is remembered, since the resolver of identities remembers what it finds and
/// has to get around that when it must. Names are complete as they are, and search domains are not used. Questions go
/// over UDP, and over TCP if the answer is cut short. CNAMEs are followed, and only records count that belong to the
/// name or to what it leads to. At most 128 TXT records and 16 addresses are taken from an answer: with more records,
/// TXT fails, as it could not say what is missing; addresses are cut.
///
/// `localhost`, and the hosts file of the system with [`SystemDns::new`], give addresses without a question; neither
/// has a say in TXT. It has to be used within a tokio runtime, and with the one it was used in first.
pub struct SystemDns {
    resolver: TokioResolver,
    timeout: Duration,
}

impl SystemDns {
    /// With the servers of the system. A whole look-up takes 3 seconds at most.
    ///
    /// # Errors
    /// The configuration of the system cannot be read.
    pub fn new() -> Result<Self, DnsError> {
        let builder = TokioResolver::builder_tokio();
        let mut builder = builder.map_err(|_| failed("the configuration of the system cannot be read"))?;
        set(builder.options_mut(), TIMEOUT, ResolveHosts::Always);
        let resolver = builder.build().map_err(|_| failed("the resolver could not be set up"))?;
        Ok(Self { resolver, timeout: TIMEOUT })
    }

    /// With these servers alone (UDP and TCP); `timeout` bounds one whole look-up, and is a minute at most.
    ///
    /// # Errors
    /// The list is empty.
    pub fn with_servers(servers: &[SocketAddr], timeout: Duration) -> Result<Self, DnsError> {
        if servers.is_empty() {
            return Err(failed("no name servers were given"));
        }
        let timeout = timeout.min(MAX_TIMEOUT);
        let config = ResolverConfig::from_name_servers(servers.iter().copied().map(server).collect());
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        set(builder.options_mut(), timeout, ResolveHosts::Never);
        let resolver = builder.build().map_err(|_| failed("the resolver could not be set up"))?;
        Ok(Self { resolver, timeout })
    }

    async fn ask_txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let name = complete(name)?;
        let answer = self.resolver.lookup(name.clone(), RecordType::TXT).await.map_err(records::fault)?;
        records::texts(&name, answer.answers())
    }

    /// Addresses of both families; those of one suffice if the other has none, fails, or is late.
    async fn ask_addresses(&self, host: &str) -> Result<Vec<IpAddr>, DnsError> {
        let name = complete(host)?;
        let a = Box::pin(self.ask_family(&name, RecordType::A));
        let aaaa = Box::pin(self.ask_family(&name, RecordType::AAAA));
        match select(a, aaaa).await {
            Either::Left((Ok(first), other)) | Either::Right((Ok(first), other)) => {
                let late = timeout(GRACE, other).await;
                Ok(first.into_iter().chain(late.into_iter().flatten().flatten()).collect())
            }
            Either::Left((Err(error), other)) | Either::Right((Err(error), other)) => {
                other.await.map_err(|second| if error == DnsError::NotFound { second } else { error })
            }
        }
    }

    async fn ask_family(&self, name: &Name, family: RecordType) -> Result<Vec<IpAddr>, DnsError> {
        let answer = self.resolver.lookup(name.clone(), family).await.map_err(records::fault)?;
        records::addresses(name, answer.answers())
    }
}

impl Dns for SystemDns {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(async move { timeout(self.timeout, self.ask_txt(name)).await.unwrap_or(Err(DnsError::Timeout)) })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        Box::pin(async move {
            let found = timeout(self.timeout, self.ask_addresses(host)).await.unwrap_or(Err(DnsError::Timeout))?;
            Ok(found.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
        })
    }
}

fn failed(reason: &str) -> DnsError {
    DnsError::Failed(reason.into())
}

fn server(place: SocketAddr) -> NameServerConfig {
    let over = |mut connection: ConnectionConfig| {
        connection.port = place.port();
        connection
    };
    NameServerConfig::new(place.ip(), true, vec![over(ConnectionConfig::udp()), over(ConnectionConfig::tcp())])
}

fn set(options: &mut ResolverOpts, timeout: Duration, hosts: ResolveHosts) {
    options.timeout = timeout;
    options.use_hosts_file = hosts;
    // A server that failed is asked once more; one that is silent has the time of the whole look-up.
    options.attempts = 1;
    options.cache_size = 0;
    options.positive_max_ttl = Some(Duration::ZERO);
    options.negative_max_ttl = Some(Duration::ZERO);
    // The chain of CNAMEs, to tell which records belong to the name.
    options.preserve_intermediates = true;
}

/// A name as a question, complete with the root. Names of hosts and the underscore are all there is to ask for; escapes
/// and other scripts are refused rather than understood in a way of our own.
fn complete(name: &str) -> Result<Name, DnsError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_plain) {
        return Err(failed("that is no name of DNS"));
    }
    let mut name = Name::from_ascii(name).map_err(|_| failed("that is no name of DNS"))?;
    name.set_fqdn(true);
    Ok(name)
}

impl fmt::Debug for SystemDns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemDns").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn names_are_complete_so_that_no_search_domain_is_tried() {
        for name in ["alice.example.com", "alice.example.com.", "alice", "_atproto.alice"] {
            assert!(complete(name).unwrap().is_fqdn(), "{name}");
        }
    }
}
