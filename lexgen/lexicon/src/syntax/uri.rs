use super::newtype;

const MIN: usize = 3;
const MAX: usize = 8192;

/// The most bytes of a scheme.
const MAX_SCHEME: usize = 81;

newtype!(
    /// A URI of any scheme (Lexicon, string formats: uri), 3 to 8192 bytes.
    ///
    /// A scheme, a colon and at least one printable ASCII character; nothing after the colon is
    /// parsed. The lenient form takes other characters after the colon too, but no spaces or
    /// control characters.
    Uri,
    Uri
);

impl Uri {
    /// The scheme as written, without the colon. Empty if a text kept by a lenient reader has none.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.as_str().split_once(':').map_or("", |(scheme, _)| scheme)
    }

    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        let rest = after_scheme(text)?;
        // Without an early end, which lets the compiler take many bytes at once.
        if rest.bytes().fold(true, |good, byte| good & byte.is_ascii_graphic()) {
            Ok(())
        } else {
            Err("not all printable ASCII")
        }
    }

    pub(crate) fn scan_lenient(text: &str) -> Result<(), &'static str> {
        let rest = after_scheme(text)?;
        if rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("a space or control character");
        }
        Ok(())
    }
}

/// Checks the lengths and the scheme, and gives what follows the colon, which is not empty.
fn after_scheme(text: &str) -> Result<&str, &'static str> {
    match text.len() {
        ..MIN => return Err("shorter than 3 bytes"),
        MIN..=MAX => {}
        _ => return Err("longer than 8192 bytes"),
    }
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("no letter at the start");
    }
    let scheme = text.bytes().take(MAX_SCHEME + 1).take_while(|byte| in_scheme(*byte)).count();
    if scheme > MAX_SCHEME {
        return Err("a scheme longer than 81 bytes");
    }
    match text.get(scheme..).and_then(|rest| rest.strip_prefix(':')) {
        None => Err("no colon after the scheme"),
        Some("") => Err("nothing after the colon"),
        Some(rest) => Ok(rest),
    }
}

fn in_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn strict(text: &str) -> bool {
        Uri::scan(text).is_ok()
    }

    fn lenient(text: &str) -> bool {
        Uri::scan_lenient(text).is_ok()
    }

    fn of_length(length: usize) -> String {
        String::from("a:") + &"b".repeat(length - 2)
    }

    #[test]
    fn any_scheme_of_letters_digits_and_signs_is_accepted() {
        for text in ["tag:a", "urn:uuid:0", "cal+x:y", "foo-bar:x", "a.b:x", "h2:x", "HTTPS://A", "x:/", "x:::"] {
            assert!(strict(text), "{text}");
            assert!(lenient(text), "{text}");
        }
    }

    #[test]
    fn nothing_after_the_colon_is_parsed() {
        for text in ["https://", "https://[", "a:%zz", "a:\\", "a:~!", "a:b#c#d"] {
            assert!(strict(text), "{text}");
        }
    }

    #[test]
    fn a_scheme_and_something_after_it_are_required() {
        for text in
            ["", "a", "a:", "abc:", ":ab", "abcdef", "://x", "1a:b", "-a:b", ".a:b", "+a:b", "a_b:c", "\u{e9}a:b"]
        {
            assert!(!strict(text), "{text}");
            assert!(!lenient(text), "{text}");
        }
    }

    #[test]
    fn spaces_and_control_characters_are_refused_everywhere() {
        for text in [" a:b", "a:b ", "a:b\n", "a:b c", "a:\tb", "a:b\0", "a:\u{7f}", "a :b"] {
            assert!(!strict(text), "{text:?}");
            assert!(!lenient(text), "{text:?}");
        }
    }

    #[test]
    fn other_characters_after_the_colon_are_for_the_lenient_form_only() {
        assert!(!strict("https://caf\u{e9}.example"));
        assert!(lenient("https://caf\u{e9}.example"));
        assert!(!lenient("https://caf\u{a0}.example"));
        assert!(!lenient("caf\u{e9}:x"));
    }

    #[test]
    fn a_uri_has_at_most_8192_bytes() {
        assert!(strict(&of_length(8192)));
        assert!(!strict(&of_length(8193)));
        assert!(!lenient(&of_length(8193)));
    }

    #[test]
    fn a_scheme_has_at_most_81_bytes() {
        assert!(strict(&("s".repeat(81) + ":x")));
        assert!(!strict(&("s".repeat(82) + ":x")));
    }

    #[test]
    fn the_scheme_is_given_as_written() {
        assert_eq!(Uri::from_unchecked("Git+SSH://h").scheme(), "Git+SSH");
    }

    #[test]
    fn a_text_without_colon_has_no_scheme() {
        assert_eq!(Uri::from_unchecked("plain").scheme(), "");
        assert_eq!(Uri::from_unchecked("").scheme(), "");
    }
}
