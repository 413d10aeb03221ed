//! A node: its block, and where in the block things are.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crate::data::{Cid, CidLink, Codec};

use super::key::shared_prefix;

/// The bytes of a link to a node in a block: tag 42, a byte string of 37 bytes, 0, the CID.
pub(crate) const LINK_LEN: usize = 41;
/// What a link to a node begins with, up to its digest.
pub(crate) const LINK_HEAD: [u8; 9] = [0xd8, 0x2a, 0x58, 0x25, 0x00, 0x01, 0x71, 0x12, 0x20];
/// `null`.
pub(crate) const NULL: u8 = 0xf6;
/// The block of the only node of an empty tree.
pub(crate) const EMPTY: [u8; 7] = [0xa2, 0x61, b'e', 0x80, 0x61, b'l', NULL];

/// A child: nothing, or the node once it was loaded. Whether there is one at all, and its CID, say
/// the bytes of the parent.
pub(crate) type Kid = OnceLock<Arc<Node>>;

/// A node of the tree (Repository, MST: node encoding).
///
/// The canonical block is the truth; beside it stands only where each key begins, so that nothing
/// is rebuilt to be read, and nothing but the block is hashed, sent or stored.
///
/// A *slot* is a place for a child: slot 0 is left of the first entry (`l`), slot `i + 1` right of
/// entry `i` (its `t`).
#[derive(Clone)]
pub struct Node {
    digest: [u8; 32],
    layer: u8,
    bytes: Box<[u8]>,
    spans: Box<[Span]>,
    /// One for each slot; none at all at layer 0.
    kids: Box<[Kid]>,
}

/// Where the key of an entry is. The rest of the entry follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The offset of the part of the key that the entry itself holds.
    pub(crate) at: u32,
    /// How many bytes of the key are those of the entry before.
    pub(crate) prefix: u16,
    /// How many bytes the entry itself holds.
    pub(crate) suffix: u16,
}

impl Node {
    /// A node out of its parts, which belong together.
    pub(crate) fn from_parts(
        digest: [u8; 32],
        layer: u8,
        bytes: Box<[u8]>,
        spans: Box<[Span]>,
        kids: Box<[Kid]>,
    ) -> Self {
        debug_assert_eq!(kids.len(), if layer == 0 { 0 } else { spans.len() + 1 });
        Self { digest, layer, bytes, spans, kids }
    }

    /// The CID of the block.
    #[must_use]
    pub fn cid(&self) -> Cid {
        Cid::new(Codec::DagCbor, self.digest)
    }

    /// The block.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The layer: that of all keys in it, 0 at the bottom.
    #[must_use]
    pub fn layer(&self) -> u8 {
        self.layer
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The bytes of memory that this node takes, without its children.
    #[must_use]
    pub fn memory(&self) -> usize {
        // Two counters stand before what an `Arc` points to.
        2 * size_of::<usize>()
            + size_of::<Self>()
            + self.bytes.len()
            + size_of_val(&*self.spans)
            + size_of_val(&*self.kids)
    }

    /// The places of the keys.
    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The children, as far as they are loaded; none at layer 0.
    pub(crate) fn kids(&self) -> &[Kid] {
        &self.kids
    }

    /// The children, to let go of them.
    pub(crate) fn kids_mut(&mut self) -> &mut [Kid] {
        &mut self.kids
    }

    /// The part of a key that its entry holds.
    pub(crate) fn suffix(&self, entry: usize) -> &[u8] {
        let span = self.spans[entry];
        &self.bytes[span.at as usize..][..usize::from(span.suffix)]
    }

    /// How many bytes of a key are those of the key before.
    pub(crate) fn prefix(&self, entry: usize) -> usize {
        usize::from(self.spans[entry].prefix)
    }

    /// Makes `key`, which holds the key of the entry before (or anything, for the first one), the
    /// key of this entry.
    pub(crate) fn next_key(&self, entry: usize, key: &mut Vec<u8>) {
        key.truncate(usize::from(self.spans[entry].prefix));
        key.extend_from_slice(self.suffix(entry));
    }

    /// The key of an entry.
    pub(crate) fn key(&self, entry: usize) -> Vec<u8> {
        let mut key = Vec::new();
        for earlier in 0..=entry {
            self.next_key(earlier, &mut key);
        }
        key
    }

    /// The binary CID of an entry's value, of which nothing is known but that it is a CIDv1.
    pub(crate) fn value_bytes(&self, entry: usize) -> &[u8] {
        let value = &self.bytes[self.value_at(entry)..];
        // Tag 42 and a byte string, whose first byte is 0: up to 101 bytes, so with one length byte or none.
        match value[2] {
            0x58 => &value[5..4 + usize::from(value[3])],
            short => &value[4..3 + usize::from(short - 0x40)],
        }
    }

    /// The value of an entry.
    pub(crate) fn value(&self, entry: usize) -> Option<CidLink> {
        CidLink::from_bytes(self.value_bytes(entry)).ok()
    }

    /// The CID of the child in a slot, `None` if there is no child.
    pub(crate) fn kid_cid(&self, slot: usize) -> Option<Cid> {
        let digest = self.bytes.get(self.kid_digest_at(slot)?..)?.first_chunk::<32>()?;
        Some(Cid::new(Codec::DagCbor, *digest))
    }

    /// The offset of the digest of the child in a slot, `None` if there is no child.
    pub(crate) fn kid_digest_at(&self, slot: usize) -> Option<usize> {
        let at = self.kid_at(slot);
        (self.bytes[at] != NULL).then_some(at + LINK_HEAD.len())
    }

    /// Takes the child out of a slot, if it is loaded.
    pub(crate) fn take_kid(&mut self, slot: usize) -> Option<Arc<Self>> {
        self.kids.get_mut(slot)?.take()
    }

    /// Puts another child where there is one. The digest has to be made anew afterwards.
    pub(crate) fn set_kid(&mut self, slot: usize, cid: Cid, kid: Kid) {
        if let Some(at) = self.kid_digest_at(slot)
            && let Some(link) = self.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut)
            && let Some(place) = self.kids.get_mut(slot)
        {
            *link = *cid.digest();
            *place = kid;
        }
    }

    /// Puts another value of the same length under an entry. The digest has to be made anew
    /// afterwards.
    pub(crate) fn set_value(&mut self, entry: usize, value: &CidLink) {
        let end = self.entry_end(entry);
        value.with_bytes(|value| {
            debug_assert_eq!(self.value_bytes(entry).len(), value.len());
            self.bytes[end - value.len()..end].copy_from_slice(value);
        });
    }

    /// Makes the digest anew.
    pub(crate) fn rehash(&mut self) {
        self.digest = *Cid::of_cbor(&self.bytes).digest();
    }

    /// The offset of the link or `null` in a slot.
    fn kid_at(&self, slot: usize) -> usize {
        match slot.checked_sub(1) {
            Some(entry) => self.after_key(entry),
            None => self.left_at(),
        }
    }

    /// The offset of `l`'s value, which is the end of the block.
    fn left_at(&self) -> usize {
        let entries_end = match self.spans.len().checked_sub(1) {
            Some(last) => self.entry_end(last),
            None => 4,
        };
        entries_end + 2
    }

    /// The offset of an entry's `t` value: its key, then `p` with a number, then the key `t`.
    fn after_key(&self, entry: usize) -> usize {
        let span = self.spans[entry];
        let number = match span.prefix {
            0..24 => 1,
            24..256 => 2,
            _ => 3,
        };
        span.at as usize + usize::from(span.suffix) + 2 + number + 2
    }

    /// The encoded link to the value of an entry.
    pub(crate) fn link(&self, entry: usize) -> &[u8] {
        &self.bytes[self.value_at(entry)..self.entry_end(entry)]
    }

    /// The offset of an entry's `v` value.
    fn value_at(&self, entry: usize) -> usize {
        let right = self.after_key(entry);
        right + if self.bytes[right] == NULL { 1 } else { LINK_LEN } + 2
    }

    /// The offset behind an entry.
    fn entry_end(&self, entry: usize) -> usize {
        let value = self.value_bytes(entry);
        let head = if value.len() + 1 < 24 { 4 } else { 5 };
        self.value_at(entry) + head + value.len()
    }

    /// The entry with this key, or the slot in which it would be.
    ///
    /// No key is rebuilt: of the entry before is known how many bytes it has in common with the
    /// wanted key, and this entry says how many it has in common with the one before.
    pub(crate) fn find(&self, key: &[u8]) -> Result<usize, usize> {
        let mut common = 0;
        for (entry, span) in self.spans.iter().enumerate() {
            let prefix = usize::from(span.prefix);
            if prefix > common {
                // It goes on like the entry before, which is less.
                continue;
            }
            if prefix < common {
                // It leaves the entry before, upwards, where that still agrees with the wanted key.
                return Err(entry);
            }
            let (suffix, rest) = (self.suffix(entry), &key[common..]);
            let more = shared_prefix(suffix, rest);
            match (suffix.get(more), rest.get(more)) {
                (None, None) => return Ok(entry),
                (Some(_), None) => return Err(entry),
                (Some(here), Some(wanted)) if here > wanted => return Err(entry),
                _ => common += more,
            }
        }
        Err(self.spans.len())
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("cid", &self.cid()).field("layer", &self.layer).field("len", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::mst::decode::decode;

    fn leaf(keys: &[&str]) -> Node {
        let mut bytes = vec![0xa2, 0x61, b'e', 0x80 + keys.len() as u8];
        let mut last = "";
        for key in keys {
            let prefix = shared_prefix(last.as_bytes(), key.as_bytes());
            bytes.extend([0xa4, 0x61, b'k', 0x40 + (key.len() - prefix) as u8]);
            bytes.extend(&key.as_bytes()[prefix..]);
            bytes.extend([0x61, b'p', prefix as u8, 0x61, b't', NULL, 0x61, b'v']);
            bytes.extend(LINK_HEAD);
            bytes.extend([7; 32]);
            last = key;
        }
        bytes.extend([0x61, b'l', NULL]);
        let cid = Cid::of_cbor(&bytes);
        decode(cid, &bytes, None).unwrap()
    }

    #[test]
    fn keys_are_found_and_missing_ones_have_a_slot() {
        let keys: Vec<String> = (0..400)
            .map(|number| format!("{number:03}"))
            .filter(|key| crate::repo::mst::key_layer(key.as_bytes()) == 0)
            .take(23)
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let node = leaf(&keys);
        for number in 0..500 {
            let key = format!("{number:03}");
            assert_eq!(node.find(key.as_bytes()), keys.binary_search(&key.as_str()), "{key}");
        }
        for (entry, key) in keys.iter().enumerate() {
            assert_eq!(node.key(entry), key.as_bytes());
        }
    }
}
