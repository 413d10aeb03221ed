//! The search tree as its definition says it: a node is a range of the sorted keys at a layer. Slow and
//! simple; only nodes that were hashed before are remembered.

use std::collections::HashMap;

use arobase_bench_repo_workload::inputs::CidBytes;

use crate::cbor;
use crate::hash::{cid_of, layer};

/// A key and what stands under it.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub key: String,
    pub layer: u8,
    pub cid: CidBytes,
}

impl Leaf {
    pub fn new(key: &str, cid: CidBytes) -> Self {
        Self { key: key.to_owned(), layer: layer(key.as_bytes()), cid }
    }
}

/// A block and its CID.
pub type Block = (CidBytes, Vec<u8>);

/// A tree of sorted leaves.
pub struct Tree {
    pub leaves: Vec<Leaf>,
    known: HashMap<Range, CidBytes>,
}

/// The leaves from one up to, not including, another, at a layer.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Range {
    from: usize,
    to: usize,
    layer: u8,
}

/// What stands in the order of a node: a child, or a leaf.
enum Item {
    Child(Range),
    Leaf(usize),
}

impl Tree {
    pub fn new(mut leaves: Vec<Leaf>) -> Self {
        leaves.sort_by(|a, b| a.key.cmp(&b.key));
        Self { leaves, known: HashMap::new() }
    }

    /// Adds a leaf and says where it is and which nodes are new, the root last.
    pub fn insert(&mut self, leaf: Leaf) -> (usize, Vec<Block>) {
        let at = self.leaves.partition_point(|other| other.key < leaf.key);
        self.shift(at);
        self.leaves.insert(at, leaf);
        let mut new = Vec::new();
        self.root(&mut |cid, bytes| new.push((cid, bytes.to_vec())));
        (at, new)
    }

    /// Moves what is known to where it is after a leaf was inserted; nodes around it are forgotten.
    fn shift(&mut self, at: usize) {
        let moved = self.known.drain().filter_map(|(range, cid)| match range {
            range if range.to <= at => Some((range, cid)),
            range if range.from >= at => Some((Range { from: range.from + 1, to: range.to + 1, ..range }, cid)),
            _ => None,
        });
        self.known = moved.collect::<Vec<_>>().into_iter().collect();
    }

    fn whole(&self) -> Range {
        let layer = self.leaves.iter().map(|leaf| leaf.layer).max().unwrap_or_default();
        Range { from: 0, to: self.leaves.len(), layer }
    }

    /// The root; nodes that were not known are handed out, children first.
    pub fn root(&mut self, new: &mut dyn FnMut(CidBytes, &[u8])) -> CidBytes {
        self.node(self.whole(), new)
    }

    fn node(&mut self, range: Range, new: &mut dyn FnMut(CidBytes, &[u8])) -> CidBytes {
        if let Some(cid) = self.known.get(&range) {
            return *cid;
        }
        for item in self.items(range) {
            if let Item::Child(child) = item {
                self.node(child, new);
            }
        }
        let block = self.block(range);
        let cid = cid_of(&block);
        self.known.insert(range, cid);
        new(cid, &block);
        cid
    }

    fn items(&self, range: Range) -> Vec<Item> {
        let mut items = Vec::new();
        let mut from = range.from;
        let here = (range.from..range.to).filter(|index| self.leaves[*index].layer == range.layer);
        for index in here.chain([range.to]) {
            if from < index && range.layer > 0 {
                items.push(Item::Child(Range { from, to: index, layer: range.layer - 1 }));
            }
            if index < range.to {
                items.push(Item::Leaf(index));
            }
            from = index + 1;
        }
        items
    }

    /// The block of a node whose children are known.
    fn block(&self, range: Range) -> Vec<u8> {
        let mut items = self.items(range).into_iter().peekable();
        let child = |item: Option<Item>| match item {
            Some(Item::Child(range)) => Some(self.known[&range]),
            _ => None,
        };
        let left = child(items.next_if(|item| matches!(item, Item::Child(_))));
        let mut entries = Vec::new();
        let mut last: &str = "";
        while let Some(item) = items.next() {
            let Item::Leaf(index) = item else { unreachable!("two children side by side") };
            let leaf = &self.leaves[index];
            let prefix = last.bytes().zip(leaf.key.bytes()).take_while(|(a, b)| a == b).count();
            let right = child(items.next_if(|item| matches!(item, Item::Child(_))));
            entries.push(entry(prefix, &leaf.key.as_bytes()[prefix..], &leaf.cid, right.as_ref()));
            last = &leaf.key;
        }
        node(&entries, left.as_ref())
    }

    /// The blocks of the nodes from the root down to a leaf. All must be known.
    pub fn path(&self, leaf: usize) -> Vec<Block> {
        let mut range = self.whole();
        let mut blocks = Vec::new();
        loop {
            blocks.push((self.known[&range], self.block(range)));
            let below = self.items(range).into_iter().find_map(|item| match item {
                Item::Child(child) if (child.from..child.to).contains(&leaf) => Some(child),
                _ => None,
            });
            match below {
                Some(child) => range = child,
                None => return blocks,
            }
        }
    }

    /// All blocks in the order of a walk: each node before what it holds, each record at its key.
    pub fn pre_order(&self, out: &mut dyn FnMut(&CidBytes, Option<&[u8]>)) {
        self.emit(self.whole(), out);
    }

    fn emit(&self, range: Range, out: &mut dyn FnMut(&CidBytes, Option<&[u8]>)) {
        out(&self.known[&range], Some(&self.block(range)));
        for item in self.items(range) {
            match item {
                Item::Child(child) => self.emit(child, out),
                Item::Leaf(index) => out(&self.leaves[index].cid, None),
            }
        }
    }
}

/// An entry of a node.
pub fn entry(prefix: usize, suffix: &[u8], value: &[u8], right: Option<&CidBytes>) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    cbor::map(&mut out, 4);
    cbor::text(&mut out, "k");
    cbor::bytes(&mut out, suffix);
    cbor::text(&mut out, "p");
    cbor::number(&mut out, prefix);
    cbor::text(&mut out, "t");
    cbor::link_or_null(&mut out, right.map(|cid| &cid[..]));
    cbor::text(&mut out, "v");
    cbor::link(&mut out, value);
    out
}

/// A node of entries.
pub fn node(entries: &[Vec<u8>], left: Option<&CidBytes>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    cbor::map(&mut out, 2);
    cbor::text(&mut out, "e");
    cbor::list(&mut out, entries.len());
    entries.iter().for_each(|entry| out.extend(entry));
    cbor::text(&mut out, "l");
    cbor::link_or_null(&mut out, left.map(|cid| &cid[..]));
    out
}
