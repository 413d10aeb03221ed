//! The headers that name other services: `atproto-proxy` and the lists of labelers (XRPC, headers).

use std::{fmt, str::FromStr};

use arobase_lexicon::syntax::Did;
use http::{HeaderMap, HeaderName, StatusCode};

use super::XrpcError;

/// The header that names the service which a request is meant for: a [`ServiceRef`].
pub const PROXY: HeaderName = HeaderName::from_static("atproto-proxy");
/// The header that names the labelers whose labels the client wants: [`Labelers`].
pub const ACCEPT_LABELERS: HeaderName = HeaderName::from_static("atproto-accept-labelers");
/// The header that names the labelers whose labels the answer has: [`Labelers`].
pub const CONTENT_LABELERS: HeaderName = HeaderName::from_static("atproto-content-labelers");

/// The most labelers of one list. Services use about 20.
const MAX_LABELERS: usize = 500;

/// A header that is not of its syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderError {
    header: &'static str,
    reason: &'static str,
}

/// A service in the document of a DID: the DID, `#`, the id of the service (XRPC, `atproto-proxy`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceRef {
    did: Did,
    id: Box<str>,
}

/// A labeler, and what the client wants of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Labeler {
    /// Who it is.
    pub did: Did,
    /// Whether what it takes down is hidden.
    pub redact: bool,
}

/// A list of labelers, each once (XRPC, `atproto-accept-labelers`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labelers(Vec<Labeler>);

impl ServiceRef {
    /// A service of a DID, by its id without `#`.
    ///
    /// # Errors
    /// An id that is empty, or has a `#`, a space or another character that is not visible ASCII.
    pub fn new(did: Did, id: &str) -> Result<Self, HeaderError> {
        let error = |reason| Err(HeaderError { header: "atproto-proxy", reason });
        if id.is_empty() {
            return error("no service after the `#`");
        }
        if !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return error("a service with a second `#`, a space or a special character");
        }
        Ok(Self { did, id: id.into() })
    }

    /// The DID.
    #[must_use]
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// The id of the service, without `#`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl FromStr for ServiceRef {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let error = |reason| HeaderError { header: "atproto-proxy", reason };
        let (did, id) = text.split_once('#').ok_or_else(|| error("no `#` between a DID and a service"))?;
        let did = did.parse().map_err(|_| error("no DID before the `#`"))?;
        Self::new(did, id)
    }
}

impl fmt::Display for ServiceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.did, self.id)
    }
}

impl Labelers {
    /// An empty list: no labels are wanted.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads a header, which may stand several times; `None` where it is absent.
    ///
    /// # Errors
    /// A list that cannot be parsed, or is too long.
    pub fn from_headers(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, HeaderError> {
        let mut list = None;
        for line in headers.get_all(name) {
            let line = line.to_str().map_err(|_| refused("a character that is not ASCII"))?;
            list.get_or_insert_with(Self::new).read(line)?;
        }
        Ok(list)
    }

    /// Adds a labeler. One that is there already is not repeated; its flag is set if either is.
    pub fn add(&mut self, did: Did, redact: bool) {
        match self.0.iter_mut().find(|labeler| labeler.did == did) {
            Some(labeler) => labeler.redact |= redact,
            None => self.0.push(Labeler { did, redact }),
        }
    }

    /// The labelers, in the order in which they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Labeler> {
        self.0.iter()
    }

    /// The number of labelers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what one line of the header lists.
    fn read(&mut self, line: &str) -> Result<(), HeaderError> {
        let mut rest = line.trim_matches(' ');
        while !rest.is_empty() {
            let (token, tail) = rest.split_at(run(rest, is_token));
            let did = token.parse().map_err(|_| refused("an item that is no DID"))?;
            let (redact, tail) = flags(tail)?;
            self.add(did, redact);
            if self.len() > MAX_LABELERS {
                return Err(refused("too many labelers"));
            }
            rest = next_item(tail)?;
        }
        Ok(())
    }
}

impl FromStr for Labelers {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let mut list = Self::new();
        list.read(text)?;
        Ok(list)
    }
}

impl fmt::Display for Labelers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, labeler) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let flag = if labeler.redact { ";redact" } else { "" };
            write!(f, "{separator}{}{flag}", labeler.did)?;
        }
        Ok(())
    }
}

impl<'a> IntoIterator for &'a Labelers {
    type Item = &'a Labeler;
    type IntoIter = std::slice::Iter<'a, Labeler>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.header, self.reason)
    }
}

impl std::error::Error for HeaderError {}

impl From<HeaderError> for XrpcError {
    fn from(error: HeaderError) -> Self {
        Self::of(StatusCode::BAD_REQUEST, error.to_string())
    }
}

fn refused(reason: &'static str) -> HeaderError {
    HeaderError { header: "list of labelers", reason }
}

/// What follows the comma after an item; empty at the end. A comma at the end is refused.
fn next_item(rest: &str) -> Result<&str, HeaderError> {
    let rest = rest.trim_start_matches([' ', '\t']);
    match rest.strip_prefix(',').map(|rest| rest.trim_start_matches([' ', '\t'])) {
        Some("") => Err(refused("a comma at the end")),
        Some(rest) => Ok(rest),
        None if rest.is_empty() => Ok(rest),
        None => Err(refused("no comma between two items")),
    }
}

/// Reads the parameters of an item: whether it is to be redacted, and what follows. Parameters of
/// other names may have any value.
fn flags(mut rest: &str) -> Result<(bool, &str), HeaderError> {
    let mut redact = false;
    while let Some(param) = rest.strip_prefix(';') {
        let param = param.trim_start_matches(' ');
        let (key, tail) = param.split_at(run(param, is_key));
        if !key.starts_with(|first: char| first.is_ascii_lowercase() || first == '*') {
            return Err(refused("a parameter without a name"));
        }
        let (value, tail) = value(tail)?;
        if key == "redact" {
            redact = match value {
                "?1" => true,
                "?0" => false,
                _ => return Err(refused("a `redact` that is no boolean")),
            };
        }
        rest = tail;
    }
    Ok((redact, rest))
}

/// Reads the value of a parameter, which is true if it has none, and what follows.
fn value(rest: &str) -> Result<(&str, &str), HeaderError> {
    let Some(rest) = rest.strip_prefix('=') else { return Ok(("?1", rest)) };
    let len = match rest.strip_prefix('"') {
        Some(text) => quoted(text)? + 1,
        None => run(rest, |byte| is_token(byte) || matches!(byte, b'?' | b'=')),
    };
    if len == 0 {
        return Err(refused("a parameter without its value"));
    }
    Ok(rest.split_at(len))
}

/// The length of a quoted string without the quote at its beginning.
fn quoted(text: &str) -> Result<usize, HeaderError> {
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return Ok(index + 1),
            b'\\' if !matches!(bytes.next(), Some((_, b'"' | b'\\'))) => break,
            b' '..=b'~' => {}
            _ => break,
        }
    }
    Err(refused("a string that does not end"))
}

/// How many bytes at the beginning, all of them ASCII, are of a kind.
fn run(text: &str, kind: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii() && kind(*byte)).count()
}

/// The bytes of tokens, which include those of DIDs; numbers and byte sequences have no others.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte)
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelers(text: &str) -> Result<String, HeaderError> {
        text.parse::<Labelers>().map(|list| list.to_string())
    }

    #[test]
    fn a_service_is_a_did_and_an_id() {
        let service: ServiceRef = "did:web:api.example.com#bsky_appview".parse().unwrap();
        assert_eq!((service.did().as_str(), service.id()), ("did:web:api.example.com", "bsky_appview"));
        assert_eq!(service.to_string(), "did:web:api.example.com#bsky_appview");
    }

    #[test]
    fn a_service_without_one_of_its_parts_is_refused() {
        for text in [
            "",
            "#",
            "did:web:example.com",
            "did:web:example.com#",
            "#svc",
            "did:web:example.com#a#b",
            "did:web:example.com##b",
            "did:web:example.com# svc",
            "did:web:example.com #svc",
            " did:web:example.com#svc",
            "did:web:example.com#svc ",
            "did:web:example.com#s\tvc",
            "did:web:example.com#é",
            "did:web#svc",
            "example.com#svc",
        ] {
            let error = text.parse::<ServiceRef>().unwrap_err();
            assert!(error.to_string().starts_with("atproto-proxy: "), "{text:?}: {error}");
        }
    }

    #[test]
    fn labelers_have_an_optional_flag() {
        let list: Labelers = "did:web:a.example;redact ,\tdid:web:b%3A1,did:web:c.example;redact=?0".parse().unwrap();
        let flags: Vec<_> = list.iter().map(|labeler| (labeler.did.as_str(), labeler.redact)).collect();
        assert_eq!(flags, [("did:web:a.example", true), ("did:web:b%3A1", false), ("did:web:c.example", false)]);
        assert_eq!(list.to_string(), "did:web:a.example;redact, did:web:b%3A1, did:web:c.example");
    }

    #[test]
    fn a_repeated_labeler_is_redacted_if_it_is_once() {
        let merged =
            labelers("did:web:a.example, did:web:b.example;redact, did:web:a.example;redact, did:web:b.example");
        assert_eq!(merged.unwrap(), "did:web:a.example;redact, did:web:b.example;redact");
    }

    #[test]
    fn parameters_of_other_names_do_not_count() {
        for text in [";x", "; x=1", ";x=\"a \\\" , b\"", ";x=:YQ==:;y=?0", ";*x=tok/en", ";x=-1.5"] {
            let list = labelers(&format!("did:web:a.example{text};redact"));
            assert_eq!(list.unwrap(), "did:web:a.example;redact", "{text}");
        }
    }

    #[test]
    fn an_empty_list_is_empty() {
        for text in ["", "  "] {
            assert_eq!(labelers(text).unwrap(), "", "{text:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_dids_is_refused() {
        for text in [
            ",",
            "did:web:a.example,",
            ",did:web:a.example",
            "did:web:a.example,,did:web:b.example",
            "did:web:a.example did:web:b.example",
            "labeler",
            "\"did:web:a.example\"",
            "(did:web:a.example)",
            "did:web:a.example;",
            "did:web:a.example;Redact",
            "did:web:a.example ;redact",
            "did:web:a.example;redact=",
            "did:web:a.example;redact=1",
            "did:web:a.example;x=\"a",
            "did:web:a.example;x=\"\\a\"",
            "did:web:é.example",
        ] {
            assert!(labelers(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn repeated_headers_merge_and_an_absent_one_is_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(Labelers::from_headers(&headers, &ACCEPT_LABELERS), Ok(None));
        for line in ["", "did:web:a.example", "did:web:a.example;redact, did:web:b.example"] {
            headers.append(ACCEPT_LABELERS, line.parse().unwrap());
            assert!(Labelers::from_headers(&headers, &ACCEPT_LABELERS).unwrap().is_some());
        }
        let list = Labelers::from_headers(&headers, &ACCEPT_LABELERS).unwrap().unwrap();
        assert_eq!(list.to_string(), "did:web:a.example;redact, did:web:b.example");
    }

    #[test]
    fn a_list_does_not_grow_without_bound() {
        let many =
            |count: usize| (0..count).map(|index| format!("did:web:l{index}.example")).collect::<Vec<_>>().join(",");
        assert!(labelers(&many(MAX_LABELERS)).is_ok());
        assert!(labelers(&many(MAX_LABELERS + 1)).is_err());
    }

    #[test]
    fn a_faulty_header_is_a_bad_request() {
        let error = XrpcError::from("did:web:example.com".parse::<ServiceRef>().unwrap_err());
        assert_eq!((error.status(), error.name()), (StatusCode::BAD_REQUEST, "InvalidRequest"));
    }
}
