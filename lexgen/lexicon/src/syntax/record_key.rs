use super::{Nsid, Tid, newtype, set::Set};

/// The most bytes of a record key.
const MAX: usize = 512;

newtype!(
    /// The name of a record in its collection (Lexicon, string formats: record-key): 1 to 512
    /// bytes.
    ///
    /// This is the syntax of every key; a record's Lexicon may ask for more, for example for a
    /// [`Tid`]. Case counts and there is no normal form.
    RecordKey,
    RecordKey
);

impl RecordKey {
    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        match text {
            "" => Err("an empty text"),
            "." | ".." => Err("a path segment with a meaning of its own"),
            _ if text.len() > MAX => Err("more than 512 bytes"),
            _ if !KEY.has_all(text.as_bytes()) => Err("a character that a record key may not have"),
            _ => Ok(()),
        }
    }
}

static KEY: Set = Set::alphanumeric_and(b"_~.:-");

impl From<Tid> for RecordKey {
    fn from(tid: Tid) -> Self {
        Self(tid.into_string().into())
    }
}

impl From<Nsid> for RecordKey {
    fn from(nsid: Nsid) -> Self {
        Self(nsid.into_string().into())
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn letters_digits_and_five_signs_are_accepted() {
        for text in ["self", "3jui7kd54zh2y", "example.com", "...x", "a:b~c_d-e.f", "AbC09"] {
            assert_eq!(RecordKey::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn one_sign_alone_is_accepted_except_a_dot() {
        for text in [":", "_", "~", "-", "...", "0"] {
            assert_eq!(RecordKey::scan(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn one_and_two_dots_are_refused() {
        for text in [".", ".."] {
            assert_eq!(RecordKey::scan(text), Err("a path segment with a meaning of its own"), "{text}");
        }
    }

    #[test]
    fn the_length_goes_from_1_to_512_bytes() {
        assert_eq!(RecordKey::scan(""), Err("an empty text"));
        assert_eq!(RecordKey::scan(&"a".repeat(512)), Ok(()));
        assert_eq!(RecordKey::scan(&"a".repeat(513)), Err("more than 512 bytes"));
    }

    #[test]
    fn other_characters_are_refused() {
        for bad in ["/", "%", "+", "@", " ", "é", "\n", "\0", "#", "?", "*", "$", "(", "\"", "\u{7f}"] {
            for text in [format!("a{bad}"), format!("{bad}a")] {
                assert_eq!(RecordKey::scan(&text), Err("a character that a record key may not have"), "{text:?}");
            }
        }
    }

    #[test]
    fn tids_and_nsids_are_record_keys() {
        let tid = Tid::from_parts(1_700_000_000_000_000, 0);
        assert_eq!(RecordKey::from(tid), "3ke6kg3wk2222");
        assert_eq!(RecordKey::from(Nsid::from_unchecked("com.example.thing")), "com.example.thing");
    }
}
