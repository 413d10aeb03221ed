//! `rsky-repo`: the reference implementation in Rust, over an asynchronous store.

use std::str::FromStr;
use std::sync::Arc;

use arobase_bench_repo_workload::engine::{Engine, Lack, Made, Op, Outcome};
use arobase_bench_repo_workload::inputs::{CidBytes, DID, Entry, SECRET};
use cid::Cid;
use futures_util::TryStreamExt;
use rsky_repo::block_map::BlockMap;
use rsky_repo::car::{CarWithRoot, read_car_with_root};
use rsky_repo::mst::MST;
use rsky_repo::mst::diff::mst_diff;
use rsky_repo::storage::memory_blockstore::MemoryBlockstore;
use rsky_repo::storage::types::RepoStorage;
use rsky_repo::sync::consumer::verify_repo;
use rsky_repo::sync::provider::get_full_repo;
use rsky_repo::types::UnsignedCommit;
use rsky_repo::util::sign_commit;
use secp256k1_rsky::{Keypair, Secp256k1};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::RwLock;

use crate::hashes::check;

pub struct Rsky {
    runtime: Runtime,
    tree: MST,
    blocks: Arc<RwLock<BlockMap>>,
    key: Keypair,
    rev: u64,
}

pub struct Pair {
    runtime: Runtime,
    before: MST,
    after: MST,
}

pub struct Store {
    runtime: Runtime,
    storage: Arc<RwLock<dyn RepoStorage>>,
    commit: Cid,
}

impl Engine for Rsky {
    type Cid = Cid;
    type Pair = Pair;
    type Store = Store;

    const NAME: &'static str = "rsky";
    /// It hashes no block that it reads.
    const HELPED: bool = true;

    fn cid(bytes: &CidBytes) -> Outcome<Cid> {
        Ok(Cid::try_from(&bytes[..])?)
    }

    fn build(entries: &[Entry<Cid>]) -> Outcome<Self> {
        let runtime = runtime()?;
        let (tree, blocks) = runtime.block_on(tree(entries))?;
        let key = Keypair::from_seckey_slice(&Secp256k1::new(), &SECRET)?;
        Ok(Self { runtime, tree, blocks, key, rev: 0 })
    }

    /// Also puts the nodes into the store: without that each commit would be of all of them.
    fn root(&mut self) -> Outcome<Vec<u8>> {
        Ok(self.runtime.block_on(self.tree.save_mst())?.to_bytes())
    }

    fn commit(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<Made> {
        self.runtime.block_on(apply(&mut self.tree, &self.blocks, ops)).map(|(_, made)| made)
    }

    fn sign(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<Made> {
        let (data, made) = self.runtime.block_on(apply(&mut self.tree, &self.blocks, ops))?;
        self.rev += 1;
        let rev = format!("3lk{:010}", self.rev);
        let unsigned = UnsignedCommit { did: DID.to_owned(), rev, data, prev: None, version: 3 };
        let commit = sign_commit(unsigned, &self.key)?;
        BlockMap::new().add(commit)?;
        Ok(made.and(0))
    }

    fn get(&mut self, key: &str) -> Outcome<Option<Cid>> {
        // The copy is what its API asks for.
        Ok(self.runtime.block_on(self.tree.get(&key.to_owned()))?)
    }

    fn walk(&mut self) -> Outcome<usize> {
        Ok(self.runtime.block_on(self.tree.clone().leaves())?.len())
    }

    fn proof(&mut self, key: &str) -> Outcome<Made> {
        let blocks = self.runtime.block_on(self.tree.get_covering_proof(key))?;
        Ok(Made { blocks: blocks.size(), bytes: blocks.byte_size()? })
    }

    fn pair(before: &[Entry<Cid>], after: &[Entry<Cid>]) -> Outcome<Pair> {
        let runtime = runtime()?;
        let (before, after) = runtime.block_on(async {
            let (before, after) = (tree(before).await?.0, tree(after).await?.0);
            before.save_mst().await?;
            after.save_mst().await?;
            Ok::<_, Lack>((before, after))
        })?;
        Ok(Pair { runtime, before, after })
    }

    fn diff(pair: &mut Pair) -> Outcome<usize> {
        let diff = pair.runtime.block_on(mst_diff(&mut pair.after, Some(&mut pair.before)))?;
        Ok(diff.adds.len() + diff.updates.len() + diff.deletes.len())
    }

    fn open(car: &[u8]) -> Outcome<Store> {
        let runtime = runtime()?;
        let (root, storage) = runtime.block_on(async {
            let CarWithRoot { root, blocks } = read_car_with_root(car.to_vec()).await?;
            let storage = MemoryBlockstore::new(Some(blocks)).await?;
            Ok::<_, Lack>((root, storage))
        })?;
        Ok(Store { runtime, storage: Arc::new(RwLock::new(storage)), commit: root })
    }

    fn export(store: &mut Store) -> Outcome<usize> {
        store.runtime.block_on(async {
            let stream = get_full_repo(Arc::clone(&store.storage), store.commit).await?;
            let bytes = stream.try_fold(0, |bytes, chunk| async move { Ok(bytes + chunk.len()) });
            Ok(bytes.await?)
        })
    }

    fn import(car: &[u8]) -> Outcome<usize> {
        runtime()?.block_on(records(car, true))
    }

    fn judge(car: &[u8]) -> Outcome<usize> {
        runtime()?.block_on(records(car, false))
    }
}

fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A tree and the blocks of its store.
async fn tree(entries: &[Entry<Cid>]) -> Outcome<(MST, Arc<RwLock<BlockMap>>)> {
    let storage = MemoryBlockstore::default();
    let blocks = Arc::clone(&storage.blocks);
    let mut tree = MST::create(Arc::new(RwLock::new(storage)), None, None).await?;
    for entry in entries {
        tree = tree.add(&entry.key, entry.cid, None).await?;
    }
    tree.get_pointer().await?;
    Ok((tree, blocks))
}

/// It hands out new blocks only into a store.
async fn apply(tree: &mut MST, blocks: &RwLock<BlockMap>, ops: &[Op<'_, Cid>]) -> Outcome<(Cid, Made)> {
    let before = blocks.read().await.size();
    for op in ops {
        *tree = match op.cid {
            Some(cid) => tree.add(op.key, cid, None).await?,
            None => tree.delete(&op.key.to_owned()).await?,
        };
    }
    let root = tree.save_mst().await?;
    Ok((root, Made { blocks: blocks.read().await.size() - before, bytes: 0 }))
}

async fn records(car: &[u8], hashed: bool) -> Outcome<usize> {
    let CarWithRoot { root, mut blocks } = read_car_with_root(car.to_vec()).await?;
    if hashed {
        let cids = blocks.map.keys().map(|text| Cid::from_str(text)).collect::<Result<Vec<_>, _>>()?;
        check(cids.iter().zip(blocks.map.values().map(|bytes| &*bytes.0)))?;
    }
    Ok(verify_repo(&mut blocks, root, None, None, None).await?.creates.len())
}
