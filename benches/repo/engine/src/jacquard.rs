//! `jacquard-repo`: an immutable tree over an asynchronous store.

use std::sync::Arc;

use arobase_bench_repo_workload::engine::{Engine, Lack, Made, Op, Outcome};
use arobase_bench_repo_workload::inputs::{CidBytes, DID, Entry, Event, SECRET};
use cid::Cid;
use iroh_car::{CarHeader, CarWriter};
use jacquard_api::com_atproto::sync::subscribe_repos::RepoOpAction;
use jacquard_common::DefaultStr;
use jacquard_common::types::cid::CidLink;
use jacquard_common::types::crypto::{KeyCodec, PublicKey};
use jacquard_common::types::string::{Datetime, Did, Tid};
use jacquard_common::types::tid::Ticker;
use jacquard_repo::car::parse_car_bytes;
use jacquard_repo::commit::Commit;
use jacquard_repo::commit::firehose::{FirehoseCommit, RepoOp, validate_v1_1};
use jacquard_repo::mst::VerifiedWriteOp;
use jacquard_repo::storage::BlockStore;
use jacquard_repo::{MemoryBlockStore, Mst, Repository};
use k256::ecdsa::SigningKey;
use tokio::runtime::{Builder, Runtime};

use crate::hashes::check;

pub struct Jacquard {
    runtime: Runtime,
    tree: Mst<MemoryBlockStore>,
    did: Did<DefaultStr>,
    key: SigningKey,
    clock: Ticker,
}

pub struct Pair {
    runtime: Runtime,
    before: Mst<MemoryBlockStore>,
    after: Mst<MemoryBlockStore>,
}

pub struct Store {
    runtime: Runtime,
    repo: Repository<DefaultStr, MemoryBlockStore>,
}

impl Engine for Jacquard {
    type Cid = Cid;
    type Pair = Pair;
    type Store = Store;

    const NAME: &'static str = "jacquard";
    /// It hashes no block that it reads.
    const HELPED: bool = true;

    fn cid(bytes: &CidBytes) -> Outcome<Cid> {
        Ok(Cid::try_from(&bytes[..])?)
    }

    fn build(entries: &[Entry<Cid>]) -> Outcome<Self> {
        let runtime = runtime()?;
        let tree = runtime.block_on(tree(entries))?;
        let key = SigningKey::from_bytes(&SECRET.into())?;
        Ok(Self { runtime, tree, did: Did::new(DID.into())?, key, clock: Ticker::new() })
    }

    /// Also puts the nodes into the store: without that each commit would be of all of them.
    fn root(&mut self) -> Outcome<Vec<u8>> {
        Ok(self.runtime.block_on(self.tree.persist())?.to_bytes())
    }

    fn commit(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<Made> {
        self.runtime.block_on(apply(&mut self.tree, ops)).map(|(_, made)| made)
    }

    fn sign(&mut self, ops: &[Op<'_, Cid>]) -> Outcome<Made> {
        let (root, made) = self.runtime.block_on(apply(&mut self.tree, ops))?;
        let rev = self.clock.next(None);
        let commit = Commit::new_unsigned(self.did.clone(), root, rev, None).sign(&self.key)?;
        let block = commit.to_cbor()?;
        commit.to_cid()?;
        Ok(made.and(block.len()))
    }

    fn get(&mut self, key: &str) -> Outcome<Option<Cid>> {
        Ok(self.runtime.block_on(self.tree.get(key))?)
    }

    /// The sequential walk, which is the faster one.
    fn walk(&mut self) -> Outcome<usize> {
        Ok(self.runtime.block_on(self.tree.leaves_sequential())?.len())
    }

    fn pair(before: &[Entry<Cid>], after: &[Entry<Cid>]) -> Outcome<Pair> {
        let runtime = runtime()?;
        let (before, after) = runtime.block_on(async {
            let (before, after) = (tree(before).await?, tree(after).await?);
            before.persist().await?;
            after.persist().await?;
            Ok::<_, Lack>((before, after))
        })?;
        Ok(Pair { runtime, before, after })
    }

    fn diff(pair: &mut Pair) -> Outcome<usize> {
        Ok(pair.runtime.block_on(pair.before.diff(&pair.after))?.op_count())
    }

    /// What its validation does, but for the signature.
    fn invert(event: &Event) -> Outcome<()> {
        runtime()?.block_on(async {
            let parsed = parse_car_bytes(&event.car).await?;
            check(parsed.blocks.iter().map(|(cid, bytes)| (cid, &**bytes)))?;
            let commit = Commit::<DefaultStr>::from_cbor(parsed.blocks.get(&parsed.root).ok_or("no commit")?)?;
            let storage = Arc::new(MemoryBlockStore::new_from_blocks(parsed.blocks));
            let mut tree = Mst::load(storage, *commit.data(), None);
            let op = VerifiedWriteOp::Create { key: (&*event.key).into(), cid: Self::cid(&event.cid)? };
            match tree.invert_op(op).await? && tree.get_pointer().await? == Self::cid(&event.prev_data)? {
                true => Ok(()),
                false => Err("another root".into()),
            }
        })
    }

    fn verify(event: &Event, public: &[u8]) -> Outcome<()> {
        let message = FirehoseCommit::<DefaultStr> {
            blobs: Vec::new(),
            blocks: event.car.clone().into(),
            commit: CidLink::from(Self::cid(&event.commit)?),
            ops: vec![RepoOp {
                action: RepoOpAction::Create,
                cid: Some(CidLink::from(Self::cid(&event.cid)?)),
                path: (&*event.key).into(),
                prev: None,
                extra_data: None,
            }],
            prev_data: Some(CidLink::from(Self::cid(&event.prev_data)?)),
            rebase: false,
            repo: Did::new(DID.into())?,
            rev: Tid::new(&event.rev)?,
            seq: 1,
            since: Some(Tid::new(&event.since)?),
            time: Datetime::now(),
            too_big: false,
            extra_data: None,
        };
        let key = PublicKey { codec: KeyCodec::Secp256k1, bytes: public.into() };
        runtime()?.block_on(async {
            let parsed = parse_car_bytes(&event.car).await?;
            check(parsed.blocks.iter().map(|(cid, bytes)| (cid, &**bytes)))?;
            validate_v1_1(&message, &key).await?;
            Ok(())
        })
    }

    fn open(car: &[u8]) -> Outcome<Store> {
        let runtime = runtime()?;
        let repo = runtime.block_on(repository(car, false))?;
        Ok(Store { runtime, repo })
    }

    fn export(store: &mut Store) -> Outcome<usize> {
        store.runtime.block_on(async {
            let commit = *store.repo.current_commit_cid();
            let block = store.repo.storage().get(&commit).await?.ok_or("no commit")?;
            let mut out = Vec::new();
            let mut writer = CarWriter::new(CarHeader::new_v1(vec![commit]), &mut out);
            writer.write(commit, block).await?;
            store.repo.mst().write_blocks_to_car(&mut writer).await?;
            writer.finish().await?;
            Ok(out.len())
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
    Ok(Builder::new_current_thread().build()?)
}

async fn tree(entries: &[Entry<Cid>]) -> Outcome<Mst<MemoryBlockStore>> {
    let mut tree = Mst::new(Arc::new(MemoryBlockStore::new()));
    for entry in entries {
        tree = tree.add(&entry.key, entry.cid).await?;
    }
    tree.get_pointer().await?;
    Ok(tree)
}

async fn apply(tree: &mut Mst<MemoryBlockStore>, ops: &[Op<'_, Cid>]) -> Outcome<(Cid, Made)> {
    for op in ops {
        *tree = match op.cid {
            Some(cid) => tree.add(op.key, cid).await?,
            None => tree.delete(op.key).await?,
        };
    }
    let (root, blocks) = tree.collect_blocks().await?;
    let made = Made::of(blocks.values().map(|bytes| &**bytes));
    tree.storage().put_many(blocks).await?;
    Ok((root, made))
}

async fn repository(car: &[u8], hashed: bool) -> Outcome<Repository<DefaultStr, MemoryBlockStore>> {
    let parsed = parse_car_bytes(car).await?;
    if hashed {
        check(parsed.blocks.iter().map(|(cid, bytes)| (cid, &**bytes)))?;
    }
    let storage = Arc::new(MemoryBlockStore::new_from_blocks(parsed.blocks));
    Ok(Repository::from_commit(storage, &parsed.root).await?)
}

/// Loads a repository and walks over all its keys. Whether the records are there, nobody looks.
async fn records(car: &[u8], hashed: bool) -> Outcome<usize> {
    let repo = repository(car, hashed).await?;
    Ok(repo.mst().leaves_sequential().await?.len())
}
