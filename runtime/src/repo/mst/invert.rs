//! Undoing operations on a part of a tree (Repository, operation inversion).

use crate::{
    data::{Cid, CidLink},
    repo::blocks::Blocks,
};

use super::{
    apply::Rules,
    decode::MAX_READ_ENTRIES,
    error::Error,
    op::{Expect, Op},
    tree::Tree,
};

/// What an operation did to a key, to be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inverse<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value before the operation.
    pub before: Option<CidLink>,
    /// The value after it.
    pub after: Option<CidLink>,
}

/// The root of the tree before operations, which come in any order and have distinct keys; of the
/// tree after them at least the covering proof is in `blocks`.
///
/// All are undone at once, so that their order makes no difference. An operation that left what was
/// there before is only checked.
///
/// A tree that shrinks to a node which is not in `blocks` has the CID of that node as its root. If
/// that node has no entries, its CID is the root of no tree at all; so it equals none.
///
/// ```
/// use arobase_runtime::{data::{Cid, CidLink}, repo::{MemoryBlocks, mst::{Inverse, Op, Tree, invert}}};
///
/// let note: CidLink = Cid::of_cbor(b"\xa0").into();
/// let mut tree = Tree::new();
/// let change = tree.apply(&[Op::create(b"com.example.note/1", note.clone())], &())?;
///
/// let mut blocks = MemoryBlocks::new();
/// for block in change.created() {
///     blocks.insert(block.cid, block.bytes);
/// }
/// let create = Inverse { key: b"com.example.note/1", before: None, after: Some(note) };
/// assert_eq!(invert(tree.root(), &[create], &blocks)?, Tree::empty_root());
/// # Ok::<(), arobase_runtime::repo::mst::Error>(())
/// ```
///
/// # Errors
/// A key occurs twice or does not have the value that the operation left; a node that is needed is
/// missing or invalid.
pub fn invert(root: Cid, ops: &[Inverse<'_>], blocks: &dyn Blocks) -> Result<Cid, Error> {
    let mut ops: Vec<_> = ops.iter().map(Inverse::op).collect();
    ops.sort_unstable_by_key(|op| op.key);
    let mut tree = Tree::at(root);
    // What was read may have been as wide before.
    let rules = Rules { width: MAX_READ_ENTRIES, unseen_root: true };
    tree.apply_by(rules, &ops, blocks)?;
    Ok(tree.root())
}

impl<'a> Inverse<'a> {
    /// The operation that undoes this one.
    fn op(&self) -> Op<'a> {
        let expect = self.after.clone().map_or(Expect::Absent, Expect::Is);
        Op { key: self.key, value: self.before.clone(), expect }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::mst::model::{Content, build, value};

    fn content(keys: u64) -> Content {
        (0..keys).map(|number| (format!("com.example.note/n{number:05}").into_bytes(), value(number))).collect()
    }

    fn created(key: &[u8], number: u64) -> Inverse<'_> {
        Inverse { key, before: None, after: Some(value(number)) }
    }

    #[test]
    fn the_first_commit_leads_back_to_the_empty_tree() {
        let content = content(90);
        let (root, blocks) = build(&content);
        let ops = content.iter().map(|(key, value)| Inverse { key, before: None, after: Some(value.clone()) });
        let ops: Vec<_> = ops.rev().collect();
        assert_eq!(invert(root, &ops, &blocks).unwrap(), Tree::empty_root());
    }

    #[test]
    fn no_operations_lead_back_to_the_same_tree_without_a_look() {
        let root = Cid::of_cbor(b"anything");
        assert_eq!(invert(root, &[], &()).unwrap(), root);
    }

    #[test]
    fn a_value_that_the_operation_did_not_leave_is_named() {
        let (root, blocks) = build(&content(20));
        let key = b"com.example.note/n00007";
        let wrong = [
            created(key, 8),
            Inverse { key, before: Some(value(1)), after: None },
            Inverse { key, before: Some(value(8)), after: Some(value(8)) },
            created(b"com.example.note/n00020", 20),
        ];
        for op in wrong {
            let key = op.key;
            let error = invert(root, &[op], &blocks).unwrap_err();
            assert!(matches!(error, Error::Precondition { key: wrong, .. } if *wrong == *key));
        }
    }

    #[test]
    fn an_operation_that_left_everything_as_it_was_is_only_checked() {
        let (root, blocks) = build(&content(20));
        let same = Inverse { key: b"com.example.note/n00007", before: Some(value(7)), after: Some(value(7)) };
        assert_eq!(invert(root, &[same], &blocks).unwrap(), root);
        let nothing = Inverse { key: b"com.example.note/n00020", before: None, after: None };
        assert_eq!(invert(root, &[nothing], &blocks).unwrap(), root);
    }

    #[test]
    fn a_key_may_not_occur_twice() {
        let (root, blocks) = build(&content(20));
        let op = created(b"com.example.note/n00007", 7);
        assert!(matches!(invert(root, &[op.clone(), op], &blocks), Err(Error::Order(_))));
    }

    #[test]
    fn the_nodes_of_the_published_example_are_enough() {
        let mut content = content(7);
        content.insert(b"com.example.note/n00089".to_vec(), value(89));
        let (after, blocks) = build(&content);
        let before = content.remove(b"com.example.note/n00006".as_slice()).map(|_| build(&content).0);
        // The root, the node at layer 1 and the leaf of the new key, out of five.
        let tree = Tree::at(after);
        let root = tree.root.load(&blocks).unwrap();
        let middle = root.kid_cid(0).unwrap();
        let mut fewer = crate::repo::MemoryBlocks::new();
        for cid in [after, middle] {
            fewer.insert(cid, blocks.block(&cid).unwrap().clone());
        }
        let op = created(b"com.example.note/n00006", 6);
        let Err(Error::Missing(leaf)) = invert(after, std::slice::from_ref(&op), &fewer) else {
            panic!("the leaf is missing")
        };
        fewer.insert(leaf, blocks.block(&leaf).unwrap().clone());
        assert_eq!((invert(after, &[op], &fewer).ok(), blocks.len()), (before, 5));
    }

    #[test]
    fn a_tree_may_shrink_to_a_node_that_is_not_there() {
        // One key at the top, a tree of layer 1 to its left and nothing to its right.
        let mut content = content(7);
        let before = build(&content).0;
        content.insert(b"com.example.note/n00089".to_vec(), value(89));
        let (after, blocks) = build(&content);
        let root = blocks.block(&after).unwrap().clone();
        let mut fewer = crate::repo::MemoryBlocks::new();
        fewer.insert(after, root);
        assert_eq!(invert(after, &[created(b"com.example.note/n00089", 89)], &fewer).unwrap(), before);
    }
}
