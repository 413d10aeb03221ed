//! Following a host: its events as they come, and its repositories where something is missing.

mod cooldown;
mod error;
mod fetch;
mod order;
mod outcomes;
mod task;
#[cfg(all(test, feature = "server"))]
mod tests;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};

pub use error::{FetchError, FollowError};
pub use outcomes::{Followed, Outcomes};

use super::{consumer::Consumer, event::NSID};
use crate::{
    Catalog, Client,
    client::{self, Reconnect},
    repo::{
        Blocks, SourceError,
        import::{ImportLimits, Item},
    },
    xrpc::{BoxFuture, BoxStream},
};
use fetch::Fetcher;

/// A repository as it arrives: a CAR file in pieces.
pub type CarStream = BoxStream<'static, Result<Bytes, SourceError>>;

/// Where a follower gets repositories from, and where it puts them.
pub trait Repositories: Send + Sync + 'static {
    /// Asks for the repository of an account, best of its own host (`com.atproto.sync.getRepo`).
    fn fetch<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<CarStream, SourceError>>;

    /// Takes in what was found of a repository: its commit, nodes and records. Nothing of it is certain before
    /// [`Outcome::Fetched`](super::Outcome::Fetched): the file may break off, and be asked for again.
    ///
    /// # Errors
    /// What went wrong with the store; the fetch has failed then.
    fn take(&self, did: &Did, item: Item<'_>) -> Result<(), SourceError>;

    /// What was taken of the repository, and what is stored of it: there is looked for what the file lacks. A file
    /// may have a block once that occurs twice.
    fn blocks<'a>(&'a self, did: &Did) -> Box<dyn Blocks + 'a>;
}

/// Follows a host: verifies its events, keeps track of its repositories, and fetches those where something is
/// missing.
#[must_use = "nothing is followed before `follow` is called"]
pub struct Follower {
    client: Client,
    consumer: Arc<Consumer>,
    repositories: Arc<dyn Repositories>,
    cursor: Option<i64>,
    reconnect: Reconnect,
    at_once: usize,
    fetches: usize,
    attempts: u32,
    wait: Duration,
    limits: ImportLimits,
}

impl Follower {
    /// Follows the host of a client. The consumer has to be one of events of this host.
    pub fn new(client: &Client, consumer: Arc<Consumer>, repositories: Arc<dyn Repositories>) -> Self {
        Self {
            client: client.clone(),
            consumer,
            repositories,
            cursor: None,
            reconnect: Reconnect::default(),
            at_once: 256,
            fetches: 8,
            attempts: 4,
            wait: Duration::from_secs(2),
            limits: ImportLimits::DEFAULT,
        }
    }

    /// Begins behind this sequence number. Without it, with what comes from now on.
    pub fn cursor(mut self, seq: impl Into<Option<i64>>) -> Self {
        self.cursor = seq.into();
        self
    }

    /// Whether and how it comes back after its connection was lost. Default: always.
    pub fn reconnect(mut self, policy: Reconnect) -> Self {
        self.reconnect = policy;
        self
    }

    /// How many events may be worked on at once, of different accounts. Default: 256.
    pub fn at_once(mut self, events: usize) -> Self {
        self.at_once = events.max(1);
        self
    }

    /// How many repositories may be fetched at once. Default: 8.
    pub fn fetches(mut self, fetches: usize) -> Self {
        self.fetches = fetches.max(1);
        self
    }

    /// How often a repository is asked for before it is given up for some minutes, and how long to wait before the
    /// second attempt; twice as long before each further one. Default: 4 times, 2 seconds.
    pub fn attempts(mut self, attempts: u32, wait: Duration) -> Self {
        (self.attempts, self.wait) = (attempts, wait);
        self
    }

    /// What is accepted of a fetched repository.
    pub fn import_limits(mut self, limits: ImportLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Connects, and gives the outcomes.
    ///
    /// # Errors
    /// There is no connection.
    pub async fn follow(self) -> Result<Outcomes, client::Error> {
        let params = self.cursor.map(|cursor| ("cursor", cursor));
        let params: client::dynamic::Params = params.into_iter().collect();
        let subscribe = self.client.dynamic(&catalog()).subscribe(NSID, params).reconnect(self.reconnect);
        let frames = subscribe.frames().await?;
        let (sender, news) = mpsc::unbounded_channel();
        let fetcher = Fetcher {
            consumer: self.consumer,
            repositories: self.repositories,
            limits: self.limits,
            permits: Arc::new(Semaphore::new(self.fetches)),
            wait: self.wait,
            attempts: self.attempts,
            news: sender,
        };
        Ok(Outcomes::new(frames, fetcher, news, self.at_once))
    }
}

/// What a client has to know of the subscription: that its cursor is a number.
fn catalog() -> Catalog {
    const LEXICON: &str = r#"{ "lexicon": 1, "id": "com.atproto.sync.subscribeRepos", "defs": { "main": {
        "type": "subscription",
        "parameters": { "type": "params", "properties": { "cursor": { "type": "integer" } } },
        "message": { "schema": { "type": "union", "refs": [] } } } } }"#;
    // A test holds it to be valid.
    Catalog::from_json(LEXICON).unwrap_or_default()
}

/// The system's clock, in microseconds since 1970.
fn clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower")
            .field("consumer", &self.consumer)
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}
