use proptest::prelude::*;

use super::{
    Error, Op, Tree,
    forged::{content, fetch_missing, number_key, numbered},
    model,
};

fn keys() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec((0..300u64).prop_map(number_key), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn after_the_last_round_no_look_up_and_no_proof_misses_anything(content in content(0..300, 150), keys in keys()) {
        let (root, blocks) = model::build(&content);
        let tree = Tree::at(root);
        let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
        let rounds = fetch_missing(&blocks, |handed| tree.missing(&keys, handed));
        for key in &keys {
            prop_assert_eq!(tree.get(key, &()).unwrap(), content.get(*key).cloned());
        }
        let proof = tree.proof(&keys, &()).unwrap();
        prop_assert_eq!(tree.loaded().0, proof.len(), "nothing was loaded in vain");
        prop_assert!(rounds <= 1 + usize::from(tree.root.load(&()).unwrap().layer()));
    }

    #[test]
    fn after_the_last_round_for_operations_no_covering_proof_misses_anything(
        content in content(0..300, 150),
        keys in keys(),
    ) {
        let (root, blocks) = model::build(&content);
        let tree = Tree::at(root);
        let ops: Vec<_> = keys.iter().map(|key| Op::remove(key)).collect();
        let rounds = fetch_missing(&blocks, |handed| tree.missing_for(&ops, handed));
        let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
        let proof = tree.covering_proof(&keys, &()).unwrap();
        prop_assert_eq!(tree.loaded().0, proof.len(), "nothing was loaded in vain");
        prop_assert!(rounds <= 1 + usize::from(tree.root.load(&()).unwrap().layer()));
    }
}

#[test]
fn one_round_asks_for_the_next_node_of_every_key() {
    let content = numbered(0..2000);
    let (root, blocks) = model::build(&content);
    let tree = Tree::at(root);
    let keys: Vec<_> = (0..2000).map(number_key).collect();
    let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
    assert_eq!(tree.missing(&keys, &()).unwrap(), [root]);
    let rounds = fetch_missing(&blocks, |handed| tree.missing(&keys, handed));
    assert_eq!(rounds, 1 + usize::from(tree.root.load(&()).unwrap().layer()));
    assert_eq!(tree.loaded().0, blocks.len());
}

#[test]
fn what_the_source_has_is_loaded_and_not_missing() {
    let content = numbered(0..200);
    let (root, mut blocks) = model::build(&content);
    let key = number_key(77);
    let way = Tree::at(root).proof(&[&key], &blocks).unwrap();
    let last = way.last().unwrap().cid;
    blocks.remove(&last);
    let tree = Tree::at(root);
    assert_eq!(tree.missing(&[&key], &blocks).unwrap(), [last]);
    assert_eq!(tree.loaded().0, way.len() - 1);
}

#[test]
fn a_loaded_tree_misses_nothing() {
    assert!(Tree::new().missing(&[b"a"], &()).unwrap().is_empty());
    assert!(Tree::new().missing_for(&[Op::delete(b"a")], &()).unwrap().is_empty());
}

#[test]
fn what_is_no_key_is_refused() {
    assert!(matches!(Tree::new().missing(&[b""], &()), Err(Error::Key(_))));
    assert!(matches!(Tree::new().missing_for(&[Op::delete(b"")], &()), Err(Error::Key(_))));
}
