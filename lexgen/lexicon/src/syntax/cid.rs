use super::newtype;

const MIN: usize = 8;
const MAX: usize = 256;

newtype!(
    /// A CID as text (Lexicon, string formats: cid), 8 to 256 bytes.
    ///
    /// The check is superficial on purpose: letters, digits, `+` and `=`, and no version 0 form
    /// (`Qm...`). CIDs of any base, codec and hash pass, so a value that passes here may still
    /// not be a CID that the data model can use.
    CidString,
    Cid
);

impl CidString {
    pub(crate) fn scan(text: &str) -> Result<(), &'static str> {
        match text.len() {
            ..MIN => return Err("shorter than 8 bytes"),
            MIN..=MAX => {}
            _ => return Err("longer than 256 bytes"),
        }
        if text.starts_with("Qm") {
            return Err("a CID of version 0");
        }
        // Without an early end, which lets the compiler take many bytes at once.
        if text.bytes().fold(true, |good, byte| good & in_cid(byte)) {
            return Ok(());
        }
        Err("a character that no CID has")
    }
}

fn in_cid(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'+') | (byte == b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(text: &str) -> bool {
        CidString::scan(text).is_ok()
    }

    #[test]
    fn any_base_and_codec_is_accepted() {
        for text in [
            "bafyreib2rxk3rh6kzwqdk4q6ym6qh6zqmhrqgv5u5tnnd2z5wozq3tzqja",
            "zdpuAyvkgEDQm9TenwGkd5eNaosSxjgEYd8QatfPetgB1CdEZ",
            "mAXESIA+b+cD",
            "f0155122021e4",
            "MAVUSI==",
        ] {
            assert!(valid(text), "{text}");
        }
    }

    #[test]
    fn version_zero_is_refused() {
        assert!(!valid("QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN"));
        assert!(!valid("Qmabcdef"));
        assert!(valid("qmabcdef"));
        assert!(valid("Qnabcdef"));
    }

    #[test]
    fn the_length_is_8_to_256_bytes() {
        assert!(!valid(""));
        assert!(!valid("bafyrei"));
        assert!(valid("bafyreia"));
        assert!(valid(&"b".repeat(256)));
        assert!(!valid(&"b".repeat(257)));
    }

    #[test]
    fn other_characters_are_refused() {
        for text in [
            "bafy:reia",
            "bafy/reia",
            "bafy.reia",
            "bafy reia",
            " bafyreia",
            "bafyreia\n",
            "bafy-reia",
            "bafy_reia",
            "bafyr\0eia",
            "bafyre\u{e9}a",
        ] {
            assert!(!valid(text), "{text:?}");
        }
    }
}
