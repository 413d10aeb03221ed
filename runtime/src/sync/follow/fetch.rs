//! Fetching repositories.

use std::{sync::Arc, time::Duration};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

use super::{Repositories, clock, error::FetchError};
use crate::{
    repo::{
        Commit, Import, SourceError,
        car::{CarBlock, Reader},
        import::{self, ImportLimits, Item},
    },
    sync::{
        consumer::{Consumer, ConsumerError},
        outcome::Outcome,
    },
};

/// Word of a fetch.
#[derive(Debug)]
pub(super) enum News {
    /// What came of the fetch, or of an event that waited for it.
    Outcome(Result<Outcome, ConsumerError>),
    /// An attempt failed.
    Failed(Did, FetchError),
    /// The fetch is over; whether the repository is there.
    Over(Did, bool),
}

/// What fetches need.
#[derive(Clone)]
pub(super) struct Fetcher {
    pub(super) consumer: Arc<Consumer>,
    pub(super) repositories: Arc<dyn Repositories>,
    pub(super) limits: ImportLimits,
    /// How many fetches may run at once.
    pub(super) permits: Arc<Semaphore>,
    /// How long to wait before the second attempt; twice as long before each further one.
    pub(super) wait: Duration,
    pub(super) attempts: u32,
    pub(super) news: UnboundedSender<News>,
}

impl Fetcher {
    /// Fetches the repository, in several attempts.
    pub(super) async fn run(self, did: Did) {
        let mut over = Over { fetcher: &self, did: did.clone(), is_there: false };
        let mut wait = self.wait;
        for attempt in 1..=self.attempts.max(1) {
            if self.attempt(&did).await {
                over.is_there = true;
                return;
            }
            if attempt < self.attempts {
                tokio::time::sleep(wait).await;
                wait = wait.saturating_mul(2);
            }
        }
    }

    /// Fetches the repository once; whether the account goes on from there.
    async fn attempt(&self, did: &Did) -> bool {
        // Nobody closes the semaphore.
        let _permit = self.permits.acquire().await;
        self.consumer.begin(did).await;
        match self.fetch(did).await {
            Ok(commit) => self.finish(did, &commit).await,
            Err(error) => {
                self.tell(News::Failed(did.clone(), error));
                if let Err(error) = self.consumer.failed(did).await {
                    self.tell(News::Failed(did.clone(), error.into()));
                }
                false
            }
        }
    }

    async fn finish(&self, did: &Did, commit: &Commit) -> bool {
        let (mut is_fetched, mut is_lost) = (false, false);
        let mut out = |outcome| {
            is_fetched |= matches!(outcome, Ok(Outcome::Fetched { .. }));
            is_lost |= matches!(outcome, Ok(Outcome::Resync { .. }));
            self.tell(News::Outcome(outcome));
        };
        self.consumer.fetched_to(did, commit, clock(), &mut out).await;
        is_fetched && !is_lost
    }

    async fn fetch(&self, did: &Did) -> Result<Commit, FetchError> {
        let mut file = self.repositories.fetch(did).await?;
        let (mut reader, mut import) = (Reader::new(self.limits.car), None);
        while let Some(piece) = file.next().await {
            reader.push(piece?);
            while let Some(block) = reader.next().map_err(import::Error::from)? {
                // The commit is checked before the rest of a repository that nobody would take is waited for.
                if let Some(commit) = self.take(did, begun(&mut import, &reader, self.limits)?, &block)? {
                    self.check(did, &commit).await?;
                }
            }
        }
        reader.finish().map_err(import::Error::from)?;
        begun(&mut import, &reader, self.limits)?;
        self.complete(did, import.ok_or(import::Error::NoRoot)?)
    }

    /// Takes a block in; gives the commit, if it is that.
    fn take(&self, did: &Did, import: &mut Import, block: &CarBlock<Bytes>) -> Result<Option<Commit>, FetchError> {
        let mut found = Found { did, repositories: &*self.repositories, commit: None, failed: None };
        import.push(block, &mut |item| found.take(item))?;
        found.result()?;
        Ok(found.commit)
    }

    /// Takes in the rest.
    fn complete(&self, did: &Did, import: Import) -> Result<Commit, FetchError> {
        let mut found = Found { did, repositories: &*self.repositories, commit: None, failed: None };
        let blocks = self.repositories.blocks(did);
        let commit = import.finish(&*blocks, &mut |item| found.take(item))?;
        found.result()?;
        Ok(commit)
    }

    async fn check(&self, did: &Did, commit: &Commit) -> Result<(), FetchError> {
        self.consumer.check_fetched(did, commit, clock()).await?.map_err(FetchError::Rejected)
    }

    /// The other end goes with all fetches.
    fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }
}

/// Says at its end that a fetch is over, however it ended.
struct Over<'a> {
    fetcher: &'a Fetcher,
    did: Did,
    is_there: bool,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.fetcher.tell(News::Over(self.did.clone(), self.is_there));
    }
}

/// Where what an import finds goes.
struct Found<'a> {
    did: &'a Did,
    repositories: &'a dyn Repositories,
    commit: Option<Commit>,
    failed: Option<SourceError>,
}

impl Found<'_> {
    fn take(&mut self, item: Item<'_>) {
        if let Item::Commit(commit) = item {
            self.commit = Some(commit.clone());
        }
        if self.failed.is_none() {
            self.failed = self.repositories.take(self.did, item).err();
        }
    }

    fn result(&mut self) -> Result<(), FetchError> {
        self.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }
}

/// The import, which begins when the header was read.
fn begun<'i>(
    import: &'i mut Option<Import>,
    reader: &Reader,
    limits: ImportLimits,
) -> Result<&'i mut Import, FetchError> {
    match import {
        Some(import) => Ok(import),
        None => Ok(import.insert(Import::new(reader.roots().unwrap_or_default(), limits)?)),
    }
}
