//! Putting a server together.

use std::{fmt, sync::Arc};

use arobase::{
    catalog::NetworkCatalog,
    clock::{Clock, SystemClock},
    identity::{AddressPolicy, Dns, PublicTransport, Resolver, SystemDns, plc::PlcClient},
    server::Subscribers,
    syntax::TidGenerator,
};
use object_store::ObjectStore;

use crate::{
    accounts::Claims,
    api::Exports,
    auth::{Authenticate, Gate, Passwords, Secrets},
    blobs::{Blobs, RemoteLimits},
    crawlers::Crawlers,
    error::Error,
    firehose::Firehose,
    hooks::Hooks,
    keys::{Keys, LocalKeys},
    mail::{MailLog, Mailer},
    metrics::Metrics,
    pds::{Inner, Pds},
    repos::{Lexicons, Repos},
    settings::Settings,
    store::{Database, Store},
    worker::Worker,
};

/// A server that is being put together. What is not given has a default: blobs in memory, keys in the store, the clock
/// of the computer, mail in the log, sessions as the protocol has them, and the public network.
#[must_use]
pub struct Builder {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Settings,
    pub(crate) objects: Option<Arc<dyn ObjectStore>>,
    pub(crate) remote_limits: RemoteLimits,
    pub(crate) keys: Arc<dyn Keys>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) resolver: Option<Resolver>,
    pub(crate) plc: Option<PlcClient>,
    pub(crate) lexicons: Lexicons,
    pub(crate) authenticate: Option<Arc<dyn Authenticate>>,
    pub(crate) hooks: Vec<Arc<dyn Hooks>>,
    pub(crate) passwords: Passwords,
}

impl Builder {
    pub(crate) fn new(store: Arc<dyn Store>, settings: Settings) -> Self {
        Self {
            store,
            settings,
            objects: None,
            remote_limits: RemoteLimits::default(),
            keys: Arc::new(LocalKeys::plain()),
            clock: Arc::new(SystemClock),
            mailer: Arc::new(MailLog),
            resolver: None,
            plc: None,
            lexicons: Lexicons::official(),
            authenticate: None,
            hooks: Vec::new(),
            passwords: Passwords::new(),
        }
    }

    /// Where the bytes of blobs are.
    pub fn objects(mut self, objects: Arc<dyn ObjectStore>) -> Self {
        self.objects = Some(objects);
        self
    }

    /// When blobs behind URLs are looked at again because somebody gets them.
    pub fn remote_limits(mut self, limits: RemoteLimits) -> Self {
        self.remote_limits = limits;
        self
    }

    /// How keys are made and kept.
    pub fn keys(mut self, keys: impl Keys + 'static) -> Self {
        self.keys = Arc::new(keys);
        self
    }

    /// What time it is.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Who sends mail.
    pub fn mailer(mut self, mailer: impl Mailer + 'static) -> Self {
        self.mailer = Arc::new(mailer);
        self
    }

    /// Who resolves identities.
    pub fn resolver(mut self, resolver: Resolver) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// The directory in which new accounts get their DIDs.
    pub fn plc(mut self, plc: PlcClient) -> Self {
        self.plc = Some(plc);
        self
    }

    /// Where lexicons come from that records are validated against. Default: the official ones, which are built in.
    pub fn lexicons(mut self, lexicons: NetworkCatalog) -> Self {
        self.lexicons = Lexicons::Network(lexicons);
        self
    }

    /// Who decides whose request it is, before sessions are looked at.
    pub fn authenticate(mut self, authenticate: impl Authenticate + 'static) -> Self {
        self.authenticate = Some(Arc::new(authenticate));
        self
    }

    /// Adds somebody who has a word in what is written. They are asked in the order in which they were added.
    pub fn hooks(mut self, hooks: impl Hooks + 'static) -> Self {
        self.hooks.push(Arc::new(hooks));
        self
    }

    /// The server. Its secrets are made if the store has none yet.
    ///
    /// # Errors
    /// The store failed; or the public network was to be used and could not be set up.
    pub async fn build(mut self) -> Result<Pds, Error> {
        let db = Database::new(self.store);
        let secrets = Secrets::load(&db, &self.keys).await?;
        let repos = Repos::load(&db).await?;
        let metrics = Metrics::default();
        self.hooks.push(Arc::new(metrics.clone()));
        let firehose = Firehose::open(db.clone(), &self.settings).await?;
        let resolver = self.resolver.map_or_else(|| Resolver::system().map_err(Error::internal), Ok)?;
        let plc = self.plc.map_or_else(public_directory, Ok)?;
        let objects = self.objects.unwrap_or_else(|| Arc::new(object_store::memory::InMemory::new()));
        let inner = Inner {
            gate: Gate::new(&self.settings, &resolver, Arc::clone(&self.clock), self.passwords),
            claims: Claims::default(),
            blobs: Blobs::new(objects, self.remote_limits),
            crawlers: Crawlers::new(&self.settings),
            metrics,
            settings: self.settings,
            db,
            keys: self.keys,
            clock: self.clock,
            tids: TidGenerator::random(),
            mailer: self.mailer,
            resolver,
            plc,
            lexicons: self.lexicons,
            repos,
            authenticate: self.authenticate,
            hooks: self.hooks,
            secrets,
            firehose,
            exports: Exports::default(),
            subscribers: Subscribers::new(),
            worker: Worker::default(),
        };
        Ok(Pds { inner: Arc::new(inner) })
    }
}

fn public_directory() -> Result<PlcClient, Error> {
    let dns: Arc<dyn Dns> = Arc::new(SystemDns::new().map_err(Error::internal)?);
    let transport = PublicTransport::new(dns, AddressPolicy::Public).map_err(Error::internal)?;
    PlcClient::new("https://plc.directory", Arc::new(transport)).map_err(Error::internal)
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("url", &self.settings.url).finish_non_exhaustive()
    }
}
