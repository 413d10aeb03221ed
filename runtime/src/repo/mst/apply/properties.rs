//! What holds for all sequences of batches, compared with the model.

use std::{collections::BTreeSet, ops::Bound, sync::OnceLock};

use proptest::prelude::*;

use crate::{
    data::{Cid, CidLink},
    repo::{
        blocks::MemoryBlocks,
        mst::{
            Change, Error, Expect, Inverse, Op, Tree, invert, key_layer,
            model::{Content, build, value},
        },
    },
};

/// Keys of the layers 0 to 5, a dozen of each, with much and with little in common.
fn pool() -> &'static [Vec<u8>] {
    static POOL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    POOL.get_or_init(|| {
        let long = "long".repeat(75);
        let heads = ["com.example.note/", "com.example.like/3l", "a", &long];
        let mut room = [12; 6];
        let keys = (0_u32..).map(|number| {
            let spread = number.wrapping_mul(2_654_435_761) % 100_000;
            format!("{}{spread}", heads[number as usize % heads.len()]).into_bytes()
        });
        let mut seen = BTreeSet::new();
        let mut pool = Vec::new();
        for key in keys {
            let Some(left) = room.get_mut(usize::from(key_layer(&key))) else { continue };
            if *left > 0 && seen.insert(key.clone()) {
                *left -= 1;
                pool.push(key);
            }
            if room == [0; 6] {
                break;
            }
        }
        pool
    })
}

/// What a batch does: at most once to each key of the pool.
type Batch = Vec<(usize, Option<CidLink>)>;

fn batch() -> impl Strategy<Value = Batch> {
    let op = (0..pool().len(), prop::option::weighted(0.6, values()));
    prop::collection::vec(op, 1..16).prop_map(|mut batch| {
        batch.sort_by(|(a, _), (b, _)| pool()[*a].cmp(&pool()[*b]));
        batch.dedup_by(|(a, _), (b, _)| a == b);
        batch
    })
}

fn values() -> impl Strategy<Value = CidLink> {
    prop_oneof![
        9 => (0..3_u64).prop_map(value),
        1 => (0..2_u8).prop_map(|byte| CidLink::from_bytes(&[1, 0x55, 0, 1, byte]).unwrap()),
    ]
}

fn content() -> impl Strategy<Value = Content> {
    let keys = prop::collection::vec(prop::bool::weighted(0.4), pool().len());
    keys.prop_map(|chosen| {
        let keys = pool().iter().zip(chosen).filter(|(_, chosen)| *chosen);
        keys.map(|(key, _)| (key.clone(), value(7))).collect()
    })
}

fn ops(batch: &Batch) -> Vec<Op<'static>> {
    let op =
        |(key, value): &(usize, Option<CidLink>)| Op { key: &pool()[*key], value: value.clone(), expect: Expect::Any };
    batch.iter().map(op).collect()
}

/// Carries out a batch on the content. The values before.
fn change(content: &mut Content, batch: &Batch) -> Vec<Option<CidLink>> {
    let change = |(key, value): &(usize, Option<CidLink>)| match value {
        Some(value) => content.insert(pool()[*key].clone(), value.clone()),
        None => content.remove(&pool()[*key]),
    };
    batch.iter().map(change).collect()
}

fn cids(blocks: &MemoryBlocks) -> BTreeSet<Cid> {
    blocks.iter().map(|(cid, _)| *cid).collect()
}

/// Checks that the created and the retired nodes are those in which two trees differ, each once.
fn assert_differs(change: &Change, before: &MemoryBlocks, after: &MemoryBlocks) {
    let created: Vec<_> = change.created().collect();
    assert!(created.iter().all(|block| after.block(&block.cid) == Some(&block.bytes)));
    let mut created: Vec<_> = created.into_iter().map(|block| block.cid).collect();
    created.sort_unstable();
    assert_eq!(created, cids(after).difference(&cids(before)).copied().collect::<Vec<_>>());
    let mut retired = change.retired().to_vec();
    retired.sort_unstable();
    assert_eq!(retired, cids(before).difference(&cids(after)).copied().collect::<Vec<_>>());
}

fn assert_holds(tree: &Tree, content: &Content) {
    for key in pool() {
        assert_eq!(tree.get(key, &()).unwrap().as_ref(), content.get(key));
    }
}

/// The operations that a batch was, as a receiver is told them.
fn inverses(batch: &Batch, previous: &[Option<CidLink>]) -> Vec<Inverse<'static>> {
    let inverse = |((key, value), before): (&(usize, Option<CidLink>), &Option<CidLink>)| Inverse {
        key: &pool()[*key],
        before: before.clone(),
        after: value.clone(),
    };
    batch.iter().zip(previous).map(inverse).collect()
}

/// One of the blocks.
fn any_block(blocks: &MemoryBlocks, choice: prop::sample::Index) -> Cid {
    let cids: Vec<_> = cids(blocks).into_iter().collect();
    *choice.get(&cids)
}

/// The blocks of the nodes on the way to a key.
fn add_way(tree: &Tree, key: &[u8], blocks: &MemoryBlocks, way: &mut MemoryBlocks) {
    let mut next = Some(tree.root());
    while let Some(cid) = next {
        let block = blocks.block(&cid).unwrap();
        way.insert(cid, block.clone());
        let node = Tree::at(cid).root.load(blocks).cloned();
        // A node without entries is no root, but the only way on from it is clear.
        next = match node {
            Ok(node) => node.find(key).err().and_then(|slot| node.kid_cid(slot)),
            Err(_) => Some(Cid::new(cid.codec(), *block.last_chunk().unwrap())),
        };
    }
}

/// The nodes on the ways to these keys and to their neighbours.
fn covering_proof(tree: &Tree, content: &Content, batch: &Batch, blocks: &MemoryBlocks) -> MemoryBlocks {
    let mut proof = MemoryBlocks::new();
    for (key, _) in batch {
        let key = &pool()[*key];
        let left = content.range::<Vec<u8>, _>(..key).next_back();
        let right = content.range::<Vec<u8>, _>((Bound::Excluded(key), Bound::Unbounded)).next();
        for key in [left, right].into_iter().flatten().map(|(key, _)| key).chain([key]) {
            add_way(tree, key, blocks, &mut proof);
        }
    }
    proof
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn batches_give_what_the_model_gives(start in content(), batches in prop::collection::vec(batch(), 1..6)) {
        let mut content = start;
        let mut tree = Tree::from_sorted(content.iter().map(|(key, value)| (&**key, value.clone()))).unwrap();
        let (mut root, mut blocks) = build(&content);
        prop_assert_eq!(tree.root(), root);
        for batch in batches {
            let (was, snapshot) = (content.clone(), tree.clone());
            let previous = change(&mut content, &batch);
            let (next, after) = build(&content);
            let changed = tree.apply(&ops(&batch), &()).unwrap();
            prop_assert_eq!(tree.root(), next);
            prop_assert_eq!(changed.previous(), &previous);
            assert_differs(&changed, &blocks, &after);
            assert_holds(&tree, &content);

            let mut lazy = Tree::at(root);
            let changed = lazy.apply(&ops(&batch), &blocks).unwrap();
            prop_assert_eq!(lazy.root(), next);
            assert_differs(&changed, &blocks, &after);

            prop_assert_eq!(snapshot.root(), root);
            assert_holds(&snapshot, &was);
            (root, blocks) = (next, after);
        }
    }

    #[test]
    fn without_snapshots_nodes_change_in_place(start in content(), batches in prop::collection::vec(batch(), 1..12)) {
        let mut content = start;
        let mut tree = Tree::from_sorted(content.iter().map(|(key, value)| (&**key, value.clone()))).unwrap();
        for batch in batches {
            change(&mut content, &batch);
            tree.apply(&ops(&batch), &()).unwrap();
            prop_assert_eq!(tree.root(), build(&content).0);
            assert_holds(&tree, &content);
        }
    }

    #[test]
    fn the_order_of_insertion_and_the_size_of_batches_make_no_difference(
        content in content(),
        seed in any::<u64>(),
        size in 1..10_usize,
    ) {
        let mut keys: Vec<_> = content.keys().collect();
        keys.sort_by_key(|key| Cid::of_cbor(&[&seed.to_be_bytes(), key.as_slice()].concat()));
        let mut tree = Tree::new();
        for part in keys.chunks_mut(size) {
            part.sort();
            let ops: Vec<_> = part.iter().map(|key| Op::create(key, value(7))).collect();
            tree.apply(&ops, &()).unwrap();
        }
        prop_assert_eq!(tree.root(), build(&content).0);
    }

    #[test]
    fn what_is_added_and_removed_leaves_no_trace(content in content(), batch in batch()) {
        let mut tree = Tree::from_sorted(content.iter().map(|(key, value)| (&**key, value.clone()))).unwrap();
        let root = tree.root();
        let fresh: Batch = batch.into_iter().filter(|(key, _)| !content.contains_key(&pool()[*key])).collect();
        let add: Vec<_> = fresh.iter().map(|(key, _)| Op::create(&pool()[*key], value(1))).collect();
        let added = tree.apply(&add, &()).unwrap();
        for (key, _) in fresh.iter().rev() {
            tree.apply(&[Op::delete(&pool()[*key])], &()).unwrap();
        }
        prop_assert_eq!(tree.root(), root);
        prop_assert_eq!(added.created().len() == 0, fresh.is_empty());
    }

    #[test]
    fn a_batch_that_fails_leaves_the_tree_as_it_was(
        content in content(),
        batch in batch(),
        wrong in any::<prop::sample::Index>(),
    ) {
        let mut tree = Tree::from_sorted(content.iter().map(|(key, value)| (&**key, value.clone()))).unwrap();
        let root = tree.root();
        let mut failing = ops(&batch);
        let wrong = wrong.index(failing.len());
        failing[wrong].expect = Expect::Is(value(1000));
        match tree.apply(&failing, &()) {
            Err(Error::Precondition { key, .. }) => prop_assert_eq!(&*key, failing[wrong].key),
            other => prop_assert!(false, "{:?}", other),
        }
        prop_assert_eq!(tree.root(), root);
        assert_holds(&tree, &content);
        let mut content = content;
        change(&mut content, &batch);
        tree.apply(&ops(&batch), &()).unwrap();
        prop_assert_eq!(tree.root(), build(&content).0);
    }

    #[test]
    fn a_missing_block_is_named_and_leaves_the_tree_as_it_was(
        content in content(),
        batch in batch(),
        gone in any::<prop::sample::Index>(),
    ) {
        let (root, blocks) = build(&content);
        let gone = any_block(&blocks, gone);
        let mut fewer = blocks.clone();
        fewer.remove(&gone);
        let mut content = content;
        change(&mut content, &batch);
        let mut tree = Tree::at(root);
        match tree.apply(&ops(&batch), &fewer) {
            Ok(_) => {}
            Err(Error::Missing(cid)) => {
                prop_assert_eq!(cid, gone);
                prop_assert_eq!(tree.root(), root);
                tree.apply(&ops(&batch), &blocks).unwrap();
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
        prop_assert_eq!(tree.root(), build(&content).0);
    }

    #[test]
    fn every_change_can_be_undone_in_any_order(
        content in content(),
        batch in batch(),
        turn in any::<prop::sample::Index>(),
        gone in any::<prop::sample::Index>(),
    ) {
        let (root, _) = build(&content);
        let mut content = content;
        let previous = change(&mut content, &batch);
        let (after, mut blocks) = build(&content);
        let mut ops = inverses(&batch, &previous);
        let turn = turn.index(ops.len());
        ops.rotate_left(turn);
        prop_assert_eq!(invert(after, &ops, &blocks).unwrap(), root);
        ops.reverse();
        prop_assert_eq!(invert(after, &ops, &blocks).unwrap(), root);

        let proof = covering_proof(&Tree::at(after), &content, &batch, &blocks);
        prop_assert_eq!(invert(after, &ops, &proof).unwrap(), root);

        let gone = any_block(&blocks, gone);
        let block = blocks.remove(&gone).unwrap();
        match invert(after, &ops, &blocks) {
            // A node without entries is the root of no tree.
            Ok(cid) => prop_assert!(cid == root || cid == gone && block.starts_with(&[0xa2, 0x61, b'e', 0x80])),
            Err(Error::Missing(cid)) => prop_assert_eq!(cid, gone),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
