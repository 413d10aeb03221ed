//! Where blocks are, found by their CID.

use std::hash::{BuildHasher, RandomState};

use crate::data::{Cid, CidLink, Codec};

/// Offsets by CID, 16 bytes each. Of the CID it keeps 8 bytes, so that what is found may be another
/// block: who asks has to compare.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    /// Sorted.
    entries: Vec<(u64, u64)>,
    /// For CIDs whose digest may be anything.
    secret: RandomState,
}

impl Offsets {
    /// Adds a block. [`Offsets::sort`] has to follow.
    pub(crate) fn push(&mut self, cid: &CidLink, offset: u64) {
        let number = self.number(cid);
        self.entries.push((number, offset));
    }

    /// Makes what was pushed ready to be found.
    pub(crate) fn sort(&mut self) {
        self.entries.sort_unstable();
        self.entries.shrink_to_fit();
    }

    /// The number of blocks.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where blocks are that may have this CID. Nearly always it is at most one, unless the block is
    /// there more than once.
    pub(crate) fn find(&self, cid: &CidLink) -> impl Iterator<Item = u64> {
        let number = self.number(cid);
        let start = self.start(number);
        let found = self.entries.iter().skip(start).take_while(move |(entry, _)| *entry == number);
        found.map(|(_, offset)| *offset)
    }

    /// The first entry that is not less. Digests are spread evenly, so that it is near where it would
    /// be if they were spread perfectly.
    fn start(&self, number: u64) -> usize {
        let len = self.entries.len();
        let guess = ((u128::from(number) * len as u128) >> 64) as usize;
        let less = |at: usize| self.entries.get(at).is_some_and(|(entry, _)| *entry < number);
        let (mut from, mut to, mut step) = (guess, guess, 32);
        while from > 0 && !less(from - 1) {
            from = from.saturating_sub(step);
            step *= 2;
        }
        step = 32;
        while to < len && less(to) {
            to = (to + step).min(len);
            step *= 2;
        }
        let range = self.entries.get(from..to).unwrap_or_default();
        from + range.partition_point(|(entry, _)| *entry < number)
    }

    /// What is kept of a CID.
    fn number(&self, cid: &CidLink) -> u64 {
        match cid {
            // The same bytes may be there under both codecs, and must not be in each other's way.
            CidLink::Blessed(cid) => match cid.codec() {
                Codec::DagCbor => head(cid),
                Codec::Raw => !head(cid),
            },
            CidLink::General(general) => self.secret.hash_one(general),
        }
    }
}

/// The first eight bytes of a digest.
fn head(cid: &Cid) -> u64 {
    cid.digest().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cid(number: u64, codec: Codec) -> CidLink {
        let mut digest = [7; 32];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        Cid::new(codec, digest).into()
    }

    /// CIDs of both codecs, crowded at both ends. What is kept of one is never what is kept of another.
    fn entry() -> impl Strategy<Value = CidLink> {
        let number = prop_oneof![any::<u64>(), 0..50_u64, u64::MAX - 50..=u64::MAX];
        prop_oneof![
            number.clone().prop_map(|number| cid(number & !1, Codec::DagCbor)),
            number.prop_map(|number| cid(number & !1, Codec::Raw)),
        ]
    }

    proptest! {
        #[test]
        fn what_is_there_is_found_however_it_is_spread(
            entries in prop::collection::vec(entry(), 0..300),
            absent in entry(),
        ) {
            let mut offsets = Offsets::default();
            for (offset, entry) in entries.iter().enumerate() {
                offsets.push(entry, offset as u64);
            }
            offsets.sort();
            for entry in entries.iter().chain([&absent]) {
                let expected = (0..entries.len()).filter(|offset| entries[*offset] == *entry).map(|offset| offset as u64);
                prop_assert!(offsets.find(entry).eq(expected));
            }
        }
    }

    #[test]
    fn copies_under_another_codec_are_not_in_the_way() {
        let mut offsets = Offsets::default();
        for offset in 0..1000 {
            offsets.push(&Cid::of_raw(b"").into(), offset);
        }
        offsets.push(&Cid::of_cbor(b"").into(), 1000);
        offsets.sort();
        assert!(offsets.find(&Cid::of_cbor(b"").into()).eq([1000]));
        assert_eq!(offsets.find(&Cid::of_raw(b"").into()).next(), Some(0));
    }

    #[test]
    fn other_cids_are_found_too() {
        let mut offsets = Offsets::default();
        let links: Vec<_> = (0..9).map(|byte| CidLink::from_bytes(&[1, 0x71, 0x13, 2, byte, 0]).unwrap()).collect();
        for (offset, link) in links.iter().enumerate() {
            offsets.push(link, offset as u64);
        }
        offsets.sort();
        for (offset, link) in links.iter().enumerate() {
            assert_eq!(offsets.find(link).collect::<Vec<_>>(), [offset as u64]);
        }
    }
}
