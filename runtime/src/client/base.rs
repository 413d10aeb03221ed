use http::Uri;

use super::ConfigError;

/// The address of a service: scheme, authority and path, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base(Box<str>);

impl Base {
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let uri: Uri = text.parse().map_err(|_| ConfigError::new("the address of the service is no URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(ConfigError::new("the address of the service has to begin with `https://` or `http://`"));
        }
        let bare = !text.contains(['?', '#', '@']);
        if !bare || uri.host().is_none_or(str::is_empty) {
            return Err(ConfigError::new(
                "the address of the service is a scheme, a host and a path, and nothing else",
            ));
        }
        Ok(Self(text.trim_end_matches('/').into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a method; `None` if it is too long for a URL.
    pub(super) fn method(&self, nsid: &str, query: &str) -> Option<Uri> {
        method(&self.0, nsid, query)
    }

    /// The same with the scheme of WebSockets.
    pub(super) fn socket(&self, nsid: &str, query: &str) -> Option<Uri> {
        let (scheme, rest) = self.0.split_once("://")?;
        let scheme = if scheme.eq_ignore_ascii_case("https") { "wss" } else { "ws" };
        method(&format!("{scheme}://{rest}"), nsid, query)
    }
}

fn method(base: &str, nsid: &str, query: &str) -> Option<Uri> {
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{base}/xrpc/{nsid}{mark}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_and_slashes_at_the_end_go() {
        for (text, base) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com/", "https://example.com"),
            ("http://localhost:2583//", "http://localhost:2583"),
            ("https://example.com/at/proto/", "https://example.com/at/proto"),
            ("http://[::1]:80", "http://[::1]:80"),
        ] {
            assert_eq!(Base::parse(text).unwrap().as_str(), base);
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in [
            "",
            "/",
            "example.com",
            "//example.com",
            "ftp://example.com",
            "ws://example.com",
            "https://",
            "https:///x",
            "https://user:secret@example.com",
            "https://example.com?x=1",
            "https://example.com/#x",
            "https://exa mple.com",
        ] {
            assert!(Base::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn methods_stand_under_the_path() {
        let base = Base::parse("HTTPS://example.com/at").unwrap();
        assert_eq!(base.method("com.example.get", "").unwrap(), "https://example.com/at/xrpc/com.example.get");
        assert_eq!(base.method("com.example.get", "a=1").unwrap(), "https://example.com/at/xrpc/com.example.get?a=1");
        assert_eq!(base.socket("com.example.sub", "").unwrap(), "wss://example.com/at/xrpc/com.example.sub");
    }

    #[test]
    fn an_address_can_be_too_long() {
        let base = Base::parse("https://example.com").unwrap();
        assert_eq!(base.method("com.example.get", &"a=1&".repeat(50_000)), None);
    }
}
