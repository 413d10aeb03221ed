//! Ours.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use arobase_bench_repo_workload::engine::{Engine, Made, Op as Change, Outcome};
use arobase_bench_repo_workload::inputs::{CidBytes, DID, Entry, Event, SECRET};
use arobase_runtime::crypto::{Curve, PublicKey, SigningKey};
use arobase_runtime::data::{Cid, CidLink};
use arobase_runtime::repo::commit::Unsigned;
use arobase_runtime::repo::import::Item;
use arobase_runtime::repo::import::{ImportLimits, from_reader, from_slice};
use arobase_runtime::repo::mst::{Builder, Op, Tree};
use arobase_runtime::repo::{MemoryBlocks, Repo, RepoOp};
use arobase_runtime::sync::CommitEvent;
use arobase_runtime::sync::verify::{Candidate, open};
use arobase_runtime::syntax::{Did, Tid, TidGenerator};

pub struct Arobase {
    tree: Tree,
    did: Did,
    key: SigningKey,
    clock: TidGenerator,
}

impl Engine for Arobase {
    type Cid = Cid;
    type Pair = (Tree, Tree);
    type Store = (Repo, MemoryBlocks);

    const NAME: &'static str = "arobase";

    fn cid(bytes: &CidBytes) -> Outcome<Cid> {
        Ok(Cid::from_bytes(bytes)?)
    }

    fn build(entries: &[Entry<Cid>]) -> Outcome<Self> {
        let mut tree = Tree::new();
        for entry in entries {
            tree.apply(&[Op::create(entry.key.as_bytes(), entry.cid)], &())?;
        }
        let key = SigningKey::from_bytes(Curve::K256, &SECRET)?;
        Ok(Self { tree, did: DID.parse()?, key, clock: TidGenerator::new(0) })
    }

    fn bulk(sorted: &[Entry<Cid>]) -> Outcome<Vec<u8>> {
        let mut builder = Builder::new();
        for entry in sorted {
            builder.push(entry.key.as_bytes(), &entry.cid.into(), &mut block)?;
        }
        Ok(builder.finish(&mut block)?.to_bytes().to_vec())
    }

    fn root(&mut self) -> Outcome<Vec<u8>> {
        Ok(self.tree.root().to_bytes().to_vec())
    }

    fn commit(&mut self, ops: &[Change<'_, Cid>]) -> Outcome<Made> {
        let ops: Vec<Op<'_>> = ops.iter().map(op).collect();
        let change = self.tree.apply(&ops, &())?;
        Ok(change.created().fold(Made::default(), |made, block| made.and(block.bytes.len())))
    }

    fn sign(&mut self, ops: &[Change<'_, Cid>]) -> Outcome<Made> {
        let made = self.commit(ops)?;
        let unsigned = Unsigned { did: self.did.clone(), rev: self.clock.next(), data: self.tree.root(), prev: None };
        Ok(made.and(unsigned.sign(&self.key)?.bytes().len()))
    }

    fn get(&mut self, key: &str) -> Outcome<Option<Cid>> {
        Ok(self.tree.get(key.as_bytes(), &())?.as_ref().and_then(CidLink::as_cid))
    }

    fn walk(&mut self) -> Outcome<usize> {
        let mut walk = self.tree.walk(&());
        let mut keys = 0;
        while black_box(walk.advance()?).is_some() {
            keys += 1;
        }
        Ok(keys)
    }

    fn proof(&mut self, key: &str) -> Outcome<Made> {
        let blocks = self.tree.covering_proof(&[key.as_bytes()], &())?;
        Ok(Made::of(blocks.iter().map(|block| &*block.bytes)))
    }

    fn pair(before: &[Entry<Cid>], after: &[Entry<Cid>]) -> Outcome<(Tree, Tree)> {
        Ok((built(before)?, built(after)?))
    }

    fn diff((before, after): &mut (Tree, Tree)) -> Outcome<usize> {
        Ok(before.diff(after, &(), &())?.records.len())
    }

    fn invert(event: &Event) -> Outcome<()> {
        opened(event).map(drop)
    }

    fn verify(event: &Event, public: &[u8]) -> Outcome<()> {
        let key = PublicKey::from_bytes(Curve::K256, public.try_into()?)?;
        Ok(opened(event)?.check_signature(&key)?)
    }

    fn open(car: &[u8]) -> Outcome<(Repo, MemoryBlocks)> {
        let mut blocks = MemoryBlocks::new();
        let commit = from_slice(car, ImportLimits::DEFAULT, &(), &mut |item| {
            let (cid, bytes) = match item {
                Item::Node { cid, bytes } => (Some(cid), bytes),
                Item::Record { cid, bytes, .. } => (cid.as_cid(), bytes),
                _ => return,
            };
            // All CIDs are of the usual form, and the blocks were just verified.
            let _new = cid.map(|cid| blocks.insert(cid, bytes.to_vec()));
        })?;
        Ok((Repo::open(commit), blocks))
    }

    fn export((repo, blocks): &mut (Repo, MemoryBlocks)) -> Outcome<usize> {
        repo.export(blocks).into_car().try_fold(0, |bytes, piece| Ok(bytes + piece?.len()))
    }

    fn import(car: &[u8]) -> Outcome<usize> {
        let mut records = 0;
        from_slice(car, ImportLimits::DEFAULT, &(), &mut |item| records += usize::from(is_record(&item)))?;
        Ok(records)
    }

    fn import_file(path: &Path) -> Outcome<usize> {
        let mut records = 0;
        from_reader(File::open(path)?, ImportLimits::DEFAULT, &(), &mut |item| {
            records += usize::from(is_record(&item));
        })?;
        Ok(records)
    }
}

/// A store that takes any block.
fn block(cid: Cid, bytes: &[u8]) {
    black_box((cid, bytes));
}

fn is_record(item: &Item<'_>) -> bool {
    matches!(item, Item::Record { .. })
}

fn built(sorted: &[Entry<Cid>]) -> Outcome<Tree> {
    Ok(Tree::from_sorted(sorted.iter().map(|entry| (entry.key.as_bytes(), entry.cid.into())))?)
}

fn op<'a>(change: &Change<'a, Cid>) -> Op<'a> {
    match change.cid {
        Some(cid) => Op::create(change.key.as_bytes(), cid),
        None => Op::delete(change.key.as_bytes()),
    }
}

/// An event whose blocks and operations are right; its signature is not looked at yet.
fn opened(event: &Event) -> Outcome<Candidate> {
    let cid = Cid::from_bytes(&event.cid)?;
    let event = CommitEvent {
        did: DID.parse()?,
        rev: event.rev.parse::<Tid>()?,
        since: Some(event.since.parse()?),
        commit: Cid::from_bytes(&event.commit)?,
        prev_data: Some(Cid::from_bytes(&event.prev_data)?),
        ops: vec![RepoOp { path: event.key.parse()?, prev: None, cid: Some(cid.into()) }],
        blocks: event.car.clone().into(),
    };
    let candidate = open(&event)?;
    candidate.check_ops()?;
    Ok(candidate)
}
