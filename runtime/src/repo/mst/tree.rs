//! The tree, and how its nodes are loaded.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{
    data::{Cid, CidLink, Codec},
    repo::blocks::Blocks,
};

use super::{
    decode::decode,
    error::{Error, Fault},
    key::is_key,
    node::{EMPTY, Kid, Node},
};

/// A Merkle search tree (Repository, MST): an ordered map from keys to links, whose root says what
/// is in it.
///
/// Cloning it takes a snapshot: both share all nodes, and what changes one does not show in the
/// other. Nodes are loaded from the given [`Blocks`] when they are first needed and stay loaded, but
/// for walks, which leave nothing behind; [`Tree::evict`] lets go of them. A tree made in memory
/// needs no blocks: pass `&()`.
///
/// ```
/// use arobase_runtime::{data::Cid, repo::mst::{Op, Tree}};
///
/// let mut tree = Tree::new();
/// let note = Cid::of_cbor(b"\xa0");
/// tree.apply(&[Op::create(b"com.example.note/1", note)], &())?;
/// assert_eq!(tree.get(b"com.example.note/1", &())?, Some(note.into()));
/// # Ok::<(), arobase_runtime::repo::mst::Error>(())
/// ```
#[derive(Clone)]
pub struct Tree {
    pub(crate) root: Link,
}

/// A node that may be loaded.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) cid: Cid,
    /// Known below the root.
    pub(crate) layer: Option<u8>,
    pub(crate) node: Kid,
}

impl Link {
    /// A node that is there.
    pub(crate) fn loaded(node: Arc<Node>) -> Self {
        Self { cid: node.cid(), layer: Some(node.layer()), node: OnceLock::from(node) }
    }

    /// A node of which only the CID is known, and its layer unless it is a root.
    pub(crate) fn stub(cid: Cid, layer: Option<u8>) -> Self {
        Self { cid, layer, node: OnceLock::new() }
    }

    /// The node, loaded if it has to be.
    pub(crate) fn load(&self, blocks: &dyn Blocks) -> Result<&Arc<Node>, Error> {
        match self.node.get() {
            Some(node) => Ok(node),
            None => {
                let node = fetch(self.cid, self.layer, blocks)?;
                Ok(self.node.get_or_init(|| Arc::new(node)))
            }
        }
    }
}

/// The way from the root to a slot, of which the end is known and from there the rest.
///
/// It says between which keys everything below the slot has to be. That is asked only when a node
/// is loaded, so the keys are rebuilt only then.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    pub(crate) node: &'a Node,
    pub(crate) slot: usize,
    pub(crate) up: Option<&'a Path<'a>>,
}

impl<'a> Path<'a> {
    /// The key before the slot.
    fn lower(&self) -> Option<Vec<u8>> {
        let step = self.steps().find(|step| step.slot > 0)?;
        Some(step.node.key(step.slot - 1))
    }

    /// The key behind the slot.
    fn upper(&self) -> Option<Vec<u8>> {
        let step = self.steps().find(|step| step.slot < step.node.len())?;
        Some(step.node.key(step.slot))
    }

    fn steps(&self) -> impl Iterator<Item = &Path<'a>> {
        std::iter::successors(Some(self), |step| step.up)
    }

    /// The child in the slot, if there is one; loaded if it has to be, and kept.
    pub(crate) fn kid(&self, blocks: &dyn Blocks) -> Result<Option<&'a Arc<Node>>, Error> {
        let Some(kid) = self.node.kids().get(self.slot) else { return Ok(None) };
        if let Some(node) = kid.get() {
            return Ok(Some(node));
        }
        let Some(cid) = self.node.kid_cid(self.slot) else { return Ok(None) };
        let node = self.fetch(cid, blocks)?;
        Ok(Some(kid.get_or_init(|| node)))
    }

    fn fetch(&self, cid: Cid, blocks: &dyn Blocks) -> Result<Arc<Node>, Error> {
        let layer = self.node.layer().checked_sub(1).ok_or(Error::node(self.node.cid(), Fault::ChildAtBottom))?;
        let node = fetch(cid, Some(layer), blocks)?;
        check_range(&node, self.lower().as_deref(), self.upper().as_deref())?;
        Ok(Arc::new(node))
    }
}

/// Checks that the keys of a node are between two others. Its keys ascend, so the ends are enough.
pub(crate) fn check_range(node: &Node, lower: Option<&[u8]>, upper: Option<&[u8]>) -> Result<(), Error> {
    let Some(last) = node.len().checked_sub(1) else { return Ok(()) };
    if lower.is_some_and(|lower| node.suffix(0) <= lower) {
        return Err(Error::node(node.cid(), Fault::OutOfRange { entry: 0 }));
    }
    if upper.is_some_and(|upper| node.key(last).as_slice() >= upper) {
        return Err(Error::node(node.cid(), Fault::OutOfRange { entry: last }));
    }
    Ok(())
}

/// Loads a node and checks it, as far as it can be checked alone.
pub(crate) fn fetch(cid: Cid, layer: Option<u8>, blocks: &dyn Blocks) -> Result<Node, Error> {
    let mut node = None;
    blocks.lend(&cid, &mut |bytes| {
        let sound = blocks.verified() || cid.verify(bytes);
        node = Some(if sound { decode(cid, bytes, layer) } else { Err(Fault::Hash) });
    })?;
    node.ok_or(Error::Missing(cid))?.map_err(|fault| Error::node(cid, fault))
}

impl Tree {
    /// The tree without keys.
    #[must_use]
    pub fn new() -> Self {
        let node = Node::from_parts(*Self::empty_root().digest(), 0, EMPTY.into(), Box::default(), Box::default());
        Self::from_node(Arc::new(node))
    }

    /// The tree with this root, of which nothing is loaded yet.
    #[must_use]
    pub fn at(root: Cid) -> Self {
        Self { root: Link::stub(root, None) }
    }

    /// The tree with this node as its root.
    pub(crate) fn from_node(node: Arc<Node>) -> Self {
        Self { root: Link::loaded(node) }
    }

    /// The CID of the root of a tree without keys.
    #[must_use]
    pub fn empty_root() -> Cid {
        Cid::new(Codec::DagCbor, EMPTY_DIGEST)
    }

    /// The CID of the root: equal for two trees exactly if they hold the same.
    #[must_use]
    pub fn root(&self) -> Cid {
        self.root.cid
    }

    /// The value of a key.
    ///
    /// # Errors
    /// A node on the way is missing or invalid, or the key is none.
    pub fn get(&self, key: &[u8], blocks: &dyn Blocks) -> Result<Option<CidLink>, Error> {
        if !is_key(key) {
            return Err(Error::Key(key.into()));
        }
        get(self.root.load(blocks)?, key, None, blocks)
    }
}

/// The value of a key below a node. As deep as the tree has layers, which are at most 129.
fn get(node: &Node, key: &[u8], up: Option<&Path<'_>>, blocks: &dyn Blocks) -> Result<Option<CidLink>, Error> {
    match node.find(key) {
        Ok(entry) => Ok(node.value(entry)),
        Err(slot) => {
            let path = Path { node, slot, up };
            match path.kid(blocks)? {
                Some(kid) => get(kid, key, Some(&path), blocks),
                None => Ok(None),
            }
        }
    }
}

/// The digest of the block of an empty tree.
const EMPTY_DIGEST: [u8; 32] = [
    0x9d, 0xfe, 0xfe, 0x61, 0xdd, 0x76, 0xea, 0x3d, 0xca, 0xe5, 0x02, 0x38, 0x80, 0xb0, 0x83, 0x79, 0xd5, 0x7a, 0xdf,
    0x20, 0x48, 0x2d, 0x6f, 0xdb, 0xe2, 0x75, 0x92, 0x89, 0xf6, 0x47, 0x67, 0x7b,
];

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

/// Trees are equal that hold the same.
impl PartialEq for Tree {
    fn eq(&self, other: &Self) -> bool {
        self.root.cid == other.root.cid
    }
}

impl Eq for Tree {}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("root", &self.root.cid).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_tree_has_the_known_root() {
        assert_eq!(Tree::new().root(), Cid::of_cbor(&EMPTY));
        let known = "bafyreie5737gdxlw5i64vzichcalba3z2v5n6icifvx5xytvske7mr3hpm";
        assert_eq!(Tree::empty_root().to_string(), known);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let tree = Tree::new();
        assert!(matches!(tree.get(b"", &()), Err(Error::Key(_))));
        assert!(matches!(tree.get(&[b'a'; 1025], &()), Err(Error::Key(_))));
        assert_eq!(tree.get(b"a", &()).unwrap(), None);
    }

    #[test]
    fn a_root_that_the_source_does_not_have_is_named() {
        let cid = Cid::of_cbor(b"nowhere");
        assert!(matches!(Tree::at(cid).get(b"a", &()), Err(Error::Missing(missing)) if missing == cid));
    }
}
