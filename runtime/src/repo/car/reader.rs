//! Reading a file piece by piece, as it arrives.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};

use crate::data::CidLink;

use super::{
    CarBlock, CarLimits, Error, Fault, header,
    section::{self, Bound, Extent},
};

/// Reads a CAR file that arrives in pieces. It holds at most one block that is not whole yet, and
/// the pieces that were pushed and not read.
///
/// A block that lies in one piece is a part of that piece, and keeps it in memory as long as it
/// lives itself.
#[derive(Debug)]
pub struct Reader {
    limits: CarLimits,
    /// What was not read yet.
    pieces: VecDeque<Bytes>,
    /// The beginning of a section that goes on in the next piece.
    begun: Vec<u8>,
    /// Where the section begins in the file that comes next or has begun.
    offset: u64,
    /// How many blocks were read.
    blocks: u64,
    roots: Option<Vec<CidLink>>,
    failed: Option<Error>,
}

impl Reader {
    /// A reader at the beginning of a file.
    #[must_use]
    pub fn new(limits: CarLimits) -> Self {
        Self { limits, pieces: VecDeque::new(), begun: Vec::new(), offset: 0, blocks: 0, roots: None, failed: None }
    }

    /// Takes in the next piece, of any size.
    pub fn push(&mut self, piece: Bytes) {
        if self.failed.is_none() && !piece.is_empty() {
            self.pieces.push_back(piece);
        }
    }

    /// The roots, once [`Reader::next`] has read the header, which it does as soon as that is there.
    #[must_use]
    pub fn roots(&self) -> Option<&[CidLink]> {
        self.roots.as_deref()
    }

    /// The next block, hashed; `None` if it is not whole yet.
    ///
    /// # Errors
    /// What is wrong with the file. From then on it is always the same error.
    #[expect(clippy::should_implement_trait, reason = "`None` does not end it: more may be pushed")]
    pub fn next(&mut self) -> Result<Option<CarBlock<Bytes>>, Error> {
        Ok(self.next_at()?.map(|(_, block)| block))
    }

    /// The same, with the offset of the block in the file.
    ///
    /// # Errors
    /// As [`Reader::next`].
    pub fn next_at(&mut self) -> Result<Option<(u64, CarBlock<Bytes>)>, Error> {
        // The header is read first, so that the offset is that of a block.
        if !self.guard(Self::read_header)? {
            return Ok(None);
        }
        let offset = self.offset;
        Ok(self.guard(Self::read_block)?.map(|block| (offset, block)))
    }

    /// Says that the file is over, after [`Reader::next`] had no more.
    ///
    /// # Errors
    /// The header or a block is not whole, or what went wrong earlier.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.guard(|reader| {
            let whole = reader.roots.is_some() && reader.begun.is_empty() && reader.pieces.is_empty();
            if whole { Ok(()) } else { Err(Fault::Truncated) }
        })
    }

    /// Does something unless something failed before, and notes where and why it failed.
    fn guard<T>(&mut self, action: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        action(self).map_err(|fault| self.fail(fault))
    }

    #[cold]
    fn fail(&mut self, fault: Fault) -> Error {
        let error = Error { offset: self.offset, fault };
        self.pieces = VecDeque::new();
        self.begun = Vec::new();
        self.failed.insert(error).clone()
    }

    /// Reads the header, if it was not read and is there. Whether it was read.
    fn read_header(&mut self) -> Result<bool, Fault> {
        if self.roots.is_some() {
            return Ok(true);
        }
        let Some((content, len)) = self.section(Bound::header(self.limits))? else { return Ok(false) };
        self.roots = Some(header::parse(&content)?);
        self.advance(len)?;
        Ok(true)
    }

    fn read_block(&mut self) -> Result<Option<CarBlock<Bytes>>, Fault> {
        if !self.read_header()? {
            return Ok(None);
        }
        let Some((mut content, len)) = self.section(Bound::block(self.limits))? else { return Ok(None) };
        if self.blocks >= self.limits.blocks {
            return Err(Fault::Limit { what: "blocks", limit: self.limits.blocks });
        }
        let head = section::split(&content, self.limits)?;
        content.advance(head.len());
        let block = head.verify(content)?;
        self.advance(len)?;
        self.blocks += 1;
        Ok(Some(block))
    }

    /// Goes on behind a section of so many bytes.
    fn advance(&mut self, len: usize) -> Result<(), Fault> {
        let offset = self.offset.saturating_add(len as u64);
        if offset > self.limits.bytes {
            return Err(Fault::Limit { what: "bytes", limit: self.limits.bytes });
        }
        self.offset = offset;
        Ok(())
    }

    /// Takes out the content of the next section, and says how long the section is; `None` if it is
    /// not whole yet.
    fn section(&mut self, bound: Bound) -> Result<Option<(Bytes, usize)>, Fault> {
        if self.begun.is_empty()
            && let Some(piece) = self.pieces.front_mut()
            && let Extent::Whole(content) = section::measure(piece, bound)?
        {
            let mut section = piece.split_to(content.end);
            section.advance(content.start);
            self.drop_read();
            return Ok(Some((section, content.end)));
        }
        self.join(bound)
    }

    /// Joins the next section out of several pieces.
    fn join(&mut self, bound: Bound) -> Result<Option<(Bytes, usize)>, Fault> {
        loop {
            match section::measure(&self.begun, bound)? {
                Extent::Whole(content) => {
                    let mut section = Bytes::from(std::mem::take(&mut self.begun));
                    section.advance(content.start);
                    return Ok(Some((section, content.end)));
                }
                Extent::AtLeast(len) if !self.fill(len) => return Ok(None),
                Extent::AtLeast(_) => {}
            }
        }
    }

    /// Moves bytes from the pieces until so many have begun. Whether there were as many.
    fn fill(&mut self, len: usize) -> bool {
        while let Some(wanted) = len.checked_sub(self.begun.len()).filter(|wanted| *wanted > 0) {
            let Some(piece) = self.pieces.front_mut() else { return false };
            let part = piece.split_to(wanted.min(piece.len()));
            self.begun.extend_from_slice(&part);
            self.drop_read();
        }
        true
    }

    /// Lets go of the first piece, if all of it was read.
    fn drop_read(&mut self) {
        if self.pieces.front().is_some_and(Bytes::is_empty) {
            self.pieces.pop_front();
        }
    }
}
