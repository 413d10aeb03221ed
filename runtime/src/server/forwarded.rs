use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

const HEADER: &str = "x-forwarded-for";

/// The address of a client behind `proxies` proxies of our own. Each proxy appends to
/// `X-Forwarded-For` the address that it saw, so the entry that the outermost one wrote is the
/// `proxies`-th from the right; what stands left of it came from the client and is worth nothing.
/// Without proxies, and where the entry is missing or no address, it is the peer of the connection.
pub(super) fn client_ip(headers: &HeaderMap, peer: Option<SocketAddr>, proxies: usize) -> Option<IpAddr> {
    let nth = proxies.checked_sub(1);
    let forwarded = nth.and_then(|nth| entry_from_right(headers, nth)).and_then(address);
    forwarded.or(peer.map(|peer| peer.ip())).map(|ip| ip.to_canonical())
}

/// Bytes, because what the client wrote need not be a text, and counts as an entry all the same.
fn entry_from_right(headers: &HeaderMap, nth: usize) -> Option<&[u8]> {
    let values = headers.get_all(HEADER).iter().rev();
    values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b',')).nth(nth)
}

/// Some proxies write the port too.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']'));
    let ip = bare.unwrap_or(entry).parse();
    ip.ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// What stands for one client in limits: an IPv4 address, or the /64 of an IPv6 address, because a
/// single host has all addresses of that.
pub(super) fn client_key(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn seen(values: &[&str], proxies: usize) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let peer = "192.0.2.9:4711".parse().unwrap();
        client_ip(&headers, Some(peer), proxies).unwrap().to_string()
    }

    #[test]
    fn the_header_is_not_believed_without_proxies() {
        assert_eq!(seen(&["198.51.100.1"], 0), "192.0.2.9");
    }

    #[test]
    fn entries_count_from_the_right_over_all_headers() {
        let values = ["203.0.113.66, 198.51.100.1", "198.51.100.2"];
        assert_eq!(seen(&values, 1), "198.51.100.2");
        assert_eq!(seen(&values, 2), "198.51.100.1");
    }

    #[test]
    fn what_is_missing_or_no_address_leaves_the_peer() {
        assert_eq!(seen(&["198.51.100.1"], 2), "192.0.2.9");
        assert_eq!(seen(&["unknown"], 1), "192.0.2.9");
        assert_eq!(seen(&[], 1), "192.0.2.9");
    }

    #[test]
    fn an_entry_that_is_no_text_hides_no_other() {
        assert_eq!(seen(&["\u{e9}, 198.51.100.1"], 1), "198.51.100.1");
        assert_eq!(seen(&["198.51.100.1, \u{e9}"], 2), "198.51.100.1");
        assert_eq!(seen(&["198.51.100.1, \u{e9}"], 1), "192.0.2.9");
    }

    #[test]
    fn ports_and_brackets_are_taken_off() {
        assert_eq!(seen(&["198.51.100.1:5000"], 1), "198.51.100.1");
        assert_eq!(seen(&["[2001:db8::1]:5000"], 1), "2001:db8::1");
        assert_eq!(seen(&["[2001:db8::1]"], 1), "2001:db8::1");
        assert_eq!(seen(&["::ffff:198.51.100.1"], 1), "198.51.100.1");
    }

    #[test]
    fn addresses_of_one_ipv6_host_count_as_one() {
        let key = |ip: &str| client_key(ip.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
