use std::collections::HashSet;

use proptest::prelude::*;

use super::{
    Block, Error, Tree,
    forged::{Counting, content, number_key, numbered},
    model::{self, Content},
};
use crate::{
    data::{Cid, CidLink},
    repo::MemoryBlocks,
};

/// The nodes that a look-up asks for.
fn way(root: Cid, key: &[u8], blocks: &MemoryBlocks) -> HashSet<Cid> {
    let asked = Counting::new(blocks);
    Tree::at(root).get(key, &asked).unwrap();
    asked.asked()
}

/// The nodes on the ways to a key and to both neighbours.
fn cover(root: Cid, key: &[u8], content: &Content, blocks: &MemoryBlocks) -> HashSet<Cid> {
    let left = content.range(..key.to_vec()).next_back().map(|(key, _)| key.as_slice());
    let right = content.range(key.to_vec()..).map(|(key, _)| key.as_slice()).find(|other| *other != key);
    let keys = [Some(key), left, right];
    keys.into_iter().flatten().flat_map(|key| way(root, key, blocks)).collect()
}

/// The CIDs of a proof, none of which occurs twice.
fn cids(proof: &[Block]) -> HashSet<Cid> {
    let cids: HashSet<_> = proof.iter().map(|block| block.cid).collect();
    assert_eq!(cids.len(), proof.len());
    cids
}

fn store(proof: &[Block]) -> MemoryBlocks {
    let mut blocks = MemoryBlocks::new();
    for block in proof {
        assert!(blocks.insert(block.cid, block.bytes.clone()));
    }
    blocks
}

fn slices(keys: &[Vec<u8>]) -> Vec<&[u8]> {
    keys.iter().map(Vec::as_slice).collect()
}

fn keys() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec((0..300u64).prop_map(number_key), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_proof_is_the_ways_to_the_keys(content in content(0..300, 120), keys in keys()) {
        let (root, blocks) = model::build(&content);
        let proof = Tree::at(root).proof(&slices(&keys), &blocks).unwrap();
        let mut expected: HashSet<_> = keys.iter().flat_map(|key| way(root, key, &blocks)).collect();
        expected.insert(root);
        prop_assert_eq!(cids(&proof), expected);
        prop_assert_eq!(proof[0].cid, root);
    }

    #[test]
    fn a_covering_proof_is_the_ways_to_the_keys_and_their_neighbours(content in content(0..300, 120), keys in keys()) {
        let (root, blocks) = model::build(&content);
        let proof = Tree::at(root).covering_proof(&slices(&keys), &blocks).unwrap();
        let mut expected: HashSet<_> = keys.iter().flat_map(|key| cover(root, key, &content, &blocks)).collect();
        expected.insert(root);
        prop_assert_eq!(cids(&proof), expected);
        prop_assert_eq!(proof[0].cid, root);
    }

    #[test]
    fn a_proof_is_enough_and_each_of_its_nodes_is_needed(content in content(0..300, 120), number in 0..300u64) {
        let (root, blocks) = model::build(&content);
        let key = number_key(number);
        let proof = Tree::at(root).proof(&[&key], &blocks).unwrap();
        let mut only = store(&proof);
        prop_assert_eq!(Tree::at(root).get(&key, &only).unwrap(), content.get(&key).cloned());
        for block in &proof {
            only.remove(&block.cid);
            let error = Tree::at(root).get(&key, &only).unwrap_err();
            prop_assert!(matches!(error, Error::Missing(cid) if cid == block.cid));
            only.insert(block.cid, block.bytes.clone());
        }
    }
}

#[test]
fn nodes_of_a_proof_come_before_those_below_them() {
    let content = numbered(0..1000);
    let (root, blocks) = model::build(&content);
    let tree = Tree::at(root);
    let keys: Vec<_> = (0..1000).step_by(90).map(number_key).collect();
    let proof = tree.covering_proof(&slices(&keys), &blocks).unwrap();
    let mut linked = HashSet::from([root]);
    for block in proof {
        assert!(linked.contains(&block.cid));
        let node = super::tree::fetch(block.cid, None, &blocks);
        // A node without entries is none on its own; it has one child, at the end of its block.
        match node {
            Ok(node) => linked.extend((0..=node.len()).filter_map(|slot| node.kid_cid(slot))),
            Err(_) => linked.extend(block.bytes.last_chunk::<36>().and_then(|cid| Cid::from_bytes(cid).ok())),
        }
    }
}

#[test]
fn the_covering_proof_of_a_known_tree_is_the_known_one() {
    let value: CidLink = "bafyreia2ty55fxarehtbm3ydzq2u7yrw266rkfi2tz5kmbjwwuuky3idvu".parse().unwrap();
    let key = |number: u32| format!("com.example.note/n{number:05}").into_bytes();
    let content = [0, 1, 2, 3, 4, 5, 6, 89].into_iter().map(|number| (key(number), value.clone())).collect();
    let (root, blocks) = model::build(&content);
    let proof = Tree::at(root).covering_proof(&[&key(6)], &blocks).unwrap();
    let proof: Vec<_> = proof.iter().map(|block| block.cid.to_string()).collect();
    assert_eq!(
        proof,
        [
            "bafyreidym2k45w2yhb7nbcdluo4n2q5ey2davd4fjysa62ns2li7kvdadi",
            "bafyreifjlk3ejq57rrqysnt37n6utcolrrehto7kbktui7ivdcca7ciqny",
            "bafyreiftjfsbfi7hn6y5l2xi452qel6hk7ove2z46o4eslrpysib4udqou",
        ]
    );
    assert_eq!(blocks.len(), 5);
}

#[test]
fn the_empty_tree_is_proved_by_its_node() {
    let tree = Tree::new();
    assert_eq!(cids(&tree.proof(&[b"a"], &()).unwrap()), HashSet::from([tree.root()]));
    assert_eq!(cids(&tree.covering_proof(&[b"a"], &()).unwrap()), HashSet::from([tree.root()]));
}

#[test]
fn what_is_no_key_is_not_proved() {
    let tree = Tree::new();
    assert!(matches!(tree.proof(&[b"a", b""], &()), Err(Error::Key(key)) if key.is_empty()));
    assert!(matches!(tree.covering_proof(&[&[0; 1025]], &()), Err(Error::Key(_))));
}
