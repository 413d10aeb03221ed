//! The cases that take time.

use std::collections::BTreeMap;

use crate::engine::{Engine, Lack, Made, Op, Outcome};
use crate::inputs::{Addition, Entry, Inputs};
use crate::measure::{Kind, row, text, timed};
use crate::random::Random;

/// Single operations are measured in pieces of so many.
const PIECE: usize = 100;
/// Records in a batch.
const BATCH: usize = 200;

/// One run over all cases of an engine.
pub struct Times<'a> {
    pub inputs: &'a Inputs,
    pub car: &'a [u8],
    /// How often things are repeated that take long.
    pub repeats: usize,
}

type EntriesOf<E> = Vec<Entry<<E as Engine>::Cid>>;

impl Times<'_> {
    fn n(&self) -> usize {
        self.inputs.entries.len()
    }

    fn report<E: Engine>(&self, case: &str, unit: &str, kind: Kind, figures: Outcome<Vec<f64>>) {
        match figures {
            Ok(figures) => row(case, self.n(), E::NAME, unit, kind, &figures),
            Err(Lack::None) => text(case, self.n(), E::NAME, "none"),
            Err(Lack::Failed(reason)) => text(case, self.n(), E::NAME, &format!("fails: {reason}")),
        }
    }

    /// All cases.
    pub fn all<E: Engine>(&self) {
        self.imports::<E>();
        self.events::<E>();
        let entries: Outcome<EntriesOf<E>> = self.inputs.entries.iter().map(converted::<E>).collect();
        match entries {
            Ok(entries) => self.trees::<E>(&entries),
            Err(_) => self.report::<E>("root", "", Kind::Fixed, entries.map(|_| Vec::new())),
        }
    }

    fn trees<E: Engine>(&self, entries: &EntriesOf<E>) {
        self.report::<E>("insert all, root", "k keys/s", Kind::Repeats, self.builds(|| E::build(entries)));
        let sorted = sorted::<E>(entries);
        self.report::<E>(
            "bulk build",
            "k keys/s",
            Kind::Repeats,
            self.builds(|| match E::bulk(&sorted)? {
                root if root == self.inputs.root => Ok(()),
                _ => Err("another root".into()),
            }),
        );
        self.report::<E>("diff, 100 ops apart", "us", Kind::Repeats, self.diffs::<E>(&sorted));
        match E::build(entries) {
            Ok(mut tree) => {
                let root = tree.root();
                self.root::<E>(root);
                self.reads(&mut tree);
                self.writes(&mut tree);
            }
            Err(_) => self.root::<E>(Err(Lack::None)),
        }
    }

    /// Whether the root is the one that the definition gives, with the beginning of its digest.
    fn root<E: Engine>(&self, root: Outcome<Vec<u8>>) {
        let hex = |root: &[u8]| root.iter().skip(4).take(4).map(|byte| format!("{byte:02x}")).collect::<String>();
        match root {
            Ok(root) if root == self.inputs.root => text("root", self.n(), E::NAME, &hex(&root)),
            Ok(root) => text("root", self.n(), E::NAME, &format!("WRONG {}", hex(&root))),
            Err(lack) => self.report::<E>("root", "", Kind::Fixed, Err(lack)),
        }
    }

    fn builds<T>(&self, build: impl Fn() -> Outcome<T>) -> Outcome<Vec<f64>> {
        (0..self.repeats)
            .map(|_| {
                let (built, nanos) = timed(&build);
                built.map(|_| self.n() as f64 * 1e6 / nanos)
            })
            .collect()
    }

    fn reads<E: Engine>(&self, tree: &mut E) {
        let mut random = Random::new(7);
        let pick = |random: &mut Random| &*self.inputs.entries[random.below(self.n() as u64) as usize].key;
        let keys: Vec<&str> = (0..50 * PIECE).map(|_| pick(&mut random)).collect();
        let mut lookup = |key: &&str| match tree.get(key) {
            Ok(None) => Err("a key is not found".into()),
            found => found.map(drop),
        };
        // Once without the clock: what is asked for often is in the caches.
        let lookups = pieces(&keys, &mut lookup).and_then(|_| pieces(&keys, &mut lookup));
        self.report::<E>("lookup", "us", Kind::Pieces, lookups);
        let walks = (0..5 * self.repeats).map(|_| {
            let (walked, nanos) = timed(|| tree.walk());
            match walked? {
                n if n == self.n() => Ok(n as f64 * 1e3 / nanos),
                n => Err(format!("{n} keys walked").into()),
            }
        });
        self.report::<E>("ordered walk", "M keys/s", Kind::Repeats, walks.collect());
        let mut blocks = 0;
        let proofs = pieces(&keys, |key| tree.proof(key).map(|made| blocks += made.blocks));
        if proofs.is_ok() {
            text("blocks of a covering proof", self.n(), E::NAME, &format!("{:.1}", blocks as f64 / keys.len() as f64));
        }
        self.report::<E>("covering proof of a key", "us", Kind::Pieces, proofs);
    }

    fn writes<E: Engine>(&self, tree: &mut E) {
        let root = tree.root().unwrap_or_default();
        let (random, append) = (&*self.inputs.random, &*self.inputs.append);
        self.adds(tree, "commit of a random key", random, E::commit);
        self.removes(tree, "delete and root", random);
        self.adds(tree, "commit of an appended key", append, E::commit);
        self.removes(tree, "", append);
        self.adds(tree, "commit of a random key, signed", random, E::sign);
        self.removes(tree, "", random);
        self.report::<E>("batch of 200 appends, a record", "us", Kind::Pieces, batches(tree, append));
        self.removes(tree, "", append);
        if tree.root().is_ok_and(|after| after != root) {
            text("root after all was undone", self.n(), E::NAME, "WRONG");
        }
    }

    fn adds<E: Engine>(
        &self,
        tree: &mut E,
        case: &str,
        additions: &[Addition],
        commit: impl Fn(&mut E, &[Op<'_, E::Cid>]) -> Outcome<Made>,
    ) {
        let mut blocks = 0;
        let figures = ops::<E>(additions).and_then(|ops| {
            pieces(&ops, |op| commit(tree, std::slice::from_ref(op)).map(|made| blocks += made.blocks))
        });
        if figures.is_ok() && !case.ends_with("signed") {
            let mean = blocks as f64 / additions.len() as f64;
            text(&case.replace("commit", "blocks of a commit"), self.n(), E::NAME, &format!("{mean:.1}"));
        }
        self.report::<E>(case, "us", Kind::Pieces, figures);
    }

    /// Takes away again what was added; a case without a name is not reported.
    fn removes<E: Engine>(&self, tree: &mut E, case: &str, additions: &[Addition]) {
        let ops: Vec<_> = additions.iter().map(|addition| Op { key: &addition.key, cid: None }).collect();
        let figures = pieces(&ops, |op| tree.commit(std::slice::from_ref(op)).map(drop));
        if !case.is_empty() {
            self.report::<E>(case, "us", Kind::Pieces, figures);
        }
    }

    fn diffs<E: Engine>(&self, before: &EntriesOf<E>) -> Outcome<Vec<f64>> {
        let additions: EntriesOf<E> = self.inputs.random.iter().take(60).map(entry::<E>).collect::<Outcome<_>>()?;
        let mut after: BTreeMap<&str, E::Cid> = before.iter().map(|e| (&*e.key, e.cid.clone())).collect();
        let step = before.len() / 40;
        for (index, touched) in before.iter().step_by(step).take(40).enumerate() {
            match index % 2 {
                0 => drop(after.remove(&*touched.key)),
                _ => drop(after.insert(&touched.key, additions[index].cid.clone())),
            }
        }
        after.extend(additions.iter().map(|addition| (&*addition.key, addition.cid.clone())));
        let after: EntriesOf<E> = after.into_iter().map(|(key, cid)| Entry { key: key.to_owned(), cid }).collect();
        let mut pair = E::pair(before, &after)?;
        let diffs = (0..10 * self.repeats).map(|_| {
            let (found, nanos) = timed(|| E::diff(&mut pair));
            match found? {
                100 => Ok(nanos / 1e3),
                found => Err(format!("{found} differences").into()),
            }
        });
        diffs.collect()
    }

    fn events<E: Engine>(&self) {
        let events = &self.inputs.events;
        let unit = &marked::<E>("us");
        self.report::<E>("verify a commit, no signature", unit, Kind::Pieces, pieces(events, E::invert));
        let verified = pieces(events, |event| E::verify(event, &self.inputs.public));
        self.report::<E>("verify a commit and its signature", unit, Kind::Pieces, verified);
    }

    /// Import and export, the only cases of very large repositories.
    pub fn imports<E: Engine>(&self) {
        let size = self.car.len() as f64;
        let imports = (0..self.repeats).map(|_| {
            let (records, nanos) = timed(|| E::import(self.car));
            match records? {
                records if records == self.n() => Ok(size * 1e3 / nanos),
                records => Err(format!("{records} records").into()),
            }
        });
        self.report::<E>("CAR import and verify", &marked::<E>("MB/s"), Kind::Repeats, imports.collect());
        let exports = E::open(self.car).and_then(|mut store| {
            let exports = (0..self.repeats).map(|_| {
                let (bytes, nanos) = timed(|| E::export(&mut store));
                match bytes? {
                    bytes if bytes == self.car.len() => Ok(size * 1e3 / nanos),
                    bytes => Err(format!("{bytes} bytes, not {size}").into()),
                }
            });
            exports.collect()
        });
        self.report::<E>("CAR export", "MB/s", Kind::Repeats, exports);
    }
}

/// The unit, with a mark where the measurement helps the engine.
fn marked<E: Engine>(unit: &str) -> String {
    format!("{unit}{}", if E::HELPED { "*" } else { "" })
}

/// Measures one operation after the other, in microseconds an operation. What is done in the end is not timed
/// apart: results are dropped within the time.
fn pieces<T>(items: &[T], mut run: impl FnMut(&T) -> Outcome<()>) -> Outcome<Vec<f64>> {
    let piece = |items: &[T]| {
        let (result, nanos) = timed(|| items.iter().try_for_each(&mut run));
        result.map(|()| nanos / 1e3 / items.len() as f64)
    };
    items.chunks(PIECE).map(piece).collect()
}

fn batches<E: Engine>(tree: &mut E, additions: &[Addition]) -> Outcome<Vec<f64>> {
    let mut ops = ops::<E>(additions)?;
    ops.chunks_mut(BATCH)
        .map(|batch| {
            batch.sort_by_key(|op| op.key);
            let (made, nanos) = timed(|| tree.commit(batch));
            made.map(|_| nanos / 1e3 / batch.len() as f64)
        })
        .collect()
}

fn ops<E: Engine>(additions: &[Addition]) -> Outcome<Vec<Op<'_, E::Cid>>> {
    additions.iter().map(|addition| Ok(Op { key: &addition.key, cid: Some(E::cid(&addition.cid)?) })).collect()
}

fn entry<E: Engine>(addition: &Addition) -> Outcome<Entry<E::Cid>> {
    Ok(Entry { key: addition.key.clone(), cid: E::cid(&addition.cid)? })
}

/// An entry with the engine's own type of CID.
pub fn converted<E: Engine>(entry: &Entry) -> Outcome<Entry<E::Cid>> {
    Ok(Entry { key: entry.key.clone(), cid: E::cid(&entry.cid)? })
}

/// The entries in the order of their keys.
pub fn sorted<E: Engine>(entries: &[Entry<E::Cid>]) -> EntriesOf<E> {
    let mut entries = entries.to_vec();
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    entries
}
