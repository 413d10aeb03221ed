//! CAR files, version 1 (Repository, CAR v1): reading what anybody sends, writing what all read.

mod blocks;
mod error;
mod header;
mod reader;
mod section;
mod slice;
mod stream;
#[cfg(test)]
mod tests;
mod varint;
mod writer;

pub use blocks::to_blocks;
pub use error::{Error, Fault};
pub use reader::Reader;
pub(crate) use section::{block, verifier};
pub use slice::{CarSlice, SliceBlocks};
pub(crate) use stream::{Broken, Stream};
pub use writer::{block_len, header, put_block};

use crate::data::{Cid, CidLink};

/// The media type of CAR files.
pub const MIME: &str = "application/vnd.ipld.car";

/// What is accepted of a CAR file. Nothing is made room for before it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarLimits {
    /// The most bytes of the header.
    pub header: usize,
    /// The most bytes of a block.
    pub block: usize,
    /// The most bytes in all.
    pub bytes: u64,
    /// The most blocks.
    pub blocks: u64,
}

impl CarLimits {
    /// For repositories: headers of 1 MiB, blocks of 2 MiB, 2^28 of them, and 64 GiB in all.
    pub const DEFAULT: Self = Self { header: 1 << 20, block: 2 << 20, bytes: 64 << 30, blocks: 1 << 28 };

    /// With another limit on the bytes of the header.
    #[must_use]
    pub const fn with_header(mut self, bytes: usize) -> Self {
        self.header = bytes;
        self
    }

    /// With another limit on the bytes in all.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// With another limit on the number of blocks.
    #[must_use]
    pub const fn with_blocks(mut self, blocks: u64) -> Self {
        self.blocks = blocks;
        self
    }

    /// With another limit on the bytes of a block.
    #[must_use]
    pub const fn with_block(mut self, bytes: usize) -> Self {
        self.block = bytes;
        self
    }
}

impl Default for CarLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A block of a CAR file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarBlock<T> {
    /// The CID.
    pub cid: CidLink,
    /// The bytes: a slice, or owned.
    pub bytes: T,
    verified: bool,
}

impl<T> CarBlock<T> {
    /// Whether the bytes are known to be those of the CID, because its hash function is SHA-256: so
    /// it is with every CID of the blessed form. Of others nothing is known.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.verified
    }
}

impl<T: AsRef<[u8]>> CarBlock<T> {
    /// A block that comes from elsewhere; `None` if the bytes are not those of the CID.
    #[must_use]
    #[inline]
    pub fn new(cid: Cid, bytes: T) -> Option<Self> {
        cid.verify(bytes.as_ref()).then(|| Self { cid: cid.into(), bytes, verified: true })
    }
}
