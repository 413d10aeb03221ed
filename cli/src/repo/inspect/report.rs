//! What is in a file.

use std::collections::{BTreeMap, HashMap};

use arobase::{
    data::{Cid, CidLink},
    repo::{Commit, car},
};

/// What is in a file.
#[derive(Debug)]
pub(crate) struct Report {
    /// The name of the file.
    pub(crate) file: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// The roots that its header names.
    pub(crate) roots: Vec<CidLink>,
    /// Its blocks.
    pub(crate) blocks: Blocks,
    /// Why it could not be read to its end.
    pub(crate) fault: Option<car::Error>,
    /// The commit, or why there is none.
    pub(crate) commit: Result<Commit, String>,
    /// The tree of the commit.
    pub(crate) tree: Tree,
    /// The records of the tree by collection, those of which the block is missing included.
    pub(crate) collections: BTreeMap<String, Collection>,
    /// The blobs that records refer to and their sizes in bytes.
    pub(crate) blobs: HashMap<CidLink, u64>,
}

/// The blocks of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Blocks {
    /// How many there are.
    pub(crate) count: u64,
    /// How many of them are there already.
    pub(crate) duplicates: u64,
    /// How many different ones nothing refers to.
    pub(crate) unreferenced: u64,
}

/// A tree as far as it is in a file.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The entries.
    pub(crate) records: u64,
    /// The nodes.
    pub(crate) nodes: u64,
    /// The layers, the bottom included; 0 if the root is missing.
    pub(crate) layers: u64,
    /// The most entries of a node.
    pub(crate) widest: u64,
    /// The bytes of the nodes.
    pub(crate) node_bytes: u64,
    /// The bytes of the records, those of which the block is missing aside.
    pub(crate) record_bytes: u64,
    /// The path and the bytes of the largest record.
    pub(crate) largest: Option<(String, u64)>,
    /// Whether no node has more than one child in the file.
    pub(crate) is_path: bool,
    /// Whether the blocks come in the order in which a receiver can check them at once.
    pub(crate) streamable: bool,
    /// Nodes that are not in the file.
    pub(crate) missing_nodes: Sample<Cid>,
    /// Records that are not in the file: their paths.
    pub(crate) missing_records: Sample<String>,
    /// What is wrong with it.
    pub(crate) faults: Sample<String>,
}

/// Things that may be many: their number and the first few.
#[derive(Clone, Debug)]
pub(crate) struct Sample<T> {
    /// How many there are.
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) first: Vec<T>,
}

/// The records of a collection.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    /// How many there are.
    pub(crate) count: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// The record key of the first.
    pub(crate) first: String,
    /// The record key of the last.
    pub(crate) last: String,
}

/// What a file looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A commit and everything below it.
    Full,
    /// A commit and the way to one record, or to where one would be.
    Proof,
    /// A commit and a part of what is below it.
    Partial,
    /// A commit and nothing else.
    Commit,
    /// A commit, and below it something that cannot be there.
    Faulty,
    /// A file that could be read in part only: what is missing may have been in the rest.
    Cut,
    /// No commit.
    Blocks,
}

impl<T> Default for Sample<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Sample<T> {
    /// How many are kept.
    const KEPT: usize = 5;

    /// One more.
    pub(crate) fn push(&mut self, thing: T) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(thing);
        }
    }
}

impl Report {
    /// Whether something is wrong, be it whole or not.
    pub(crate) fn is_faulty(&self) -> bool {
        self.fault.is_some() || self.tree.faults.count > 0
    }

    /// What the file looks like.
    pub(crate) fn kind(&self) -> Kind {
        let tree = &self.tree;
        let missing = tree.missing_nodes.count + tree.missing_records.count;
        let present = tree.records.saturating_sub(tree.missing_records.count);
        match (&self.commit, missing, tree.nodes) {
            (Ok(_), ..) if tree.faults.count > 0 => Kind::Faulty,
            (Ok(_), 0, _) => Kind::Full,
            _ if self.fault.is_some() => Kind::Cut,
            (Err(_), ..) => Kind::Blocks,
            (.., 0) => Kind::Commit,
            _ if tree.is_path && present <= 1 => Kind::Proof,
            _ => Kind::Partial,
        }
    }
}

impl Kind {
    /// In a word, for JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Proof => "proof",
            Self::Partial => "partial",
            Self::Commit => "commit",
            Self::Faulty => "faulty",
            Self::Cut => "cut",
            Self::Blocks => "blocks",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Full => "a full export",
            Self::Proof => "the way to one record or its absence: a proof, or a single change",
            Self::Partial => "a part of a repository: changes since a revision, or the blocks of an event",
            Self::Commit => "a commit without its tree",
            Self::Faulty => "a repository with faults",
            Self::Cut => "the beginning of a file that is cut or broken",
            Self::Blocks => "blocks without a commit",
        }
    }
}
