use std::{collections::BTreeMap, ops::Bound};

use proptest::prelude::*;

use super::{
    Direction, Error, Tree, Walk,
    forged::{Counting, content, load_all, number_key, numbered},
    model::{self, Content},
};
use crate::data::{Cid, CidLink};

type Pairs = Vec<(Vec<u8>, CidLink)>;

fn all(walk: Walk<'_>) -> Pairs {
    walk.collect::<Result<_, _>>().unwrap()
}

/// What an ordered map says of the range.
fn expected(content: &Content, from: &Bound<Vec<u8>>, to: &Bound<Vec<u8>>) -> Pairs {
    let inside = |key: &Vec<u8>| {
        let after = match from {
            Bound::Unbounded => true,
            Bound::Included(from) => key >= from,
            Bound::Excluded(from) => key > from,
        };
        let before = match to {
            Bound::Unbounded => true,
            Bound::Included(to) => key <= to,
            Bound::Excluded(to) => key < to,
        };
        after && before
    };
    content.iter().filter(|(key, _)| inside(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    let key = prop_oneof![
        8 => (0..400u64).prop_map(number_key),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    prop_oneof![
        1 => Just(Bound::Unbounded),
        3 => key.clone().prop_map(Bound::Included),
        3 => key.prop_map(Bound::Excluded),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_walk_over_any_range_gives_what_an_ordered_map_gives(
        content in content(0..400, 120),
        bounds in proptest::collection::vec((bound(), bound()), 8),
        loaded: bool,
    ) {
        let (root, blocks) = model::build(&content);
        let tree = Tree::at(root);
        if loaded {
            load_all(&tree, &content, &blocks);
        }
        for (from, to) in &bounds {
            let mut expected = expected(&content, from, to);
            let (from, to) = (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
            prop_assert_eq!(&all(tree.range(from, to, Direction::Up, &blocks)), &expected);
            expected.reverse();
            prop_assert_eq!(&all(tree.range(from, to, Direction::Down, &blocks)), &expected);
        }
    }

    #[test]
    fn a_walk_over_a_prefix_gives_the_keys_that_begin_so(
        keys in proptest::collection::btree_set(proptest::collection::vec(prop_oneof![Just(b'a'), Just(0), Just(255)], 1..5), 0..60),
        prefix in proptest::collection::vec(prop_oneof![Just(b'a'), Just(0), Just(255)], 0..4),
    ) {
        let content: Content = keys.into_iter().map(|key| (key, model::value(1))).collect();
        let (root, blocks) = model::build(&content);
        let tree = Tree::at(root);
        let mut expected: Vec<_> = content.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
        let keys = |direction| all(tree.prefix(&prefix, direction, &blocks)).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        prop_assert_eq!(&keys(Direction::Up), &expected);
        expected.reverse();
        prop_assert_eq!(&keys(Direction::Down), &expected);
    }
}

#[test]
fn the_empty_tree_has_nothing_to_walk_over() {
    assert!(Tree::new().walk(&()).next().is_none());
    assert!(Tree::new().range(Bound::Unbounded, Bound::Unbounded, Direction::Down, &()).next().is_none());
    assert!(Tree::new().prefix(b"", Direction::Up, &()).next().is_none());
}

#[test]
fn a_range_that_ends_before_it_begins_asks_for_nothing() {
    let tree = Tree::at(Cid::of_cbor(b"nowhere"));
    let walk = |from: Bound<&[u8]>, to: Bound<&[u8]>| tree.range(from, to, Direction::Up, &()).next();
    assert!(walk(Bound::Included(b"b"), Bound::Included(b"a")).is_none());
    assert!(walk(Bound::Excluded(b"a"), Bound::Included(b"a")).is_none());
    assert!(walk(Bound::Included(b"a"), Bound::Excluded(b"a")).is_none());
    assert!(walk(Bound::Included(b"a"), Bound::Included(b"a")).is_some());
}

#[test]
fn a_walk_goes_straight_to_its_range_and_stops_at_its_end() {
    let content = numbered(0..2000);
    let (root, blocks) = model::build(&content);
    let tree = Tree::at(root);
    for number in (0..2000).step_by(37) {
        let key = number_key(number);
        for direction in [Direction::Up, Direction::Down] {
            let way = Counting::new(&blocks);
            Tree::at(root).get(&key, &way).unwrap();
            let asked = Counting::new(&blocks);
            let only = Bound::Included(key.as_slice());
            assert_eq!(tree.range(only, only, direction, &asked).count(), 1);
            assert_eq!(asked.total(), way.total(), "no node but those on the way to {number}");
        }
    }
}

#[test]
fn a_walk_loads_each_node_once_and_keeps_none() {
    let content = numbered(0..500);
    let (root, blocks) = model::build(&content);
    let tree = Tree::at(root);
    for direction in [Direction::Up, Direction::Down] {
        let asked = Counting::new(&blocks);
        assert_eq!(tree.range(Bound::Unbounded, Bound::Unbounded, direction, &asked).count(), 500);
        assert_eq!(asked.total(), blocks.len());
        assert_eq!(tree.loaded(), (0, 0));
    }
}

#[test]
fn lent_keys_and_values_are_those_that_are_given_away() {
    let content = numbered(0..300);
    let (root, blocks) = model::build(&content);
    let tree = Tree::at(root);
    let mut walk = tree.walk(&blocks);
    let mut lent = BTreeMap::new();
    while let Some((key, value)) = walk.advance().unwrap() {
        lent.insert(key.to_vec(), CidLink::from_bytes(value).unwrap());
    }
    assert_eq!(lent, content);
}

#[test]
fn a_missing_node_is_named_and_ends_the_walk() {
    let content = numbered(0..500);
    let (root, mut blocks) = model::build(&content);
    let gone = *blocks.iter().map(|(cid, _)| cid).find(|cid| **cid != root).unwrap();
    blocks.remove(&gone);
    for direction in [Direction::Up, Direction::Down] {
        let tree = Tree::at(root);
        let mut walk = tree.range(Bound::Unbounded, Bound::Unbounded, direction, &blocks);
        let error = walk.find_map(Result::err).unwrap();
        assert!(matches!(error, Error::Missing(cid) if cid == gone));
        assert!(walk.next().is_none());
    }
}

#[test]
fn a_missing_root_is_named() {
    let root = Cid::of_cbor(b"nowhere");
    let tree = Tree::at(root);
    assert!(matches!(tree.walk(&()).next(), Some(Err(Error::Missing(cid))) if cid == root));
    let mut walk = tree.prefix(b"a", Direction::Down, &());
    assert!(matches!(walk.next(), Some(Err(Error::Missing(cid))) if cid == root));
    assert!(walk.next().is_none());
}
