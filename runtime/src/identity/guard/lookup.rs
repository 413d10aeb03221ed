//! The step between DNS and connecting.

use std::{error::Error, fmt, net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::gate::Gate;
use crate::identity::{Dns, DnsError};

/// Asks our DNS and hands on only what the gate lets through: what is connected to is what was judged.
pub(super) struct GuardedLookup {
    dns: Arc<dyn Dns>,
    gate: Gate,
}

/// Why a host has no address to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has addresses, but none that may be reached.
    Forbidden,
    /// It has none, or DNS could not say.
    Dns(DnsError),
}

impl GuardedLookup {
    pub(super) fn new(dns: Arc<dyn Dns>, gate: Gate) -> Self {
        Self { dns, gate }
    }
}

impl Resolve for GuardedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (dns, gate) = (Arc::clone(&self.dns), self.gate.clone());
        Box::pin(async move {
            let found = dns.addresses(name.as_str()).await.map_err(Refusal::Dns)?;
            Ok(Box::new(judge(&gate, found)?.into_iter()) as Addrs)
        })
    }
}

/// The addresses that may be reached; never none.
fn judge(gate: &Gate, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refusal> {
    if found.is_empty() {
        return Err(Refusal::Dns(DnsError::NotFound));
    }
    let open: Vec<_> = found.into_iter().filter(|address| gate.allows(*address)).collect();
    if open.is_empty() { Err(Refusal::Forbidden) } else { Ok(open) }
}

impl Refusal {
    /// The refusal that an error comes from, if it does.
    pub(super) fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(refusal) = error.downcast_ref() {
                return Some(refusal);
            }
            next = error.source();
        }
        None
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden => f.write_str("the host has no address that may be reached"),
            Self::Dns(error) => write!(f, "{error}"),
        }
    }
}

impl Error for Refusal {}
