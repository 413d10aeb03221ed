//! Giving a node other links in the same places.

use std::sync::Arc;

use crate::{
    data::{Cid, CidLink},
    repo::mst::node::Node,
};

use super::Outcome;

/// A change of one link of a node.
pub(super) enum Alter<'o> {
    /// The child in a slot.
    Kid { slot: usize, outcome: Outcome<'o> },
    /// The value of an entry.
    Value { entry: usize, value: &'o CidLink },
}

/// Other links for a node, in the places of those that it has.
pub(super) struct Patch<'o> {
    alters: Vec<Alter<'o>>,
}

impl Alter<'_> {
    /// Whether there is a link of the same length in its place.
    pub(super) fn fits(&self, node: &Node) -> bool {
        match self {
            Self::Kid { outcome: Outcome::Gone | Outcome::Same, .. } => false,
            Self::Kid { slot, .. } => node.kid_digest_at(*slot).is_some(),
            Self::Value { entry, value } => value.as_cid().is_some() && node.value_bytes(*entry).len() == Cid::BYTES,
        }
    }
}

impl<'o> Patch<'o> {
    /// A patch of these links, all of which fit.
    pub(super) fn new(alters: Vec<Alter<'o>>) -> Self {
        Self { alters }
    }

    /// Gives the node its new links, and hashes it: in place, or a copy of it if anybody shares it.
    pub(super) fn settle(self, node: &mut Arc<Node>, created: &mut Vec<Arc<Node>>) {
        let target = Arc::make_mut(node);
        for alter in self.alters {
            match alter {
                Alter::Value { entry, value } => target.set_value(entry, value),
                Alter::Kid { slot, outcome: Outcome::Link(link) } => target.set_kid(slot, link.cid, link.node),
                Alter::Kid { slot, outcome: Outcome::Patched(patch) } => {
                    debug_assert!(target.kids().get(slot).is_some_and(|kid| kid.get().is_some()), "it was read");
                    if let Some(mut kid) = target.take_kid(slot) {
                        patch.settle(&mut kid, created);
                        target.set_kid(slot, kid.cid(), kid.into());
                    }
                }
                Alter::Kid { outcome: Outcome::Gone | Outcome::Same, .. } => {}
            }
        }
        target.rehash();
        created.push(Arc::clone(node));
    }
}
