//! Fetching repositories.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::{
    sync::{Semaphore, mpsc::UnboundedSender},
    time::timeout,
};

use super::{
    Repositories, clock,
    cooldown::Ended,
    error::FetchError,
    found::{self, Found, Stop},
    task::Task,
};
use crate::{
    repo::{
        Commit, Import,
        car::{CarBlock, Reader},
        import::{self, ImportLimits},
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
    Outcome(Did, Result<Outcome, ConsumerError>),
    /// An attempt failed.
    Failed(Did, FetchError),
    /// The fetch is over.
    Over(Did, Ended),
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
    /// How long to wait for each piece, and for each step that needs the directory or the states.
    pub(super) idle: Duration,
    /// How long a repository may take to arrive.
    pub(super) whole: Duration,
    pub(super) news: UnboundedSender<News>,
}

impl Fetcher {
    /// Fetches the repository after a rest, in several attempts.
    pub(super) async fn run(self, did: Did, rest: Duration) {
        let mut over = Over { fetcher: &self, did: did.clone(), ended: Ended::Failed };
        tokio::time::sleep(rest).await;
        let mut wait = self.wait;
        for attempt in 1..=self.attempts.max(1) {
            over.ended = self.attempt(&did).await;
            if over.ended != Ended::Failed {
                return;
            }
            if attempt < self.attempts {
                tokio::time::sleep(wait).await;
                wait = wait.saturating_mul(2);
            }
        }
    }

    /// Fetches the repository once, if it is missing.
    async fn attempt(&self, did: &Did) -> Ended {
        // Nobody closes the semaphore.
        let _permit = self.permits.acquire().await;
        match self.fetch_if_missing(did).await {
            Ok(ended) => ended,
            Err(error) => {
                self.tell(News::Failed(did.clone(), error));
                if let Err(error) = self.in_time(self.consumer.failed(did)).await {
                    self.tell(News::Failed(did.clone(), error));
                }
                Ended::Failed
            }
        }
    }

    async fn fetch_if_missing(&self, did: &Did) -> Result<Ended, FetchError> {
        if !self.in_time(self.consumer.begin_if_missing(did)).await? {
            return Ok(Ended::Unneeded);
        }
        let arrives = timeout(self.whole, self.download(did)).await;
        let import = arrives.map_err(|_| FetchError::TimedOut(self.whole))??;
        let commit = self.complete(did, import).await?;
        self.finish(did, &commit).await
    }

    async fn finish(&self, did: &Did, commit: &Commit) -> Result<Ended, FetchError> {
        let mut ended = Ended::Failed;
        let mut out = |outcome| {
            if let Ok(Outcome::Fetched { .. }) = outcome {
                ended = Ended::Fetched;
            }
            self.tell(News::Outcome(did.clone(), outcome));
        };
        self.in_time(async {
            self.consumer.fetched_to(did, commit, clock(), &mut out).await;
            Ok::<_, FetchError>(())
        })
        .await?;
        Ok(ended)
    }

    /// Gives a step up that takes too long.
    async fn in_time<T, E>(&self, step: impl Future<Output = Result<T, E>>) -> Result<T, FetchError>
    where
        FetchError: From<E>,
    {
        Ok(timeout(self.idle, step).await.map_err(|_| FetchError::TimedOut(self.idle))??)
    }

    async fn download(&self, did: &Did) -> Result<Import, FetchError> {
        let mut file = self.in_time(self.repositories.fetch(did)).await?;
        let (mut reader, mut import) = (Reader::new(self.limits.car), None);
        while let Some(piece) = self.in_time(async { file.next().await.transpose() }).await? {
            reader.push(piece);
            while let Some(block) = reader.next().map_err(import::Error::from)? {
                // The commit is checked before the rest of a repository that nobody would take is waited for.
                if let Some(commit) = self.take(did, begun(&mut import, &reader, self.limits)?, &block)? {
                    self.check(did, &commit).await?;
                }
            }
        }
        reader.finish().map_err(import::Error::from)?;
        begun(&mut import, &reader, self.limits)?;
        Ok(import.ok_or(import::Error::NoRoot)?)
    }

    /// Takes a block in; gives the commit, if it is that.
    fn take(&self, did: &Did, import: &mut Import, block: &CarBlock<Bytes>) -> Result<Option<Commit>, FetchError> {
        let stopped = AtomicBool::new(false);
        let mut found = Found::new(did, &*self.repositories, &stopped);
        import.push(block, &mut |item| found.take(item))?;
        found.result()?;
        Ok(found.commit)
    }

    /// Takes in the rest, on a thread that may block.
    async fn complete(&self, did: &Did, import: Import) -> Result<Commit, FetchError> {
        let (did, repositories, stop) = (did.clone(), Arc::clone(&self.repositories), Stop::default());
        let stopped = Arc::clone(&stop.0);
        Task::spawn_blocking(move || found::complete(&did, &*repositories, import, &stopped)).await
    }

    async fn check(&self, did: &Did, commit: &Commit) -> Result<(), FetchError> {
        self.in_time(self.consumer.check_fetched(did, commit, clock())).await?.map_err(FetchError::Rejected)
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
    ended: Ended,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.fetcher.tell(News::Over(self.did.clone(), self.ended));
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
