//! What files of repositories may be like, and what must not get in.

mod support;

use arobase_runtime::{
    data::{Bytes, Cid, CidLink, Map, Value},
    repo::{
        CarIndex, Import,
        car::{self, CarLimits, CarSlice},
        import::{self, Error, ImportLimits, Item},
        mst::{self, Fault, key_layer},
    },
};
use proptest::prelude::*;
use support::{Block, Entry, Repo, block, cbor, commit, commit_of, entries, file, map, node, node_fields, record};

/// What an import handed out.
#[derive(Debug, Default, PartialEq)]
struct Found {
    commits: usize,
    nodes: usize,
    /// Sorted by key.
    records: Vec<(String, Block)>,
}

impl Found {
    fn take(&mut self, item: Item<'_>) {
        match item {
            Item::Commit(_) => self.commits += 1,
            Item::Node { cid, bytes } => {
                assert!(cid.verify(bytes));
                self.nodes += 1;
            }
            Item::Record { key, cid, bytes } => {
                self.records.push((String::from_utf8(key.to_vec()).unwrap(), (cid.clone(), bytes.to_vec())));
            }
            other => panic!("{other:?}"),
        }
    }

    fn sorted(mut self) -> Self {
        self.records.sort();
        self
    }
}

fn by_slice(file: &[u8], limits: ImportLimits) -> Result<Found, Error> {
    let mut found = Found::default();
    import::from_slice(file, limits, &(), &mut |item| found.take(item))?;
    Ok(found.sorted())
}

fn by_reader(file: &[u8], limits: ImportLimits) -> Result<Found, Error> {
    let mut found = Found::default();
    import::from_reader(file, limits, &(), &mut |item| found.take(item))?;
    Ok(found.sorted())
}

/// Imports from a file on disk.
fn by_index(file: &[u8]) -> Result<Found, Error> {
    let path =
        std::env::temp_dir().join(format!("arobase-{}-{:?}.car", std::process::id(), std::thread::current().id()));
    std::fs::write(&path, file).unwrap();
    let index = CarIndex::open(&path, CarLimits::DEFAULT);
    std::fs::remove_file(&path).unwrap();
    let index = index?;
    let mut found = Found::default();
    Import::new(index.roots(), ImportLimits::DEFAULT)?.finish(&index, &mut |item| found.take(item))?;
    Ok(found.sorted())
}

fn assert_same(one: &Result<Found, Error>, other: &Result<Found, Error>) {
    match (one, other) {
        (Ok(one), Ok(other)) => assert!(one == other),
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        (one, other) => panic!("{:?} and {:?}", one.as_ref().err(), other.as_ref().err()),
    }
}

/// Imports a file, in all ways, which have to agree.
fn import(file: &[u8]) -> Result<Found, Error> {
    let found = by_slice(file, ImportLimits::DEFAULT);
    assert_same(&by_reader(file, ImportLimits::DEFAULT), &found);
    if !matches!(found, Err(Error::Car(_))) {
        assert_same(&by_index(file), &found);
    }
    found
}

/// The error of a file, which is not accepted either if its end is missing.
fn refused(file: &[u8]) -> Error {
    refused_however_cut(file);
    import(file).unwrap_err()
}

/// Cuts a file off at every byte, or at as many as that are even; no part of it may be accepted in any way.
fn refused_however_cut(file: &[u8]) {
    const CUTS: usize = 400;
    for end in (0..file.len()).step_by(file.len().div_ceil(CUTS).max(1)) {
        let part = &file[..end];
        let found = [by_slice(part, ImportLimits::DEFAULT), by_reader(part, ImportLimits::DEFAULT), by_index(part)];
        assert!(found.iter().all(Result::is_err), "{end} of {} bytes", file.len());
    }
}

/// Imports a tree whose root is the first of these nodes.
fn import_tree(blocks: &[Block]) -> Result<Found, Error> {
    import(&tree_file(blocks))
}

fn tree_file(blocks: &[Block]) -> Vec<u8> {
    let commit = commit(&blocks[0].0);
    let root = commit.0.clone();
    file(&[&root], &[vec![commit], blocks.to_vec()].concat())
}

/// The fault of a tree, which has to be in this node, and is not mended by the end missing.
fn fault(blocks: &[Block], faulty: &Block) -> Fault {
    if blocks.len() < 10 && faulty.1.len() < 10_000 {
        refused_however_cut(&tree_file(blocks));
    }
    match import_tree(blocks).unwrap_err() {
        Error::Tree(mst::Error::Node { cid, fault }) if faulty.0 == CidLink::from(cid) => fault,
        other => panic!("{other}"),
    }
}

/// A key of this layer in a collection, the number-th one.
fn key(layer: u8, number: usize) -> String {
    let keys = (0..).map(|number| format!("com.example.note/{number:05}"));
    keys.filter(|key| key_layer(key.as_bytes()) == layer).nth(number).unwrap()
}

fn leaf(keys: &[&str]) -> (Block, Block) {
    let record = record("same");
    let keys: Vec<_> = keys.iter().map(|key| (*key, &record.0)).collect();
    (node(None, &entries(&keys)), record)
}

fn is_whole(repo: &Repo, found: &Found) {
    assert_eq!((found.commits, found.nodes), (1, repo.nodes));
    assert!(found.records == repo.records);
}

mod accepted;

mod refused;

mod bounded;

#[test]
fn an_entry_of_a_node_is_a_map_of_four() {
    // What the helpers of this file write is what they are meant to write.
    let record = record("x");
    let (cid, bytes) = node(None, &entries(&[("com.example.note/n00000", &record.0)]));
    assert_eq!(Cid::of_cbor(&bytes), cid.as_cid().unwrap());
    let Value::Map(node) = Value::from_cbor(&bytes).unwrap() else { panic!("a map") };
    let Some(Value::List(list)) = node.get("e") else { panic!("a list") };
    assert!(matches!(list.first(), Some(Value::Map(entry)) if Map::len(entry) == 4));
}
