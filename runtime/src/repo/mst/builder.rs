//! Building a tree of sorted keys.

use std::{fmt, sync::Arc};

use crate::data::{Cid, CidLink};

use super::{
    encode::{Draft, MAX_WRITTEN_ENTRIES},
    error::Error,
    key::{is_key, key_layer},
    node::Node,
    tree::{Link, Tree},
};

/// Builds a tree of keys that come in ascending order, with one open node for each layer.
///
/// The blocks of finished nodes are handed out, children before their parents, and forgotten: the
/// memory that it takes depends on the number of layers alone.
///
/// ```
/// use arobase_runtime::{data::Cid, repo::mst::Builder};
///
/// let mut blocks = Vec::new();
/// let mut keep = |cid, bytes: &[u8]| blocks.push((cid, bytes.to_vec()));
/// let mut builder = Builder::new();
/// builder.push(b"com.example.note/1", &Cid::of_cbor(b"\xa0").into(), &mut keep)?;
/// builder.push(b"com.example.note/2", &Cid::of_cbor(b"\xa0").into(), &mut keep)?;
/// let root = builder.finish(&mut keep)?;
/// assert_eq!(blocks.last().map(|(cid, _)| *cid), Some(root));
/// # Ok::<(), arobase_runtime::repo::mst::Error>(())
/// ```
#[derive(Default)]
pub struct Builder {
    /// The open node of each layer.
    open: Vec<Draft>,
    /// The last key.
    last: Vec<u8>,
    /// Whether finished nodes keep their children.
    keeps: bool,
}

impl Builder {
    /// A builder without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key, which is greater than all before, and hands out the blocks of the nodes that are
    /// finished with that.
    ///
    /// # Errors
    /// A key that is none, or not greater than the one before; a node that would be too wide. Then
    /// nothing was added.
    pub fn push(&mut self, key: &[u8], value: &CidLink, finished: &mut dyn FnMut(Cid, &[u8])) -> Result<(), Error> {
        self.add(key, value, &mut |node| finished(node.cid(), node.bytes()))
    }

    /// Finishes the tree, and hands out the blocks of the last nodes. The CID of the root.
    ///
    /// # Errors
    /// None at present.
    pub fn finish(self, finished: &mut dyn FnMut(Cid, &[u8])) -> Result<Cid, Error> {
        Ok(self.root(&mut |node| finished(node.cid(), node.bytes())).cid())
    }

    fn add(&mut self, key: &[u8], value: &CidLink, finished: &mut dyn FnMut(&Node)) -> Result<(), Error> {
        if !is_key(key) {
            return Err(Error::Key(key.into()));
        }
        if key <= self.last.as_slice() {
            return Err(Error::Order(key.into()));
        }
        let layer = usize::from(key_layer(key));
        while self.open.len() <= layer {
            self.open.push(Draft::default());
        }
        if self.open[layer].len() >= MAX_WRITTEN_ENTRIES {
            return Err(Error::TooWide(key.into()));
        }
        self.close(layer, finished);
        self.open[layer].push(key, value);
        self.last.clear();
        self.last.extend_from_slice(key);
        Ok(())
    }

    /// Finishes the open nodes below a layer, each of which becomes a child of the one above.
    fn close(&mut self, layer: usize, finished: &mut dyn FnMut(&Node)) {
        for below in 0..layer {
            if self.open[below].is_empty() {
                continue;
            }
            let node = Arc::new(self.open[below].finish(below as u8));
            finished(&node);
            let link = if self.keeps { Link::loaded(node) } else { Link::stub(node.cid(), Some(below as u8)) };
            self.open[below + 1].set_kid(link);
        }
    }

    /// Finishes all nodes. The root.
    fn root(mut self, finished: &mut dyn FnMut(&Node)) -> Node {
        let top = self.open.len().saturating_sub(1);
        self.close(top, finished);
        let root = self.open.pop().unwrap_or_default().finish(top as u8);
        finished(&root);
        root
    }
}

impl Tree {
    /// The tree of keys that come in ascending order, all of it loaded.
    ///
    /// # Errors
    /// A key that is none, or not greater than the one before; a node that would be too wide.
    pub fn from_sorted<'a>(entries: impl IntoIterator<Item = (&'a [u8], CidLink)>) -> Result<Self, Error> {
        let mut builder = Builder { keeps: true, ..Builder::default() };
        for (key, value) in entries {
            builder.add(key, &value, &mut |_| {})?;
        }
        Ok(Self::from_node(Arc::new(builder.root(&mut |_| {}))))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("layers", &self.open.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::mst::{
        Op,
        model::{Content, build, value},
    };

    fn content(keys: u64) -> Content {
        (0..keys).map(|number| (format!("com.example.note/{number:05}").into_bytes(), value(number))).collect()
    }

    #[test]
    fn the_blocks_are_those_of_the_tree_and_children_come_first() {
        for keys in [0, 1, 2, 10, 100, 700] {
            let content = content(keys);
            let (root, blocks) = build(&content);
            let mut found: Vec<(Cid, Vec<u8>)> = Vec::new();
            let mut finished = |cid, bytes: &[u8]| found.push((cid, bytes.to_vec()));
            let mut builder = Builder::new();
            for (key, value) in &content {
                builder.push(key, value, &mut finished).unwrap();
            }
            assert_eq!(builder.finish(&mut finished).unwrap(), root);
            assert_eq!(found.len(), blocks.len());
            let mut earlier: Vec<Cid> = Vec::new();
            for (cid, bytes) in found {
                assert_eq!(blocks.block(&cid).map(|block| &**block), Some(&*bytes));
                let node = crate::repo::mst::decode::decode(cid, &bytes, None);
                for kid in node.iter().flat_map(|node| (0..=node.len()).filter_map(|slot| node.kid_cid(slot))) {
                    assert!(earlier.contains(&kid));
                }
                earlier.push(cid);
            }
        }
    }

    #[test]
    fn a_sorted_tree_is_loaded_and_can_change() {
        let content = content(300);
        let mut tree = Tree::from_sorted(content.iter().map(|(key, value)| (&**key, value.clone()))).unwrap();
        assert_eq!(tree.root(), build(&content).0);
        for (key, value) in &content {
            assert_eq!(tree.get(key, &()).unwrap().as_ref(), Some(value));
        }
        for key in content.keys() {
            tree.apply(&[Op::delete(key)], &()).unwrap();
        }
        assert_eq!(tree, Tree::new());
    }

    #[test]
    fn a_key_that_is_refused_leaves_no_trace() {
        let content = content(50);
        let mut builder = Builder::new();
        for (key, value) in &content {
            builder.push(key, value, &mut |_, _| {}).unwrap();
            assert!(matches!(builder.push(key, value, &mut |_, _| panic!("finished")), Err(Error::Order(_))));
            assert!(matches!(builder.push(b"a", value, &mut |_, _| panic!("finished")), Err(Error::Order(_))));
            assert!(matches!(builder.push(b"", value, &mut |_, _| panic!("finished")), Err(Error::Key(_))));
        }
        assert_eq!(builder.finish(&mut |_, _| {}).unwrap(), build(&content).0);
    }

    #[test]
    fn a_node_gets_no_wider_than_others_read_it() {
        let keys = (0..).map(|number| format!("wide/{number:05}").into_bytes());
        let keys: Vec<_> = keys.filter(|key| key_layer(key) == 0).take(MAX_WRITTEN_ENTRIES + 1).collect();
        let entries = |end: usize| keys[..end].iter().map(|key| (key.as_slice(), value(1)));
        assert!(Tree::from_sorted(entries(MAX_WRITTEN_ENTRIES)).is_ok());
        let wide = Tree::from_sorted(entries(MAX_WRITTEN_ENTRIES + 1));
        assert!(matches!(wide, Err(Error::TooWide(key)) if *key == *keys[MAX_WRITTEN_ENTRIES]));
    }
}
