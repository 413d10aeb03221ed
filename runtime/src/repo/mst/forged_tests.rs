//! Trees that nobody builds by accident are refused by everything that reads them.

use std::{
    collections::HashSet,
    ops::Bound,
    sync::{Arc, OnceLock},
};

use super::{
    Direction, Error, Fault, Op, Tree,
    forged::{Counting, Entry, key_of_layer, keys_of_layer, node, numbered},
    model::{self, value},
    tree::{Link, fetch},
};
use crate::{
    data::Cid,
    repo::{Blocks, MemoryBlocks},
};

/// The error that reading all of a tree ends with, in five ways.
fn errors(tree: &Tree, blocks: &dyn Blocks) -> Vec<Error> {
    let all = (Bound::Unbounded, Bound::Unbounded);
    let walk = |direction| tree.range(all.0, all.1, direction, blocks).find_map(Result::err);
    let mut preorder = tree.preorder(blocks);
    let preorder = loop {
        match preorder.advance() {
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    let (other_root, other_blocks) = model::build(&numbered(0..20));
    let other = Tree::at(other_root);
    let errors = [
        walk(Direction::Up),
        walk(Direction::Down),
        preorder,
        tree.diff(&other, blocks, &other_blocks).err(),
        other.diff(tree, &other_blocks, blocks).err(),
        Tree::new().diff(tree, &(), blocks).err(),
    ];
    errors.into_iter().map(|error| error.expect("the tree is refused")).collect()
}

/// Checks that all ways of reading name a node with this fault, and load hardly anything.
fn is_refused(root: Cid, blocks: &MemoryBlocks, culprit: Cid, fault: fn(Fault) -> bool) {
    let asked = Counting::new(blocks);
    for error in errors(&Tree::at(root), &asked) {
        match error {
            Error::Node { cid, fault: found } => assert!(cid == culprit && fault(found), "{cid}: {found}"),
            other => panic!("{other}"),
        }
    }
    assert!(asked.total() <= 1000, "{} loads", asked.total());
}

fn out_of_range(fault: Fault) -> bool {
    matches!(fault, Fault::OutOfRange { .. })
}

fn entry(key: &[u8], right: Option<Cid>) -> Entry<'_> {
    (key, value(1), right)
}

#[test]
fn a_child_whose_keys_are_beyond_those_around_it_is_refused() {
    let (low, middle, high) = (key_of_layer("a", 0), key_of_layer("m", 1), key_of_layer("z", 0));
    for right in [false, true] {
        let mut blocks = MemoryBlocks::new();
        let kid = node(None, &[entry(&low, None), entry(&high, None)], &mut blocks);
        let (left, right) = if right { (None, Some(kid)) } else { (Some(kid), None) };
        let root = node(left, &[entry(&middle, right)], &mut blocks);
        is_refused(root, &blocks, kid, out_of_range);
    }
}

#[test]
fn the_range_holds_across_nodes_without_entries() {
    let (middle, high) = (key_of_layer("m", 3), key_of_layer("z", 0));
    let mut blocks = MemoryBlocks::new();
    let bottom = node(None, &[entry(&high, None)], &mut blocks);
    let first = node(Some(bottom), &[], &mut blocks);
    let second = node(Some(first), &[], &mut blocks);
    let root = node(Some(second), &[entry(&middle, None)], &mut blocks);
    is_refused(root, &blocks, bottom, out_of_range);
}

#[test]
fn a_key_in_two_nodes_is_refused() {
    let (low, middle, high) = (key_of_layer("a", 0), key_of_layer("m", 1), key_of_layer("z", 0));
    let mut blocks = MemoryBlocks::new();
    let left = node(None, &[entry(&low, None)], &mut blocks);
    let right = node(None, &[entry(&low, None), entry(&high, None)], &mut blocks);
    let root = node(Some(left), &[entry(&middle, Some(right))], &mut blocks);
    is_refused(root, &blocks, right, out_of_range);
}

#[test]
fn a_child_of_the_wrong_layer_is_refused() {
    let (low, high) = (keys_of_layer(0, 1), keys_of_layer(2, 1));
    let mut blocks = MemoryBlocks::new();
    let kid = node(None, &[entry(&low[0], None)], &mut blocks);
    let root = node(Some(kid), &[entry(&high[0], None)], &mut blocks);
    is_refused(root, &blocks, kid, |fault| matches!(fault, Fault::Layer { entry: 0, found: 0, node: 1 }));
}

#[test]
fn a_node_without_anything_below_the_root_is_refused() {
    let high = keys_of_layer(1, 1);
    let mut blocks = MemoryBlocks::new();
    let kid = node(None, &[], &mut blocks);
    let root = node(Some(kid), &[entry(&high[0], None)], &mut blocks);
    is_refused(root, &blocks, kid, |fault| fault == Fault::Empty);
}

#[test]
fn a_chain_of_nodes_longer_than_the_layers_is_refused() {
    let high = keys_of_layer(2, 1);
    let mut blocks = MemoryBlocks::new();
    let mut chain = vec![node(None, &[entry(&high[0], None)], &mut blocks)];
    for depth in 0..5000 {
        chain.push(node(Some(chain[depth]), &[], &mut blocks));
    }
    let root = node(chain.last().copied(), &[entry(&high[0], None)], &mut blocks);
    // Layer 1 and layer 0 are below the root.
    is_refused(root, &blocks, chain[4999], |fault| fault == Fault::ChildAtBottom);
}

/// Nodes that link to one child from all their slots, each layer to the one below.
fn bomb(keys: &[Vec<Vec<u8>>], blocks: &mut MemoryBlocks) -> Vec<Cid> {
    let mut nodes = Vec::new();
    for keys in keys {
        let below = nodes.last().copied();
        let entries: Vec<_> = keys.iter().map(|key| entry(key, below)).collect();
        nodes.push(node(below, &entries, blocks));
    }
    nodes
}

#[test]
fn a_subtree_linked_from_many_slots_is_refused_at_its_second_place() {
    let keys: Vec<_> = (0..7).map(|layer| keys_of_layer(layer, 3)).collect();
    let mut blocks = MemoryBlocks::new();
    let nodes = bomb(&keys, &mut blocks);
    let root = *nodes.last().unwrap();
    let asked = Counting::new(&blocks);
    for error in errors(&Tree::at(root), &asked) {
        match error {
            Error::Node { cid, fault } => assert!(nodes.contains(&cid) && out_of_range(fault), "{error}"),
            other => panic!("{other}"),
        }
    }
    assert!(asked.total() < 100, "{} loads", asked.total());
}

#[test]
fn a_bomb_of_40_levels_is_refused_at_once() {
    let low = keys_of_layer(0, 40);
    let keys: Vec<_> = low.iter().map(|key| vec![key.clone()]).collect();
    let mut blocks = MemoryBlocks::new();
    let nodes = bomb(&keys, &mut blocks);
    is_refused(nodes[39], &blocks, nodes[39], |fault| fault == Fault::ChildAtBottom);

    // The same below a root of a high layer, and with a child in each slot of it.
    let high = keys_of_layer(5, 2);
    let root =
        node(Some(nodes[39]), &[entry(&high[0], Some(nodes[39])), entry(&high[1], Some(nodes[39]))], &mut blocks);
    is_refused(root, &blocks, nodes[39], |fault| matches!(fault, Fault::Layer { node: 4, .. }));
}

#[test]
fn one_chain_below_many_slots_is_refused_at_its_second_place() {
    let high = keys_of_layer(6, 5);
    let low = keys_of_layer(0, 1).into_iter().find(|key| *key < high[0]).unwrap();
    let mut blocks = MemoryBlocks::new();
    let bottom = node(None, &[entry(&low, None)], &mut blocks);
    let chain = (0..5).fold(bottom, |below, _| node(Some(below), &[], &mut blocks));
    let entries: Vec<_> = high.iter().map(|key| entry(key, Some(chain))).collect();
    let root = node(Some(chain), &entries, &mut blocks);
    is_refused(root, &blocks, bottom, out_of_range);
}

#[test]
fn a_block_that_is_not_that_of_its_cid_is_refused() {
    struct Lying(MemoryBlocks, Cid);

    impl Blocks for Lying {
        fn get(&self, cid: &Cid) -> Result<Option<bytes::Bytes>, crate::repo::SourceError> {
            let block = self.0.block(cid).cloned();
            Ok(if *cid == self.1 { block.map(|block| [&block[..], b" "].concat().into()) } else { block })
        }
    }

    let (root, blocks) = model::build(&numbered(0..100));
    let culprit = *blocks.iter().map(|(cid, _)| cid).find(|cid| **cid != root).unwrap();
    for error in errors(&Tree::at(root), &Lying(blocks, culprit)) {
        assert!(matches!(error, Error::Node { cid, fault: Fault::Hash } if cid == culprit), "{error}");
    }
}

/// A tree in which a node was put without the checks of loading, as if another tree had done so.
#[test]
fn keys_in_a_wrong_order_are_noticed_even_between_nodes_that_are_loaded() {
    let middle = key_of_layer("m", 1);
    for (left, key) in [(true, key_of_layer("z", 0)), (false, key_of_layer("a", 0))] {
        let mut blocks = MemoryBlocks::new();
        let kid = node(None, &[entry(&key, None)], &mut blocks);
        let cids = if left { (Some(kid), None) } else { (None, Some(kid)) };
        let root = node(cids.0, &[entry(&middle, cids.1)], &mut blocks);
        let top = fetch(root, None, &blocks).unwrap();
        let kid = Arc::new(fetch(kid, Some(0), &blocks).unwrap());
        assert!(top.kids()[usize::from(!left)].set(Arc::clone(&kid)).is_ok());
        let tree = Tree { root: Link { cid: root, layer: Some(1), node: OnceLock::from(Arc::new(top)) } };
        let known = HashSet::from([root, kid.cid()]);
        for error in errors(&tree, &()) {
            assert!(
                matches!(error, Error::Node { cid, fault: Fault::OutOfRange { .. } } if known.contains(&cid)),
                "{error}"
            );
        }
    }
}

#[test]
fn proofs_and_questions_refuse_what_is_on_their_way() {
    let (low, middle, high) = (key_of_layer("a", 0), key_of_layer("m", 1), key_of_layer("z", 0));
    let mut blocks = MemoryBlocks::new();
    let kid = node(None, &[entry(&high, None)], &mut blocks);
    let root = node(Some(kid), &[entry(&middle, None)], &mut blocks);
    let tree = || Tree::at(root);
    let is_it =
        |error: Error| matches!(error, Error::Node { cid, fault: Fault::OutOfRange { entry: 0 } } if cid == kid);
    assert_eq!(tree().proof(&[&middle], &blocks).unwrap().len(), 1, "the child is not on this way");
    assert!(is_it(tree().covering_proof(&[&middle], &blocks).unwrap_err()));
    assert!(is_it(tree().proof(&[&low], &blocks).unwrap_err()));
    assert!(is_it(tree().missing(&[&low], &blocks).unwrap_err()));
    assert!(is_it(tree().missing_for(&[Op::delete(&middle)], &blocks).unwrap_err()));
}
