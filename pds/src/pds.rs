//! The server.

use std::{fmt, sync::Arc, time::UNIX_EPOCH};

use arobase::{
    clock::Clock,
    identity::{Resolver, plc::PlcClient},
    server::Subscribers,
    syntax::{Tid, TidGenerator},
};

use crate::{
    accounts::Claims,
    api::Exports,
    auth::{Authenticate, Gate, Secrets},
    blobs::Blobs,
    builder::Builder,
    crawlers::Crawlers,
    firehose::Firehose,
    hooks::Hooks,
    keys::Keys,
    mail::Mailer,
    metrics::Metrics,
    repos::{Lexicons, Repos},
    settings::Settings,
    store::{Database, Store},
    worker::Worker,
};

/// A personal data server. Cheap to clone; clones are one server. For a tokio runtime.
#[derive(Clone)]
pub struct Pds {
    pub(crate) inner: Arc<Inner>,
}

/// The parts of a server.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) db: Database,
    pub(crate) blobs: Blobs,
    pub(crate) keys: Arc<dyn Keys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tids: TidGenerator,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) resolver: Resolver,
    pub(crate) plc: PlcClient,
    pub(crate) lexicons: Lexicons,
    pub(crate) repos: Repos,
    pub(crate) authenticate: Option<Arc<dyn Authenticate>>,
    pub(crate) hooks: Vec<Arc<dyn Hooks>>,
    pub(crate) secrets: Secrets,
    pub(crate) gate: Gate,
    pub(crate) claims: Claims,
    pub(crate) firehose: Firehose,
    pub(crate) exports: Exports,
    pub(crate) subscribers: Subscribers,
    pub(crate) crawlers: Crawlers,
    pub(crate) worker: Worker,
    pub(crate) metrics: Metrics,
}

impl Pds {
    /// A server over a store, to be set up.
    pub fn builder(store: impl Store, settings: Settings) -> Builder {
        Builder::new(Arc::new(store), settings)
    }

    /// How it behaves.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// What it keeps.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.inner.db
    }

    /// The blobs.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// The events.
    #[must_use]
    pub fn firehose(&self) -> &Firehose {
        &self.inner.firehose
    }

    /// Who is subscribed. To be given to [`Serve::subscribers`](arobase::server::Serve::subscribers), so that
    /// subscriptions end in order.
    #[must_use]
    pub fn subscribers(&self) -> Subscribers {
        self.inner.subscribers.clone()
    }

    /// Who sends mail.
    #[must_use]
    pub fn mailer(&self) -> &Arc<dyn Mailer> {
        &self.inner.mailer
    }

    /// The numbers.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Begins the work that is nobody's request: trimming the log, collecting blobs, deleting accounts whose time has
    /// come, telling relays. Without it nothing breaks, but nothing is tidied up. It ends with [`Pds::close`].
    pub fn start(&self) {
        Worker::start(self);
    }

    /// Ends what was started, and closes the store when everything that was begun is done.
    pub async fn close(&self) {
        self.inner.worker.stop().await;
        self.inner.db.store().close().await;
    }
}

impl Inner {
    /// Microseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let since = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// A revision after another one, near now, and greater than all that there were before the last restore.
    pub(crate) fn rev_after(&self, previous: Option<&Tid>) -> Tid {
        let now = u64::try_from(self.now()).unwrap_or_default();
        match self.repos.previous(previous) {
            Some(previous) => self.tids.after(previous, now),
            None => self.tids.next_at(now),
        }
    }
}

impl fmt::Debug for Pds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pds").field("url", &self.inner.settings.url).finish_non_exhaustive()
    }
}
