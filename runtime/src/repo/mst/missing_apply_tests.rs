use proptest::prelude::*;

use super::{
    Op, Tree,
    forged::{content, fetch_missing, number_key, numbered},
    model,
};
use crate::data::CidLink;

/// Operations on distinct keys, which come in order.
fn edits() -> impl Strategy<Value = std::collections::BTreeMap<Vec<u8>, Option<CidLink>>> {
    let value = proptest::option::of((0..5u64).prop_map(model::value));
    proptest::collection::btree_map((0..300u64).prop_map(number_key), value, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn after_the_last_round_operations_and_their_proofs_miss_nothing(before in content(0..300, 150), edits in edits()) {
        let (root, blocks) = model::build(&before);
        let mut after = before;
        let ops: Vec<_> = edits.iter().map(|(key, value)| match value {
            Some(value) => Op::put(key, value.clone()),
            None => Op::remove(key),
        }).collect();
        for (key, value) in &edits {
            match value {
                Some(value) => after.insert(key.clone(), value.clone()),
                None => after.remove(key),
            };
        }
        let mut tree = Tree::at(root);
        fetch_missing(&blocks, |handed| tree.missing_for(&ops, handed));
        let keys: Vec<_> = edits.keys().map(Vec::as_slice).collect();
        prop_assert!(tree.covering_proof(&keys, &()).is_ok());
        tree.apply(&ops, &()).unwrap();
        prop_assert_eq!(tree.root(), model::build(&after).0);
        prop_assert!(tree.covering_proof(&keys, &()).is_ok());
    }
}

#[test]
fn a_key_above_the_root_and_its_removal_miss_nothing() {
    let before = numbered((0..400).filter(|number| super::key_layer(&number_key(*number)) < 2));
    let (root, blocks) = model::build(&before);
    let high = number_key((0..400).find(|number| super::key_layer(&number_key(*number)) == 3).unwrap());
    let mut tree = Tree::at(root);
    let put = [Op::put(&high, model::value(1))];
    fetch_missing(&blocks, |handed| tree.missing_for(&put, handed));
    tree.apply(&put, &()).unwrap();
    let mut after = before;
    after.insert(high.clone(), model::value(1));
    let (with_high, blocks) = model::build(&after);
    assert_eq!(tree.root(), with_high);

    let mut tree = Tree::at(with_high);
    let delete = [Op::delete(&high)];
    fetch_missing(&blocks, |handed| tree.missing_for(&delete, handed));
    tree.apply(&delete, &()).unwrap();
    assert_eq!(tree.root(), root);
    assert!(tree.covering_proof(&[&high], &()).is_ok());
}
