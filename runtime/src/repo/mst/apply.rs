//! Changing a tree (Repository, MST: mutation algorithms).
//!
//! A batch of operations is carried out in one pass from the root down. What is found on the way is
//! only read, and new nodes are made beside it, so that an error leaves the tree as it was. At the
//! end, when nothing can fail, nodes whose shape stays the same get their new links: in place if no
//! snapshot shares them, otherwise in a copy.

mod layout;
mod patch;
#[cfg(test)]
mod properties;
mod range;
mod source;
mod survey;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    data::{Cid, CidLink},
    repo::blocks::Blocks,
};

use self::{
    patch::Patch,
    source::{At, Source},
    survey::Edit,
};
use super::{
    encode::{Draft, MAX_WRITTEN_ENTRIES},
    error::Error,
    key::{is_key, key_layer},
    node::Node,
    op::{Change, Op},
    tree::{Link, Tree},
};

/// More nodes than the way to one key has in a repository of usual size.
const USUAL: usize = 16;

/// What an application of operations allows itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The most entries of a node that gets more of them.
    pub(crate) width: usize,
    /// Whether a tree may shrink to a node that is not there: it becomes the root without a look
    /// into it.
    pub(crate) unseen_root: bool,
}

/// An operation, and where it belongs.
#[derive(Clone, Copy)]
struct Step<'o> {
    op: &'o Op<'o>,
    layer: u8,
    index: usize,
}

/// What a part of the tree becomes.
enum Outcome<'o> {
    /// Nothing.
    Gone,
    /// What it was.
    Same,
    /// Another node.
    Link(Link),
    /// The node that was there, with other links in the same places.
    Patched(Patch<'o>),
}

/// An application under way.
struct Work<'b, 'o> {
    blocks: &'b dyn Blocks,
    rules: Rules,
    previous: Vec<Option<CidLink>>,
    created: Vec<Arc<Node>>,
    retired: Vec<Cid>,
    /// The nodes that were taken apart, some of them more than once as they were cut.
    opened: Vec<Cid>,
    /// Those of them that came out whole.
    kept: Vec<Cid>,
    /// A node in the making, whose memory is used again for the next.
    draft: Draft,
    /// What the operations do to the nodes on the way from the root to here.
    edits: Vec<Edit<'o>>,
}

impl Tree {
    /// Carries out operations, whose keys ascend, all or none.
    ///
    /// Each node that changes is written and hashed once, however many of the operations change it.
    ///
    /// # Errors
    /// See [`Error`]; then the tree is as it was. Also a removal may be [`Error::TooWide`], where it joins two nodes.
    pub fn apply(&mut self, ops: &[Op<'_>], blocks: &dyn Blocks) -> Result<Change, Error> {
        self.apply_by(Rules { width: MAX_WRITTEN_ENTRIES, unseen_root: false }, ops, blocks)
    }

    /// Carries out operations under other rules.
    pub(crate) fn apply_by(&mut self, rules: Rules, ops: &[Op<'_>], blocks: &dyn Blocks) -> Result<Change, Error> {
        if ops.is_empty() {
            return Ok(Change::default());
        }
        let steps = steps(ops)?;
        let mut work = Work::new(rules, ops.len(), blocks);
        let outcome = work.root(self.root.load(blocks)?, &steps)?;
        self.settle(outcome, &mut work);
        Ok(work.finish())
    }

    /// Puts the outcome at the root. Nothing can fail any more.
    fn settle(&mut self, outcome: Outcome<'_>, work: &mut Work<'_, '_>) {
        match outcome {
            Outcome::Gone => {
                *self = Self::new();
                work.created.extend(self.root.node.get().cloned());
            }
            Outcome::Same => {}
            Outcome::Link(link) => self.root = link,
            Outcome::Patched(patch) => {
                if let Some(node) = self.root.node.get_mut() {
                    patch.settle(node, &mut work.created);
                    self.root.cid = node.cid();
                }
            }
        }
    }
}

/// The operations with their layers; their keys are checked.
fn steps<'o>(ops: &'o [Op<'o>]) -> Result<Vec<Step<'o>>, Error> {
    let mut steps = Vec::with_capacity(ops.len());
    let mut last: &[u8] = &[];
    for (index, op) in ops.iter().enumerate() {
        if !is_key(op.key) {
            return Err(Error::Key(op.key.into()));
        }
        if op.key <= last {
            return Err(Error::Order(op.key.into()));
        }
        last = op.key;
        steps.push(Step { op, layer: key_layer(op.key), index });
    }
    Ok(steps)
}

impl<'b, 'o> Work<'b, 'o> {
    fn new(rules: Rules, ops: usize, blocks: &'b dyn Blocks) -> Self {
        Self {
            blocks,
            rules,
            previous: vec![None; ops],
            created: Vec::with_capacity(USUAL),
            retired: Vec::with_capacity(USUAL),
            opened: Vec::new(),
            kept: Vec::new(),
            draft: Draft::default(),
            edits: Vec::with_capacity(USUAL),
        }
    }

    /// Carries out all operations on the tree with this root.
    fn root(&mut self, root: &Arc<Node>, steps: &'o [Step<'o>]) -> Result<Outcome<'o>, Error> {
        let added = steps.iter().filter(|step| step.op.value.is_some());
        let layer = added.map(|step| step.layer).fold(root.layer(), u8::max);
        let empty = root.is_empty();
        let at = if empty { At::Nothing } else { At::Root(root) };
        let outcome = self.range(layer, &[Source::whole(at, steps)], true)?;
        if !empty {
            return Ok(outcome);
        }
        if let Outcome::Gone = outcome {
            return Ok(Outcome::Same);
        }
        self.retired.push(root.cid());
        Ok(outcome)
    }

    /// What was changed. Of the nodes that were taken apart, those are retired that did not come out
    /// whole.
    fn finish(mut self) -> Change {
        self.opened.sort_unstable();
        self.opened.dedup();
        self.kept.sort_unstable();
        let kept = &self.kept;
        self.retired.extend(self.opened.into_iter().filter(|cid| kept.binary_search(cid).is_err()));
        Change { created: self.created, retired: self.retired, previous: self.previous }
    }
}
