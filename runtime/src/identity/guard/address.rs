//! Which addresses may be reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be reached (Identity: requests to hosts that strangers chose).
///
/// ```
/// use arobase_runtime::identity::AddressPolicy;
///
/// assert!(AddressPolicy::Public.allows("8.8.8.8".parse()?));
/// assert!(!AddressPolicy::Public.allows("127.0.0.1".parse()?));
/// assert!(!AddressPolicy::Public.allows("::ffff:10.0.0.1".parse()?));
/// assert!(AddressPolicy::Any.allows("127.0.0.1".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressPolicy {
    /// Public unicast addresses only: none of private networks, of the machine itself, of links, of documentation, of
    /// tests, of groups, of translation and tunnels, and none that is reserved. An IPv6 address that stands for an
    /// IPv4 address (mapped, or NAT64) is what that address is.
    #[default]
    Public,
    /// Any address, and plain http: for development.
    Any,
}

impl AddressPolicy {
    /// Whether an address may be reached.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Any, _) => true,
            (Self::Public, IpAddr::V4(address)) => is_public_v4(address),
            (Self::Public, IpAddr::V6(address)) => is_public_v6(address),
        }
    }
}

/// What is no public unicast address of IPv4: the first address of a block, and the bits of its prefix.
const CLOSED_V4: [(Ipv4Addr, u32); 16] = [
    // This network.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private networks.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by customers of a provider.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // This machine.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Links, and with them the metadata of cloud machines.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // Protocol assignments; the few that are reachable are no web servers.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // Relays of 6to4, given up.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Groups.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // Everybody on the link; inside the block before, and here to be seen.
    (Ipv4Addr::new(255, 255, 255, 255), 32),
];

/// The addresses of IPv6 that are given out at all. Loopback, links, unique local and site-local networks, groups,
/// segment routing, the discard prefix and IPv4-compatible addresses lie outside.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is no public unicast address in there.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments: Teredo, benchmarks, overlay identifiers.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4 leads to any address of IPv4, over relays that were given up.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Where the last 32 bits are an address of IPv4: mapped addresses, and NAT64 with its well-known prefix.
const EMBEDDED_V4: [(Ipv6Addr, u32); 2] =
    [(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96)];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(first, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ first.to_bits()).checked_shr(32 - bits).is_none_or(|rest| rest == 0)
    };
    !CLOSED_V4.iter().any(within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if EMBEDDED_V4.iter().any(|block| is_within(address, block)) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    is_within(address, &GLOBAL_V6) && !CLOSED_V6.iter().any(|block| is_within(address, block))
}

fn is_within(address: Ipv6Addr, (first, bits): &(Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ first.to_bits()).checked_shr(128 - bits).is_none_or(|rest| rest == 0)
}
