//! `application/x-www-form-urlencoded`, one name or value at a time.

use std::borrow::Cow;

use crate::data::Error;

/// Appends a text, escaped.
pub(super) fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.extend([byte >> 4, byte & 0xf].into_iter().filter_map(digit));
            }
        }
    }
}

fn digit(half: u8) -> Option<char> {
    char::from_digit(half.into(), 16).map(|digit| digit.to_ascii_uppercase())
}

/// The text that was escaped. A `%` without two hexadecimal digits stands for itself.
pub(super) fn unescape(text: &str) -> Result<Cow<'_, str>, Error> {
    if !text.contains(['+', '%']) {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let (byte, tail) = match first {
            b'+' => (b' ', tail),
            b'%' => escaped(tail).unwrap_or((b'%', tail)),
            byte => (*byte, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Error::syntax("the text is not UTF-8"))
}

/// The byte that two hexadecimal digits stand for, and what follows them.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], rest) = text.split_first_chunk()?;
    let value = char::from(*high).to_digit(16)? << 4 | char::from(*low).to_digit(16)?;
    Some((u8::try_from(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_four_signs_stand_for_themselves() {
        let mut out = String::new();
        escape("aZ09*-._ ~/?#[]@!$&'()+,;=%\"é", &mut out);
        assert_eq!(out, "aZ09*-._+%7E%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2B%2C%3B%3D%25%22%C3%A9");
        assert_eq!(unescape(&out).unwrap(), "aZ09*-._ ~/?#[]@!$&'()+,;=%\"é");
    }

    #[test]
    fn a_malformed_escape_stands_for_itself() {
        for (text, expected) in [("%", "%"), ("%4", "%4"), ("%zz+", "%zz "), ("%%41", "%A"), ("%+1", "% 1")] {
            assert_eq!(unescape(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        assert_eq!(unescape("a%c3%A9").unwrap(), "aé");
        for text in ["%ff", "%C3", "%ED%A0%80", "é%C3"] {
            assert!(unescape(text).is_err(), "{text}");
        }
    }
}
