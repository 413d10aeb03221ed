//! An index of a CAR file on disk, for reading its blocks in any order.

mod file;
mod offsets;

use std::{
    fmt,
    fs::File,
    io::{self, ErrorKind, Seek},
    path::Path,
};

use bytes::Bytes;

use crate::data::{Cid, CidLink};

use super::{
    blocks::{Blocks, SourceError},
    car::{self, Broken, CarBlock, CarLimits, Stream},
};

use file::Positioned;
pub(crate) use offsets::Offsets;

/// How much is read at first of a block whose length is not known: nearly all are shorter.
const GUESS: usize = 1024;

/// Where each block of a CAR file on disk is: 16 bytes of memory a block. As a block source it reads
/// and hashes what is asked for.
///
/// With it a file of any size and order is imported in little memory:
///
/// ```no_run
/// use arobase_runtime::repo::{CarIndex, Import, car::CarLimits, import::ImportLimits};
///
/// let index = CarIndex::open("repository.car".as_ref(), CarLimits::DEFAULT)?;
/// let commit = Import::new(index.roots(), ImportLimits::DEFAULT)?.finish(&index, &mut |_| {})?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CarIndex {
    file: Positioned,
    roots: Vec<CidLink>,
    offsets: Offsets,
    limits: CarLimits,
}

impl CarIndex {
    /// Reads through a file once, with every block hashed. The file must not change from then on; if it
    /// does, what changed is not found, or reading it fails.
    ///
    /// # Errors
    /// The file cannot be read, or is no CAR file: then the error is [`ErrorKind::InvalidData`] with a
    /// [`car::Error`] in it.
    pub fn open(path: &Path, limits: CarLimits) -> Result<Self, io::Error> {
        Self::open_with(path, limits, &mut |_| {})
    }

    /// The same, with a call for each block that says where in the file it begins, and one that says where that ends, for showing progress.
    ///
    /// # Errors
    /// As [`CarIndex::open`].
    pub fn open_with(path: &Path, limits: CarLimits, read: &mut dyn FnMut(u64)) -> Result<Self, io::Error> {
        let mut file = File::open(path)?;
        let (roots, blocks) = Stream::new(&mut file, limits)?;
        let mut offsets = Offsets::default();
        blocks.each(|offset, block| {
            offsets.push(&block.cid, offset);
            read(offset);
            Ok::<(), Broken>(())
        })?;
        read(file.stream_position()?);
        offsets.sort();
        Ok(Self { file: Positioned::new(file), roots, offsets, limits })
    }

    /// The roots, of which the first is the commit.
    #[must_use]
    pub fn roots(&self) -> &[CidLink] {
        &self.roots
    }

    /// The number of blocks in the file.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the block at an offset, and hashes it: its CID, and the bytes behind that.
    fn read(&self, offset: u64) -> io::Result<(CidLink, Bytes)> {
        let mut section = vec![0; GUESS];
        let mut end = 0;
        loop {
            let room = section.get_mut(end..).unwrap_or_default();
            let len = self.file.read_at(room, offset + end as u64)?;
            end += len;
            let here = section.get(..end).unwrap_or_default();
            let fault = |fault| invalid(car::Error { offset, fault });
            if let Some((CarBlock { cid, bytes, .. }, _)) = car::block(here, self.limits).map_err(fault)? {
                return Ok((cid, Bytes::copy_from_slice(bytes)));
            }
            if len == 0 {
                return Err(fault(car::Fault::Truncated));
            }
            if end == section.len() {
                section.resize(2 * end, 0);
            }
        }
    }
}

impl Blocks for CarIndex {
    fn get(&self, cid: &Cid) -> Result<Option<Bytes>, SourceError> {
        let cid = CidLink::from(*cid);
        for offset in self.offsets.find(&cid) {
            let (found, block) = self.read(offset)?;
            if found == cid {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Whatever is read is hashed.
    fn verified(&self) -> bool {
        true
    }
}

impl fmt::Debug for CarIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarIndex").field("roots", &self.roots).field("len", &self.len()).finish_non_exhaustive()
    }
}

fn invalid(error: car::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

impl From<Broken> for io::Error {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Car(error) => invalid(error),
            Broken::Io(error) => error,
        }
    }
}
