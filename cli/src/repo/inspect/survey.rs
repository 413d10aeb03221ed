//! A walk over a tree that goes on where something is missing.

use arobase::{
    data::{Cid, CidLink},
    repo::mst::key_layer,
};
use bytes::Bytes;

use crate::{progress::Progress, repo::record};

use super::{contents::Contents, node::Node, report::Report};

/// The layers of a tree at most, since a key has at most 256 leading zero bits, two for each layer.
const MAX_LAYERS: usize = 129;

/// Walks over the tree below a root and reports what is there.
pub(crate) struct Survey<'a> {
    contents: &'a mut Contents,
    report: &'a mut Report,
    progress: Progress,
    /// The offset of the last block that was met for the first time.
    last: u64,
}

impl<'a> Survey<'a> {
    /// A survey that begins with the commit.
    pub(crate) fn new(commit: Cid, contents: &'a mut Contents, report: &'a mut Report, progress: Progress) -> Self {
        report.tree.streamable = true;
        report.tree.is_path = true;
        let mut survey = Self { contents, report, progress, last: 0 };
        survey.meet(&commit);
        survey
    }

    /// Walks over the tree. As deep as the tree has layers.
    pub(crate) fn tree(&mut self, root: Cid) {
        self.node(root, MAX_LAYERS);
    }

    fn node(&mut self, cid: Cid, deep: usize) {
        let Some((block, first)) = self.meet(&cid) else {
            self.report.tree.missing_nodes.push(cid);
            return;
        };
        let Some(node) = self.acceptable(cid, &block, first, deep) else { return };
        let (tree, entries) = (&mut self.report.tree, node.entries.len() as u64);
        tree.nodes += 1;
        tree.node_bytes += block.len() as u64;
        tree.widest = tree.widest.max(entries);
        if deep == MAX_LAYERS {
            tree.layers = node.entries.first().map_or(1, |entry| u64::from(key_layer(&entry.key)) + 1);
        }
        self.note_kids(&node);
        self.entries(node, deep);
    }

    /// The node in a block, unless it cannot stand where it does.
    fn acceptable(&mut self, cid: Cid, block: &[u8], first: bool, deep: usize) -> Option<Node> {
        let node = Node::read(block);
        let fault = match &node {
            None => "no node of a tree",
            Some(_) if !first => "a node that is in the tree twice",
            Some(_) if deep == 0 => "a node below the lowest layer",
            Some(_) => return node,
        };
        self.report.tree.faults.push(format!("{cid}: {fault}"));
        None
    }

    /// A proof has one way down.
    fn note_kids(&mut self, node: &Node) {
        let kids = node.left.iter().chain(node.entries.iter().filter_map(|entry| entry.right.as_ref()));
        if kids.filter(|kid| self.contents.has(kid)).nth(1).is_some() {
            self.report.tree.is_path = false;
        }
    }

    fn entries(&mut self, node: Node, deep: usize) {
        if let Some(left) = node.left {
            self.node(left, deep.saturating_sub(1));
        }
        for entry in node.entries {
            self.record(&entry.key, &entry.record);
            if let Some(right) = entry.right {
                self.node(right, deep.saturating_sub(1));
            }
        }
    }

    fn record(&mut self, key: &[u8], link: &CidLink) {
        let path = path(key);
        let Some(cid) = link.as_cid() else {
            self.count(&path, 0);
            self.report.tree.faults.push(format!("{path}: {link} cannot be verified"));
            return;
        };
        let block = self.meet(&cid);
        self.count(&path, block.as_ref().map_or(0, |(block, _)| block.len() as u64));
        match block {
            Some((block, _)) => self.note_record(path, link, &block),
            None => self.report.tree.missing_records.push(path),
        }
    }

    fn count(&mut self, path: &str, bytes: u64) {
        self.report.tree.records += 1;
        let (name, rkey) = path.split_once('/').unwrap_or((path, ""));
        if !self.report.collections.contains_key(name) {
            self.report.collections.insert(name.to_owned(), super::report::Collection::default());
        }
        let Some(collection) = self.report.collections.get_mut(name) else { return };
        if collection.count == 0 {
            collection.first = rkey.to_owned();
        }
        collection.count += 1;
        collection.bytes += bytes;
        rkey.clone_into(&mut collection.last);
    }

    fn note_record(&mut self, path: String, link: &CidLink, block: &[u8]) {
        let (tree, bytes) = (&mut self.report.tree, block.len() as u64);
        tree.record_bytes += bytes;
        if record::is_cbor(link) {
            match record::read(block) {
                Ok(record) => {
                    let blobs = record.blobs().map(|blob| (blob.cid().clone(), blob.size().unwrap_or(0)));
                    self.report.blobs.extend(blobs);
                }
                Err(reason) => tree.faults.push(format!("{path}: {reason}")),
            }
        }
        if tree.largest.as_ref().is_none_or(|(_, largest)| bytes > *largest) {
            tree.largest = Some((path, bytes));
        }
    }

    /// Takes note of a block: its bytes, and whether it is met for the first time. `None` if it is not in the file;
    /// what cannot be read is a fault as well.
    fn meet(&mut self, cid: &Cid) -> Option<(Bytes, bool)> {
        let met = self.contents.meet(cid).unwrap_or_else(|error| {
            self.report.tree.faults.push(format!("{cid}: {error}"));
            None
        })?;
        if met.first {
            self.progress.advance(met.bytes.len() as u64);
            self.report.tree.streamable &= met.offset >= self.last;
            self.last = met.offset;
        }
        Some((met.bytes, met.first))
    }
}

/// A key as text; bytes that are not printable ASCII are escaped.
fn path(key: &[u8]) -> String {
    key.escape_ascii().to_string()
}
