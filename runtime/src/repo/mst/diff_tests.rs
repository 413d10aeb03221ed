use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;

use super::{
    Diff, RecordChange, Tree,
    forged::{Counting, content, load_all, number_key, numbered},
    model::{self, Content},
};
use crate::{data::Cid, repo::MemoryBlocks};

/// A content and another one that is near, far, a part of it or nothing.
fn two_contents() -> impl Strategy<Value = (Content, Content)> {
    let edits = proptest::collection::vec((0..300u64, proptest::option::of(1000..1003u64)), 0..8);
    let near = (content(0..300, 120), edits).prop_map(|(before, edits)| {
        let mut after = before.clone();
        for (number, value) in edits {
            match value {
                Some(value) => after.insert(number_key(number), model::value(value)),
                None => after.remove(&number_key(number)),
            };
        }
        (before, after)
    });
    let part = (content(0..300, 120), 0..300u64, 0..300u64).prop_map(|(before, from, to)| {
        let range = number_key(from.min(to))..number_key(from.max(to));
        let after = before.range(range).map(|(key, value)| (key.clone(), value.clone())).collect();
        (before, after)
    });
    let far = (content(0..60, 30), content(0..60, 30));
    // Many keys that begin alike and one value, so that entries look the same at other places.
    let keys = || proptest::collection::btree_set(proptest::collection::vec(b'a'..b'c', 1..9), 0..60);
    let alike = |keys: BTreeSet<Vec<u8>>| keys.into_iter().map(|key| (key, model::value(0))).collect::<Content>();
    let alike = (keys().prop_map(alike), keys().prop_map(alike));
    prop_oneof![near, part, far, alike]
}

fn expected_records(before: &Content, after: &Content) -> Vec<RecordChange> {
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changes = keys.into_iter().map(|key| RecordChange {
        key: key.clone(),
        before: before.get(key).cloned(),
        after: after.get(key).cloned(),
    });
    changes.filter(|change| change.before != change.after).collect()
}

fn only_in(one: &MemoryBlocks, other: &MemoryBlocks) -> HashSet<Cid> {
    one.iter().map(|(cid, _)| *cid).filter(|cid| other.block(cid).is_none()).collect()
}

/// The CIDs, none of which occurs twice.
fn distinct(cids: impl IntoIterator<Item = Cid>) -> HashSet<Cid> {
    let mut set = HashSet::new();
    for cid in cids {
        assert!(set.insert(cid), "{cid} twice");
    }
    set
}

fn check(diff: &Diff, before: &(Content, MemoryBlocks), after: &(Content, MemoryBlocks)) {
    assert_eq!(diff.records, expected_records(&before.0, &after.0));
    assert_eq!(distinct(diff.created().map(|block| block.cid)), only_in(&after.1, &before.1));
    assert_eq!(distinct(diff.retired.iter().copied()), only_in(&before.1, &after.1));
    assert!(diff.created().all(|block| after.1.block(&block.cid) == Some(&block.bytes)));
    let mut replayed = before.0.clone();
    for change in &diff.records {
        match &change.after {
            Some(value) => replayed.insert(change.key.clone(), value.clone()),
            None => replayed.remove(&change.key),
        };
    }
    assert_eq!(replayed, after.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_diff_says_exactly_what_differs((before, after) in two_contents(), loaded: bool) {
        let (root, blocks) = model::build(&before);
        let (other_root, other_blocks) = model::build(&after);
        let (tree, other) = (Tree::at(root), Tree::at(other_root));
        if loaded {
            load_all(&tree, &before, &blocks);
            load_all(&other, &after, &other_blocks);
        }
        let (there, back) = (
            tree.diff(&other, &blocks, &other_blocks).unwrap(),
            other.diff(&tree, &other_blocks, &blocks).unwrap(),
        );
        prop_assert_eq!(there.is_empty(), before == after);
        let (before, after) = ((before, blocks), (after, other_blocks));
        check(&there, &before, &after);
        check(&back, &after, &before);
    }
}

/// The diff of two contents, and how many blocks of each were loaded.
fn counted(before: &Content, after: &Content) -> (Diff, usize, usize) {
    let (root, blocks) = model::build(before);
    let (other_root, other_blocks) = model::build(after);
    let (asked, other_asked) = (Counting::new(&blocks), Counting::new(&other_blocks));
    let diff = Tree::at(root).diff(&Tree::at(other_root), &asked, &other_asked).unwrap();
    (diff, asked.total(), other_asked.total())
}

#[test]
fn equal_trees_are_not_loaded() {
    let content = numbered(0..100);
    let (diff, loads, other_loads) = counted(&content, &content);
    assert!(diff.is_empty());
    assert_eq!((loads, other_loads), (0, 0));
}

#[test]
fn an_update_loads_only_the_nodes_that_it_changed() {
    let before = numbered(0..2000);
    for number in [0, 7, 999, 1500, 1999] {
        let mut after = before.clone();
        after.insert(number_key(number), model::value(u64::MAX));
        let (diff, loads, other_loads) = counted(&before, &after);
        assert_eq!(diff.records.len(), 1);
        assert_eq!((loads, other_loads), (diff.retired.len(), diff.created().len()), "{number}");
    }
}

#[test]
fn an_insertion_loads_a_few_nodes_of_each_layer() {
    let before = numbered((0..2000).filter(|number| number % 100 != 50));
    let layers = usize::from(before.keys().map(|key| super::key_layer(key)).max().unwrap()) + 1;
    for number in (50..2000).step_by(400) {
        let mut after = before.clone();
        after.insert(number_key(number), model::value(number));
        let (diff, loads, other_loads) = counted(&before, &after);
        assert_eq!(diff.records.len(), 1);
        assert!(loads <= 2 * layers && other_loads <= 3 * layers, "{number}: {loads} and {other_loads}");
    }
}

#[test]
fn what_is_compared_is_not_kept() {
    let (before, after) = (numbered(0..300), numbered(100..400));
    let ((root, blocks), (other_root, other_blocks)) = (model::build(&before), model::build(&after));
    let (tree, other) = (Tree::at(root), Tree::at(other_root));
    assert_eq!(tree.diff(&other, &blocks, &other_blocks).unwrap().records.len(), 200);
    assert_eq!((tree.loaded(), other.loaded()), ((0, 0), (0, 0)));
}

#[test]
fn a_diff_with_the_empty_tree_lists_everything() {
    let content = numbered(0..200);
    let (root, blocks) = model::build(&content);
    let diff = Tree::new().diff(&Tree::at(root), &(), &blocks).unwrap();
    assert_eq!(diff.records.len(), 200);
    assert_eq!(diff.created().len(), blocks.len());
    assert_eq!(diff.retired, [Tree::empty_root()]);
}

#[test]
fn a_key_moved_up_does_not_make_shared_nodes_look_changed() {
    // A key of a high layer before all others: nodes of the old tree are opened to find its place.
    let mut before = numbered(0..500);
    before.retain(|key, _| super::key_layer(key) < 3);
    let mut after = before.clone();
    let high = (0..).map(|number| format!("a/{number}").into_bytes()).find(|key| super::key_layer(key) == 5).unwrap();
    after.insert(high, model::value(0));
    let ((root, blocks), (other_root, other_blocks)) = (model::build(&before), model::build(&after));
    let diff = Tree::at(root).diff(&Tree::at(other_root), &blocks, &other_blocks).unwrap();
    assert!(diff.retired.is_empty(), "the whole old tree is a part of the new one");
    assert_eq!(distinct(diff.created().map(|block| block.cid)), only_in(&other_blocks, &blocks));
}
