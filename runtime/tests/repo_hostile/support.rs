//! Repositories made by hand, sound ones and others.
#![allow(dead_code, reason = "each test program uses a part")]

use std::collections::BTreeMap;

use arobase_runtime::{
    data::{Bytes, Cid, CidLink, Map, Value},
    repo::{car, mst::key_layer},
};

/// A block and its CID.
pub(crate) type Block = (CidLink, Vec<u8>);

/// The block of these bytes.
pub(crate) fn block(bytes: Vec<u8>) -> Block {
    (Cid::of_cbor(&bytes).into(), bytes)
}

/// A block of DAG-CBOR.
pub(crate) fn cbor(value: &Value) -> Block {
    block(value.to_cbor().unwrap())
}

/// A map.
pub(crate) fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut map = Map::new();
    for (key, value) in fields {
        map.insert(key.into(), value);
    }
    Value::Map(map)
}

/// A record that is told from others by a text.
pub(crate) fn record(text: &str) -> Block {
    cbor(&map([("$type", "com.example.note".into()), ("text", text.into())]))
}

/// An entry of a node as it is written, sound or not.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) prefix: usize,
    pub(crate) suffix: Vec<u8>,
    pub(crate) value: CidLink,
    pub(crate) right: Option<CidLink>,
}

/// The fields of a node as they are written.
pub(crate) fn node_fields(left: Option<&CidLink>, entries: &[Entry]) -> [(&'static str, Value); 2] {
    let link = |link: Option<&CidLink>| link.map_or(Value::Null, |link| Value::Link(link.clone()));
    let entry = |entry: &Entry| {
        map([
            ("k", Value::Bytes(Bytes::from(entry.suffix.clone()))),
            ("p", Value::Int(entry.prefix as i64)),
            ("t", link(entry.right.as_ref())),
            ("v", Value::Link(entry.value.clone())),
        ])
    };
    [("e", Value::List(entries.iter().map(entry).collect())), ("l", link(left))]
}

/// A node as it is written.
pub(crate) fn node(left: Option<&CidLink>, entries: &[Entry]) -> Block {
    cbor(&map(node_fields(left, entries)))
}

/// Entries with the longest possible prefixes and no children.
pub(crate) fn entries(keys: &[(&str, &CidLink)]) -> Vec<Entry> {
    let mut last = "";
    let mut entries = Vec::new();
    for (key, value) in keys {
        let prefix = last.bytes().zip(key.bytes()).take_while(|(a, b)| a == b).count();
        let suffix = key.as_bytes()[prefix..].to_vec();
        entries.push(Entry { prefix, suffix, value: (*value).clone(), right: None });
        last = key;
    }
    entries
}

/// A commit of a tree with this root. Its signature is none.
pub(crate) fn commit(data: &CidLink) -> Block {
    commit_of(3, data)
}

/// The same of another version.
pub(crate) fn commit_of(version: i64, data: &CidLink) -> Block {
    cbor(&map([
        ("did", "did:plc:abcdefghijklmnopqrstuvwx".into()),
        ("rev", "3jzfcijpj2z2b".into()),
        ("sig", Value::Bytes(Bytes::from(vec![7; 64]))),
        ("data", Value::Link(data.clone())),
        ("prev", Value::Null),
        ("version", Value::Int(version)),
    ]))
}

/// A CAR file with these roots and blocks.
pub(crate) fn file(roots: &[&CidLink], blocks: &[Block]) -> Vec<u8> {
    let roots: Vec<Cid> = roots.iter().map(|root| root.as_cid().unwrap()).collect();
    let mut file = car::header(&roots).to_vec();
    for (cid, bytes) in blocks {
        car::put_block(&mut file, cid, bytes);
    }
    file
}

/// A repository: its commit and the blocks of its tree.
#[derive(Clone, Debug)]
pub(crate) struct Repo {
    /// The commit, and then the rest in the order of the protocol.
    pub(crate) blocks: Vec<Block>,
    /// The records, in the order of their keys.
    pub(crate) records: Vec<(String, Block)>,
    /// The number of nodes.
    pub(crate) nodes: usize,
}

impl Repo {
    /// A repository with these records.
    pub(crate) fn new(records: impl IntoIterator<Item = (String, Block)>) -> Self {
        let records: BTreeMap<String, Block> = records.into_iter().collect();
        let records: Vec<(String, Block)> = records.into_iter().collect();
        let keyed: Vec<Keyed<'_>> =
            records.iter().map(|(key, block)| (key.as_str(), key_layer(key.as_bytes()), block)).collect();
        let layer = keyed.iter().map(|(_, layer, _)| *layer).max().unwrap_or_default();
        let mut tree = Vec::new();
        let mut nodes = 0;
        let root = match subtree(&keyed, layer, &mut tree, &mut nodes) {
            Some(root) => root,
            None => {
                let empty = node(None, &[]);
                tree.push(empty.clone());
                nodes += 1;
                empty.0
            }
        };
        let blocks = [vec![commit(&root)], tree].concat();
        Self { blocks, records, nodes }
    }

    /// A repository with so many records in several collections.
    pub(crate) fn with(count: usize) -> Self {
        Self::new((0..count).map(|number| {
            let collection = ["com.example.follow", "com.example.like", "com.example.note"][number % 3];
            (format!("{collection}/{number:06}"), record(&format!("record {number}")))
        }))
    }

    /// The CID of the commit.
    pub(crate) fn root(&self) -> &CidLink {
        &self.blocks[0].0
    }

    /// The file in the order of the protocol, with no block twice.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut seen = std::collections::HashSet::new();
        let once: Vec<Block> = self.blocks.iter().filter(|(cid, _)| seen.insert(cid)).cloned().collect();
        file(&[self.root()], &once)
    }
}

type Keyed<'a> = (&'a str, u8, &'a Block);

/// Appends the blocks of a subtree in the order of the protocol, and gives its root; none without keys.
fn subtree(keys: &[Keyed<'_>], layer: u8, out: &mut Vec<Block>, nodes: &mut usize) -> Option<CidLink> {
    if keys.is_empty() {
        return None;
    }
    *nodes += 1;
    let place = out.len();
    let own: Vec<(&str, &CidLink)> =
        keys.iter().filter(|(_, found, _)| *found == layer).map(|(key, _, block)| (*key, &block.0)).collect();
    let mut entries = entries(&own);
    let mut left = None;
    let mut below = Vec::new();
    for (slot, keys) in keys.split_inclusive(|(_, found, _)| *found == layer).enumerate() {
        let (keys, own) = match keys.split_last() {
            Some((last, rest)) if last.1 == layer => (rest, Some(last)),
            _ => (keys, None),
        };
        let kid = layer.checked_sub(1).and_then(|layer| subtree(keys, layer, &mut below, nodes));
        match slot.checked_sub(1) {
            None => left = kid,
            Some(entry) => entries[entry].right = kid,
        }
        below.extend(own.map(|(_, _, block)| (*block).clone()));
    }
    let block = node(left.as_ref(), &entries);
    let cid = block.0.clone();
    out.insert(place, block);
    out.append(&mut below);
    Some(cid)
}
