//! How a resolver is made.

use std::{fmt, sync::Arc, time::Duration};

use super::{Resolver, Spawn, memory::Memory, permits::Permits, sources::Sources, times::Times};
use crate::{
    client::{ConfigError, Transport},
    clock::{Clock, SystemClock},
    identity::{Dns, HandleResolver, plc::PlcClient},
    xrpc::BoxFuture,
};

/// The public directory.
const DIRECTORY: &str = "https://plc.directory";

/// How a resolver is made: [`Resolver::builder`].
pub struct ResolverBuilder {
    dns: Arc<dyn Dns>,
    public: Arc<dyn Transport>,
    trusted: Arc<dyn Transport>,
    plc_url: Box<str>,
    clock: Arc<dyn Clock>,
    spawn: Option<Spawn>,
    development: bool,
    timeout: Duration,
    concurrency: usize,
    document_capacity: usize,
    handle_capacity: usize,
    documents: Times,
    handles: Times,
}

impl ResolverBuilder {
    pub(super) fn new(dns: Arc<dyn Dns>, public: Arc<dyn Transport>, trusted: Arc<dyn Transport>) -> Self {
        Self {
            dns,
            public,
            trusted,
            plc_url: DIRECTORY.into(),
            clock: Arc::new(SystemClock),
            spawn: None,
            development: false,
            timeout: Duration::from_secs(5),
            concurrency: 256,
            document_capacity: 50_000,
            handle_capacity: 50_000,
            documents: Times::DOCUMENTS,
            handles: Times::HANDLES,
        }
    }

    /// With another PLC directory. Default: `https://plc.directory`.
    #[must_use]
    pub fn plc_url(mut self, url: &str) -> Self {
        self.plc_url = url.into();
        self
    }

    /// With another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Lets `localhost`, `.test` and plain http pass. Default: no.
    #[must_use]
    pub fn development(mut self, development: bool) -> Self {
        self.development = development;
        self
    }

    /// How long one look-up may take, with the time for which it waits until others have ended. A call may need
    /// several of them, such as one of a handle and one of a document. Default: 5 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many look-ups are under way at the same time: so many with the PLC directory, and as many with all other
    /// hosts together. Those beyond wait, and fail after the [timeout](Self::timeout). There is no bound for a single
    /// host: look-ups of one key are one request, and the hosts of strangers cannot be told apart by their names.
    /// Default: 256.
    #[must_use]
    pub fn concurrency(mut self, look_ups: usize) -> Self {
        self.concurrency = look_ups;
        self
    }

    /// How background refreshes run. Without, an answer that is stale is renewed before it is given.
    #[must_use]
    pub fn spawn(mut self, spawn: impl Fn(BoxFuture<'static, ()>) + Send + Sync + 'static) -> Self {
        self.spawn = Some(Arc::new(spawn));
        self
    }

    /// How many documents and how many handles are remembered. A document takes about 1 KiB, a handle about 300 bytes;
    /// one that takes more than 4 KiB counts as several, so that the documents of strangers never take more than 4 KiB
    /// times their number. Default: 50,000 each.
    #[must_use]
    pub fn capacity(mut self, documents: usize, handles: usize) -> Self {
        (self.document_capacity, self.handle_capacity) = (documents, handles);
        self
    }

    /// How long documents and handles are as good as new. Default: 1 h, and 10 min.
    #[must_use]
    pub fn fresh_for(mut self, documents: Duration, handles: Duration) -> Self {
        (self.documents.fresh, self.handles.fresh) = (documents, handles);
        self
    }

    /// How long after that they are still given while they are renewed, or cannot be. Default: 24 h.
    #[must_use]
    pub fn stale_for(self, time: Duration) -> Self {
        self.each(|times| times.stale = time)
    }

    /// How long it is remembered that there is no such DID or handle. A handle and a DID that do not lead to each
    /// other are asked for again if what is remembered of them is older than this. Default: 5 min.
    #[must_use]
    pub fn negative_for(self, time: Duration) -> Self {
        self.each(|times| times.negative = time)
    }

    /// How long nobody asks again after a look-up that failed. Default: 15 s.
    #[must_use]
    pub fn backoff(self, time: Duration) -> Self {
        self.each(|times| times.backoff = time)
    }

    /// How much time lies between two forced look-ups of one identity at least; within it, the recent answer is given.
    /// Default: 10 s.
    #[must_use]
    pub fn forced_interval(self, time: Duration) -> Self {
        self.each(|times| times.forced = time)
    }

    fn each(mut self, set: impl Fn(&mut Times)) -> Self {
        set(&mut self.documents);
        set(&mut self.handles);
        self
    }

    /// The resolver.
    ///
    /// # Errors
    /// The address of the PLC directory is none.
    pub fn build(self) -> Result<Resolver, ConfigError> {
        let handles = HandleResolver::new(self.dns, self.public.clone()).development(self.development);
        let sources = Sources {
            // It has to conclude from what it heard in time, before it is cut off.
            handles: handles.timeout(self.timeout - self.timeout / 10),
            plc: PlcClient::new(&self.plc_url, self.trusted)?.timeout(self.timeout),
            public: self.public,
            trusted_permits: Permits::new(self.concurrency),
            public_permits: Permits::new(self.concurrency),
            timeout: self.timeout,
            development: self.development,
        };
        let documents = Memory::new(self.document_capacity, self.documents, self.clock.clone(), self.spawn.clone());
        let handles = Memory::new(self.handle_capacity, self.handles, self.clock, self.spawn);
        Ok(Resolver::assemble(sources, documents, handles, self.documents.negative))
    }
}

impl fmt::Debug for ResolverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolverBuilder").finish_non_exhaustive()
    }
}
