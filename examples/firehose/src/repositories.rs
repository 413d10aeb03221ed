//! Repositories that are fetched and verified, and of which only the number of records is kept.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use arobase::{
    Client,
    com::atproto::sync::{Client as _, GetRepo},
    data::Cid,
    repo::{Blocks, MemoryBlocks, SourceError, import::Item},
    sync::follow::{CarStream, Repositories},
    syntax::Did,
    xrpc::BoxFuture,
};
use futures_util::TryStreamExt;

/// Fetches repositories from the host.
pub(crate) struct Fetch {
    client: Client,
    taken: Mutex<HashMap<Did, Taken>>,
}

/// What was taken of a repository that is being fetched.
#[derive(Default)]
struct Taken {
    records: usize,
    blocks: MemoryBlocks,
}

impl Fetch {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, taken: Mutex::default() }
    }

    /// How many records the fetched repository has, which is over with that.
    pub(crate) fn done(&self, did: &Did) -> usize {
        self.taken().remove(did).map_or(0, |taken| taken.records)
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Did, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Repositories for Fetch {
    fn fetch<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<CarStream, SourceError>> {
        Box::pin(async move {
            let car = self.client.get_repo(GetRepo::new(did.clone())).await?;
            Ok(Box::pin(car.map_err(SourceError::from)) as CarStream)
        })
    }

    fn take(&self, did: &Did, item: Item<'_>) -> Result<(), SourceError> {
        let mut taken = self.taken();
        match item {
            Item::Commit(_) => drop(taken.insert(did.clone(), Taken::default())),
            Item::Record { cid, bytes, .. } => {
                let taken = taken.entry(did.clone()).or_default();
                taken.records += 1;
                if let Some(cid) = cid.as_cid() {
                    taken.blocks.insert(cid, bytes.to_vec());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn blocks<'a>(&'a self, did: &Did) -> Box<dyn Blocks + 'a> {
        Box::new(Of { fetch: self, did: did.clone() })
    }
}

/// The blocks that were taken of a repository: a file has a block once that is two records.
struct Of<'a> {
    fetch: &'a Fetch,
    did: Did,
}

impl Blocks for Of<'_> {
    fn get(&self, cid: &Cid) -> Result<Option<bytes::Bytes>, SourceError> {
        Ok(self.fetch.taken().get(&self.did).and_then(|taken| taken.blocks.block(cid).cloned()))
    }
}
