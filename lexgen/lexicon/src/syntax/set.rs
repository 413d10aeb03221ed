//! Sets of bytes, as tables: the scanners run on every string that is decoded.

/// A set of bytes.
pub(super) struct Set([bool; 256]);

impl Set {
    /// ASCII letters and digits, and these bytes.
    pub(super) const fn alphanumeric_and(others: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            set[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        let mut index = 0;
        while index < others.len() {
            set[others[index] as usize] = true;
            index += 1;
        }
        Self(set)
    }

    /// Whether all bytes are in the set. Looks at every one, because a loop without a way out is
    /// several times as fast, and nearly all texts are well formed.
    pub(super) fn has_all(&self, bytes: &[u8]) -> bool {
        bytes.iter().fold(true, |all, byte| all & self.0[usize::from(*byte)])
    }
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn a_set_has_what_it_was_made_of() {
        static SET: Set = Set::alphanumeric_and(b"-_");
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            assert_eq!(SET.has_all(&[b'a', byte]), expected, "{byte}");
        }
        assert!(SET.has_all(b""));
    }
}
