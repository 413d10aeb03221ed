use alloc::{borrow::Cow, format, string::String};

use super::{AtIdentifier, Did, Nsid, RecordKey, newtype};

const MIN: usize = 8;
const MAX: usize = 8192;

const SCHEME: &str = "at://";

newtype!(
    /// The address of a repository, a collection or a record (Lexicon, string formats: at-uri), 8
    /// to 8192 bytes.
    ///
    /// `at://` and an account, then perhaps `/` and a collection, then perhaps `/` and a record
    /// key. [`GenericAtUri`] is the wider form that people and tools may write.
    AtUri,
    AtUri
);

impl AtUri {
    /// The address of a whole repository. It is valid if the part is.
    #[must_use]
    pub fn repo(authority: &AtIdentifier) -> Self {
        Self::from_unchecked(&format!("{SCHEME}{authority}"))
    }

    /// The address of a collection. It is valid if the parts are.
    #[must_use]
    pub fn collection_of(authority: &AtIdentifier, collection: &Nsid) -> Self {
        Self::from_unchecked(&format!("{SCHEME}{authority}/{collection}"))
    }

    /// The address of a record. It is valid if the parts are.
    #[must_use]
    pub fn record(authority: &AtIdentifier, collection: &Nsid, rkey: &RecordKey) -> Self {
        Self::from_unchecked(&format!("{SCHEME}{authority}/{collection}/{rkey}"))
    }

    /// The account that owns the repository, as written. Empty if a text kept by a lenient reader
    /// has none.
    #[must_use]
    pub fn authority(&self) -> &str {
        Parts::of(self.as_str()).authority
    }

    /// The account that owns the repository. None only in a malformed text.
    #[must_use]
    pub fn authority_id(&self) -> Option<AtIdentifier> {
        self.authority().parse().ok()
    }

    /// The DID of the account, if the address names it by DID.
    #[must_use]
    pub fn authority_did(&self) -> Option<Did> {
        self.authority().parse().ok()
    }

    /// The collection as written. None in the address of a repository.
    #[must_use]
    pub fn collection(&self) -> Option<&str> {
        Parts::of(self.as_str()).segment(0)
    }

    /// The collection. None in the address of a repository and if malformed.
    #[must_use]
    pub fn collection_nsid(&self) -> Option<Nsid> {
        self.collection()?.parse().ok()
    }

    /// The record key as written. None in the address of a repository or collection.
    #[must_use]
    pub fn rkey(&self) -> Option<&str> {
        Parts::of(self.as_str()).segment(1)
    }

    /// The record key. None in the address of a repository or collection and if malformed.
    #[must_use]
    pub fn record_key(&self) -> Option<RecordKey> {
        self.rkey()?.parse().ok()
    }

    /// What follows the account, with the slash at its start; empty in the address of a
    /// repository.
    #[must_use]
    pub fn path(&self) -> &str {
        Parts::of(self.as_str()).path
    }

    /// The normal form: a handle and the authority of the collection in lower case, all else as
    /// it was. A malformed text stays as it is.
    #[must_use]
    pub fn normalize(&self) -> Self {
        if !self.is_valid() {
            return self.clone();
        }
        let parts = Parts::of(self.as_str());
        let (authority, path) = (normal_authority(parts.authority), normal_path(parts.path));
        Self::from_unchecked(&format!("{SCHEME}{authority}{path}"))
    }

    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        let rest = after_scheme(text)?;
        let (authority, path) = split_at_slash(rest);
        scan_authority(authority)?;
        let Some(path) = path else { return Ok(()) };
        let (collection, path) = split_at_slash(path);
        scan_segment(collection, Nsid::scan)?;
        let Some(path) = path else { return Ok(()) };
        let (rkey, path) = split_at_slash(path);
        scan_segment(rkey, RecordKey::scan)?;
        if path.is_some() { Err("more than a collection and a record key") } else { Ok(()) }
    }
}

newtype!(
    /// An address in the `at` scheme as people and tools may write it (AT URI scheme, full
    /// syntax), 8 to 8192 bytes.
    ///
    /// `at://` and an account, then any path, a query and a fragment that starts with `/`. For
    /// user input; records and requests hold an [`AtUri`], which
    /// [`to_record_uri`](Self::to_record_uri) gives.
    GenericAtUri,
    AtUri
);

impl GenericAtUri {
    /// The account, as written. Empty if a text kept by a lenient reader has none.
    #[must_use]
    pub fn authority(&self) -> &str {
        Parts::of(self.as_str()).authority
    }

    /// The path, with the slash at its start; empty if there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        Parts::of(self.as_str()).path
    }

    /// The query without its question mark, which may be empty.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        Parts::of(self.as_str()).query
    }

    /// The fragment without its number sign: a slash and perhaps more.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        Parts::of(self.as_str()).fragment
    }

    /// The normal form: a handle and the authority of a collection in lower case, escapes in
    /// upper case and only where needed, no slash at the end of the path. A DID stays as it is,
    /// and so does a part with an escape that lacks its digits. A malformed text stays as it is.
    #[must_use]
    pub fn normalize(&self) -> Self {
        if !self.is_valid() {
            return self.clone();
        }
        let parts = Parts::of(self.as_str());
        let mut text = parts.normal_address();
        for (mark, part) in [('?', parts.query), ('#', parts.fragment)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(&normal_escapes(part));
            }
        }
        Self::from_unchecked(&text)
    }

    /// The normal address without query and fragment, if it is that of a repository, a collection
    /// or a record.
    #[must_use]
    pub fn to_record_uri(&self) -> Option<AtUri> {
        Self::scan(self.as_str()).ok()?;
        Parts::of(self.as_str()).normal_address().parse().ok()
    }

    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        let rest = after_scheme(text)?;
        if !rest.bytes().all(in_uri) {
            return Err("a character that no URI has");
        }
        let parts = Parts::of(text);
        scan_authority(parts.authority)?;
        match parts.fragment {
            Some(fragment) if !fragment.starts_with('/') => Err("a fragment that does not start with a slash"),
            Some(fragment) if fragment.contains('#') => Err("a second fragment"),
            _ => Ok(()),
        }
    }
}

impl From<AtUri> for GenericAtUri {
    fn from(uri: AtUri) -> Self {
        Self(uri.0)
    }
}

/// An address taken apart. All parts are empty or absent if it does not start with the scheme.
struct Parts<'a> {
    authority: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let rest = text.strip_prefix(SCHEME).unwrap_or_default();
        let (rest, fragment) = split_at_mark(rest, '#');
        let (rest, query) = split_at_mark(rest, '?');
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Self { authority, path, query, fragment }
    }

    fn segment(&self, index: usize) -> Option<&'a str> {
        let segment = self.path.strip_prefix('/')?.split('/').nth(index)?;
        (!segment.is_empty()).then_some(segment)
    }

    /// All but query and fragment, in normal form.
    fn normal_address(&self) -> String {
        let path = normal_escapes(self.path);
        let path = normal_path(path.trim_end_matches('/'));
        format!("{SCHEME}{}{path}", normal_authority(self.authority))
    }
}

/// The text before the first slash and that after it.
fn split_at_slash(text: &str) -> (&str, Option<&str>) {
    // Segments are so short that a plain loop is faster than `split_once`.
    match text.bytes().position(|byte| byte == b'/') {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

fn split_at_mark(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Checks the length and the scheme, and gives the rest.
fn after_scheme(text: &str) -> Result<&str, &'static str> {
    match text.len() {
        ..MIN => Err("shorter than 8 bytes"),
        MIN..=MAX => text.strip_prefix(SCHEME).ok_or("no at:// at the start"),
        _ => Err("longer than 8192 bytes"),
    }
}

fn scan_authority(text: &str) -> Result<(), &'static str> {
    if text.is_empty() { Err("no authority") } else { AtIdentifier::scan(text) }
}

fn scan_segment(text: &str, scan: impl FnOnce(&str) -> Result<(), &'static str>) -> Result<(), &'static str> {
    if text.is_empty() { Err("an empty path segment") } else { scan(text) }
}

/// The characters of RFC 3986.
fn in_uri(byte: u8) -> bool {
    is_unreserved(byte) || b"!#$%&'()*+,/:;=?@[]".contains(&byte)
}

/// The characters that never need an escape.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn normal_authority(text: &str) -> AtIdentifier {
    AtIdentifier::from_unchecked(text).normalize()
}

/// Brings the authority of a collection to lower case, if the path starts with a collection.
fn normal_path(path: &str) -> Cow<'_, str> {
    let Some(rest) = path.strip_prefix('/') else {
        return path.into();
    };
    let (first, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match first.parse::<Nsid>() {
        Ok(collection) => format!("/{}{rest}", collection.normalize()).into(),
        Err(_) => path.into(),
    }
}

/// Decodes the escapes of characters that need none and writes the others in upper case. A text
/// with a faulty escape stays as it is, for decoding around it could make new escapes.
fn normal_escapes(text: &str) -> Cow<'_, str> {
    let mut pieces = text.split('%');
    let mut normal = String::from(pieces.next().unwrap_or_default());
    for piece in pieces {
        let Some((byte, rest)) = split_escape(piece) else {
            return text.into();
        };
        if is_unreserved(byte) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(&format!("%{byte:02X}"));
        }
        normal.push_str(rest);
    }
    normal.into()
}

/// The byte that the two hexadecimal digits at the start stand for, and the rest.
fn split_escape(piece: &str) -> Option<(u8, &str)> {
    let (digits, rest) = piece.split_at_checked(2)?;
    let [high, low] = [0, 1].map(|at| digits.chars().nth(at).and_then(|digit| digit.to_digit(16)));
    let byte = u8::try_from(high? * 16 + low?).ok()?;
    Some((byte, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(text: &str) -> bool {
        AtUri::scan(text).is_ok()
    }

    fn generic(text: &str) -> bool {
        GenericAtUri::scan(text).is_ok()
    }

    fn both_refuse(text: &str) -> bool {
        !strict(text) && !generic(text)
    }

    fn normal(text: &str) -> String {
        GenericAtUri::from_unchecked(text).normalize().into_string()
    }

    fn record_uri(text: &str) -> Option<String> {
        GenericAtUri::from_unchecked(text).to_record_uri().map(AtUri::into_string)
    }

    #[test]
    fn an_account_a_collection_and_a_record_key_make_an_address() {
        for text in [
            "at://q.w",
            "at://Q.W",
            "at://did:abc:z",
            "at://did:web:localhost%3A80",
            "at://did:abc:z/q.w.e",
            "at://did:abc:z/q.w.e/~",
            "at://q.w/q.w.e/a:b~c_d-e.f",
            "at://q.w/q.w.e/...",
        ] {
            assert!(strict(text), "{text}");
            assert!(generic(text), "{text}");
        }
    }

    #[test]
    fn the_scheme_and_an_account_are_required() {
        for text in [
            "",
            "at://",
            "at:///q.w.e",
            "AT://q.w",
            "At://q.w.e",
            "at:q.w.e.r",
            "at:/q.w.e.r",
            "https://q.w",
            "at://name",
            "at://name/q.w.e/r",
            "at://DID:abc:z",
            "at://did:abc:",
            "at://user@q.w",
            "at://user:word@q.w",
            "at://q.w:80",
            "at://@q.w",
            "at://-q.w",
            "at://?q.w",
        ] {
            assert!(both_refuse(text), "{text}");
        }
    }

    #[test]
    fn spaces_and_other_characters_are_refused() {
        for text in [
            " at://q.w",
            "at://q.w ",
            "at://q.w\n",
            "at://q.w/q.w.e/a b",
            "at://q.w/q.w.e/a\0",
            "at://q.w/q.w.e/\u{e9}",
            "at://q.w/q.w.e/a\"",
            "at://q.w/q.w.e/<",
            "at://q.w/q.w.e/a\\b",
            "at://q.w/q.w.e/`{|}^",
        ] {
            assert!(both_refuse(text), "{text:?}");
        }
    }

    #[test]
    fn other_paths_are_for_the_generic_form_only() {
        for text in [
            "at://q.w/",
            "at://q.w/q.w.e/",
            "at://q.w/q.w.e/r/",
            "at://q.w//r",
            "at://q.w/q.w.e//r",
            "at://q.w/q.w.e/r/s",
            "at://q.w/q.w",
            "at://q.w/name",
            "at://q.w/1q.w.e/r",
            "at://q.w/q.w.e/.",
            "at://q.w/q.w.e/..",
            "at://q.w/q.w.e/a%20b",
            "at://q.w/q.w.e/a+b@c",
            "at://q.w/q.w%2Ee/r",
            "at://q.w/[!$&'()*+,;=:@]",
        ] {
            assert!(!strict(text), "{text}");
            assert!(generic(text), "{text}");
        }
    }

    #[test]
    fn queries_and_fragments_are_for_the_generic_form_only() {
        for text in [
            "at://q.w?",
            "at://q.w?a=b",
            "at://q.w/q.w.e/r?a/b?c",
            "at://q.w#/",
            "at://q.w/q.w.e/r#/text/0",
            "at://q.w/q.w.e/r?a#/b?c",
        ] {
            assert!(!strict(text), "{text}");
            assert!(generic(text), "{text}");
        }
    }

    #[test]
    fn a_fragment_starts_with_a_slash_and_stands_alone() {
        for text in ["at://q.w#", "at://q.w/q.w.e/r#text", "at://q.w#/a#/b", "at://q.w##/a"] {
            assert!(both_refuse(text), "{text}");
        }
    }

    #[test]
    fn an_address_has_at_most_8192_bytes() {
        let of_length = |length: usize| format!("at://q.w?{}", "a".repeat(length - 9));
        assert!(generic(&of_length(8192)));
        assert!(both_refuse(&of_length(8193)));
    }

    #[test]
    fn the_shortest_address_has_8_bytes() {
        assert!(strict("at://q.w"));
        assert_eq!(AtUri::scan("at://qw"), Err("shorter than 8 bytes"));
    }

    #[test]
    fn the_parts_are_given_as_written() {
        let uri = AtUri::from_unchecked("at://Q.w/Q.w.e/R");
        assert_eq!(uri.authority(), "Q.w");
        assert_eq!(uri.collection(), Some("Q.w.e"));
        assert_eq!(uri.rkey(), Some("R"));
        assert_eq!(uri.path(), "/Q.w.e/R");
        assert_eq!(uri.authority_did(), None);
        assert_eq!(uri.authority_id().map(AtIdentifier::into_string).as_deref(), Some("Q.w"));
        assert_eq!(uri.collection_nsid().map(Nsid::into_string).as_deref(), Some("Q.w.e"));
        assert_eq!(uri.record_key().map(RecordKey::into_string).as_deref(), Some("R"));
    }

    #[test]
    fn the_address_of_a_repository_has_no_path() {
        let uri = AtUri::from_unchecked("at://did:abc:z");
        assert_eq!(uri.authority_did().map(Did::into_string).as_deref(), Some("did:abc:z"));
        assert_eq!(uri.path(), "");
        assert_eq!((uri.collection(), uri.rkey()), (None, None));
    }

    #[test]
    fn a_malformed_text_has_no_parts() {
        for text in ["", "at:", "name", "/a/b", "https://q.w/q.w.e/r"] {
            let uri = AtUri::from_unchecked(text);
            assert_eq!((uri.authority(), uri.path(), uri.collection(), uri.rkey()), ("", "", None, None), "{text}");
            assert_eq!(uri.normalize(), text);
        }
    }

    #[test]
    fn the_normal_form_of_an_address_has_a_small_authority() {
        let normal = |text| AtUri::from_unchecked(text).normalize().into_string();
        assert_eq!(normal("at://Q.W/Q.W.eE/Rr"), "at://q.w/q.w.eE/Rr");
        assert_eq!(normal("at://did:abc:Z%3a/Q.W.e"), "at://did:abc:Z%3a/q.w.e");
    }

    #[test]
    fn the_generic_form_is_split_at_its_marks() {
        let uri = GenericAtUri::from_unchecked("at://q.w/a/b?c?d#/e?f");
        assert_eq!((uri.authority(), uri.path()), ("q.w", "/a/b"));
        assert_eq!((uri.query(), uri.fragment()), (Some("c?d"), Some("/e?f")));
    }

    #[test]
    fn an_empty_query_is_not_an_absent_one() {
        assert_eq!(GenericAtUri::from_unchecked("at://q.w?").query(), Some(""));
        assert_eq!(GenericAtUri::from_unchecked("at://q.w").query(), None);
    }

    #[test]
    fn the_generic_normal_form_has_few_escapes_and_no_slash_at_the_end() {
        assert_eq!(normal("at://Q.W/"), "at://q.w");
        assert_eq!(normal("at://Q.W/Q.W.eE/Rr/?A#/B/"), "at://q.w/q.w.eE/Rr?A#/B/");
        assert_eq!(normal("at://q.w/Q%2eW.e/%7e%2f%3a"), "at://q.w/q.w.e/~%2F%3A");
        assert_eq!(normal("at://q.w/Name/R?%41%c3#/%5a"), "at://q.w/Name/R?A%C3#/Z");
    }

    #[test]
    fn a_part_with_a_faulty_escape_stays_as_it_is() {
        assert_eq!(normal("at://q.w/%7e%zz"), "at://q.w/%7e%zz");
        assert_eq!(normal("at://q.w/%%341"), "at://q.w/%%341");
        assert_eq!(normal("at://q.w/%4"), "at://q.w/%4");
        assert_eq!(normal("at://q.w/%+1"), "at://q.w/%+1");
    }

    #[test]
    fn a_generic_form_of_a_record_gives_its_address() {
        assert_eq!(record_uri("at://Q.W/").as_deref(), Some("at://q.w"));
        assert_eq!(record_uri("at://q.w/q.w.e/%7E/?x#/y").as_deref(), Some("at://q.w/q.w.e/~"));
    }

    #[test]
    fn a_generic_form_of_anything_else_gives_no_address() {
        for text in ["at://q.w/name", "at://q.w/q.w.e/r/s", "at://q.w/q.w.e/%2F", "at://q.w/q.w.e/r#s", "", "q.w"] {
            assert_eq!(record_uri(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_is_a_generic_one_too() {
        let uri = AtUri::from_unchecked("at://q.w/q.w.e/r");
        assert_eq!(GenericAtUri::from(uri.clone()), uri.as_str());
    }
}
