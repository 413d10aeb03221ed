use proptest::prelude::*;

use super::{
    Error, Tree,
    forged::{Counting, content, load_all, numbered},
    model,
    preorder::Part,
};
use crate::{
    data::{Cid, CidLink},
    repo::MemoryBlocks,
};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Node(Cid),
    Record(Vec<u8>, CidLink),
}

/// The parts as the protocol orders them, by recursion over decoded nodes.
fn expected(cid: Cid, layer: Option<u8>, blocks: &MemoryBlocks, parts: &mut Vec<Owned>) {
    let node = super::tree::fetch(cid, layer, blocks).unwrap();
    parts.push(Owned::Node(cid));
    for slot in 0..=node.len() {
        if let Some(kid) = node.kid_cid(slot) {
            expected(kid, node.layer().checked_sub(1), blocks, parts);
        }
        if slot < node.len() {
            parts.push(Owned::Record(node.key(slot), node.value(slot).unwrap()));
        }
    }
}

fn owned(part: Part<'_>) -> Owned {
    match part {
        Part::Node(node) => Owned::Node(node.cid()),
        Part::Record { key, value } => Owned::Record(key.to_vec(), CidLink::from_bytes(value).unwrap()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_node_comes_before_its_parts_and_these_from_left_to_right(content in content(0..300, 120), loaded: bool) {
        let (root, blocks) = model::build(&content);
        let tree = Tree::at(root);
        if loaded {
            load_all(&tree, &content, &blocks);
        }
        let mut expected_parts = Vec::new();
        expected(root, None, &blocks, &mut expected_parts);
        let mut preorder = tree.preorder(&blocks);
        let mut parts = Vec::new();
        while let Some(part) = preorder.advance().unwrap() {
            parts.push(owned(part));
        }
        prop_assert_eq!(parts, expected_parts);
        prop_assert!(preorder.advance().unwrap().is_none());
    }
}

#[test]
fn a_skipped_node_is_passed_over_with_all_below_it() {
    let content = numbered(0..500);
    let (root, blocks) = model::build(&content);
    let tree = Tree::at(root);
    let asked = Counting::new(&blocks);
    let mut preorder = tree.preorder(&asked);
    let (mut nodes, mut records) = (0, Vec::new());
    while let Some(part) = preorder.advance().unwrap() {
        match part {
            Part::Node(node) => {
                nodes += 1;
                if node.cid() != root {
                    preorder.skip();
                }
            }
            Part::Record { key, .. } => {
                records.push(key.to_vec());
                preorder.skip();
            }
        }
    }
    let top = super::tree::fetch(root, None, &blocks).unwrap();
    let of_the_root: Vec<_> = (0..top.len()).map(|entry| top.key(entry)).collect();
    assert_eq!(records, of_the_root, "skipping after a record does nothing");
    assert_eq!(nodes, 1 + (0..=top.len()).filter(|slot| top.kid_cid(*slot).is_some()).count());
    assert_eq!(asked.total(), nodes);
}

#[test]
fn a_skipped_root_leaves_nothing() {
    let (root, blocks) = model::build(&numbered(0..50));
    let tree = Tree::at(root);
    let mut preorder = tree.preorder(&blocks);
    assert!(matches!(preorder.advance().unwrap(), Some(Part::Node(_))));
    preorder.skip();
    assert!(preorder.advance().unwrap().is_none());
}

#[test]
fn the_empty_tree_has_one_node() {
    let tree = Tree::new();
    let mut preorder = tree.preorder(&());
    assert!(matches!(preorder.advance().unwrap(), Some(Part::Node(node)) if node.cid() == Tree::empty_root()));
    assert!(preorder.advance().unwrap().is_none());
}

#[test]
fn a_missing_node_is_named_and_ends_it() {
    let (root, mut blocks) = model::build(&numbered(0..50));
    let gone = *blocks.iter().map(|(cid, _)| cid).find(|cid| **cid != root).unwrap();
    blocks.remove(&gone);
    let tree = Tree::at(root);
    let mut preorder = tree.preorder(&blocks);
    let error = loop {
        match preorder.advance() {
            Ok(part) => assert!(part.is_some()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Missing(cid) if cid == gone));
    assert!(preorder.advance().unwrap().is_none());
}
