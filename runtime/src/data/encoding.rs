//! Base32 and base64 as the data model writes them, and how much it forgives when reading.

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, Encoding, Specification};

/// RFC 4648 base32, lower case, no padding, no stray trailing bits.
pub(crate) static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().unwrap_or(BASE32_NOPAD)
});

/// RFC 4648 base64 with `+` and `/`, no padding; reading ignores trailing bits.
static BASE64: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = BASE64_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().unwrap_or(BASE64_NOPAD)
});

/// Reads standard base64 with full padding or none. `None` where it is malformed.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = match text.strip_suffix('=') {
        Some(unpadded) if text.len().is_multiple_of(4) => unpadded.strip_suffix('=').unwrap_or(unpadded),
        _ => text,
    };
    BASE64.decode(text.as_bytes()).ok()
}

/// Appends base64 without padding.
pub(crate) fn encode_base64(bytes: &[u8], out: &mut String) {
    BASE64.encode_append(bytes, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_optional() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("AA", &[0]),
            ("AA==", &[0]),
            ("AP8", &[0, 255]),
            ("AP8=", &[0, 255]),
            ("+/+/", &[0xfb, 0xff, 0xbf]),
        ] {
            assert_eq!(decode_base64(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn trailing_bits_are_ignored() {
        assert_eq!(decode_base64("AB").as_deref(), Some(&[0][..]));
        assert_eq!(decode_base64("AP9").as_deref(), Some(&[0, 255][..]));
        assert_eq!(decode_base64("AP9=").as_deref(), Some(&[0, 255][..]));
    }

    #[test]
    fn malformed_base64_is_refused() {
        for text in
            ["A", "AAAAA", "A===", "AA=", "AAA==", "====", "=", "==", "A=A=", "AAAA====", "-_AA", "AA A", "AA\n", "AAé"]
        {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }

    #[test]
    fn base32_is_lower_case_without_padding() {
        assert_eq!(BASE32.encode(b"fooba"), "mzxw6ytb");
        assert_eq!(BASE32.encode(b"fo"), "mzxq");
    }
}
