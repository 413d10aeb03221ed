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

/// Where each block of a CAR file on disk is, as a block source that reads and hashes what is asked for.
///
/// It takes 16 bytes of memory a block, and for a short time twice as much while it is made; files of more
/// blocks than there is memory for are kept out by [`CarLimits::blocks`]. Blocks whose hash function is not
/// SHA-256 cannot be verified, and are left out.
///
/// With it a file in any order is imported without its blocks being held in memory:
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

    /// The same, with a call for each block that says where in the file it begins, and one that says where that
    /// ends, for showing progress.
    ///
    /// # Errors
    /// As [`CarIndex::open`].
    pub fn open_with(path: &Path, limits: CarLimits, read: &mut dyn FnMut(u64)) -> Result<Self, io::Error> {
        let mut file = File::open(path)?;
        let (roots, blocks) = Stream::new(&mut file, limits)?;
        let mut offsets = Offsets::default();
        blocks.each(|offset, block| {
            if block.verified() {
                offsets.push(&block.cid, offset);
            }
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

    /// The number of blocks in the file that can be verified.
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
        self.get_link(&(*cid).into())
    }

    fn get_link(&self, cid: &CidLink) -> Result<Option<Bytes>, SourceError> {
        for offset in self.offsets.find(cid) {
            let (found, block) = self.read(offset)?;
            if found == *cid {
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A file of its own, which is gone when the test is over.
    struct Temporary(std::path::PathBuf);

    impl Temporary {
        fn new(name: &str, content: &[u8]) -> Self {
            let path = std::env::temp_dir().join(format!("arobase-index-{}-{name}.car", std::process::id()));
            std::fs::write(&path, content).unwrap();
            Self(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    /// Blocks of all lengths that matter: none, one read, several reads.
    fn blocks() -> Vec<Vec<u8>> {
        let lengths = [0, 1, 900, GUESS - 38, GUESS, GUESS + 1, 5 * GUESS, 100_000];
        lengths.iter().map(|len| vec![7; *len]).collect()
    }

    fn file() -> Vec<u8> {
        let mut file = car::header(&[Cid::of_cbor(b"root")]).to_vec();
        for block in blocks().iter().chain(&blocks()) {
            car::put_block(&mut file, &Cid::of_cbor(block).into(), block);
        }
        file
    }

    #[test]
    fn every_block_is_found_and_no_other() {
        let file = Temporary::new("found", &file());
        let index = CarIndex::open(&file.0, CarLimits::DEFAULT).unwrap();
        assert_eq!(index.roots(), [Cid::of_cbor(b"root").into()]);
        assert_eq!(index.len(), 2 * blocks().len());
        for block in blocks() {
            assert_eq!(index.get(&Cid::of_cbor(&block)).unwrap(), Some(Bytes::from(block.clone())));
            assert_eq!(index.get(&Cid::of_raw(&block)).unwrap(), None);
        }
        assert_eq!(index.get(&Cid::of_cbor(b"absent")).unwrap(), None);
    }

    #[test]
    fn blocks_under_other_cids_are_found_if_they_can_be_verified() {
        let json = [&[1, 0xa9, 0x02, 0x12, 0x20][..], Cid::of_raw(b"{}").digest()].concat();
        let json = CidLink::from_bytes(&json).unwrap();
        let strange = CidLink::from_bytes(&[1, 0x55, 0, 0]).unwrap();
        let mut file = file();
        car::put_block(&mut file, &json, b"{}");
        for _ in 0..100 {
            car::put_block(&mut file, &strange, b"");
        }
        let file = Temporary::new("general", &file);
        let index = CarIndex::open(&file.0, CarLimits::DEFAULT).unwrap();
        assert_eq!(index.get_link(&json).unwrap(), Some(Bytes::from_static(b"{}")));
        assert_eq!(index.get_link(&strange).unwrap(), None);
        assert_eq!(index.len(), 2 * blocks().len() + 1);
    }

    #[test]
    fn a_file_that_changed_is_noticed() {
        let content = file();
        let file = Temporary::new("changed", &content);
        let index = CarIndex::open(&file.0, CarLimits::DEFAULT).unwrap();
        let mut changed = std::fs::OpenOptions::new().write(true).open(&file.0).unwrap();
        changed.write_all(&content[..content.len() / 2]).unwrap();
        changed.write_all(&vec![0; content.len()]).unwrap();
        changed.set_len(content.len() as u64 / 3).unwrap();
        let last = blocks().pop().unwrap();
        assert!(index.get(&Cid::of_cbor(&last)).is_err());
    }

    #[test]
    fn a_file_that_is_no_car_file_is_refused() {
        let whole = file();
        for (name, content) in [("empty", &[][..]), ("cut", &whole[..whole.len() - 1]), ("text", b"no CAR file")] {
            let file = Temporary::new(name, content);
            let error = CarIndex::open(&file.0, CarLimits::DEFAULT).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{name}");
            assert!(error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<car::Error>), "{name}");
        }
        let missing = CarIndex::open("nowhere.car".as_ref(), CarLimits::DEFAULT).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }
}
