//! Letting go of loaded nodes.

use std::sync::{Arc, OnceLock};

use super::{
    node::{Kid, Node},
    tree::Tree,
};

impl Tree {
    /// Lets go of all loaded nodes but those of the `layers` topmost layers; they are loaded again when
    /// they are needed. Snapshots keep theirs.
    ///
    /// Nodes that were made here and are in no store yet are lost with that: store what
    /// [`Change`](super::Change) names first.
    pub fn evict(&mut self, layers: u8) {
        if layers > 0 {
            if let Some(root) = self.root.node.get_mut() {
                trim(root, layers);
            }
        } else if self.root.cid != Self::empty_root() {
            // The root of the empty tree may be in no store.
            self.root.node = OnceLock::new();
        }
    }

    /// The number of loaded nodes and the bytes of memory that they take. Nodes shared with snapshots
    /// count too.
    #[must_use]
    pub fn loaded(&self) -> (usize, usize) {
        let mut total = (0, 0);
        if let Some(root) = self.root.node.get() {
            count(root, &mut total);
        }
        total
    }
}

/// Lets go of what is below the topmost `layers`, of which there is at least one. A node that nobody
/// else has is changed, another one copied. As deep as the tree has layers, which are at most 129.
fn trim(node: &mut Arc<Node>, layers: u8) {
    if node.kids().iter().all(|kid| kid.get().is_none()) {
        return;
    }
    if let Some(own) = Arc::get_mut(node) {
        own.kids_mut().iter_mut().for_each(|kid| trim_kid(kid, layers - 1));
        return;
    }
    let kids = node.kids().iter().map(|kid| {
        let mut kid = if layers > 1 { kid.clone() } else { Kid::new() };
        trim_kid(&mut kid, layers - 1);
        kid
    });
    let kids = kids.collect();
    let (bytes, spans) = (node.bytes().into(), node.spans().into());
    *node = Arc::new(Node::from_parts(*node.cid().digest(), node.layer(), bytes, spans, kids));
}

fn trim_kid(kid: &mut Kid, layers: u8) {
    if layers == 0 {
        *kid = Kid::new();
    } else if let Some(node) = kid.get_mut() {
        trim(node, layers);
    }
}

fn count(node: &Node, total: &mut (usize, usize)) {
    total.0 += 1;
    total.1 += node.memory();
    for kid in node.kids().iter().filter_map(OnceLock::get) {
        count(kid, total);
    }
}
