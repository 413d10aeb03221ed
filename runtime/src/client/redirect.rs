//! Where a redirect leads, and what may go along.

use http::{HeaderMap, HeaderName, StatusCode, Uri, header};

use crate::xrpc::ACCEPT_LABELERS;

/// The most redirects of one call.
pub(super) const MAX: usize = 5;

/// What may be known to any origin, and what it needs to answer as it was asked.
const HARMLESS: [HeaderName; 6] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::ACCEPT_ENCODING,
    header::USER_AGENT,
    header::RANGE,
    ACCEPT_LABELERS,
];

/// Whether a status sends the request elsewhere.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The next address, where an answer is a redirect that can be followed: for those who send requests over a
/// [`Transport`](super::Transport) themselves. It is never one without TLS if the first was one with it, and has no
/// name or password in it. What may go along to another origin is for the caller to decide.
#[must_use]
pub fn target(from: &Uri, status: StatusCode, headers: &HeaderMap) -> Option<Uri> {
    if !is_redirect(status) {
        return None;
    }
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    let to = resolve(from, location)?;
    // What was asked for over TLS is never asked for without.
    let safe =
        to.scheme_str() == Some("https") || (to.scheme_str() == Some("http") && from.scheme_str() == Some("http"));
    let authority = to.authority()?;
    // A name or a password in an address is nothing that a service could have to give.
    let named = !authority.host().is_empty() && !authority.as_str().contains('@');
    (safe && named).then_some(to)
}

/// Whether two addresses have scheme, host and port in common.
pub(super) fn same_origin(a: &Uri, b: &Uri) -> bool {
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    a.scheme() == b.scheme() && host(a) == host(b) && port(a) == port(b)
}

/// Leaves what may reach another origin: a few headers that are no secrets, unless one is marked as
/// such.
pub(super) fn strip(headers: &mut HeaderMap) {
    let all = std::mem::take(headers);
    for name in &HARMLESS {
        for value in all.get_all(name).iter().filter(|value| !value.is_sensitive()) {
            headers.append(name, value.clone());
        }
    }
}

fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        _ => None,
    })
}

/// A reference of the forms that occur: absolute, without scheme, without host, relative.
fn resolve(from: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or(location);
    if has_scheme(location) {
        return location.parse().ok();
    }
    let scheme = from.scheme_str()?;
    if location.starts_with("//") {
        return format!("{scheme}:{location}").parse().ok();
    }
    let path = match location {
        "" => from.path_and_query()?.as_str().to_owned(),
        _ if location.starts_with('/') => location.to_owned(),
        _ if location.starts_with('?') => format!("{}{location}", from.path()),
        _ => beside(from.path(), location),
    };
    format!("{scheme}://{}{path}", from.authority()?).parse().ok()
}

fn has_scheme(location: &str) -> bool {
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    location.split_once(':').is_some_and(|(scheme, _)| scheme.bytes().all(is_scheme))
}

/// A relative path, seen from another.
fn beside(path: &str, relative: &str) -> String {
    let mut steps: Vec<&str> = path.split('/').collect();
    steps.pop();
    let (relative, query) = relative.find('?').map_or((relative, ""), |at| relative.split_at(at));
    for step in relative.split('/') {
        match step {
            "." => {}
            // The first step is the empty one before the first slash.
            ".." => steps.truncate(steps.len().saturating_sub(1).max(1)),
            _ => steps.push(step),
        }
    }
    format!("{}{query}", steps.join("/"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn follow(from: &str, location: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(header::LOCATION, HeaderValue::from_str(location).unwrap())]);
        target(&from.parse().unwrap(), StatusCode::FOUND, &headers).map(|uri| uri.to_string())
    }

    #[test]
    fn a_location_is_read_as_seen_from_the_request() {
        let from = "https://a.example/xrpc/com.example.get?x=1";
        for (location, to) in [
            ("https://b.example/y", "https://b.example/y"),
            ("//b.example/y", "https://b.example/y"),
            ("/y?z=//a://b", "https://a.example/y?z=//a://b"),
            ("y", "https://a.example/xrpc/y"),
            ("../../../y?x=..", "https://a.example/y?x=.."),
            ("./y", "https://a.example/xrpc/y"),
            ("?y=2", "https://a.example/xrpc/com.example.get?y=2"),
            ("/y#part", "https://a.example/y"),
        ] {
            assert_eq!(follow(from, location).as_deref(), Some(to), "{location}");
        }
    }

    #[test]
    fn only_http_is_followed_and_never_away_from_tls() {
        assert_eq!(follow("https://a.example/x", "http://a.example/x"), None);
        assert_eq!(follow("http://a.example/x", "ftp://a.example/x"), None);
        assert_eq!(follow("http://a.example/x", "file:///etc/passwd"), None);
        assert_eq!(follow("http://a.example/x", "mailto:x@b.example"), None);
        assert_eq!(follow("http://a.example/x", "http:y"), None);
        assert_eq!(follow("http://a.example/x", "http://me:secret@b.example/x"), None);
        assert_eq!(follow("http://a.example/x", "https://a.example/x").as_deref(), Some("https://a.example/x"));
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |a: &str, b: &str| same_origin(&a.parse().unwrap(), &b.parse().unwrap());
        assert!(same("https://a.example/x", "https://A.example:443/y"));
        assert!(!same("https://a.example", "http://a.example"));
        assert!(!same("https://a.example", "https://a.example:8443"));
        assert!(!same("https://a.example", "https://b.example"));
    }

    #[test]
    fn only_harmless_headers_stay() {
        let mut key = HeaderValue::from_static("k");
        key.set_sensitive(true);
        let mut headers = HeaderMap::from_iter([
            (header::AUTHORIZATION, HeaderValue::from_static("Bearer t")),
            (header::COOKIE, HeaderValue::from_static("c=1")),
            (HeaderName::from_static("dpop"), HeaderValue::from_static("p")),
            (HeaderName::from_static("x-key"), key.clone()),
            (HeaderName::from_static("x-api-key"), HeaderValue::from_static("k")),
            (HeaderName::from_static("atproto-proxy"), HeaderValue::from_static("did:web:a.example#b")),
            (header::USER_AGENT, key),
            (header::RANGE, HeaderValue::from_static("bytes=0-1")),
            (header::ACCEPT, HeaderValue::from_static("*/*")),
        ]);
        strip(&mut headers);
        assert_eq!(headers.keys().collect::<Vec<_>>(), [&header::ACCEPT, &header::RANGE]);
    }
}
