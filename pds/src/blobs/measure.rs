//! What is found out about bytes as they come.

use arobase::data::{Cid, Codec};
use sha2::{Digest, Sha256};

/// What is found out about bytes as they come: their hash, their number, and the first of them.
pub(super) struct Measure {
    hash: Sha256,
    size: u64,
    head: Vec<u8>,
    keep: usize,
}

/// What was found out about bytes.
pub(super) struct Measured {
    pub(super) cid: Cid,
    pub(super) size: u64,
    pub(super) head: Vec<u8>,
}

impl Measure {
    /// One that keeps so many of the first bytes.
    pub(super) fn new(keep: usize) -> Self {
        Self { hash: Sha256::new(), size: 0, head: Vec::new(), keep }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = self.keep.saturating_sub(self.head.len());
        self.head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// How many bytes came so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn finish(self) -> Measured {
        let cid = Cid::new(Codec::Raw, self.hash.finalize().into());
        Measured { cid, size: self.size, head: self.head }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_do_not_matter() {
        let mut measure = Measure::new(6);
        for piece in [b"some ".as_slice(), b"", b"file", b" bytes"] {
            measure.push(piece);
        }
        let measured = measure.finish();
        assert_eq!(measured.cid.to_string(), "bafkreie4chhrpfx6kqftmzfzk3eadtr3vsfqahzrcf3bcyzy3u6iunwc7u");
        assert_eq!((measured.size, measured.head.as_slice()), (15, b"some f".as_slice()));
    }
}
