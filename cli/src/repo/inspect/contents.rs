//! Where the blocks of a file are, and which of them were met.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

use arobase::{
    data::{Cid, CidLink},
    repo::car::block_len,
};
use bytes::Bytes;

/// The bits of a block's length: blocks of more than 2 MiB are not read.
const LEN_BITS: u32 = 22;

/// The blocks of a file whose CIDs are of the blessed form, 16 bytes of memory for each.
#[derive(Debug)]
pub(crate) struct Contents {
    file: File,
    /// In order of digests, then of places; until `sort` in the order of the file.
    slots: Vec<Slot>,
    /// A bit for each slot.
    met: Vec<u64>,
}

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    /// The last bytes of the digest.
    digest: u64,
    /// The offset in the file, and below it the length.
    place: u64,
}

impl Contents {
    /// No blocks of a file yet.
    pub(crate) fn new(file: File) -> Self {
        Self { file, slots: Vec::new(), met: Vec::new() }
    }

    /// Adds a block of so many bytes that begins, with its length and CID, at an offset.
    pub(crate) fn add(&mut self, cid: &CidLink, offset: u64, len: usize) {
        let Some(cid) = cid.as_cid() else { return };
        let head = block_len(len) - len;
        let place = (offset + head as u64) << LEN_BITS | len as u64;
        self.slots.push(Slot { digest: tail(&cid), place });
    }

    /// Makes the blocks ready to be found. How many of them are there twice.
    pub(crate) fn sort(&mut self) -> u64 {
        self.slots.sort_unstable();
        let before = self.slots.len();
        // Equal blocks are equally long; the first of them stays.
        self.slots.dedup_by(|later, first| later.digest == first.digest && later.len() == first.len());
        self.slots.shrink_to_fit();
        self.met = vec![0; self.slots.len().div_ceil(64)];
        (before - self.slots.len()) as u64
    }

    /// The number of blocks that were not met.
    pub(crate) fn unmet(&self) -> u64 {
        let met: u64 = self.met.iter().map(|bits| u64::from(bits.count_ones())).sum();
        self.slots.len() as u64 - met
    }

    /// Whether a block is there.
    pub(crate) fn has(&self, cid: &Cid) -> bool {
        !self.find(cid).is_empty()
    }

    /// Meets a block: its bytes, its offset, and whether it is met for the first time. `None` if it is not there.
    ///
    /// # Errors
    /// The file cannot be read, or is not as it was.
    pub(crate) fn meet(&mut self, cid: &Cid) -> io::Result<Option<Met>> {
        let found = self.find(cid);
        if found.is_empty() {
            return Ok(None);
        }
        for index in found {
            let Some(slot) = self.slots.get(index).copied() else { continue };
            let bytes = self.read(slot)?;
            if cid.verify(&bytes) {
                return Ok(Some(Met { bytes, offset: slot.offset(), first: self.mark(index) }));
            }
        }
        Err(io::Error::other("the file was changed meanwhile"))
    }

    /// The slots in which a block can be: one, unless digests are much alike.
    fn find(&self, cid: &Cid) -> Range<usize> {
        let digest = tail(cid);
        let start = self.slots.partition_point(|slot| slot.digest < digest);
        let alike = self.slots.iter().skip(start).take_while(|slot| slot.digest == digest).count();
        start..start + alike
    }

    fn read(&mut self, slot: Slot) -> io::Result<Bytes> {
        let mut bytes = vec![0; slot.len()];
        self.file.seek(SeekFrom::Start(slot.offset()))?;
        self.file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }

    /// Marks a slot as met. Whether it was not before.
    fn mark(&mut self, index: usize) -> bool {
        let Some(bits) = self.met.get_mut(index / 64) else { return false };
        let before = *bits;
        *bits |= 1 << (index % 64);
        *bits != before
    }
}

/// A block that was met.
#[derive(Debug)]
pub(crate) struct Met {
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// Its offset in the file.
    pub(crate) offset: u64,
    /// Whether it was not met before.
    pub(crate) first: bool,
}

impl Slot {
    fn offset(self) -> u64 {
        self.place >> LEN_BITS
    }

    fn len(self) -> usize {
        (self.place & ((1 << LEN_BITS) - 1)) as usize
    }
}

/// The last bytes of a digest, of which any are as good as random.
fn tail(cid: &Cid) -> u64 {
    cid.digest().last_chunk().map_or(0, |tail| u64::from_le_bytes(*tail))
}

#[cfg(test)]
mod tests {
    use arobase::repo::car::put_block;

    use super::*;

    /// A file of these blocks, one behind the other.
    fn contents(name: &str, blocks: &[&[u8]]) -> Contents {
        let path = std::env::temp_dir().join(format!("arobase-contents-{name}-{}", std::process::id()));
        let mut file = Vec::new();
        let mut places = Vec::new();
        for block in blocks {
            let cid = CidLink::from(Cid::of_raw(block));
            places.push((cid.clone(), file.len() as u64, block.len()));
            put_block(&mut file, &cid, block);
        }
        std::fs::write(&path, &file).unwrap();
        let mut contents = Contents::new(File::open(&path).unwrap());
        std::fs::remove_file(&path).unwrap();
        places.iter().for_each(|(cid, offset, len)| contents.add(cid, *offset, *len));
        contents
    }

    #[test]
    fn a_block_is_found_and_counted_once() {
        let mut contents = contents("found", &[b"one", b"two", b"one", b"", b"three"]);
        assert_eq!(contents.sort(), 1);
        assert_eq!(contents.unmet(), 4);
        let two = contents.meet(&Cid::of_raw(b"two")).unwrap().unwrap();
        assert_eq!((&two.bytes[..], two.offset, two.first), (&b"two"[..], 2 * block_len(3) as u64 - 3, true));
        assert!(!contents.meet(&Cid::of_raw(b"two")).unwrap().unwrap().first);
        assert_eq!(contents.meet(&Cid::of_raw(b"one")).unwrap().unwrap().offset, block_len(3) as u64 - 3);
        assert!(contents.meet(&Cid::of_raw(b"four")).unwrap().is_none());
        assert!(contents.has(&Cid::of_raw(b"")) && !contents.has(&Cid::of_raw(b"four")));
        assert_eq!(contents.unmet(), 2);
    }

    #[test]
    fn a_file_that_was_changed_is_an_error() {
        let mut contents = contents("changed", &[b"one"]);
        contents.add(&Cid::of_raw(b"six").into(), 0, 3);
        contents.sort();
        assert!(contents.meet(&Cid::of_raw(b"one")).is_ok());
        assert!(contents.meet(&Cid::of_raw(b"six")).is_err());
    }
}
