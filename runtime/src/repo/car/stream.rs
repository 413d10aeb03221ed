//! Reading a file out of a stream that blocks, block by block out of one buffer.

use std::io::{self, ErrorKind, Read};

use crate::data::CidLink;

use super::{
    CarBlock, CarLimits, Error, Fault, header,
    section::{self, Bound, Extent},
};

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// A CAR file that is read out of a stream. The buffer grows with what has arrived of a block.
pub(crate) struct Stream<'a> {
    from: &'a mut dyn Read,
    limits: CarLimits,
    buffer: Vec<u8>,
    /// How much of the buffer is filled.
    len: usize,
    /// The offset in the file of the buffer.
    offset: u64,
}

/// Why a stream cannot be read on.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The file is wrong.
    Car(Error),
    /// The stream is.
    Io(io::Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Car(error)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<'a> Stream<'a> {
    /// Reads the header: the roots.
    pub(crate) fn new(from: &'a mut dyn Read, limits: CarLimits) -> Result<(Vec<CidLink>, Self), Broken> {
        let mut stream = Self { from, limits, buffer: vec![0; PIECE], len: 0, offset: 0 };
        loop {
            let fault = |fault| Error { offset: 0, fault };
            if let Extent::Whole(content) = section::measure(stream.filled(), Bound::header(limits)).map_err(fault)? {
                let end = content.end;
                let roots = header::parse(stream.filled().get(content).unwrap_or_default()).map_err(fault)?;
                stream.discard(end);
                return Ok((roots, stream));
            }
            if !stream.fill()? {
                return Err(fault(Fault::Truncated).into());
            }
        }
    }

    /// Goes through the blocks, hashed, with their offsets in the file.
    pub(crate) fn each<E: From<Error> + From<Broken>>(
        mut self,
        mut take: impl FnMut(u64, &CarBlock<&[u8]>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut left = self.limits.blocks;
        loop {
            let len = section::each(self.filled(), self.offset, self.limits, |offset, block| {
                left = left.checked_sub(1).ok_or_else(|| section::too_many(offset, self.limits))?;
                take(offset, block)
            })?;
            self.discard(len);
            if !self.fill()? {
                break;
            }
        }
        if self.len > 0 {
            return Err(Error { offset: self.offset, fault: Fault::Truncated }.into());
        }
        Ok(())
    }

    /// What was read of the file and not gone through.
    fn filled(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Lets go of the beginning of the buffer.
    fn discard(&mut self, len: usize) {
        if len > 0 {
            self.buffer.copy_within(len..self.len, 0);
            self.len -= len;
            self.offset += len as u64;
        }
    }

    /// Reads more behind what is in the buffer. Whether there was more.
    fn fill(&mut self) -> Result<bool, Broken> {
        if self.len == self.buffer.len() {
            self.buffer.resize(2 * self.len, 0);
        }
        let room = self.buffer.get_mut(self.len..).unwrap_or_default();
        let more = loop {
            match self.from.read(room) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                len => break len?,
            }
        };
        self.len += more;
        if self.offset + self.len as u64 > self.limits.bytes {
            let fault = Fault::Limit { what: "bytes", limit: self.limits.bytes };
            return Err(Error { offset: self.offset, fault }.into());
        }
        Ok(more > 0)
    }
}
