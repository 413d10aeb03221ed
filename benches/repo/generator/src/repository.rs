//! The repository of a size, and what happens to it.

use std::collections::HashMap;

use arobase_bench_repo_workload::inputs::{Addition, CidBytes, Entry, Event, Inputs};
use arobase_bench_repo_workload::random::tid;

use crate::car;
use crate::hash::{cid_of, key};
use crate::records::{Record, Records};
use crate::tree::{Block, Leaf, Tree};

/// Single operations of each kind.
const OPS: usize = 2000;
/// Commits as others see them.
const EVENTS: usize = 200;
/// When the first commit is made, in microseconds since 1970.
const LATER: u64 = 1_770_000_000_000_000;

/// The inputs and the CAR file of the whole repository. Operations are left out where they are not wanted.
pub fn make(n: usize, ops: bool) -> (Inputs, Vec<u8>) {
    let mut records = Records::new(n);
    let made: Vec<Record> = (0..n).map(|_| records.next()).collect();
    let entries: Vec<Entry> =
        made.iter().map(|record| Entry { key: record.key.clone(), cid: cid_of(&record.bytes) }).collect();
    let leaves: Vec<Leaf> = entries.iter().map(|entry| Leaf::new(&entry.key, entry.cid)).collect();
    let mut tree = Tree::new(leaves.clone());
    let root = tree.root(&mut |_, _| {});
    let car = whole(&tree, &root, &made, &entries);
    let mut inputs = Inputs { entries, root: root.to_vec(), ..Inputs::default() };
    inputs.public = key().verifying_key().to_encoded_point(true).as_bytes().to_vec();
    if ops {
        (inputs.random, inputs.events) = random(&mut tree, root, &mut records);
        inputs.append = append(Tree::new(leaves), &mut records);
    }
    (inputs, car)
}

fn whole(tree: &Tree, root: &CidBytes, made: &[Record], entries: &[Entry]) -> Vec<u8> {
    let records: HashMap<&CidBytes, &[u8]> =
        entries.iter().zip(made).map(|(entry, record)| (&entry.cid, &*record.bytes)).collect();
    let (commit, block) = car::commit(root, &tid(LATER, 0));
    let mut out = Vec::new();
    car::header(&mut out, &commit);
    car::block(&mut out, &commit, &block);
    tree.pre_order(&mut |cid, node| car::block(&mut out, cid, node.unwrap_or_else(|| records[cid])));
    out
}

fn addition(record: Record, new: &[Block]) -> Addition {
    let nodes = new.iter().map(|(_, bytes)| bytes.clone()).collect();
    Addition { cid: cid_of(&record.bytes), key: record.key, record: record.bytes, nodes }
}

fn random(tree: &mut Tree, root: CidBytes, records: &mut Records) -> (Vec<Addition>, Vec<Event>) {
    let mut prev_data = root;
    let (mut additions, mut events) = (Vec::new(), Vec::new());
    for index in 0..OPS {
        let record = records.between();
        let (at, new) = tree.insert(Leaf::new(&record.key, cid_of(&record.bytes)));
        let data = new.last().map(|(cid, _)| *cid).unwrap_or(prev_data);
        if index < EVENTS {
            events.push(event(tree, at, &record, [prev_data, data], index as u64));
        }
        prev_data = data;
        additions.push(addition(record, &new));
    }
    (additions, events)
}

/// A commit with the ways to the key and to both neighbours.
fn event(tree: &Tree, at: usize, record: &Record, [prev_data, data]: [CidBytes; 2], number: u64) -> Event {
    let [since, rev] = [number, number + 1].map(|number| tid(LATER + 1_000_000 * number, 0));
    let (commit, block) = car::commit(&data, &rev);
    let mut out = Vec::new();
    car::header(&mut out, &commit);
    car::block(&mut out, &commit, &block);
    let mut seen: Vec<CidBytes> = Vec::new();
    for leaf in [at, at.saturating_sub(1), (at + 1).min(tree.leaves.len() - 1)] {
        for (cid, bytes) in tree.path(leaf) {
            if !seen.contains(&cid) {
                seen.push(cid);
                car::block(&mut out, &cid, &bytes);
            }
        }
    }
    let cid = cid_of(&record.bytes);
    car::block(&mut out, &cid, &record.bytes);
    Event { key: record.key.clone(), cid, commit, rev, since, data, prev_data, car: out }
}

fn append(mut tree: Tree, records: &mut Records) -> Vec<Addition> {
    tree.root(&mut |_, _| {});
    (0..OPS)
        .map(|_| {
            let record = records.next();
            let (_, new) = tree.insert(Leaf::new(&record.key, cid_of(&record.bytes)));
            addition(record, &new)
        })
        .collect()
}
