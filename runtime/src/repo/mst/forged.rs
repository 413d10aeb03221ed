//! Nodes made by hand, sound or not, for tests.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
};

use proptest::prelude::*;

use crate::{
    data::{Bytes, Cid, CidLink, Map, Value},
    repo::blocks::{Blocks, MemoryBlocks, SourceError},
};

use super::{
    error::Error,
    key::{key_layer, shared_prefix},
    model::{Content, value},
    tree::Tree,
};

/// An entry: its key, its value and the child right of it.
pub(crate) type Entry<'a> = (&'a [u8], CidLink, Option<Cid>);

/// Encodes a node as it is said, and puts it with the blocks.
pub(crate) fn node(left: Option<Cid>, entries: &[Entry<'_>], blocks: &mut MemoryBlocks) -> Cid {
    let link = |kid: Option<Cid>| kid.map_or(Value::Null, |cid| Value::Link(cid.into()));
    let mut last: &[u8] = &[];
    let mut list = Vec::new();
    for (key, value, right) in entries {
        let prefix = shared_prefix(last, key);
        let mut entry = Map::new();
        entry.insert("k".into(), Value::Bytes(Bytes::from(key[prefix..].to_vec())));
        entry.insert("p".into(), Value::Int(prefix as i64));
        entry.insert("t".into(), link(*right));
        entry.insert("v".into(), Value::Link(value.clone()));
        list.push(Value::Map(entry));
        last = key;
    }
    let mut node = Map::new();
    node.insert("e".into(), Value::List(list));
    node.insert("l".into(), link(left));
    let bytes = Value::Map(node).to_cbor().expect("a value");
    let cid = Cid::of_cbor(&bytes);
    assert!(blocks.insert(cid, bytes));
    cid
}

/// The first keys of a layer, in ascending order.
pub(crate) fn keys_of_layer(layer: u8, count: usize) -> Vec<Vec<u8>> {
    (0..).map(|number| format!("{number:07}").into_bytes()).filter(|key| key_layer(key) == layer).take(count).collect()
}

/// The first key of a layer that begins so.
pub(crate) fn key_of_layer(prefix: &str, layer: u8) -> Vec<u8> {
    let mut keys = (0..).map(|number| format!("{prefix}{number}").into_bytes());
    keys.find(|key| key_layer(key) == layer).expect("numbers have no end")
}

/// A content of keys numbered from `first`, each with its number as its value.
pub(crate) fn numbered(numbers: impl IntoIterator<Item = u64>) -> Content {
    numbers.into_iter().map(|number| (number_key(number), value(number))).collect()
}

/// Blocks that remember what they were asked for.
pub(crate) struct Counting<'a> {
    blocks: &'a MemoryBlocks,
    asked: RefCell<BTreeMap<Cid, usize>>,
}

impl<'a> Counting<'a> {
    pub(crate) fn new(blocks: &'a MemoryBlocks) -> Self {
        Self { blocks, asked: RefCell::default() }
    }

    /// How often a block was handed out, in total.
    pub(crate) fn total(&self) -> usize {
        self.asked.borrow().values().sum()
    }

    /// The blocks that were handed out.
    pub(crate) fn asked(&self) -> HashSet<Cid> {
        self.asked.borrow().keys().copied().collect()
    }
}

impl Blocks for Counting<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<bytes::Bytes>, SourceError> {
        *self.asked.borrow_mut().entry(*cid).or_default() += 1;
        Ok(self.blocks.block(cid).cloned())
    }

    fn verified(&self) -> bool {
        true
    }
}

/// The key with a number.
pub(crate) fn number_key(number: u64) -> Vec<u8> {
    format!("com.example.note/{number:06}").into_bytes()
}

/// Contents of keys with these numbers, some with unusual values.
pub(crate) fn content(numbers: std::ops::Range<u64>, most: usize) -> impl Strategy<Value = Content> {
    let values = prop_oneof![
        9 => (0..3u64).prop_map(value),
        1 => (0..60u8).prop_map(unusual_value),
    ];
    proptest::collection::btree_map(numbers.prop_map(number_key), values, 0..=most)
}

/// A link with an identity hash of this many bytes.
pub(crate) fn unusual_value(len: u8) -> CidLink {
    let mut bytes = vec![1, 0x55, 0, len];
    bytes.resize(4 + usize::from(len), 7);
    CidLink::from_bytes(&bytes).expect("a CIDv1")
}

/// Loads all nodes.
pub(crate) fn load_all(tree: &Tree, content: &Content, blocks: &MemoryBlocks) {
    assert_eq!(tree.get(b"-", blocks).expect("a sound tree"), None);
    for (key, value) in content {
        assert_eq!(tree.get(key, blocks).expect("a sound tree").as_ref(), Some(value));
    }
    assert_eq!(tree.loaded().0, blocks.len());
}

/// Asks again and again and hands over only what was asked for. How often that was.
pub(crate) fn fetch_missing(blocks: &MemoryBlocks, ask: impl Fn(&dyn Blocks) -> Result<Vec<Cid>, Error>) -> usize {
    let mut handed = MemoryBlocks::new();
    for round in 0.. {
        let missing = ask(&handed).unwrap();
        if missing.is_empty() {
            return round;
        }
        handed = MemoryBlocks::new();
        for cid in &missing {
            assert!(handed.insert(*cid, blocks.block(cid).unwrap().clone()));
        }
        assert_eq!(handed.len(), missing.len(), "none twice");
    }
    unreachable!("a tree has an end")
}
