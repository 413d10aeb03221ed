//! Writing nodes (Repository, MST: node encoding).

use crate::data::{Cid, CidLink};

use super::{
    key::shared_prefix,
    node::{Kid, LINK_HEAD, LINK_LEN, NULL, Node, Span},
    tree::Link,
};

/// The most entries of a node that is written: the strictest limit among other implementations.
pub const MAX_WRITTEN_ENTRIES: usize = 200;

/// More bytes than a key or a link usually has.
const USUAL: usize = 64;

/// A node in the making: entry after entry and child after child, from the left to the right.
#[derive(Default)]
pub(crate) struct Draft {
    /// The entries as they are in the block, the last one only up to its child.
    entries: Vec<u8>,
    /// Where the keys are in the entries.
    spans: Vec<Span>,
    /// The last key.
    key: Vec<u8>,
    /// The link to the value of the last entry, which follows its child.
    value: Vec<u8>,
    /// The child right of the last entry, or left of the first.
    kid: Option<Cid>,
    /// The child left of the first entry, once there is an entry.
    left: Option<Cid>,
    /// The loaded children, by slot; those behind the last one are none.
    kids: Vec<Kid>,
}

impl Draft {
    /// Makes room for so many entries, of which all but a few are so many bytes together.
    pub(crate) fn reserve(&mut self, entries: usize, bytes: usize) {
        self.spans.reserve(entries);
        self.entries.reserve(bytes + 4 * USUAL);
        self.key.reserve(USUAL);
        self.value.reserve(USUAL);
    }

    /// The number of entries.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is neither an entry nor a child.
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.kid.is_none()
    }

    /// The key of the last entry; empty if there is none.
    pub(crate) fn last_key(&self) -> &[u8] {
        &self.key
    }

    /// Puts a child right of the last entry, or left of the first.
    pub(crate) fn set_kid(&mut self, kid: Link) {
        self.kid = Some(kid.cid);
        self.kids.resize_with(self.spans.len(), Kid::default);
        self.kids.push(kid.node);
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, key: &[u8], value: &CidLink) {
        let prefix = shared_prefix(&self.key, key);
        self.push_key(prefix, &key[prefix..]);
        push_link(&mut self.value, value);
    }

    /// Adds an entry of another node, maybe with another value. If the one before is also the one
    /// before in that node, its key follows as it does there.
    pub(crate) fn push_from(&mut self, node: &Node, entry: usize, value: Option<&CidLink>, follows: bool) {
        if follows {
            self.push_key(node.prefix(entry), node.suffix(entry));
        } else {
            let key = node.key(entry);
            let prefix = shared_prefix(&self.key, &key);
            self.push_key(prefix, &key[prefix..]);
        }
        match value {
            Some(value) => push_link(&mut self.value, value),
            None => self.value.extend_from_slice(node.link(entry)),
        }
    }

    /// Begins an entry.
    fn push_key(&mut self, prefix: usize, suffix: &[u8]) {
        self.end_entry();
        self.key.truncate(prefix);
        self.key.extend_from_slice(suffix);
        let out = &mut self.entries;
        out.extend_from_slice(&[0xa4, 0x61, b'k']);
        push_head(out, 0x40, suffix.len());
        // A key has at most 1,024 bytes, and a node a few hundred of them.
        self.spans.push(Span { at: out.len() as u32, prefix: prefix as u16, suffix: suffix.len() as u16 });
        out.extend_from_slice(suffix);
        out.extend_from_slice(&[0x61, b'p']);
        push_head(out, 0x00, prefix);
        out.extend_from_slice(&[0x61, b't']);
    }

    /// Ends the last entry, or what is before the first.
    fn end_entry(&mut self) {
        let kid = self.kid.take();
        if self.spans.is_empty() {
            self.left = kid;
            return;
        }
        push_kid(&mut self.entries, kid);
        self.entries.extend_from_slice(&[0x61, b'v']);
        self.entries.append(&mut self.value);
    }

    /// The node at this layer. The draft is empty again afterwards.
    pub(crate) fn finish(&mut self, layer: u8) -> Node {
        let bytes = self.encode();
        self.node(layer, bytes)
    }

    /// The block, to which nothing can be added any more.
    pub(crate) fn encode(&mut self) -> Box<[u8]> {
        self.end_entry();
        let left = self.left.map_or(1, |_| LINK_LEN);
        let size = 3 + head_len(self.len()) + self.entries.len() + 2 + left;
        let mut out = Vec::with_capacity(size);
        out.extend_from_slice(&[0xa2, 0x61, b'e']);
        push_head(&mut out, 0x80, self.len());
        out.extend_from_slice(&self.entries);
        out.extend_from_slice(&[0x61, b'l']);
        push_kid(&mut out, self.left);
        debug_assert_eq!(out.len(), size);
        out.into_boxed_slice()
    }

    /// The node of the block that was encoded. The draft is empty again afterwards.
    pub(crate) fn node(&mut self, layer: u8, bytes: Box<[u8]>) -> Node {
        let before = 3 + head_len(self.len()) as u32;
        let spans: Box<[Span]> = self.spans.iter().map(|span| Span { at: span.at + before, ..*span }).collect();
        let slots = if layer == 0 { 0 } else { spans.len() + 1 };
        self.kids.resize_with(slots, Kid::default);
        let kids = self.kids.drain(..).collect();
        self.clear();
        Node::from_parts(*Cid::of_cbor(&bytes).digest(), layer, bytes, spans, kids)
    }

    /// Takes everything out.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.spans.clear();
        self.key.clear();
        self.value.clear();
        self.kids.clear();
        (self.kid, self.left) = (None, None);
    }
}

/// Appends a link to a node, or `null`.
fn push_kid(out: &mut Vec<u8>, kid: Option<Cid>) {
    match kid {
        Some(kid) => {
            out.extend_from_slice(&LINK_HEAD);
            out.extend_from_slice(kid.digest());
        }
        None => out.push(NULL),
    }
}

/// Appends a link: tag 42 and a byte string of 0 and the binary CID.
fn push_link(out: &mut Vec<u8>, link: &CidLink) {
    link.with_bytes(|cid| {
        out.extend_from_slice(&[0xd8, 0x2a]);
        push_head(out, 0x40, cid.len() + 1);
        out.push(0);
        out.extend_from_slice(cid);
    });
}

/// Appends the head of an item, whose argument has at most 16 bits in a node.
fn push_head(out: &mut Vec<u8>, major: u8, argument: usize) {
    let [high, low] = (argument as u16).to_be_bytes();
    match head_len(argument) {
        1 => out.push(major + low),
        2 => out.extend_from_slice(&[major + 24, low]),
        _ => out.extend_from_slice(&[major + 25, high, low]),
    }
}

/// The bytes of a head.
fn head_len(argument: usize) -> usize {
    match argument {
        0..24 => 1,
        24..0x100 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::mst::{decode::decode, key_layer, model::value, node::EMPTY};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn note() -> CidLink {
        "bafyreia2ty55fxarehtbm3ydzq2u7yrw266rkfi2tz5kmbjwwuuky3idvu".parse().unwrap()
    }

    #[test]
    fn keys_lean_on_the_key_before() {
        let mut draft = Draft::default();
        for key in ["com.example.note/n00000", "com.example.note/n00002", "com.example.note/n00004"] {
            draft.push(key.as_bytes(), &note());
        }
        let node = draft.finish(0);
        let link = "6176d82a582500017112201a9e3bd2dc1121e6166f03cc354fe236d7bd15151a9e7aa60536b528ac6d03ad";
        let first = "a4616b57636f6d2e6578616d706c652e6e6f74652f6e3030303030617000";
        let known =
            format!("a2616583{first}6174f6{link}a4616b413261701661 74f6{link}a4616b41346170166174f6{link}616cf6");
        assert_eq!(hex(node.bytes()), known.replace(' ', ""));
    }

    #[test]
    fn a_node_without_entries_has_only_a_child() {
        let mut draft = Draft::default();
        let kid = "bafyreih7rtwnqfq4l5ppsh6gwrc3h4akstp5vnthw7tsnyti35fy4oqnz4".parse().unwrap();
        draft.set_kid(Link::stub(kid, Some(0)));
        let known = "a2616580616cd82a58250001711220ff8cecd8161c5f5ef91fc6b445b3f00a94dfdab667b7e726e268df4b8e3a0dcf";
        assert_eq!(hex(draft.finish(1).bytes()), known);
    }

    #[test]
    fn a_draft_is_empty_after_its_node() {
        let mut draft = Draft::default();
        draft.push(b"a", &note());
        draft.set_kid(Link::stub(Cid::of_cbor(b"kid"), Some(0)));
        draft.finish(1);
        assert!(draft.is_empty());
        assert_eq!(draft.finish(0).bytes(), EMPTY);
    }

    /// Keys of one layer whose shared and own parts have lengths that numbers of one, two and three
    /// bytes count.
    fn keys(layer: u8) -> Vec<Vec<u8>> {
        let lengths = [1, 22, 23, 24, 25, 255, 256, 257, 700];
        let mut keys: Vec<_> = lengths
            .into_iter()
            .flat_map(|shared| lengths.map(|own| (shared, own)))
            .filter(|(shared, own)| shared + own + 9 <= 1024)
            .filter_map(|(shared, own)| {
                let key = |number| format!("{}{number:04}{}", "s".repeat(shared), "o".repeat(own)).into_bytes();
                (0..10_000).map(key).find(|key| key_layer(key) == layer)
            })
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let unusual = CidLink::from_bytes(&[1, 0x55, 0, 1, 7]).unwrap();
        for layer in [0, 1] {
            let mut draft = Draft::default();
            let keys = keys(layer);
            for (number, key) in keys.iter().enumerate() {
                if layer > 0 && number % 3 != 1 {
                    draft.set_kid(Link::stub(Cid::of_cbor(key), Some(0)));
                }
                draft.push(key, &if number % 5 == 4 { unusual.clone() } else { note() });
            }
            let node = draft.finish(layer);
            let read = decode(node.cid(), node.bytes(), Some(layer)).unwrap();
            assert_eq!((read.spans(), read.kids().len()), (node.spans(), node.kids().len()));
            for (entry, key) in keys.iter().enumerate() {
                assert_eq!(read.key(entry), *key);
                assert_eq!(read.value(entry), Some(if entry % 5 == 4 { unusual.clone() } else { note() }));
                let kid = (layer > 0 && entry % 3 != 1).then(|| Cid::of_cbor(key));
                assert_eq!(read.kid_cid(entry), kid);
            }
        }
    }

    #[test]
    fn entries_are_taken_over_from_another_node() {
        let mut draft = Draft::default();
        let keys = keys(0);
        for (number, key) in keys.iter().enumerate() {
            draft.push(key, &value(number as u64));
        }
        let node = draft.finish(0);
        for follows in [false, true] {
            for entry in 0..keys.len() {
                draft.push_from(&node, entry, None, follows && entry > 0);
            }
            assert_eq!(draft.finish(0).bytes(), node.bytes());
        }
        // Without every third one.
        for entry in (0..keys.len()).filter(|entry| entry % 3 != 1) {
            draft.push_from(&node, entry, Some(&value(entry as u64)), entry > 0 && entry % 3 == 0);
        }
        let taken = draft.finish(0);
        for (entry, key) in keys.iter().enumerate().filter(|(entry, _)| entry % 3 != 1) {
            draft.push(key, &value(entry as u64));
        }
        assert_eq!(draft.finish(0).bytes(), taken.bytes());
    }
}
