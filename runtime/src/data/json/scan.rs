//! Finds the end of plain text, eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes stand before the first one that cannot stand in a JSON string as it is: a
/// quote, a backslash or a control character.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = special(u64::from_le_bytes(*word));
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    // The last word again, up to the end: most strings have no special byte there either.
    if let Some(word) = bytes.last_chunk::<8>()
        && special(u64::from_le_bytes(*word)) == 0
    {
        return bytes.len();
    }
    let in_tail = tail.iter().take_while(|byte| is_plain(**byte)).count();
    words.len() * 8 + in_tail
}

fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

/// Sets the high bit of each special byte, and possibly of bytes above the lowest special one,
/// since the subtractions borrow upwards.
fn special(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = zeros(word ^ (ONES * b'"' as u64));
    let backslash = zeros(word ^ (ONES * b'\\' as u64));
    (control | quote | backslash) & HIGH
}

fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_judged_alike_at_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..24 {
                let mut bytes = [b'a'; 24];
                bytes[place] = byte;
                let expected = if is_plain(byte) { 24 } else { place };
                assert_eq!(plain_len(&bytes), expected, "byte {byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn the_first_special_byte_counts() {
        assert_eq!(plain_len("é!\"\\\u{1}\"\"\"\"".as_bytes()), 3);
        assert_eq!(plain_len(b"\x80\xff\x7f!#[] \x1f\x00"), 8);
        assert_eq!(plain_len(b""), 0);
    }
}
