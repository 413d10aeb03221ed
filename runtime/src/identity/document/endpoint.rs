//! Addresses of services.

use std::net::Ipv6Addr;

/// The address without the slash at its end, if it is scheme, host and perhaps port, and nothing else.
pub(super) fn origin(endpoint: &str) -> Option<&str> {
    let origin = endpoint.strip_suffix('/').unwrap_or(endpoint);
    let (scheme, authority) = origin.split_once("://")?;
    let is_http = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    (is_http && is_authority(authority)).then_some(origin)
}

/// Whether an address has TLS. Upper and lower case are the same in schemes.
pub(crate) fn is_https(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
}

fn is_authority(text: &str) -> bool {
    if let Some((address, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

/// A name or an IPv4 address; whether it exists is for DNS to say. Everything that could begin a path, a query, a
/// fragment or a name of a user is none of its characters.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_scheme_a_host_and_perhaps_a_port() {
        for (endpoint, expected) in [
            ("https://pds.example.com", "https://pds.example.com"),
            ("https://pds.example.com/", "https://pds.example.com"),
            ("http://localhost:2583", "http://localhost:2583"),
            ("HTTPS://Pds.Example.Com:443/", "HTTPS://Pds.Example.Com:443"),
            ("https://192.0.2.1:8443", "https://192.0.2.1:8443"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]"),
            ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ] {
            assert_eq!(origin(endpoint), Some(expected));
        }
    }

    #[test]
    fn the_case_of_a_scheme_does_not_count() {
        assert!(is_https("https://pds.example.com") && is_https("HTTPS://pds.example.com"));
        assert!(!is_https("http://https.example.com") && !is_https("HTTP://pds.example.com"));
    }

    #[test]
    fn an_endpoint_with_anything_else_is_none() {
        for endpoint in [
            "",
            "/",
            "pds.example.com",
            "//pds.example.com",
            "ftp://pds.example.com",
            "wss://pds.example.com",
            "https:pds.example.com",
            "https://",
            "https:///",
            "https://pds.example.com//",
            "https://pds.example.com/xrpc",
            "https://pds.example.com/xrpc/",
            "https://pds.example.com?a=b",
            "https://pds.example.com/?a=b",
            "https://pds.example.com#a",
            "https://pds.example.com/#a",
            "https://me@pds.example.com",
            "https://me:secret@pds.example.com",
            "https://pds.example.com:",
            "https://pds.example.com:0",
            "https://pds.example.com:65536",
            "https://pds.example.com:+80",
            "https://pds.example.com:80:80",
            "https://.example.com",
            "https://pds..example.com",
            "https://pds.exämple.com",
            "https://pds%2Eexample.com",
            "https://pds.example.com\\@other.example.com",
            " https://pds.example.com",
            "https://pds.example.com\n",
            "https://[::1",
            "https://[pds.example.com]",
            "https://[::1]80",
            "https://[::1]:",
        ] {
            assert_eq!(origin(endpoint), None, "{endpoint:?}");
        }
    }
}
