use core::fmt;

use super::{Handle, newtype, set::Set};

/// The most bytes of a DID.
const MAX: usize = 2048;

newtype!(
    /// A decentralized identifier (Lexicon, string formats: did), such as `did:plc:` and 24 more
    /// characters: 7 to 2048 bytes.
    ///
    /// The syntax is that of any method; [`Did::check_method`] tells whether the network supports
    /// it. A DID has no other normal form: case counts. A DID with a fragment is not a `Did`.
    Did,
    Did
);

/// What a DID of a supported method says (identity, DID methods).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DidMethod<'a> {
    /// `did:plc`: the document is in the PLC directory.
    Plc,
    /// `did:web`: the document is on a web host.
    Web {
        /// The host name, as written.
        host: &'a str,
        /// The port, which only `localhost` may have.
        port: Option<u16>,
    },
}

/// Why a DID cannot be resolved, whatever its syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DidMethodError {
    /// The method is neither `plc` nor `web`.
    Unsupported,
    /// A `did:plc` has other than 24 characters of `a-z` and `2-7`.
    BadPlc,
    /// A `did:web` does not name a public host, or has a path, or has a port that is not
    /// `localhost`'s.
    BadWeb,
}

impl Did {
    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        let bytes = text.as_bytes();
        if bytes.len() > MAX {
            return Err("more than 2048 bytes");
        }
        let Some(rest) = bytes.strip_prefix(b"did:") else {
            return Err("no \"did:\" at the start");
        };
        let method = rest.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let Some((b':', identifier)) = rest.get(method..).and_then(<[u8]>::split_first) else {
            return Err("a method that is not lower-case letters and a colon");
        };
        if method == 0 {
            return Err("an empty method");
        }
        if !IDENTIFIER.has_all(identifier) {
            return Err("a character that a DID may not have");
        }
        match identifier.last() {
            None => Err("an empty identifier"),
            Some(b':' | b'%') => Err("a colon or percent sign at the end"),
            Some(_) => Ok(()),
        }
    }

    /// The method, such as `plc`; empty if the text is not a DID.
    #[must_use]
    pub fn method(&self) -> &str {
        self.parts().map_or("", |(method, _)| method)
    }

    /// What follows the method and its colon; empty if the text is not a DID.
    #[must_use]
    pub fn identifier(&self) -> &str {
        self.parts().map_or("", |(_, identifier)| identifier)
    }

    /// Checks the method's own rules (identity, DID methods), which the syntax leaves open.
    ///
    /// A `did:web` must name one host that could be a handle and is not under a reserved top
    /// level (see [`Handle::has_disallowed_tld`]), without a path. For development, the host may
    /// be `localhost`, and may then be followed by `%3A` and a port from 1 to 65535; a host under
    /// `.test` passes too.
    ///
    /// # Errors
    /// The method is not supported, or the DID breaks its method's rules.
    pub fn check_method(&self) -> Result<DidMethod<'_>, DidMethodError> {
        let identifier = self.identifier();
        match self.method() {
            "plc" if is_plc(identifier) => Ok(DidMethod::Plc),
            "plc" => Err(DidMethodError::BadPlc),
            "web" => web(identifier).ok_or(DidMethodError::BadWeb),
            _ => Err(DidMethodError::Unsupported),
        }
    }

    fn parts(&self) -> Option<(&str, &str)> {
        self.0.strip_prefix("did:")?.split_once(':')
    }
}

static IDENTIFIER: Set = Set::alphanumeric_and(b"._:%-");

fn is_plc(identifier: &str) -> bool {
    identifier.len() == 24 && identifier.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

fn web(identifier: &str) -> Option<DidMethod<'_>> {
    if identifier == "localhost" {
        return Some(DidMethod::Web { host: identifier, port: None });
    }
    if let Some(("localhost", digits)) = identifier.split_once("%3A") {
        return Some(DidMethod::Web { host: "localhost", port: Some(port(digits)?) });
    }
    let public = Handle::scan(identifier).is_ok() && !Handle::is_under_disallowed_tld(identifier);
    public.then_some(DidMethod::Web { host: identifier, port: None })
}

/// A port is written in one way only, so that a DID has one spelling.
fn port(digits: &str) -> Option<u16> {
    let canonical = digits.starts_with(|first| matches!(first, '1'..='9'));
    if canonical { digits.parse().ok() } else { None }
}

impl fmt::Display for DidMethodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => "a DID method that is not supported",
            Self::BadPlc => "a did:plc without exactly 24 characters of a-z and 2-7",
            Self::BadWeb => "a did:web that does not name a public host",
        })
    }
}

impl core::error::Error for DidMethodError {}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn did(text: &str) -> Did {
        Did::from_unchecked(text)
    }

    fn refused(text: &str) -> &'static str {
        Did::scan(text).expect_err(text)
    }

    #[test]
    fn any_method_of_lower_case_letters_is_accepted() {
        for text in ["did:plc:44ybard66vv44zksje25o7dz", "did:web:pds.example.com", "did:abc:Z9._-", "did:q:0"] {
            assert_eq!(Did::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn colons_and_percent_signs_are_accepted_before_the_last_character() {
        for text in ["did:x:::y", "did:x:%zz", "did:q:a%2Fb", "did:x:%%:-"] {
            assert_eq!(Did::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_colon_or_percent_sign_at_the_end_is_refused() {
        for text in ["did:x:a:", "did:x:a%", "did:x::", "did:x:%"] {
            assert_eq!(refused(text), "a colon or percent sign at the end", "{text}");
        }
    }

    #[test]
    fn another_prefix_is_refused() {
        for text in ["", "d", "DID:x:y", "Did:x:y", "id:x:y", " did:x:y", "did", "com.example"] {
            assert_eq!(refused(text), "no \"did:\" at the start", "{text:?}");
        }
    }

    #[test]
    fn a_method_has_lower_case_letters_only() {
        for text in ["did:X:y", "did:x1:y", "did:x-y:z", "did:x", "did:", "did:é:y"] {
            assert_eq!(refused(text), "a method that is not lower-case letters and a colon", "{text}");
        }
        assert_eq!(refused("did::y"), "an empty method");
    }

    #[test]
    fn an_empty_identifier_is_refused() {
        assert_eq!(refused("did:x:"), "an empty identifier");
    }

    #[test]
    fn paths_queries_fragments_and_other_characters_are_refused() {
        for bad in ["/", "?", "#", " ", "\n", "\0", "é", "~", "@"] {
            let text = format!("did:x:a{bad}");
            assert_eq!(refused(&text), "a character that a DID may not have", "{text:?}");
        }
    }

    #[test]
    fn the_length_ends_at_2048_bytes() {
        let longest = format!("did:x:{}", "a".repeat(2042));
        assert_eq!(Did::scan(&longest), Ok(()));
        assert_eq!(refused(&format!("{longest}a")), "more than 2048 bytes");
    }

    #[test]
    fn a_did_tells_its_method_and_identifier() {
        assert_eq!(did("did:abc:d:e").method(), "abc");
        assert_eq!(did("did:abc:d:e").identifier(), "d:e");
    }

    #[test]
    fn a_text_that_is_not_a_did_has_no_method_and_no_identifier() {
        for text in ["", "did:", "did:x", "DID:x:y", "com.example"] {
            assert_eq!((did(text).method(), did(text).identifier()), ("", ""), "{text:?}");
            assert_eq!(did(text).check_method(), Err(DidMethodError::Unsupported), "{text:?}");
        }
    }

    #[test]
    fn a_plc_identifier_has_24_base32_characters() {
        assert_eq!(did("did:plc:44ybard66vv44zksje25o7dz").check_method(), Ok(DidMethod::Plc));
        for identifier in ["44ybard66vv44zksje25o7d", "44ybard66vv44zksje25o7dzz", "44YBARD66VV44ZKSJE25O7DZ", ""] {
            let did = did(&format!("did:plc:{identifier}"));
            assert_eq!(did.check_method(), Err(DidMethodError::BadPlc), "{did}");
        }
        for character in ["0", "1", "8", "9", "-", "A"] {
            let did = did(&format!("did:plc:44ybard66vv44zksje25o7d{character}"));
            assert_eq!(did.check_method(), Err(DidMethodError::BadPlc), "{did}");
        }
    }

    #[test]
    fn a_web_identifier_is_a_public_host() {
        for host in ["pds.example.com", "Example.COM", "a-b.test"] {
            let did = did(&format!("did:web:{host}"));
            assert_eq!(did.check_method(), Ok(DidMethod::Web { host, port: None }), "{did}");
        }
    }

    #[test]
    fn a_web_identifier_without_a_public_host_is_refused() {
        for host in ["com", "10.0.0.1", "-a.com", "a.local", "a.INTERNAL", "a_b.com", "a.com:user:alice", ""] {
            let did = did(&format!("did:web:{host}"));
            assert_eq!(did.check_method(), Err(DidMethodError::BadWeb), "{did}");
        }
    }

    #[test]
    fn only_localhost_may_have_a_port() {
        let local = |port| Ok(DidMethod::Web { host: "localhost", port });
        assert_eq!(did("did:web:localhost").check_method(), local(None));
        assert_eq!(did("did:web:localhost%3A2583").check_method(), local(Some(2583)));
        assert_eq!(did("did:web:localhost%3A65535").check_method(), local(Some(65535)));
        assert_eq!(did("did:web:example.com%3A2583").check_method(), Err(DidMethodError::BadWeb));
    }

    #[test]
    fn a_port_is_a_plain_number_of_16_bits() {
        for port in ["%3A", "%3A0", "%3A080", "%3A+80", "%3A65536", "%3A80x", "%3a80", ":80", "%3A80%3A80"] {
            let did = did(&format!("did:web:localhost{port}"));
            assert_eq!(did.check_method(), Err(DidMethodError::BadWeb), "{did}");
        }
    }

    #[test]
    fn another_method_is_unsupported_and_not_a_fault_of_the_text() {
        let did = did("did:example:a");
        assert!(did.is_valid());
        assert_eq!(did.check_method(), Err(DidMethodError::Unsupported));
    }
}
