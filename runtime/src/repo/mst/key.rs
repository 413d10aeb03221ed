//! Keys and their layers (Repository, MST: depth of a key).

use crate::data::sha256::sha256;

/// The most bytes of a key.
pub const MAX_KEY: usize = 1024;

/// The layer of a key: half the number of leading zero bits of its SHA-256 digest, at most 128.
///
/// ```
/// use arobase_runtime::repo::mst::key_layer;
///
/// assert_eq!(key_layer(b"com.example.note/n00000"), 0);
/// assert_eq!(key_layer(b"com.example.note/n00054"), 6);
/// ```
#[must_use]
pub fn key_layer(key: &[u8]) -> u8 {
    let digest = sha256(key);
    let mut layer = 0;
    for byte in digest {
        if byte != 0 {
            return layer + (byte.leading_zeros() / 2) as u8;
        }
        layer += 4;
    }
    layer
}

/// Whether the tree takes the key: 1 to [`MAX_KEY`] bytes of any kind. What a path in a repository
/// may look like is a stricter rule.
#[must_use]
pub fn is_key(key: &[u8]) -> bool {
    (1..=MAX_KEY).contains(&key.len())
}

/// The number of bytes that both begin with.
pub(crate) fn shared_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layer_is_half_of_the_leading_zero_bits() {
        let known = [("00000", 0), ("00001", 1), ("00089", 2), ("00060", 3), ("00587", 4), ("02344", 5), ("00054", 6)];
        for (number, layer) in known {
            assert_eq!(key_layer(format!("com.example.note/n{number}").as_bytes()), layer, "{number}");
        }
    }

    #[test]
    fn a_key_has_1_to_1024_bytes() {
        assert!(!is_key(b""));
        assert!(is_key(b"a"));
        assert!(is_key(&[0; MAX_KEY]));
        assert!(!is_key(&[0; MAX_KEY + 1]));
    }
}
