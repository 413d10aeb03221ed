//! `shrike`: a tree without input and output, a repository over a store, a verifier of events.

use std::hint::black_box;

use arobase_bench_repo_workload::engine::{Engine, Made, Op, Outcome};
use arobase_bench_repo_workload::inputs::{CidBytes, DID, Entry, Event, SECRET};
use shrike::cbor::Cid;
use shrike::crypto::{K256SigningKey, K256VerifyingKey};
use shrike::mst::{DetachedTree, MemBlockStore, NoBlocks, Tree};
use shrike::repo::{Commit, Repo};
use shrike::sync::{DecodedCommitCar, RawCommit, RawRepoOp, check_op_cids, decode_commit_car, invert_decoded_commit};
use shrike::syntax::{Did, Tid, TidClock};

pub struct Shrike {
    tree: DetachedTree,
    did: Did,
    key: K256SigningKey,
    clock: TidClock,
}

impl Engine for Shrike {
    type Cid = Cid;
    type Pair = (Tree, Tree);
    type Store = Repo;

    const NAME: &'static str = "shrike";

    fn cid(bytes: &CidBytes) -> Outcome<Cid> {
        Ok(Cid::from_bytes(bytes)?)
    }

    fn build(entries: &[Entry<Cid>]) -> Outcome<Self> {
        let mut tree = DetachedTree::new();
        for entry in entries {
            tree.insert(&NoBlocks, entry.key.clone(), entry.cid)?;
        }
        tree.flush()?;
        let key = K256SigningKey::from_bytes(&SECRET)?;
        Ok(Self { tree, did: Did::try_from(DID)?, key, clock: TidClock::new(0)? })
    }

    fn root(&mut self) -> Outcome<Vec<u8>> {
        Ok(self.tree.flush()?.root.to_bytes().to_vec())
    }

    fn commit(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<Made> {
        self.apply(ops).map(|(_, made)| made)
    }

    fn sign(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<Made> {
        let (root, made) = self.apply(ops)?;
        let commit = Commit::create_signed(self.did.clone(), self.clock.next(), root, &self.key)?;
        Ok(made.and(commit.bytes.len()))
    }

    fn get(&mut self, key: &str) -> Outcome<Option<Cid>> {
        Ok(self.tree.get(&NoBlocks, key)?)
    }

    fn walk(&mut self) -> Outcome<usize> {
        let mut keys = 0;
        self.tree.walk(&NoBlocks, |key, cid| {
            black_box((key, cid));
            keys += 1;
            Ok(())
        })?;
        Ok(keys)
    }

    /// The CIDs alone: it has no blocks of loaded nodes, the store has them.
    fn proof(&mut self, key: &str) -> Outcome<Made> {
        let blocks = self.tree.covering_proof(&NoBlocks, [key])?.len();
        Ok(Made { blocks, bytes: 0 })
    }

    fn pair(before: &[Entry<Cid>], after: &[Entry<Cid>]) -> Outcome<(Tree, Tree)> {
        Ok((stored(before)?, stored(after)?))
    }

    fn diff((before, after): &mut (Tree, Tree)) -> Outcome<usize> {
        let diff = shrike::mst::diff(before, after)?;
        Ok(diff.added.len() + diff.updated.len() + diff.removed.len())
    }

    fn invert(event: &Event) -> Outcome<()> {
        inverted(event).map(drop)
    }

    fn verify(event: &Event, public: &[u8]) -> Outcome<()> {
        let decoded = inverted(event)?;
        let key = K256VerifyingKey::from_bytes(public.try_into()?)?;
        Ok(decoded.inner.verify(&key)?)
    }

    fn open(car: &[u8]) -> Outcome<Repo> {
        Ok(Repo::load_car(car)?)
    }

    fn export(repo: &mut Repo) -> Outcome<usize> {
        Ok(repo.export_car()?.len())
    }

    /// It loads what the commit reaches, with every block hashed. How many records there are it does not say; the
    /// blocks that are no nodes are counted by their first bytes.
    fn import(car: &[u8]) -> Outcome<usize> {
        let repo = Repo::load_car(car)?;
        let nodes = repo.store().iter().filter(|(_, block)| block.starts_with(b"\xa2\x61e")).count();
        Ok(repo.store().len() - nodes - 1)
    }
}

impl Shrike {
    fn apply(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<(Cid, Made)> {
        for op in ops {
            match op.cid {
                Some(cid) => drop(self.tree.insert(&NoBlocks, op.key.to_owned(), cid)?),
                None => drop(self.tree.remove(&NoBlocks, op.key)?),
            }
        }
        let write = self.tree.flush()?;
        Ok((write.root, Made::of(write.new_blocks.iter().map(|(_, bytes)| &**bytes))))
    }
}

fn stored(entries: &[Entry<Cid>]) -> Outcome<Tree> {
    let mut tree = Tree::new(Box::new(MemBlockStore::new()));
    for entry in entries {
        tree.insert(entry.key.clone(), entry.cid)?;
    }
    tree.root_cid()?;
    Ok(tree)
}

/// Decodes an event, compares its operation with the tree and undoes it.
fn inverted(event: &Event) -> Outcome<DecodedCommitCar> {
    let raw = RawCommit {
        repo: Did::try_from(DID)?,
        rev: Tid::try_from(&*event.rev)?,
        seq: 1,
        time: String::new(),
        since: Some(Tid::try_from(&*event.since)?),
        commit: Cid::from_bytes(&event.commit)?,
        blocks: event.car.clone(),
        ops: vec![RawRepoOp {
            action: "create".to_owned(),
            path: event.key.clone(),
            cid: Some(Cid::from_bytes(&event.cid)?),
            prev: None,
        }],
        blobs: Vec::new(),
        prev_data: Some(Cid::from_bytes(&event.prev_data)?),
        too_big: false,
        rebase: false,
    };
    let decoded = decode_commit_car(&raw)?;
    check_op_cids(&raw, decoded.inner.data, &decoded.store)?;
    match invert_decoded_commit(&raw, &decoded.inner, &decoded.store)? {
        root if Some(root) == raw.prev_data => Ok(decoded),
        _ => Err("another root".into()),
    }
}
