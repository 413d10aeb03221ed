use std::net::IpAddr;

use proptest::prelude::*;

use super::AddressPolicy;

fn is_public(address: &str) -> bool {
    AddressPolicy::Public.allows(address.parse().unwrap())
}

/// Closed blocks of IPv4: the last open address before (if any), the first, the last, and the first open one behind.
const V4: [(&str, &str, &str, &str); 14] = [
    ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
    ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
    ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
    ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
    ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
    ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
    ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
    ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
    ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
    ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
    ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
    ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
    ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
    ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
];

/// The same for IPv6.
const V6: [(&str, &str, &str, &str); 6] = [
    ("", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"),
    ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
    ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
    ("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
    ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
    ("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
];

#[test]
fn closed_blocks_end_where_they_should() {
    for (before, first, last, behind) in V4.into_iter().chain(V6) {
        for closed in [first, last] {
            assert!(!is_public(closed), "{closed}");
        }
        for open in [before, behind].into_iter().filter(|address| !address.is_empty()) {
            assert!(is_public(open), "{open}");
        }
    }
}

#[test]
fn addresses_of_machines_links_groups_and_tunnels_are_not_public() {
    for closed in [
        "::1",
        "::2",
        "::8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:0:0:0:1:808:808",
        "64:ff9a:ffff::",
        "100::1",
        "100:0:0:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:20::1",
        "2002:808:808::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "169.254.169.254",
        "255.255.255.255",
    ] {
        assert!(!is_public(closed), "{closed}");
    }
}

#[test]
fn public_hosts_are_public() {
    for open in ["1.1.1.1", "8.8.8.8", "104.16.0.1", "2606:4700::1111", "2a00:1450::1", "2620:fe::fe"] {
        assert!(is_public(open), "{open}");
    }
}

#[test]
fn an_embedded_address_decides() {
    for (v4, public) in [("8.8.8.8", true), ("127.0.0.1", false), ("10.0.0.1", false), ("169.254.169.254", false)] {
        assert_eq!(is_public(&format!("::ffff:{v4}")), public, "{v4}");
        assert_eq!(is_public(&format!("64:ff9b::{v4}")), public, "{v4}");
    }
}

#[test]
fn in_development_every_address_may_be_reached() {
    for address in ["127.0.0.1", "::1", "10.1.2.3", "8.8.8.8"] {
        assert!(AddressPolicy::Any.allows(address.parse().unwrap()), "{address}");
    }
}

proptest! {
    #[test]
    fn a_mapped_address_is_as_public_as_what_it_stands_for(bits: u32) {
        let v4 = std::net::Ipv4Addr::from_bits(bits);
        let policy = AddressPolicy::Public;
        prop_assert_eq!(policy.allows(IpAddr::V4(v4)), policy.allows(IpAddr::V6(v4.to_ipv6_mapped())));
    }

    #[test]
    fn what_the_standard_library_calls_special_is_never_public(bits: u32) {
        let v4 = std::net::Ipv4Addr::from_bits(bits);
        let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast()
            || v4.is_documentation() || v4.is_multicast() || v4.is_unspecified();
        prop_assert!(!(special && AddressPolicy::Public.allows(IpAddr::V4(v4))));
    }
}
