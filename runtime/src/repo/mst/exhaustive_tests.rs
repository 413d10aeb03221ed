//! Every way from any set of seven keys to any other, for two arrangements of layers.

use std::collections::BTreeSet;

use crate::{
    data::{Cid, CidLink},
    repo::blocks::MemoryBlocks,
};

use super::{
    Error, Inverse, Op, Tree, invert, key_layer,
    model::{Content, build, value},
};

const KEYS: usize = 7;
const SETS: usize = 1 << KEYS;

/// Seven ascending keys of these layers.
fn keys(layers: [u8; KEYS]) -> Vec<Vec<u8>> {
    let key = |place: usize, layer: u8| {
        let mut tries = (0..).map(|number| format!("{place}/{number}").into_bytes());
        tries.find(|key| key_layer(key) == layer).unwrap()
    };
    layers.iter().enumerate().map(|(place, layer)| key(place, *layer)).collect()
}

/// A set of the keys, and the tree that a model makes of it.
struct Case {
    content: Content,
    root: Cid,
    blocks: MemoryBlocks,
}

fn cases(keys: &[Vec<u8>]) -> Vec<Case> {
    let case = |set: usize| {
        let chosen = (0..KEYS).filter(|place| set >> place & 1 == 1);
        let content: Content = chosen.map(|place| (keys[place].clone(), value(place as u64))).collect();
        let (root, blocks) = build(&content);
        Case { content, root, blocks }
    };
    (0..SETS).map(case).collect()
}

fn cids(blocks: &MemoryBlocks) -> BTreeSet<Cid> {
    blocks.iter().map(|(cid, _)| *cid).collect()
}

/// The keys that differ, with their values before and after.
fn changes<'a>(keys: &'a [Vec<u8>], a: &Case, b: &Case) -> Vec<(&'a [u8], Option<CidLink>, Option<CidLink>)> {
    let change = |key: &'a Vec<u8>| (key.as_slice(), a.content.get(key).cloned(), b.content.get(key).cloned());
    keys.iter().map(change).filter(|(_, before, after)| before != after).collect()
}

fn check(keys: &[Vec<u8>], a: &Case, b: &Case) -> usize {
    let changes = changes(keys, a, b);
    let ops: Vec<_> = changes
        .iter()
        .map(|(key, _, after)| match after {
            Some(value) => Op::create(key, value.clone()),
            None => Op::delete(key),
        })
        .collect();
    let mut tree = Tree::at(a.root);
    let change = tree.apply(&ops, &a.blocks).unwrap();
    assert_eq!(tree.root(), b.root);
    let (before, after) = (cids(&a.blocks), cids(&b.blocks));
    let created: BTreeSet<_> = change.created().map(|block| block.cid).collect();
    let retired: BTreeSet<_> = change.retired().iter().copied().collect();
    assert_eq!(created, &after - &before);
    assert_eq!(retired, &before - &after);

    let diff = Tree::at(a.root).diff(&Tree::at(b.root), &a.blocks, &b.blocks).unwrap();
    assert_eq!(diff.created().map(|block| block.cid).collect::<BTreeSet<_>>(), created);
    assert_eq!(diff.retired.iter().copied().collect::<BTreeSet<_>>(), retired);
    let found = diff.records.iter().map(|change| (&*change.key, change.before.clone(), change.after.clone()));
    assert_eq!(found.collect::<Vec<_>>(), changes);

    check_inversion(a, b, &changes)
}

/// The covering proof is all that undoing needs, and holds every created node. How many of its blocks are needed.
fn check_inversion(a: &Case, b: &Case, changes: &[(&[u8], Option<CidLink>, Option<CidLink>)]) -> usize {
    let touched: Vec<_> = changes.iter().map(|(key, _, _)| *key).collect();
    let mut proof = MemoryBlocks::new();
    for block in Tree::at(b.root).covering_proof(&touched, &b.blocks).unwrap() {
        assert!(proof.insert(block.cid, block.bytes));
    }
    assert!((&cids(&b.blocks) - &cids(&a.blocks)).is_subset(&cids(&proof)));
    let mut undo: Vec<_> = changes
        .iter()
        .map(|(key, before, after)| Inverse { key, before: before.clone(), after: after.clone() })
        .collect();
    assert_eq!(invert(b.root, &undo, &proof).unwrap(), a.root);
    undo.reverse();
    assert_eq!(invert(b.root, &undo, &proof).unwrap(), a.root);
    check_incomplete(a, b, &undo, &proof)
}

/// With one block less, undoing either did without it, or names it. How often it named it.
fn check_incomplete(a: &Case, b: &Case, undo: &[Inverse<'_>], proof: &MemoryBlocks) -> usize {
    let outcome = |gone: Cid| {
        let mut fewer = proof.clone();
        let block = fewer.remove(&gone).unwrap();
        match invert(b.root, undo, &fewer) {
            Err(Error::Missing(missing)) => {
                assert_eq!(missing, gone);
                1
            }
            // A node without entries is the root of no tree.
            Ok(root) => {
                assert!(root == a.root || root == gone && block.starts_with(&[0xa2, 0x61, b'e', 0x80]));
                0
            }
            Err(other) => panic!("{other}"),
        }
    };
    cids(proof).into_iter().map(outcome).sum()
}

fn check_all(layers: [u8; KEYS]) {
    let keys = keys(layers);
    let cases = cases(&keys);
    let mut named = 0;
    for a in &cases {
        for b in &cases {
            named += check(&keys, a, b);
        }
    }
    // Every change but none needs the root.
    assert!(named >= SETS * (SETS - 1), "{named} missing blocks were named");
}

#[test]
fn every_change_between_sets_of_seven_keys_is_right_in_a_tree_of_three_layers() {
    check_all([0, 1, 0, 2, 0, 1, 0]);
}

#[test]
fn every_change_between_sets_of_seven_keys_is_right_where_layers_are_skipped() {
    check_all([1, 0, 3, 0, 2, 4, 0]);
}
