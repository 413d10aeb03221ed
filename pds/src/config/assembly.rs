//! A server as the configuration wants it.

mod names;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use arobase::{
    Catalog,
    catalog::{LexiconResolver, NetworkCatalog, Unknown},
    client::Transport,
    identity::{AddressPolicy, Dns, PublicTransport, Resolver, plc::PlcClient},
    xrpc::BoxFuture,
};
use arobase_plc::{Directory, DirectoryTransport};
use object_store::ObjectStore;
use tokio::task::spawn_blocking;

use super::{Config, Plc};
use crate::{
    auth::StaticToken,
    backup::{Backup, BackupError, Restore, make_private},
    blobs::ObjectPlace,
    builder::Builder,
    keys::LocalKeys,
    pds::Pds,
    store::{Database, SqliteStore, StoreErrorKind},
};
use names::HostedNames;

/// Under which address the embedded directory is asked, which no other server has.
const EMBEDDED: &str = "http://plc.invalid";

/// A server, and what is behind it.
pub struct Assembled {
    /// The server.
    pub pds: Pds,
    /// The store that it is over.
    pub store: Arc<SqliteStore>,
    /// The embedded PLC directory, which is to be served too.
    pub directory: Option<Directory>,
    folder: Option<PathBuf>,
    plc_file: Option<PathBuf>,
}

/// Why a server could not be put together.
#[derive(Debug)]
#[non_exhaustive]
pub enum AssemblyError {
    /// Another process has the data folder.
    InUse,
    /// Something else, in words.
    Failed(String),
}

/// How identities are looked up.
struct Network {
    dns: Arc<dyn Dns>,
    public: Arc<dyn Transport>,
    plc: Arc<dyn Transport>,
    plc_url: Box<str>,
}

impl Config {
    /// Puts a server together that listens on this port. Its data folder is made if it is not there.
    ///
    /// # Errors
    /// What could not be opened.
    pub async fn assemble(&self, port: u16) -> Result<Assembled, AssemblyError> {
        make_private(&self.data).map_err(|error| at(&self.data, &error))?;
        let store = self.open_store().await?;
        let directory = self.open_directory().await?;
        let network = self.network(Database::new(store.clone()), directory.as_ref())?;
        let builder = self.parts(Pds::builder(Arc::clone(&store), self.settings_on(port)), &network)?;
        let pds = builder.build().await.map_err(describe)?;
        self.watch(&pds);
        Ok(Assembled {
            pds,
            store,
            plc_file: directory.is_some().then(|| self.plc_file()),
            directory,
            folder: self.folder_of_objects(),
        })
    }

    async fn open_store(&self) -> Result<Arc<SqliteStore>, AssemblyError> {
        let (file, options) = (self.database_file(), self.database.clone());
        let opened = spawn_blocking(move || SqliteStore::open(&file, options)).await.map_err(|error| failed(&error))?;
        opened.map(Arc::new).map_err(|error| match error.kind() {
            StoreErrorKind::InUse => AssemblyError::InUse,
            _ => at(&self.database_file(), &error),
        })
    }

    async fn open_directory(&self) -> Result<Option<Directory>, AssemblyError> {
        if let Plc::Remote(_) = self.plc {
            return Ok(None);
        }
        let (file, limits) = (self.plc_file(), !self.settings.development);
        let opening = spawn_blocking(move || {
            let store = arobase_plc::SqliteStore::open(&file)?;
            Directory::builder(store).rate_limits(limits).build()
        });
        let opened = opening.await.map_err(|error| failed(&error))?;
        opened.map(Some).map_err(|error| at(&self.plc_file(), &error))
    }

    /// Where the embedded directory is to listen.
    #[must_use]
    pub fn plc_listen(&self) -> Option<std::net::SocketAddr> {
        match self.plc {
            Plc::Embedded(listen) => listen,
            Plc::Remote(_) => None,
        }
    }

    fn network(&self, db: Database, directory: Option<&Directory>) -> Result<Network, AssemblyError> {
        let policy = if self.settings.development { AddressPolicy::Any } else { AddressPolicy::Public };
        let system = names::system(self.settings.development).map_err(|error| failed(&error))?;
        let transport = |policy| PublicTransport::new(system.clone(), policy).map_err(|error| failed(&error));
        let (plc, plc_url): (Arc<dyn Transport>, _) = match (&self.plc, directory) {
            (Plc::Remote(url), _) => (Arc::new(transport(AddressPolicy::Any)?), url.clone()),
            (Plc::Embedded(_), Some(directory)) => (Arc::new(DirectoryTransport::new(directory)), EMBEDDED.into()),
            (Plc::Embedded(_), None) => return Err(AssemblyError::Failed("the embedded directory is not open".into())),
        };
        let public = Arc::new(transport(policy)?);
        let dns = Arc::new(HostedNames::new(system, db, &self.settings.handle_domains));
        Ok(Network { dns, public, plc, plc_url })
    }

    /// The parts of the server that are not the usual ones.
    fn parts(&self, builder: Builder, network: &Network) -> Result<Builder, AssemblyError> {
        let development = self.settings.development;
        let resolver = Resolver::builder(network.dns.clone(), network.public.clone(), network.plc.clone())
            .plc_url(&network.plc_url)
            .development(development)
            .spawn(spawn);
        let resolver = resolver.build().map_err(|error| failed(&error))?;
        let plc = PlcClient::new(&network.plc_url, network.plc.clone()).map_err(|error| failed(&error))?;
        let keys = match self.encryption.is_empty() {
            true => LocalKeys::plain(),
            false => LocalKeys::encrypted(self.encryption.iter().copied()).map_err(|error| failed(&error))?,
        };
        let mut builder = builder.resolver(resolver.clone()).plc(plc).keys(keys).objects(self.open_objects()?);
        if self.settings.resolve_lexicons {
            let lexicons = LexiconResolver::new(network.dns.clone(), resolver, network.public.clone());
            let official = Catalog::official().unknown(Unknown::Pass);
            let catalog = NetworkCatalog::builder(official, lexicons.development(development)).spawn(spawn);
            builder = builder.lexicons(catalog.build());
        }
        if let Some(token) = &self.token {
            builder = builder.authenticate(StaticToken::new(token.clone()));
        }
        Ok(builder)
    }

    fn open_objects(&self) -> Result<Arc<dyn ObjectStore>, AssemblyError> {
        self.blobs.open().map_err(describe)
    }

    fn folder_of_objects(&self) -> Option<PathBuf> {
        match &self.blobs {
            ObjectPlace::Folder(folder) => Some(folder.clone()),
            _ => None,
        }
    }

    fn watch(&self, pds: &Pds) {
        let file = self.database_file();
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        pds.metrics().watch_file("database", file);
        pds.metrics().watch_file("wal", log.into());
    }

    /// A restoration of a backup into the data folder, and of its blobs to where this configuration has them.
    ///
    /// # Errors
    /// The object store cannot be had.
    pub fn restore(&self, backup: &Path) -> Result<Restore, AssemblyError> {
        make_private(&self.data).map_err(|error| at(&self.data, &error))?;
        Ok(match self.folder_of_objects() {
            Some(folder) => Restore::into_folder(backup, folder),
            None => Restore::into_store(backup, self.open_objects()?),
        })
    }
}

impl Assembled {
    /// A backup of all of it, with the blobs or without.
    #[must_use]
    pub fn backup(&self, blobs: bool) -> Backup {
        let mut backup = Backup::new(&self.pds, Arc::clone(&self.store));
        if let Some(file) = &self.plc_file {
            backup = backup.directory(file);
        }
        if let Some(folder) = &self.folder {
            backup = backup.folder_of_objects(folder);
        }
        if blobs { backup.objects() } else { backup }
    }

    /// Ends what was started, and closes everything.
    pub async fn close(&self) {
        self.pds.close().await;
        if let Some(directory) = &self.directory {
            directory.close().await;
        }
    }
}

fn spawn(refresh: BoxFuture<'static, ()>) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(refresh);
    }
}

/// What is behind an internal failure is for the operator, who reads this.
fn describe(error: crate::error::Error) -> AssemblyError {
    AssemblyError::Failed(BackupError::from(error).to_string())
}

fn failed(error: &dyn fmt::Display) -> AssemblyError {
    AssemblyError::Failed(error.to_string())
}

fn at(path: &Path, error: &dyn fmt::Display) -> AssemblyError {
    AssemblyError::Failed(format!("{}: {error}", path.display()))
}

impl fmt::Display for AssemblyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str("the data folder is in use by another process"),
            Self::Failed(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for AssemblyError {}

impl fmt::Debug for Assembled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assembled").field("pds", &self.pds).finish_non_exhaustive()
    }
}
