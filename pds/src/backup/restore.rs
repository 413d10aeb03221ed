//! Making a data folder of a backup.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use arobase::syntax::TidGenerator;
use object_store::ObjectStore;
use tokio::task::spawn_blocking;

use super::{
    BackupError, DATABASE, DIRECTORY, INVENTORY, Manifest, OBJECTS,
    error::At,
    files, heal, inventory,
    objects::{self, Place},
};
use crate::{
    error::Error,
    progress::Progress,
    repos::REV_FLOOR,
    store::{Database, SqliteOptions, SqliteStore, Store},
};

/// The folder in which a restoration is put together; nothing outside of it is there before all of it is right.
const STAGE: &str = "restoring";
/// How far behind the newest event of the backup the log goes on at least.
const AHEAD: i64 = 1_000_000;

/// A backup that is to be restored.
pub struct Restore {
    backup: PathBuf,
    objects: Place,
}

/// What was restored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// Behind which number the log goes on.
    pub seq: i64,
    /// How many blobs were not brought along, because they are not in the backup.
    pub missing: u64,
}

impl Restore {
    /// Of a folder; blobs go to a folder.
    #[must_use]
    pub fn into_folder(backup: impl Into<PathBuf>, objects: impl Into<PathBuf>) -> Self {
        Self { backup: backup.into(), objects: Place::Folder(objects.into()) }
    }

    /// Of a folder; blobs go to an object store.
    #[must_use]
    pub fn into_store(backup: impl Into<PathBuf>, objects: Arc<dyn ObjectStore>) -> Self {
        Self { backup: backup.into(), objects: Place::Store(objects) }
    }

    /// Makes a data folder of it, in which there must be no database yet. Everything is verified first; an attempt that
    /// was broken off can be made again. The repositories get their fresh commits from the server that is opened on the
    /// folder: at its [start](crate::Pds::start), or with [`Pds::finish_restoration`](crate::Pds::finish_restoration).
    ///
    /// # Errors
    /// The backup is damaged; what could not be read or written.
    pub async fn restore(self, data: &Path, progress: &Progress) -> Result<Restored, BackupError> {
        let manifest = self.check(data, progress).await?;
        let stage = data.join(STAGE);
        {
            let (backup, stage) = (self.backup.clone(), stage.clone());
            spawn_blocking(move || prepare(&backup, &stage)).await??;
        }
        let seq = go_ahead(&stage.join(DATABASE), manifest.head).await?;
        let missing = match manifest.has_objects {
            true => {
                let (list, source) = (self.backup.join(INVENTORY), Place::Folder(self.backup.join(OBJECTS)));
                objects::copy(&list, &source, &self.objects, manifest.blobs.0, progress).await?
            }
            false => manifest.blobs.0,
        };
        let data = data.to_owned();
        spawn_blocking(move || take_over(&stage, &data)).await??;
        Ok(Restored { manifest, seq, missing })
    }

    /// Whether the backup is whole and there is room for it.
    async fn check(&self, data: &Path, progress: &Progress) -> Result<Manifest, BackupError> {
        let (backup, data, progress) = (self.backup.clone(), data.to_owned(), progress.clone());
        let work = move || {
            is_free(&data)?;
            let manifest = Manifest::read(&backup)?;
            verify_files(&backup, &manifest, &progress)?;
            if manifest.has_objects {
                verify_objects(&backup, &manifest, &progress)?;
            }
            Ok(manifest)
        };
        spawn_blocking(work).await?
    }
}

/// Whether there is no database in the folder, nor anything of one: SQLite would take an old log for that of the new
/// database. Only a directory that a broken-off attempt brought there may be replaced.
fn is_free(data: &Path) -> Result<(), BackupError> {
    let begun = data.join(STAGE).exists();
    for name in [DATABASE, DIRECTORY] {
        for suffix in ["", "-wal", "-journal"] {
            let path = data.join(format!("{name}{suffix}"));
            if path.exists() && !(begun && name == DIRECTORY && suffix.is_empty()) {
                return Err(BackupError::at(&path, &"there is a database already"));
            }
        }
    }
    Ok(())
}

fn verify_files(backup: &Path, manifest: &Manifest, progress: &Progress) -> Result<(), BackupError> {
    for name in [DATABASE, INVENTORY] {
        if !manifest.files.contains_key(name) {
            return Err(BackupError::at(backup, &format!("the manifest tells of no {name}")));
        }
    }
    let total = manifest.files.len() as u64;
    for (done, (name, entry)) in manifest.files.iter().enumerate() {
        progress.tell("verifying files", done as u64, total);
        let path = backup.join(name);
        // Whatever a manifest names, only these are read.
        if ![DATABASE, DIRECTORY, INVENTORY].contains(&name.as_str()) {
            return Err(BackupError::at(&path, &"no backup has such a file"));
        }
        if files::entry(&path)? != *entry {
            return Err(BackupError::at(&path, &"it is damaged: its hash is not that of the manifest"));
        }
    }
    Ok(())
}

fn verify_objects(backup: &Path, manifest: &Manifest, progress: &Progress) -> Result<(), BackupError> {
    let (folder, mut done) = (backup.join(OBJECTS), 0);
    inventory::read(&backup.join(INVENTORY), |item| {
        let path = folder.join(&*item.key);
        // What was missing when the backup was made is missing still.
        if path.exists() && !objects::verify(&path, &item.cid)? {
            return Err(BackupError::at(&path, &"the blob is damaged"));
        }
        done += 1;
        progress.tell("verifying blobs", done, manifest.blobs.0);
        Ok(())
    })
}

/// Copies the databases to where they are worked on.
fn prepare(backup: &Path, stage: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(stage) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(BackupError::at(stage, &error)),
        _ => {}
    }
    files::make_empty(stage)?;
    files::copy(&backup.join(DATABASE), &stage.join(DATABASE))?;
    let directory = backup.join(DIRECTORY);
    if directory.exists() {
        files::copy(&directory, &stage.join(DIRECTORY))?;
    }
    Ok(())
}

/// Makes it impossible that a number or a revision is given again; behind which number the log goes on.
async fn go_ahead(database: &Path, head: i64) -> Result<i64, BackupError> {
    let path = database.to_owned();
    let store = spawn_blocking(move || SqliteStore::open(&path, SqliteOptions::default())).await??;
    let store: Arc<dyn Store> = Arc::new(store);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = u64::try_from(since.as_micros()).unwrap_or_default();
    let seq = i64::try_from(now).unwrap_or(i64::MAX).max(head.saturating_add(AHEAD));
    let floor = TidGenerator::random().next_at(now);
    let database_of_it = Database::new(Arc::clone(&store));
    let marking = database_of_it.write::<_, Error, _>(move |unit| {
        unit.skip_to_seq(seq)?;
        unit.put_setting(REV_FLOOR, floor.as_str().as_bytes())?;
        heal::begin(unit)
    });
    let marked = marking.await;
    store.close().await;
    files::remove_beside(database)?;
    marked?;
    Ok(seq)
}

/// The databases take their places, that of the server last: without it there is no data folder.
fn take_over(stage: &Path, data: &Path) -> Result<(), BackupError> {
    for name in [DIRECTORY, DATABASE] {
        let path = stage.join(name);
        if path.exists() {
            files::sync(&path)?;
            fs::rename(&path, data.join(name)).at(&path)?;
        }
    }
    files::sync(data)?;
    fs::remove_dir(stage).at(stage)
}

impl fmt::Debug for Restore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restore").field("backup", &self.backup).finish_non_exhaustive()
    }
}
