//! Lengths in CAR files: unsigned LEB128, seven bits a byte, the lowest first, in the shortest form.

use super::Fault;

/// The most bytes of a length: 64 bits.
pub(super) const MAX: usize = 10;

/// Reads the length that the bytes begin with: its value and how many bytes it takes. `None` if it
/// goes on behind the bytes.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(u64, usize)>, Fault> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(MAX).enumerate() {
        let bits = u64::from(byte & 0x7f);
        // The tenth byte holds the last of 64 bits.
        if index == MAX - 1 && *byte > 1 {
            return Err(Fault::Varint);
        }
        value |= bits << (7 * index);
        if byte & 0x80 == 0 {
            let shortest = *byte != 0 || index == 0;
            return shortest.then_some(Some((value, index + 1))).ok_or(Fault::Varint);
        }
    }
    Ok(None)
}

/// Appends a length.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes a length takes.
pub(super) fn len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: [u64; 9] = [0, 1, 127, 128, 16_383, 16_384, 1 << 62, u64::MAX - 1, u64::MAX];

    #[test]
    fn what_is_written_is_read() {
        for value in SOME {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(bytes.len(), len(value), "{value}");
            assert_eq!(read(&bytes), Ok(Some((value, bytes.len()))));
            bytes.push(0xff);
            assert_eq!(read(&bytes), Ok(Some((value, bytes.len() - 1))));
        }
    }

    #[test]
    fn a_length_that_goes_on_is_not_there_yet() {
        for value in SOME {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            bytes.pop();
            assert_eq!(read(&bytes), Ok(None), "{value}");
        }
    }

    #[test]
    fn longer_forms_and_more_than_64_bits_are_refused() {
        let mut two = [0xff; 10];
        two[9] = 2;
        let mut eleven = [0xff; 11];
        eleven[9] = 0x81;
        for bytes in [&[0x80, 0][..], &[0x81, 0x80, 0], &two, &eleven, &[0x80; 10]] {
            assert_eq!(read(bytes), Err(Fault::Varint), "{bytes:?}");
        }
    }
}
