//! What two nodes have in common.

use super::{
    key::shared_prefix,
    node::{LINK_LEN, Node},
};

/// What two nodes have in common from some entry of each on, if the keys before these are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Same {
    /// How many entries: their keys, their values and the children right of them.
    pub(crate) entries: usize,
    /// Whether behind these comes one that has another child, but the same key and value.
    pub(crate) record: bool,
}

impl Same {
    pub(crate) fn of(one: &Node, first: usize, other: &Node, other_first: usize) -> Self {
        let most = (one.len() - first).min(other.len() - other_first);
        let (here, there) = (&one.bytes()[entry_at(one, first)..], &other.bytes()[entry_at(other, other_first)..]);
        let same = shared_len(here, there);
        if same == here.len() && same == there.len() {
            return Self { entries: most, record: false };
        }
        // What is equal up to the end of an entry of one node is up to the end of one in the other.
        let end = one.bytes().len() - here.len() + same;
        let entries = (0..most).take_while(|more| entry_at(one, first + more + 1) <= end).count();
        let record = entries < most && is_same_record(one, first + entries, other, other_first + entries);
        Self { entries, record }
    }
}

fn is_same_record(one: &Node, entry: usize, other: &Node, other_entry: usize) -> bool {
    one.spans()[entry].prefix == other.spans()[other_entry].prefix
        && one.suffix(entry) == other.suffix(other_entry)
        && one.value_bytes(entry) == other.value_bytes(other_entry)
}

/// The offset of an entry, or of the end of the last.
fn entry_at(node: &Node, entry: usize) -> usize {
    let Some(span) = node.spans().get(entry) else {
        let left = if has_left(node) { LINK_LEN } else { 1 };
        return node.bytes().len() - left - 2;
    };
    let head = match span.suffix {
        0..24 => 1,
        24..256 => 2,
        _ => 3,
    };
    // A map's head, and its key `k`.
    span.at as usize - head - 3
}

/// Whether a node has a child left of its first entry. One that is loaded need not be looked for.
fn has_left(node: &Node) -> bool {
    node.kids().first().is_some_and(|kid| kid.get().is_some() || node.kid_digest_at(0).is_some())
}

/// The number of bytes that both begin with, compared some at a time.
fn shared_len(one: &[u8], other: &[u8]) -> usize {
    const STEP: usize = 16;
    let steps = || one.as_chunks::<STEP>().0.iter().zip(other.as_chunks::<STEP>().0);
    if let Some((step, (one, other))) = steps().enumerate().find(|(_, (one, other))| one != other) {
        let differing = u128::from_le_bytes(*one) ^ u128::from_le_bytes(*other);
        return step * STEP + differing.trailing_zeros() as usize / 8;
    }
    let whole = STEP * steps().len();
    whole + shared_prefix(&one[whole..], &other[whole..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::mst::{
        forged::{Entry, key_of_layer, keys_of_layer, node},
        model::value,
        tree::fetch,
    };
    use crate::{data::Cid, repo::MemoryBlocks};

    /// What two nodes of layer 1 have in common.
    fn same(left: [Option<Cid>; 2], entries: [&[Entry<'_>]; 2], first: [usize; 2]) -> (usize, bool) {
        let mut blocks = MemoryBlocks::new();
        let cids = [node(left[0], entries[0], &mut blocks), node(left[1], entries[1], &mut blocks)];
        let nodes = cids.map(|cid| fetch(cid, Some(1), &blocks).unwrap());
        let same = Same::of(&nodes[0], first[0], &nodes[1], first[1]);
        (same.entries, same.record)
    }

    #[test]
    fn entries_are_the_same_with_key_value_and_child() {
        let keys = keys_of_layer(1, 4);
        let kid = Cid::of_cbor(b"kid");
        let base: Vec<Entry<'_>> = keys.iter().map(|key| (&key[..], value(1), Some(kid))).collect();
        assert_eq!(same([None; 2], [&base, &base], [0, 0]), (4, false));
        assert_eq!(same([None, Some(kid)], [&base, &base], [1, 1]), (3, false), "the left child is none of an entry");
        assert_eq!(same([None; 2], [&base, &base[..2]], [0, 0]), (2, false));
        for changed in 0..4 {
            let mut other = base.clone();
            other[changed].1 = value(2);
            assert_eq!(same([None; 2], [&base, &other], [0, 0]), (changed, false));
            assert_eq!(same([None; 2], [&base, &other], [4, 4]), (0, false));
            other[changed] = (base[changed].0, value(1), None);
            assert_eq!(same([None; 2], [&base, &other], [0, 0]), (changed, true));
        }
    }

    #[test]
    fn shared_bytes_are_counted_to_the_last() {
        let bytes = [7; 70];
        for len in 0..bytes.len() {
            let mut other = bytes;
            other[len] = 8;
            assert_eq!(shared_len(&bytes, &other), len);
            assert_eq!(shared_len(&bytes[..len], &bytes), len);
        }
    }

    #[test]
    fn entries_may_have_other_numbers() {
        let long = |end| key_of_layer(&format!("{}{end}", "k".repeat(300)), 1);
        let keys = [key_of_layer("a", 1), long("1"), long("2"), long("3")];
        let base: Vec<Entry<'_>> = keys.iter().map(|key| (&key[..], value(1), None)).collect();
        let fewer: Vec<_> = [&base[..1], &base[2..]].concat();
        assert_eq!(same([None; 2], [&base, &fewer], [0, 0]), (1, false));
        assert_eq!(same([None; 2], [&base, &fewer], [3, 2]), (1, false), "behind the same key");
    }
}
