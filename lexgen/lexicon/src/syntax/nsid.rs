use alloc::string::String;

use super::{handle::Labels, newtype};

/// The most bytes of an NSID. The authority's own limit as a domain name counts only where it is
/// resolved.
const MAX: usize = 317;

newtype!(
    /// A namespaced identifier (Lexicon, string formats: nsid), such as `com.example.getThing`: a
    /// domain name in reverse, the authority, then a name; 5 to 317 bytes, three segments or more.
    ///
    /// Case counts in the name but not in the authority. An NSID with a fragment or with a `*` is
    /// not an `Nsid`.
    Nsid,
    Nsid
);

impl Nsid {
    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        let bytes = text.as_bytes();
        if bytes.len() > MAX {
            return Err("more than 317 bytes");
        }
        let segments = Labels::scan(bytes)?;
        if segments.count < 3 {
            return Err("fewer than three segments");
        }
        if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
            return Err("a first segment that does not start with a letter");
        }
        if !segments.last.first().is_some_and(u8::is_ascii_alphabetic) {
            return Err("a name that does not start with a letter");
        }
        if segments.last.contains(&b'-') {
            return Err("a name with a hyphen");
        }
        Ok(())
    }

    /// The segments from left to right, as written.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The last segment, as written.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit_once('.').map_or(&*self.0, |(_, name)| name)
    }

    /// What is before the name, as written: `com.example` in `com.example.getThing`.
    #[must_use]
    pub fn group(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(group, _)| group)
    }

    /// The domain name that stands for the group: its segments in reverse, in lower case, such as
    /// `example.com` for `com.example.getThing`.
    ///
    /// It may be longer than the 253 bytes of a domain name.
    #[must_use]
    pub fn authority(&self) -> String {
        let group = self.group();
        let mut authority = String::with_capacity(group.len());
        for (place, segment) in group.rsplit('.').enumerate() {
            if place > 0 {
                authority.push('.');
            }
            authority.push_str(segment);
        }
        authority.make_ascii_lowercase();
        authority
    }

    /// The normal form: all but the name in ASCII lower case.
    #[must_use]
    pub fn normalize(&self) -> Self {
        let mut text = String::from(&*self.0);
        if let Some(group) = text.get_mut(..self.group().len()) {
            group.make_ascii_lowercase();
        }
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;

    fn nsid(text: &str) -> Nsid {
        Nsid::from_unchecked(text)
    }

    fn refused(text: &str) -> &'static str {
        Nsid::scan(text).expect_err(text)
    }

    #[test]
    fn three_segments_or_more_are_accepted() {
        for text in ["q.w.e", "com.example.getThing", "com.example.a.b.c.d", "x9.Y.z0", "a-b.c--d.e"] {
            assert_eq!(Nsid::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_later_segment_of_the_authority_may_start_with_a_digit() {
        for text in ["dev.2nd-level.getX9", "a.0.b"] {
            assert_eq!(Nsid::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn one_or_two_segments_are_refused() {
        for text in ["com", "com.example", "a.b"] {
            assert_eq!(refused(text), "fewer than three segments", "{text}");
        }
    }

    #[test]
    fn an_empty_segment_is_refused() {
        for text in ["", "..", "a..b", ".a.b.c", "a.b.c.", "a.b."] {
            assert_eq!(refused(text), "an empty label", "{text:?}");
        }
    }

    #[test]
    fn the_first_segment_starts_with_a_letter() {
        for text in ["0.b.c", "1st.example.thing"] {
            assert_eq!(refused(text), "a first segment that does not start with a letter", "{text}");
        }
    }

    #[test]
    fn the_name_starts_with_a_letter_and_has_no_hyphen() {
        for text in ["a.b.0", "a.b.3c"] {
            assert_eq!(refused(text), "a name that does not start with a letter", "{text}");
        }
        assert_eq!(refused("a.b.c-d"), "a name with a hyphen");
    }

    #[test]
    fn a_hyphen_at_the_end_of_a_segment_is_refused() {
        for text in ["-a.b.c", "a.-b.c", "a.b.-c"] {
            assert_eq!(refused(text), "a label that starts with a hyphen", "{text}");
        }
        for text in ["a-.b.c", "a.b-.c", "a.b.c-"] {
            assert_eq!(refused(text), "a label that ends with a hyphen", "{text}");
        }
    }

    #[test]
    fn globs_fragments_and_other_characters_are_refused() {
        for text in ["com.example.*", "*", "a.b.c#d", "a.b.c d", " a.b.c", "a.b.c\n", "a.b.c\0", "a.b.é", "a_.b.c"] {
            assert_eq!(refused(text), "a character other than letters, digits, hyphens and dots", "{text:?}");
        }
    }

    #[test]
    fn a_segment_ends_at_63_bytes() {
        let longest = "a".repeat(63);
        assert_eq!(Nsid::scan(&format!("{longest}.{longest}.{longest}")), Ok(()));
        for text in [format!("{longest}a.b.c"), format!("a.{longest}b.c"), format!("a.b.{longest}c")] {
            assert_eq!(refused(&text), "a label of more than 63 bytes", "{text}");
        }
    }

    #[test]
    fn the_length_ends_at_317_bytes() {
        let longest = format!("{}b", "a.".repeat(158));
        assert_eq!((longest.len(), Nsid::scan(&longest)), (317, Ok(())));
        assert_eq!(refused(&format!("{longest}b")), "more than 317 bytes");
    }

    #[test]
    fn an_authority_longer_than_a_domain_name_is_accepted() {
        let text = format!("{}name", "abc.".repeat(78));
        assert_eq!((nsid(&text).authority().len(), Nsid::scan(&text)), (311, Ok(())));
    }

    #[test]
    fn an_nsid_tells_its_parts_as_written() {
        let nsid = nsid("Com.Example.feed.getThing");
        assert_eq!(nsid.segments().collect::<Vec<_>>(), ["Com", "Example", "feed", "getThing"]);
        assert_eq!((nsid.group(), nsid.name()), ("Com.Example.feed", "getThing"));
    }

    #[test]
    fn the_authority_is_the_lower_case_domain_name() {
        assert_eq!(nsid("Com.Example.feed.getThing").authority(), "feed.example.com");
    }

    #[test]
    fn the_normal_form_keeps_the_case_of_the_name() {
        assert_eq!(nsid("Com.EXAMPLE.getThing").normalize(), "com.example.getThing");
    }

    #[test]
    fn accessors_of_faulty_texts_give_what_there_is() {
        for (text, group, name, authority) in
            [("", "", "", ""), ("One", "", "One", ""), (".", "", "", ""), ("É.B", "É", "B", "É")]
        {
            let nsid = nsid(text);
            assert_eq!((nsid.group(), nsid.name(), &*nsid.authority()), (group, name, authority), "{text:?}");
            assert_eq!(nsid.normalize(), text, "{text:?}");
        }
    }
}
