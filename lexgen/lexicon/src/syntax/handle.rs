use super::newtype;

/// The most bytes of a handle.
const MAX: usize = 253;

/// The most bytes of a label.
const MAX_LABEL: usize = 63;

/// The top-level domains that no account may use, besides `test`.
const DISALLOWED: [&str; 8] = ["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion"];

newtype!(
    /// An account's domain name (Lexicon, string formats: handle), such as `alice.example.com`:
    /// 3 to 253 bytes, two labels or more.
    ///
    /// Case does not count, but is kept: compare, store and resolve [`Handle::normalize`]d
    /// handles. Some handles are good syntax and yet never belong to an account:
    /// [`Handle::has_disallowed_tld`], [`Handle::has_test_tld`] and
    /// [`Handle::is_invalid_marker`] tell them.
    Handle,
    Handle
);

impl Handle {
    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        let bytes = text.as_bytes();
        if bytes.len() > MAX {
            return Err("more than 253 bytes");
        }
        let labels = Labels::scan(bytes)?;
        if labels.count < 2 {
            return Err("only one label");
        }
        if !labels.last.first().is_some_and(u8::is_ascii_alphabetic) {
            return Err("a last label that does not start with a letter");
        }
        Ok(())
    }

    /// The labels from left to right, as written.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The last label, the top-level domain, as written.
    #[must_use]
    pub fn tld(&self) -> &str {
        tld(&self.0)
    }

    /// The normal form: ASCII lower case.
    #[must_use]
    pub fn normalize(&self) -> Self {
        Self(self.0.to_ascii_lowercase().into())
    }

    /// Whether the top-level domain, in any case, is one that no account may use (identity,
    /// handles): `alt`, `arpa`, `example`, `internal`, `invalid`, `local`, `localhost` or `onion`.
    ///
    /// `test` is not among them, as development needs it: see [`Handle::has_test_tld`].
    #[must_use]
    pub fn has_disallowed_tld(&self) -> bool {
        Self::is_under_disallowed_tld(&self.0)
    }

    /// Whether the top-level domain is `test`, in any case, which is for development only
    /// (identity, handles).
    #[must_use]
    pub fn has_test_tld(&self) -> bool {
        self.tld().eq_ignore_ascii_case("test")
    }

    /// Whether this is `handle.invalid`, in any case: the marker of an account without a handle
    /// that holds (identity, handles). It selects no account and is never resolved.
    #[must_use]
    pub fn is_invalid_marker(&self) -> bool {
        self.0.eq_ignore_ascii_case("handle.invalid")
    }

    pub(super) fn is_under_disallowed_tld(host: &str) -> bool {
        DISALLOWED.iter().any(|disallowed| tld(host).eq_ignore_ascii_case(disallowed))
    }
}

fn tld(host: &str) -> &str {
    host.rsplit_once('.').map_or(host, |(_, last)| last)
}

/// The labels of a domain name: 1 to 63 letters, digits and hyphens, no hyphen at an end, and dots
/// between them.
pub(super) struct Labels<'a> {
    pub(super) count: usize,
    pub(super) last: &'a [u8],
}

impl<'a> Labels<'a> {
    pub(super) fn scan(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let (mut count, mut start, mut previous) = (1, 0, b'.');
        for (at, byte) in bytes.iter().copied().enumerate() {
            match byte {
                b'-' if previous == b'.' => return Err("a label that starts with a hyphen"),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => {}
                b'.' => {
                    check_label_end(previous, at - start)?;
                    count += 1;
                    start = at + 1;
                }
                _ => return Err("a character other than letters, digits, hyphens and dots"),
            }
            previous = byte;
        }
        check_label_end(previous, bytes.len() - start)?;
        Ok(Self { count, last: bytes.get(start..).unwrap_or_default() })
    }
}

/// Checks a label by its last byte, which is a dot if there is none, and its length.
fn check_label_end(last: u8, length: usize) -> Result<(), &'static str> {
    match last {
        b'.' => Err("an empty label"),
        b'-' => Err("a label that ends with a hyphen"),
        _ if length > MAX_LABEL => Err("a label of more than 63 bytes"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;

    fn handle(text: &str) -> Handle {
        Handle::from_unchecked(text)
    }

    fn refused(text: &str) -> &'static str {
        Handle::scan(text).expect_err(text)
    }

    #[test]
    fn two_labels_or_more_are_accepted() {
        for text in ["a.b", "9.x", "A-1.b2.Cc", "a.b-c", "alice.pds.example.com", "a.b9", "a--b.c"] {
            assert_eq!(Handle::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_punycode_label_is_not_looked_into() {
        assert_eq!(Handle::scan("xn--zz99zz.org"), Ok(()));
    }

    #[test]
    fn reserved_domains_and_the_invalid_marker_are_good_syntax() {
        for text in ["handle.invalid", "a.local", "a.test", "a.onion"] {
            assert_eq!(Handle::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn one_label_is_refused() {
        for text in ["a", "abc", "localhost"] {
            assert_eq!(refused(text), "only one label", "{text}");
        }
    }

    #[test]
    fn an_empty_label_is_refused() {
        for text in ["", ".", "..", ".a.b", "a.b.", "a..b"] {
            assert_eq!(refused(text), "an empty label", "{text:?}");
        }
    }

    #[test]
    fn a_hyphen_at_the_end_of_a_label_is_refused() {
        for text in ["-a.b", "a.-b", "-.b", "a.-"] {
            assert_eq!(refused(text), "a label that starts with a hyphen", "{text}");
        }
        for text in ["a-.b", "a.b-", "a--.b"] {
            assert_eq!(refused(text), "a label that ends with a hyphen", "{text}");
        }
    }

    #[test]
    fn other_characters_are_refused() {
        for text in ["a_b.c", "é.com", "@a.b", " a.b", "a.b ", "a.b\n", "a\0.b", "did:x:y", "a.b/c", "a.b:80"] {
            assert_eq!(refused(text), "a character other than letters, digits, hyphens and dots", "{text:?}");
        }
    }

    #[test]
    fn the_last_label_starts_with_a_letter() {
        for text in ["a.1", "127.0.0.1", "a.1b"] {
            assert_eq!(refused(text), "a last label that does not start with a letter", "{text}");
        }
    }

    #[test]
    fn a_label_ends_at_63_bytes() {
        let longest = "a".repeat(63);
        assert_eq!(Handle::scan(&format!("{longest}.{longest}")), Ok(()));
        assert_eq!(refused(&format!("{longest}a.b")), "a label of more than 63 bytes");
        assert_eq!(refused(&format!("b.{longest}a")), "a label of more than 63 bytes");
    }

    #[test]
    fn the_length_ends_at_253_bytes() {
        let longest = format!("{}abcdefg", "a.".repeat(123));
        assert_eq!((longest.len(), Handle::scan(&longest)), (253, Ok(())));
        assert_eq!(refused(&format!("{longest}g")), "more than 253 bytes");
    }

    #[test]
    fn a_handle_tells_its_labels_and_top_level_domain() {
        let handle = handle("Alice.example.Com");
        assert_eq!(handle.labels().collect::<Vec<_>>(), ["Alice", "example", "Com"]);
        assert_eq!(handle.tld(), "Com");
    }

    #[test]
    fn the_normal_form_is_lower_case() {
        assert_eq!(handle("Alice.EXAMPLE.com").normalize(), "alice.example.com");
    }

    #[test]
    fn the_reserved_top_level_domains_are_disallowed_in_any_case() {
        for tld in ["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "LOCAL"] {
            assert!(handle(&format!("a.{tld}")).has_disallowed_tld(), "{tld}");
        }
        for text in ["a.com", "local.com", "a.locals", "a.test"] {
            assert!(!handle(text).has_disallowed_tld(), "{text}");
        }
    }

    #[test]
    fn the_test_domain_is_told_apart() {
        assert!(handle("a.test").has_test_tld());
        assert!(handle("a.TEST").has_test_tld());
        assert!(!handle("test.com").has_test_tld());
    }

    #[test]
    fn the_invalid_marker_is_known_in_any_case() {
        assert!(handle("handle.invalid").is_invalid_marker());
        assert!(handle("Handle.Invalid").is_invalid_marker());
        assert!(!handle("a.invalid").is_invalid_marker());
    }

    #[test]
    fn accessors_of_an_empty_text_give_empty_texts() {
        let handle = handle("");
        assert_eq!(handle.labels().collect::<Vec<_>>(), [""]);
        assert_eq!((handle.tld(), handle.normalize().as_str()), ("", ""));
    }
}
