//! Where the content of a part of the new tree comes from.

use std::sync::Arc;

use crate::repo::{
    blocks::Blocks,
    mst::{
        error::Error,
        node::Node,
        tree::{Link, Path},
    },
};

use super::Step;

/// A part of the old tree, and the operations that fall into it.
#[derive(Clone, Copy)]
pub(super) struct Source<'t, 'o> {
    pub(super) at: At<'t>,
    /// A new key at which the part begins, if that is inside a node.
    pub(super) lower: Option<&'o [u8]>,
    /// A new key at which it ends.
    pub(super) upper: Option<&'o [u8]>,
    pub(super) steps: &'o [Step<'o>],
}

/// A place in the old tree.
#[derive(Clone, Copy)]
pub(super) enum At<'t> {
    /// A slot without a child.
    Nothing,
    /// The root, which is at this layer or below.
    Root(&'t Arc<Node>),
    /// A slot with a child.
    Slot(Path<'t>),
}

impl<'t> At<'t> {
    /// The node that is here, if it is at this layer.
    pub(super) fn open(&self, layer: u8, blocks: &dyn Blocks) -> Result<Option<&'t Arc<Node>>, Error> {
        match self {
            Self::Nothing => Ok(None),
            Self::Root(root) => Ok((root.layer() == layer).then_some(*root)),
            Self::Slot(path) => path.kid(blocks),
        }
    }

    /// A place in the node that is here; if it is only further below, still this place.
    pub(super) fn child(&'t self, node: Option<&'t Arc<Node>>, slot: usize) -> Self {
        let Some(node) = node else { return *self };
        if node.kid_digest_at(slot).is_none() {
            return Self::Nothing;
        }
        let up = match self {
            Self::Slot(path) => Some(path),
            Self::Nothing | Self::Root(_) => None,
        };
        Self::Slot(Path { node, slot, up })
    }

    /// What is here, as it is.
    pub(super) fn link(&self) -> Option<Link> {
        match self {
            Self::Nothing => None,
            Self::Root(root) => Some(Link::loaded(Arc::clone(root))),
            Self::Slot(Path { node, slot, .. }) => {
                let cid = node.kid_cid(*slot)?;
                Some(Link { cid, layer: node.layer().checked_sub(1), node: node.kids().get(*slot)?.clone() })
            }
        }
    }
}

impl<'t, 'o> Source<'t, 'o> {
    /// All that is in a place.
    pub(super) fn whole(at: At<'t>, steps: &'o [Step<'o>]) -> Self {
        Self { at, lower: None, upper: None, steps }
    }

    /// Whether all that is in the place belongs to it.
    pub(super) fn is_whole(&self) -> bool {
        self.lower.is_none() && self.upper.is_none()
    }

    /// Whether nothing comes from here.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.at, At::Nothing) && self.steps.is_empty()
    }
}
