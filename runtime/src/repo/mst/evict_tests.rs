use proptest::prelude::*;

use super::{
    Tree,
    forged::{content, load_all, number_key, numbered},
    model,
};

fn highest(tree: &Tree) -> u8 {
    tree.root.node.get().map_or(0, |root| root.layer())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn only_the_topmost_layers_stay_and_the_rest_comes_back(content in content(0..300, 120), layers in 0..6u8, shared: bool) {
        let (root, blocks) = model::build(&content);
        let mut tree = Tree::at(root);
        load_all(&tree, &content, &blocks);
        let before = tree.loaded();
        let snapshot = shared.then(|| tree.clone());

        tree.evict(layers);
        let lowest = u8::saturating_sub(highest(&tree) + 1, layers);
        let kept = nodes_from(&tree, layers, lowest, &blocks);
        prop_assert_eq!(tree.loaded().0, kept);
        if let Some(snapshot) = snapshot {
            prop_assert_eq!(snapshot.loaded(), before);
            let walked: Vec<_> = snapshot.walk(&()).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(walked, content.clone().into_iter().collect::<Vec<_>>());
        }
        prop_assert_eq!(tree.root(), root);
        load_all(&tree, &content, &blocks);
        prop_assert_eq!(tree.loaded(), before);
    }
}

/// How many nodes of the tree are in the topmost layers.
fn nodes_from(tree: &Tree, layers: u8, lowest: u8, blocks: &crate::repo::MemoryBlocks) -> usize {
    if layers == 0 {
        return 0;
    }
    let fresh = Tree::at(tree.root());
    let mut preorder = fresh.preorder(blocks);
    let mut nodes = 0;
    while let Some(part) = preorder.advance().unwrap() {
        if let super::preorder::Part::Node(node) = part {
            nodes += usize::from(node.layer() >= lowest);
        }
    }
    nodes
}

#[test]
fn a_tree_without_loaded_nodes_has_nothing_to_let_go_of() {
    let (root, _) = model::build(&numbered(0..10));
    let mut tree = Tree::at(root);
    tree.evict(2);
    tree.evict(0);
    assert_eq!(tree.loaded(), (0, 0));
    assert_eq!(tree.root(), root);
}

#[test]
fn a_tree_of_its_own_is_trimmed_without_a_copy() {
    let content = numbered(0..500);
    let (root, blocks) = model::build(&content);
    let mut tree = Tree::at(root);
    load_all(&tree, &content, &blocks);
    let node = |tree: &Tree| tree.root.load(&()).unwrap().bytes().as_ptr();
    let before = node(&tree);
    tree.evict(1);
    assert_eq!((tree.loaded().0, node(&tree)), (1, before));
    assert_eq!(tree.get(&number_key(77), &blocks).unwrap(), content.get(&number_key(77)).cloned());
}

#[test]
fn the_empty_tree_keeps_its_root() {
    let mut tree = Tree::new();
    tree.evict(0);
    assert_eq!(tree.get(b"a", &()).unwrap(), None);
}
