//! URLs that blobs are behind.

use http::Uri;

use crate::error::Error;

/// The most bytes of a URL.
const MAX: usize = 2_048;

/// A URL that a blob is behind: http or https, without a name or a password, and without a fragment.
#[derive(Clone, Debug)]
pub(super) struct Address {
    text: Box<str>,
    uri: Uri,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let wrong = |what| Error::invalid_request(format!("the URL of a blob {what}"));
        if url.len() > MAX {
            return Err(wrong("has too many characters"));
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("has characters that have to be escaped"));
        }
        // What is behind it never reaches the host.
        let text = url.split('#').next().unwrap_or(url);
        let uri: Uri = text.parse().map_err(|_| wrong("is none"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong("is neither http nor https"));
        }
        match uri.authority() {
            Some(authority) if authority.as_str().contains('@') => Err(wrong("has a name or a password in it")),
            Some(authority) if !authority.host().is_empty() => Ok(Self { text: text.into(), uri }),
            _ => Err(wrong("has no host")),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_without_its_fragment() {
        let url = Address::parse("https://a.example/b.png?c=d#e").unwrap();
        assert_eq!(url.as_str(), "https://a.example/b.png?c=d");
        assert_eq!(url.uri().path(), "/b.png");
    }

    #[test]
    fn what_is_no_address_of_a_blob_is_refused() {
        let long = format!("https://a.example/{}", "b".repeat(MAX));
        for bad in [
            "",
            "a",
            "/a",
            "a.example/b",
            "ftp://a.example/b",
            "file:///etc/passwd",
            "data:,a",
            "https://",
            "https:///a",
            "https://me@a.example/b",
            "https://me:secret@a.example/b",
            "https://a.example/a b",
            "https://a.example/\u{e9}",
            "https://a.example/\r\nb: c",
            "#",
            &long,
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_url() {
        let error = Address::parse("https://me:secret@a.example/b?token=c").unwrap_err();
        assert!(!error.to_string().contains("secret") && !error.to_string().contains("token"), "{error}");
    }
}
