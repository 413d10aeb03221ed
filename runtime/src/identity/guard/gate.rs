//! What a transport lets through.

use std::net::{IpAddr, SocketAddr};

use super::AddressPolicy;

/// A policy. In the tests of this crate, and nowhere else, a few places besides, which stand for public ones.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    policy: AddressPolicy,
    #[cfg(test)]
    besides: Vec<SocketAddr>,
}

impl Gate {
    pub(super) fn new(policy: AddressPolicy) -> Self {
        Self {
            policy,
            #[cfg(test)]
            besides: Vec::new(),
        }
    }

    /// Lets these very addresses through, with these very ports, whatever the policy says.
    #[cfg(test)]
    pub(super) fn besides(mut self, places: &[SocketAddr]) -> Self {
        self.besides.extend_from_slice(places);
        self
    }

    /// Whether a connection may go there.
    pub(super) fn allows(&self, place: SocketAddr) -> bool {
        #[cfg(test)]
        if self.besides.contains(&place) {
            return true;
        }
        self.policy.allows(place.ip())
    }

    /// Whether a request may go without TLS.
    pub(super) fn allows_plain(&self) -> bool {
        self.policy == AddressPolicy::Any
    }

    /// Whether requests may name this host; a name may, since its addresses are judged when they are known.
    pub(super) fn allows_host(&self, host: &str, port: u16) -> bool {
        let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        literal.parse::<IpAddr>().map_or(true, |address| self.allows(SocketAddr::new(address, port)))
    }
}
