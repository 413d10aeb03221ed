//! Making a backup.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::spawn_blocking;

use super::{
    DATABASE, DIRECTORY, INVENTORY,
    error::{At, BackupError},
    files, inventory,
    manifest::{FileEntry, Manifest},
    objects,
};
use crate::{
    pds::Pds,
    progress::Progress,
    store::{Database, SqliteOptions, SqliteStore, Store, View},
};

/// A backup that is to be made of a running server.
pub struct Backup {
    pds: Pds,
    store: Arc<SqliteStore>,
    directory: Option<PathBuf>,
    objects: bool,
    folder_of_objects: Option<PathBuf>,
}

/// What the snapshot of the database says.
struct Contents {
    head: i64,
    accounts: u64,
    blobs: (u64, u64),
}

impl Backup {
    /// Of a server and the store that it is over.
    #[must_use]
    pub fn new(pds: &Pds, store: Arc<SqliteStore>) -> Self {
        Self { pds: pds.clone(), store, directory: None, objects: false, folder_of_objects: None }
    }

    /// With the file of the embedded PLC directory.
    #[must_use]
    pub fn directory(mut self, file: impl Into<PathBuf>) -> Self {
        self.directory = Some(file.into());
        self
    }

    /// With the bytes of the blobs.
    #[must_use]
    pub fn objects(mut self) -> Self {
        self.objects = true;
        self
    }

    /// The folder in which the object store keeps the blobs, if it does: they get a second name instead of being
    /// copied where both are on one file system. They never change.
    #[must_use]
    pub fn folder_of_objects(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder_of_objects = Some(folder.into());
        self
    }

    /// Makes it in a folder, which must be empty or not be there. The server goes on meanwhile; only objects that it
    /// would delete stay until the backup has them.
    ///
    /// # Errors
    /// What could not be read or written. A folder without a manifest is no backup.
    pub async fn make(self, folder: &Path, progress: &Progress) -> Result<Manifest, BackupError> {
        let _held = self.pds.inner.worker.hold_objects().await;
        let (now, url) = (self.pds.inner.now(), self.pds.settings().url.clone());
        let head = self.pds.inner.firehose.head();
        self.snapshot(folder, progress).await?;
        let contents = look(folder, head).await?;
        let files = {
            let folder = folder.to_owned();
            spawn_blocking(move || entries(&folder)).await??
        };
        let missing = match self.objects {
            true => self.copy_objects(folder, contents.blobs.0, progress).await?,
            false => 0,
        };
        let manifest = Manifest {
            version: env!("CARGO_PKG_VERSION").into(),
            time: now,
            url,
            head: contents.head,
            accounts: contents.accounts,
            blobs: contents.blobs,
            has_objects: self.objects,
            missing,
            files,
        };
        manifest.write(folder)?;
        Ok(manifest)
    }

    /// Takes the snapshots. The directory comes behind the database, so that it has every DID of it.
    async fn snapshot(&self, folder: &Path, progress: &Progress) -> Result<(), BackupError> {
        let (store, directory) = (Arc::clone(&self.store), self.directory.clone());
        let (folder, progress) = (folder.to_owned(), progress.clone());
        let work = move || {
            files::make_empty(&folder)?;
            let mut tell = |done, total| progress.tell("copying the database", done, total);
            store.backup(&folder.join(DATABASE), &mut tell)?;
            directory.map_or(Ok(()), |file| copy_directory(&file, &folder.join(DIRECTORY)))
        };
        spawn_blocking(work).await?
    }

    async fn copy_objects(&self, folder: &Path, total: u64, progress: &Progress) -> Result<u64, BackupError> {
        let source = match &self.folder_of_objects {
            Some(folder) => objects::Place::Folder(folder.clone()),
            None => objects::Place::Store(Arc::clone(&self.pds.inner.blobs.objects)),
        };
        let target = objects::Place::Folder(folder.join(super::OBJECTS));
        objects::copy(&folder.join(INVENTORY), &source, &target, total, progress).await
    }
}

/// What the snapshot has, read from the snapshot itself: that it can be opened is part of what a backup promises.
async fn look(folder: &Path, before: i64) -> Result<Contents, BackupError> {
    let (database, list) = (folder.join(DATABASE), folder.join(INVENTORY));
    let opened = database.clone();
    let copy = spawn_blocking(move || SqliteStore::open(&opened, SqliteOptions::default())).await??;
    let copy: Arc<dyn Store> = Arc::new(copy);
    let reading = Database::new(Arc::clone(&copy));
    let contents = spawn_blocking(move || {
        reading.read_long(|view| {
            let blobs = inventory::write(view, &list)?;
            Ok::<_, BackupError>(Contents { head: head(view, before)?, accounts: view.count_accounts()?, blobs })
        })
    });
    let contents = contents.await?;
    copy.close().await;
    files::remove_beside(&database)?;
    contents
}

/// The number of the newest event. A store that is opened on a copy counts on from a time, so only its events tell.
fn head(view: &dyn View, before: i64) -> Result<i64, BackupError> {
    const PAGE: usize = 1_000;
    const PAGE_BYTES: usize = 4 << 20;
    let mut head = before;
    while let Some(last) = view.events(head, PAGE, PAGE_BYTES)?.last() {
        head = last.seq;
    }
    Ok(head)
}

/// What the manifest says of the files.
fn entries(folder: &Path) -> Result<BTreeMap<String, FileEntry>, BackupError> {
    let mut entries = BTreeMap::new();
    for name in [DATABASE, DIRECTORY, INVENTORY] {
        let path = folder.join(name);
        if path.exists() {
            files::sync(&path)?;
            entries.insert(name.to_owned(), files::entry(&path)?);
        }
    }
    files::sync(folder)?;
    Ok(entries)
}

/// The directory has its file open too; SQLite sees to it that the copy is of one moment.
fn copy_directory(from: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |error: rusqlite::Error| BackupError::at(from, &error);
    let source = rusqlite::Connection::open_with_flags(from, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let source = source.map_err(failed)?;
    let target = to.to_str().ok_or_else(|| BackupError::at(to, &"the name is not UTF-8"))?;
    source.execute("VACUUM INTO ?", (target,)).map_err(failed)?;
    fs::metadata(to).at(to).map(drop)
}

impl fmt::Debug for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backup").field("pds", &self.pds).field("objects", &self.objects).finish_non_exhaustive()
    }
}
