//! Following a host: its events as they come, and its repositories where something is missing.

mod cooldown;
mod error;
mod fetch;
mod found;
mod order;
mod outcomes;
mod task;
#[cfg(all(test, feature = "server"))]
mod tests;
mod work;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use arobase_lexicon::syntax::Did;
use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};

pub use error::{FetchError, FollowError};
use outcomes::Bounds;
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

/// What is accepted of a repository: what eight at once take is bounded by a small machine.
const LIMITS: ImportLimits = ImportLimits::DEFAULT.with_held(64 << 20).with_nodes(10_000_000).with_records(10_000_000);

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
    ///
    /// Most of a repository is taken in between two pieces of the file, on a thread that has other things to do: a store
    /// that may wait for long should hand what it takes to a thread of its own.
    fn take(&self, did: &Did, item: Item<'_>) -> Result<(), SourceError>;

    /// What was taken of the repository, and what is stored of it: there is looked for what the file lacks. A file
    /// may have a block once that occurs twice.
    fn blocks<'a>(&'a self, did: &Did) -> Box<dyn Blocks + 'a>;
}

/// Follows a host: verifies its events, keeps track of its repositories, and fetches those where something is
/// missing.
///
/// ```no_run
/// use std::{collections::HashMap, sync::{Arc, Mutex}};
///
/// use arobase_runtime::{
///     Client,
///     repo::{Blocks, SourceError, import::Item},
///     sync::{
///         Consumer, Directory, Follower, Identity, MemoryStates, Outcome, Source,
///         follow::{CarStream, Repositories},
///     },
///     syntax::Did,
///     xrpc::BoxFuture,
/// };
///
/// /// Knows a few accounts. Others resolve their DID documents, and remember them for a while.
/// struct Few(HashMap<Did, Identity>);
///
/// impl Directory for Few {
///     fn resolve<'a>(&'a self, did: &'a Did, _: bool) -> BoxFuture<'a, Result<Option<Identity>, SourceError>> {
///         Box::pin(async move { Ok(self.0.get(did).cloned()) })
///     }
///
///     fn forget(&self, _: &Did) {}
/// }
///
/// /// Counts records. Others keep them, and have a client for the host of each account.
/// #[derive(Default)]
/// struct Count(Mutex<usize>);
///
/// impl Repositories for Count {
///     fn fetch<'a>(&'a self, did: &'a Did) -> BoxFuture<'a, Result<CarStream, SourceError>> {
///         Box::pin(async move { Err(format!("call com.atproto.sync.getRepo for {did} here").into()) })
///     }
///
///     fn take(&self, _: &Did, item: Item<'_>) -> Result<(), SourceError> {
///         if let Item::Record { .. } = item {
///             *self.0.lock().map_err(|_| "a thread panicked")? += 1;
///         }
///         Ok(())
///     }
///
///     fn blocks<'a>(&'a self, _: &Did) -> Box<dyn Blocks + 'a> {
///         Box::new(())
///     }
/// }
///
/// # async fn run(client: Client, accounts: HashMap<Did, Identity>) -> Result<(), Box<dyn std::error::Error>> {
/// let source = Source::Pds("pds.example.com".into());
/// let consumer = Consumer::new(source, Arc::new(Few(accounts)), Arc::new(MemoryStates::new()));
/// let mut outcomes = Follower::new(&client, Arc::new(consumer), Arc::new(Count::default())).follow().await?;
/// while let Some(followed) = outcomes.next().await {
///     match followed?.outcome {
///         Ok(Outcome::Commit(verified)) => println!("{}: {:?}", verified.commit().did(), verified.ops()),
///         Ok(_) => {}
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// The program `firehose` among the examples of the project is the same with a real directory, and follows a PDS.
#[must_use = "nothing is followed before `follow` is called"]
pub struct Follower {
    client: Client,
    consumer: Arc<Consumer>,
    repositories: Arc<dyn Repositories>,
    cursor: Option<i64>,
    reconnect: Reconnect,
    bounds: Bounds,
    fetches: usize,
    attempts: u32,
    wait: Duration,
    idle: Duration,
    whole: Duration,
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
            bounds: Bounds { at_once: 256, patience: Duration::from_secs(10), pending: 10_000 },
            fetches: 8,
            attempts: 4,
            wait: Duration::from_secs(2),
            idle: Duration::from_secs(60),
            whole: Duration::from_secs(60 * 60),
            limits: LIMITS,
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
        self.bounds.at_once = events.max(1);
        self
    }

    /// How long an event may take, with all attempts where the directory or the states fail. Then it is given up: its
    /// outcome is an error, and if it was a commit or a `#sync` the repository is fetched. Until then all outcomes
    /// behind it wait. Default: 10 seconds.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.bounds.patience = patience;
        self
    }

    /// How many repositories may be fetched at once. Default: 8.
    pub fn fetches(mut self, fetches: usize) -> Self {
        self.fetches = fetches.max(1);
        self
    }

    /// How many repositories may be fetched or wait for that. Those beyond are fetched after a later event of their
    /// account. Default: 10,000.
    pub fn pending(mut self, repositories: usize) -> Self {
        self.bounds.pending = repositories.max(1);
        self
    }

    /// How long to wait for each piece of a repository, and for the directory and the states at its beginning and at
    /// its end; and how long a repository may take to arrive. Default: 1 minute, 1 hour.
    pub fn timeouts(mut self, idle: Duration, whole: Duration) -> Self {
        (self.idle, self.whole) = (idle, whole);
        self
    }

    /// How often a repository is asked for before it rests for some minutes, and how long to wait before the
    /// second attempt; twice as long before each further one. Default: 4 times, 2 seconds.
    pub fn attempts(mut self, attempts: u32, wait: Duration) -> Self {
        (self.attempts, self.wait) = (attempts, wait);
        self
    }

    /// What is accepted of a fetched repository. Default: CAR files as [`CarLimits::DEFAULT`], 64 MiB of blocks out of
    /// order, and 10,000,000 nodes and records.
    ///
    /// [`CarLimits::DEFAULT`]: crate::repo::car::CarLimits::DEFAULT
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
            idle: self.idle,
            whole: self.whole,
            news: sender,
        };
        Ok(Outcomes::new(frames, fetcher, news, self.bounds))
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
