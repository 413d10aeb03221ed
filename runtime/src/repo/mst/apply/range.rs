//! What a part of the tree becomes: the pass from the root down.

use std::{ops::Range, sync::Arc};

use crate::repo::mst::{error::Error, node::Node, tree::Link};

use super::{
    Outcome, Work,
    layout::{Item, Layout, Piece, write},
    patch::{Alter, Patch},
    source::{At, Source},
    survey::Edit,
};

impl<'o> Work<'_, 'o> {
    /// What these sources together become at this layer. On `top` there is nothing above and beside
    /// them, so that no node without entries may be left there.
    ///
    /// As deep as the tree has layers, which are at most 129.
    pub(super) fn range(&mut self, layer: u8, sources: &[Source<'_, 'o>], top: bool) -> Result<Outcome<'o>, Error> {
        let begin = self.edits.len();
        let outcome = match sources {
            [source] if source.is_whole() => self.single(layer, source, top),
            _ => {
                let pieces = sources.iter().map(|source| self.piece(layer, source));
                let pieces = pieces.collect::<Result<Vec<_>, Error>>()?;
                self.compose(layer, &pieces, top)
            }
        };
        self.edits.truncate(begin);
        outcome
    }

    /// What one whole source becomes.
    fn single(&mut self, layer: u8, source: &Source<'_, 'o>, top: bool) -> Result<Outcome<'o>, Error> {
        let piece = match self.piece(layer, source) {
            Err(Error::Missing(_)) if top && source.steps.is_empty() && self.rules.unseen_root => {
                return Ok(Outcome::Same);
            }
            piece => piece?,
        };
        let keeps_keys = self.edits[piece.edits.clone()].iter().all(Edit::keeps_keys);
        match piece.node {
            Some(node) if keeps_keys && !(top && node.is_empty()) => self.alter(layer, &source.at, node, piece.edits),
            _ => self.compose(layer, &[piece], top),
        }
    }

    fn piece<'t>(&mut self, layer: u8, source: &'t Source<'t, 'o>) -> Result<Piece<'t, 'o>, Error> {
        let node = source.at.open(layer, self.blocks)?;
        let begin = self.survey(layer, node.map(|node| &**node), source.steps)?;
        Ok(Piece { source, node, edits: begin..self.edits.len() })
    }

    /// What a node becomes whose keys stay.
    fn alter(&mut self, layer: u8, at: &At<'_>, node: &Arc<Node>, edits: Range<usize>) -> Result<Outcome<'o>, Error> {
        let mut alters = Vec::with_capacity(edits.len());
        for edit in edits {
            match self.edits[edit] {
                Edit::Below { slot, steps } => {
                    let below = Source::whole(at.child(Some(node), slot), steps);
                    let is_there = !matches!(below.at, At::Nothing);
                    match self.range(layer - 1, &[below], false)? {
                        Outcome::Same => {}
                        Outcome::Gone if !is_there => {}
                        outcome => alters.push(Alter::Kid { slot, outcome }),
                    }
                }
                Edit::Value { entry, value } => alters.push(Alter::Value { entry, value }),
                Edit::Insert { .. } | Edit::Remove { .. } => {}
            }
        }
        if alters.is_empty() {
            return Ok(Outcome::Same);
        }
        self.retired.push(node.cid());
        if alters.iter().all(|alter| alter.fits(node)) {
            return Ok(Outcome::Patched(Patch::new(alters)));
        }
        self.rewrite(layer, at, node, alters)
    }

    /// Writes a node with the same keys anew, as a link comes or goes or has another length.
    fn rewrite(
        &mut self,
        layer: u8,
        at: &At<'_>,
        node: &Arc<Node>,
        alters: Vec<Alter<'o>>,
    ) -> Result<Outcome<'o>, Error> {
        let mut items: Vec<_> = (0..node.len()).map(|entry| Item::Old { node, entry, value: None }).collect();
        let mut kids: Vec<_> = (0..=node.len()).map(|slot| at.child(Some(node), slot).link()).collect();
        for alter in alters {
            match alter {
                Alter::Value { entry, value } => items[entry] = Item::Old { node, entry, value: Some(value) },
                Alter::Kid { slot, outcome } => {
                    let below = Source::whole(at.child(Some(node), slot), &[]);
                    kids[slot] = self.link(&below, outcome);
                }
            }
        }
        self.write(layer, &items, kids, std::iter::once(node))
    }

    /// What pieces together become, of which some are cut or change their keys.
    fn compose(&mut self, layer: u8, pieces: &[Piece<'_, 'o>], top: bool) -> Result<Outcome<'o>, Error> {
        let nodes = pieces.iter().filter_map(|piece| piece.node);
        self.opened.extend(nodes.clone().map(|node| node.cid()));
        let layout = Layout::new(layer, pieces, &self.edits);
        let top = top && layout.items.is_empty();
        let kids = layout.gaps().map(|gap| self.gap(layer, gap, top)).collect::<Result<Vec<_>, _>>()?;
        if top {
            return Ok(kids.into_iter().next().flatten().map_or(Outcome::Gone, Outcome::Link));
        }
        self.write(layer, &layout.items, kids, nodes)
    }

    /// What comes between two entries of a new node at this layer.
    fn gap(&mut self, layer: u8, sources: &[Source<'_, 'o>], top: bool) -> Result<Option<Link>, Error> {
        match sources {
            [] => Ok(None),
            [source] if source.is_whole() && source.steps.is_empty() && !top => Ok(source.at.link()),
            [source, ..] => {
                let outcome = self.range(layer - 1, sources, top)?;
                Ok(self.link(source, outcome))
            }
        }
    }

    /// The link to an outcome, of which the source is the only one if the outcome rests on what was
    /// there.
    fn link(&mut self, source: &Source<'_, 'o>, outcome: Outcome<'o>) -> Option<Link> {
        match outcome {
            Outcome::Gone => None,
            Outcome::Same => source.at.link(),
            Outcome::Link(link) => Some(link),
            Outcome::Patched(patch) => {
                let mut node = source.at.link()?.node.take()?;
                patch.settle(&mut node, &mut self.created);
                Some(Link::loaded(node))
            }
        }
    }

    /// Writes a node at this layer, unless it is one of the old nodes.
    fn write<'t>(
        &mut self,
        layer: u8,
        items: &[Item<'_, 'o>],
        kids: Vec<Option<Link>>,
        mut old: impl Iterator<Item = &'t Arc<Node>> + Clone,
    ) -> Result<Outcome<'o>, Error> {
        self.draft.reserve(items.len(), old.clone().map(|node| node.bytes().len()).sum());
        write(&mut self.draft, items, kids);
        if self.draft.is_empty() {
            return Ok(Outcome::Gone);
        }
        let entries = self.draft.len();
        if entries > self.rules.width && old.clone().all(|node| node.len() < entries) {
            return Err(Error::TooWide(self.draft.last_key().into()));
        }
        let bytes = self.draft.encode();
        if let Some(same) = old.find(|node| *node.bytes() == *bytes) {
            self.draft.clear();
            self.kept.push(same.cid());
            return Ok(Outcome::Link(Link::loaded(Arc::clone(same))));
        }
        let node = Arc::new(self.draft.node(layer, bytes));
        self.created.push(Arc::clone(&node));
        Ok(Outcome::Link(Link::loaded(node)))
    }
}
