//! What identities need of the domain name system.

#[cfg(feature = "dns")]
mod records;
#[cfg(feature = "dns")]
mod system;
#[cfg(all(test, feature = "dns"))]
mod system_tests;

use std::{fmt, net::SocketAddr, sync::Arc};

#[cfg(feature = "dns")]
pub use self::system::SystemDns;
use crate::xrpc::{BoxFuture, MaybeSend, MaybeSync};

/// Looks names up. An implementation bounds its own time and its answers.
pub trait Dns: MaybeSend + MaybeSync {
    /// The TXT records of a name, each with its parts joined. No record of that type is [`DnsError::NotFound`] or an
    /// empty list.
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>>;

    /// The addresses of a host. Port 0 stands for the usual one of the scheme. Another one replaces it, but only where
    /// the URL names no port itself (or just the usual one): that is for local networks and tests.
    ///
    /// A transport asks once for each connection, and connects to nothing else than what this gave.
    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>>;
}

/// Why a name was not looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsError {
    /// The name does not exist, or has no records of that type.
    NotFound,
    /// There was no answer in time.
    Timeout,
    /// The servers failed, or what they said cannot be used.
    Failed(Box<str>),
}

impl<D: Dns + ?Sized> Dns for Arc<D> {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        (**self).txt(name)
    }

    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        (**self).addresses(host)
    }
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such name"),
            Self::Timeout => f.write_str("no answer from the name servers in time"),
            Self::Failed(reason) => write!(f, "the name servers failed: {reason}"),
        }
    }
}

impl std::error::Error for DnsError {}
