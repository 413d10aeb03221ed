//! SHA-256 in one go. Blocks of repositories and keys in them are short, so that a good part of the time
//! would go into the buffers of a hash that takes its input in pieces.

use sha2::block_api::compress256;

const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The digest of these bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut state = START;
    let (blocks, rest) = bytes.as_chunks::<64>();
    if !blocks.is_empty() {
        compress256(&mut state, blocks);
    }
    // The rest, a one bit, zeros, and the number of bits at the end of the last block.
    let mut last = [[0; 64]; 2];
    let end = if rest.len() < 56 { 1 } else { 2 };
    let padded = last.as_flattened_mut();
    padded[..rest.len()].copy_from_slice(rest);
    padded[rest.len()] = 0x80;
    padded[64 * end - 8..64 * end].copy_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    compress256(&mut state, &last[..end]);
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::sha256;

    #[test]
    fn the_digest_is_that_of_sha_256() {
        let bytes: Vec<u8> = (0..400_u32).map(|number| (number * 7) as u8).collect();
        for len in 0..bytes.len() {
            assert_eq!(sha256(&bytes[..len]), <[u8; 32]>::from(Sha256::digest(&bytes[..len])), "{len}");
        }
    }
}
