//! What two trees differ in.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    data::{Cid, CidLink},
    repo::blocks::Blocks,
};

use super::{
    error::Error,
    node::Node,
    op::Block,
    pair::{Pair, Side},
    tree::Tree,
};

/// A key whose value differs between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// The key.
    pub key: Vec<u8>,
    /// The value in the first tree.
    pub before: Option<CidLink>,
    /// The value in the second tree.
    pub after: Option<CidLink>,
}

/// What two trees differ in.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// The keys whose values differ, in order.
    pub records: Vec<RecordChange>,
    /// The nodes that only the first tree has.
    pub retired: Vec<Cid>,
    created: Vec<Arc<Node>>,
}

/// One thing in which two trees differ, lent to the receiver of [`Tree::diff_with`].
#[derive(Clone, Debug)]
pub enum Difference<'a> {
    /// A key whose value differs.
    Record {
        /// The key.
        key: &'a [u8],
        /// The value in the first tree.
        before: Option<CidLink>,
        /// The value in the second tree.
        after: Option<CidLink>,
    },
    /// A node that only the second tree has.
    Created(&'a Arc<Node>),
    /// A node that only the first tree has.
    Retired(&'a Arc<Node>),
}

impl Tree {
    /// What has to change for this tree to become `other`. Parts that are equal are passed over: the
    /// work grows with what differs.
    ///
    /// ```
    /// use arobase_runtime::{data::Cid, repo::mst::{Op, Tree}};
    ///
    /// let mut tree = Tree::new();
    /// let note = Cid::of_cbor(b"\xa0");
    /// tree.apply(&[Op::create(b"note/1", note), Op::create(b"note/2", note)], &())?;
    /// let before = tree.clone();
    /// tree.apply(&[Op::delete(b"note/1")], &())?;
    ///
    /// let diff = before.diff(&tree, &(), &())?;
    /// assert_eq!(diff.records[0].key, b"note/1");
    /// assert_eq!((&diff.records[0].before, &diff.records[0].after), (&Some(note.into()), &None));
    /// assert!(diff.created().all(|block| block.cid.verify(&block.bytes)));
    /// # Ok::<(), arobase_runtime::repo::mst::Error>(())
    /// ```
    ///
    /// # Errors
    /// A node of the parts that differ is missing or invalid.
    pub fn diff(&self, other: &Self, blocks: &dyn Blocks, other_blocks: &dyn Blocks) -> Result<Diff, Error> {
        let mut diff = Diff::default();
        self.diff_with(other, blocks, other_blocks, &mut |difference| diff.add(&difference))?;
        Ok(diff)
    }

    /// The same, handed out piece by piece: records in the order of their keys, nodes once the
    /// comparison is past them, so that those of a subtree come before its top. One node for each
    /// layer of both trees is in memory, and none that has to be loaded is kept.
    ///
    /// # Errors
    /// A node of the parts that differ is missing or invalid; what was handed out until then is true
    /// as far as it goes.
    pub fn diff_with(
        &self,
        other: &Self,
        blocks: &dyn Blocks,
        other_blocks: &dyn Blocks,
        each: &mut dyn FnMut(Difference<'_>),
    ) -> Result<(), Error> {
        if self == other {
            return Ok(());
        }
        Pair::new(Side::enter(self, blocks)?, Side::enter(other, other_blocks)?, each).run()
    }
}

impl Diff {
    /// The blocks of the nodes that only the second tree has.
    pub fn created(&self) -> impl ExactSizeIterator<Item = Block> {
        self.created.iter().map(|node| Block { cid: node.cid(), bytes: Bytes::copy_from_slice(node.bytes()) })
    }

    /// Whether the trees hold the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.created.is_empty() && self.retired.is_empty()
    }

    fn add(&mut self, difference: &Difference<'_>) {
        match difference {
            Difference::Record { key, before, after } => {
                self.records.push(RecordChange { key: key.to_vec(), before: before.clone(), after: after.clone() });
            }
            Difference::Created(node) => self.created.push(Arc::clone(node)),
            Difference::Retired(node) => self.retired.push(node.cid()),
        }
    }
}
