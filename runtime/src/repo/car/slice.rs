//! Reading a file that is in memory, without copying.

use crate::{data::CidLink, repo::index::Offsets};

use super::{
    CarBlock, CarLimits, Error, Fault, header,
    section::{self, Bound, Extent},
};

/// A CAR file in memory.
///
/// ```
/// use arobase_runtime::{data::Cid, repo::car::{self, CarLimits, CarSlice}};
///
/// let block = b"\xa0";
/// let cid = Cid::of_cbor(block);
/// let mut file = car::header(&[cid]).to_vec();
/// car::put_block(&mut file, &cid.into(), block);
///
/// let car = CarSlice::new(&file, CarLimits::DEFAULT)?;
/// assert_eq!(car.roots(), [cid.into()]);
/// for found in car.blocks() {
///     assert_eq!(found?.bytes, block);
/// }
/// # Ok::<(), car::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CarSlice<'a> {
    roots: Vec<CidLink>,
    blocks: SliceBlocks<'a>,
}

impl<'a> CarSlice<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// The header is missing or invalid, or the file is longer than the limit.
    pub fn new(bytes: &'a [u8], limits: CarLimits) -> Result<Self, Error> {
        let at_start = |fault| Error { offset: 0, fault };
        if bytes.len() as u64 > limits.bytes {
            return Err(at_start(Fault::Limit { what: "bytes", limit: limits.bytes }));
        }
        match section::measure(bytes, Bound::header(limits)).map_err(at_start)? {
            Extent::AtLeast(_) => Err(at_start(Fault::Truncated)),
            Extent::Whole(content) => {
                let at = content.end;
                let roots = header::parse(bytes.get(content).unwrap_or_default()).map_err(at_start)?;
                Ok(Self { roots, blocks: SliceBlocks { file: bytes, at, left: limits.blocks, limits } })
            }
        }
    }

    /// The roots.
    #[must_use]
    pub fn roots(&self) -> &[CidLink] {
        &self.roots
    }

    /// The blocks, each hashed as it comes.
    #[must_use]
    pub fn blocks(&self) -> SliceBlocks<'a> {
        self.blocks.clone()
    }
}

/// The blocks of a [`CarSlice`]. After an error there are no more.
#[derive(Clone, Debug)]
pub struct SliceBlocks<'a> {
    file: &'a [u8],
    at: usize,
    /// How many more blocks there may be.
    left: u64,
    limits: CarLimits,
}

impl<'a> SliceBlocks<'a> {
    fn read(&mut self) -> Result<CarBlock<&'a [u8]>, Fault> {
        let (block, end) = section::block(self.rest(self.at), self.limits)?.ok_or(Fault::Truncated)?;
        let left = self.left.checked_sub(1);
        self.left = left.ok_or(Fault::Limit { what: "blocks", limit: self.limits.blocks })?;
        self.at += end;
        Ok(block)
    }

    fn rest(&self, at: usize) -> &'a [u8] {
        self.file.get(at..).unwrap_or_default()
    }

    /// Goes through the blocks, hashed.
    pub(crate) fn each<E: From<Error>>(self, mut take: impl FnMut(&CarBlock<&[u8]>) -> Result<(), E>) -> Result<(), E> {
        let Self { limits, at, mut left, .. } = self;
        let rest = self.rest(at);
        let len = section::each(rest, at as u64, limits, |offset, block| {
            left = left.checked_sub(1).ok_or_else(|| section::too_many(offset, limits))?;
            take(block)
        })?;
        if len < rest.len() {
            return Err(Error { offset: (at + len) as u64, fault: Fault::Truncated }.into());
        }
        Ok(())
    }

    /// Where all the blocks are from here on, which were read before and can be verified.
    pub(crate) fn offsets(&self) -> Offsets {
        let mut offsets = Offsets::default();
        let mut at = self.at;
        while let Ok(Some((head, block, end))) = section::unhashed(self.rest(at), self.limits) {
            let block = head.trust(block);
            if block.verified() {
                offsets.push(&block.cid, at as u64);
            }
            at += end;
        }
        offsets.sort();
        offsets
    }

    /// The block at an offset, which was read before and is not hashed again.
    pub(crate) fn block_at(&self, offset: u64) -> Option<CarBlock<&'a [u8]>> {
        let rest = self.rest(usize::try_from(offset).ok()?);
        let (head, block, _) = section::unhashed(rest, self.limits).ok()??;
        Some(head.trust(block))
    }
}

impl<'a> Iterator for SliceBlocks<'a> {
    type Item = Result<CarBlock<&'a [u8]>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.file.len() {
            return None;
        }
        let offset = self.at as u64;
        let block = self.read();
        if block.is_err() {
            self.at = self.file.len();
        }
        Some(block.map_err(|fault| Error { offset, fault }))
    }
}

impl std::iter::FusedIterator for SliceBlocks<'_> {}
