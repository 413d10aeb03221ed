//! What operations do to one node.

use crate::{
    data::CidLink,
    repo::mst::{error::Error, node::Node},
};

use super::{Step, Work};

/// A change of one node, in the order of its entries.
#[derive(Clone, Copy)]
pub(super) enum Edit<'o> {
    /// Operations go on below a slot.
    Below { slot: usize, steps: &'o [Step<'o>] },
    /// An entry comes into a slot.
    Insert { slot: usize, step: &'o Step<'o> },
    /// An entry gets another value.
    Value { entry: usize, value: &'o CidLink },
    /// An entry goes.
    Remove { entry: usize },
}

impl Edit<'_> {
    /// Whether the node has the same keys afterwards.
    pub(super) fn keeps_keys(&self) -> bool {
        matches!(self, Self::Below { .. } | Self::Value { .. })
    }
}

impl<'o> Work<'_, 'o> {
    /// What the operations do to a node at this layer, or to a place where there is none. The edits
    /// come at the end of those that are there, from this index on.
    pub(super) fn survey(&mut self, layer: u8, node: Option<&Node>, steps: &'o [Step<'o>]) -> Result<usize, Error> {
        let begin = self.edits.len();
        let mut rest = steps;
        while let Some((step, others)) = rest.split_first() {
            match node.map_or(Err(0), |node| node.find(step.op.key)) {
                Ok(entry) => {
                    self.on_entry(node, entry, step)?;
                    rest = others;
                }
                Err(slot) => {
                    let (here, beyond) = rest.split_at(count_below(node, slot, rest));
                    self.on_slot(layer, slot, here)?;
                    rest = beyond;
                }
            }
        }
        Ok(begin)
    }

    /// What an operation does to the entry with its key.
    fn on_entry(&mut self, node: Option<&Node>, entry: usize, step: &'o Step<'o>) -> Result<(), Error> {
        let found = node.and_then(|node| node.value(entry));
        let same = found == step.op.value;
        self.see(step, found)?;
        match &step.op.value {
            None => self.edits.push(Edit::Remove { entry }),
            Some(value) if !same => self.edits.push(Edit::Value { entry, value }),
            Some(_) => {}
        }
        Ok(())
    }

    /// What operations do to a slot between the keys of the node.
    fn on_slot(&mut self, layer: u8, slot: usize, mut steps: &'o [Step<'o>]) -> Result<(), Error> {
        let mut below = 0;
        let mut any = false;
        while let Some(step) = steps.get(below) {
            if step.layer < layer {
                any = true;
            } else {
                // Its key belongs here, or above, and is in neither.
                self.see(step, None)?;
                if step.op.value.is_some() {
                    if any {
                        self.edits.push(Edit::Below { slot, steps: &steps[..below] });
                    }
                    self.edits.push(Edit::Insert { slot, step });
                    (steps, below, any) = (&steps[below + 1..], 0, false);
                    continue;
                }
            }
            below += 1;
        }
        if any {
            self.edits.push(Edit::Below { slot, steps });
        }
        Ok(())
    }

    /// Notes what is under the key of an operation, and checks that it expects that.
    fn see(&mut self, step: &Step<'_>, found: Option<CidLink>) -> Result<(), Error> {
        if !step.op.expect.holds(found.as_ref()) {
            return Err(Error::Precondition { key: step.op.key.into(), expected: step.op.expect.clone(), found });
        }
        if let Some(previous) = self.previous.get_mut(step.index) {
            *previous = found;
        }
        Ok(())
    }
}

/// How many of the operations fall into a slot, into which the first one does.
fn count_below(node: Option<&Node>, slot: usize, steps: &[Step<'_>]) -> usize {
    match node {
        Some(node) if slot < node.len() && steps.len() > 1 => {
            let upper = node.key(slot);
            steps.partition_point(|step| step.op.key < upper.as_slice())
        }
        _ => steps.len(),
    }
}
