//! Which records were sent.

use std::collections::{HashMap, hash_map::Entry};

use crate::{
    data::{Cid, CidLink, Codec},
    repo::blocks::ByDigest,
};

/// The most records that are remembered: as many as fit in a table of 2^18. With their digests that takes 12 MB.
const MOST: usize = (1 << 18) / 8 * 7;

/// The records that were sent last. Full, it forgets them all, which may cost a block twice but no memory.
///
/// The table holds 8 bytes of each digest only, since it is read all over, and says where the whole digest is. Two
/// records of one codec that share these bytes are rare, and take 2^32 steps to make: each is sent whenever the other
/// one came last.
#[derive(Debug, Default)]
pub(super) struct Seen {
    table: HashMap<u64, u32, ByDigest>,
    records: Vec<Cid>,
}

impl Seen {
    /// Whether the record is new, as far as is remembered.
    pub(super) fn insert(&mut self, record: &CidLink) -> bool {
        // What is not of the blessed form has no block.
        let Some(cid) = record.as_cid() else { return true };
        if self.records.len() == MOST {
            self.table.clear();
            self.records.clear();
        }
        match self.table.entry(tag(cid)) {
            // Of two that are told apart by nothing here, the newer one is remembered.
            Entry::Occupied(entry) => match self.records.get_mut(*entry.get() as usize) {
                Some(known) => std::mem::replace(known, cid) != cid,
                None => true,
            },
            Entry::Vacant(entry) => {
                entry.insert(self.records.len() as u32);
                self.records.push(cid);
                true
            }
        }
    }
}

fn tag(cid: Cid) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *cid.digest();
    let number = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    // The same bytes under both codecs are two records, which anybody can make.
    match cid.codec() {
        Codec::DagCbor => number,
        Codec::Raw => !number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: usize) -> CidLink {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_le_bytes());
        Cid::new(Codec::DagCbor, digest).into()
    }

    #[test]
    fn a_record_is_new_once() {
        let mut seen = Seen::default();
        assert!(seen.insert(&record(1)) && seen.insert(&record(2)));
        assert!(!seen.insert(&record(1)) && !seen.insert(&record(2)));
    }

    #[test]
    fn records_that_begin_alike_are_both_sent() {
        let mut digest = [0; 32];
        digest[31] = 1;
        let alike = CidLink::from(Cid::new(Codec::DagCbor, digest));
        let mut seen = Seen::default();
        assert!(seen.insert(&record(0)) && seen.insert(&alike));
        assert!(!seen.insert(&alike));
        assert!(seen.insert(&record(0)));
        assert!(!seen.insert(&record(0)));
    }

    #[test]
    fn the_same_bytes_under_both_codecs_are_new_once_each() {
        let mut seen = Seen::default();
        for first in [true, false, false] {
            for bytes in [&b"one"[..], b"other"] {
                assert_eq!(seen.insert(&Cid::of_raw(bytes).into()), first);
                assert_eq!(seen.insert(&Cid::of_cbor(bytes).into()), first);
            }
        }
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let mut seen = Seen::default();
        for number in 0..=MOST {
            assert!(seen.insert(&record(number)));
            assert!(seen.table.capacity() <= MOST, "{number}");
        }
        assert!(!seen.insert(&record(MOST)));
        assert!(seen.insert(&record(0)));
    }
}
