//! A folder as an object store.

use std::{
    fs::{self, DirBuilder, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use object_store::{ObjectStore, local::LocalFileSystem};

use super::super::key;

/// For how long nothing was written to a file that belongs to no upload any more.
const STALE: Duration = Duration::from_secs(60 * 60);

/// Opens a folder, which is made if it is not there. Files and the folders that name them are on disk before a write is
/// answered.
pub(super) fn open(path: &Path) -> Result<Arc<dyn ObjectStore>, Box<dyn std::error::Error + Send + Sync>> {
    make(path)?;
    let objects = LocalFileSystem::new_with_prefix(path)?.with_fsync(true).with_automatic_cleanup(true);
    let blobs = path.join(key::ROOT);
    thread::Builder::new().name("staged blobs".to_owned()).spawn(move || tidy(blobs))?;
    Ok(Arc::new(objects))
}

/// Makes a folder and those above it, for nobody else to look into.
fn make(path: &Path) -> io::Result<()> {
    let missing: Vec<_> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)?;
    // A new folder is there for good once the one above it is on disk.
    for folder in missing.iter().filter_map(|folder| folder.parent()).filter(|folder| !folder.as_os_str().is_empty()) {
        sync(folder)?;
    }
    Ok(())
}

#[cfg(unix)]
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened.
#[cfg(not(unix))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes what uploads left behind that a crash cut short: files that are no objects yet, and that nobody lists. What
/// cannot be removed only takes room.
fn tidy(blobs: PathBuf) {
    let mut folders = vec![blobs];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() && is_staged(&entry.path()) && is_stale(&entry) => {
                    fs::remove_file(entry.path()).unwrap_or_default();
                }
                _ => {}
            }
        }
    }
}

/// Whether a file is one that the object store writes before it gets its name.
fn is_staged(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let parts = name.and_then(|name| name.rsplit_once('#'));
    parts.is_some_and(|(name, number)| {
        key::time(name).is_some() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn is_stale(entry: &fs::DirEntry) -> bool {
    let written = entry.metadata().and_then(|metadata| metadata.modified());
    let age = written.map(|written| SystemTime::now().duration_since(written).unwrap_or_default());
    age.is_ok_and(|age| age > STALE)
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("arobase-blobs-{name}-{}", std::process::id()));
        fs::remove_dir_all(&path).unwrap_or_default();
        path
    }

    #[tokio::test]
    async fn a_folder_is_made_and_emptied_with_its_objects() {
        let root = folder("made");
        let objects = open(&root.join("a/b")).unwrap();
        let path = object_store::path::Path::from("blobs/00/did!plc!a/1");
        objects.put(&path, "bytes".into()).await.unwrap();
        assert_eq!(fs::read(root.join("a/b/blobs/00/did!plc!a/1")).unwrap(), b"bytes");
        objects.delete(&path).await.unwrap();
        assert!(!root.join("a/b/blobs").exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[tokio::test]
    async fn blobs_live_in_a_folder() {
        let root = folder("life");
        super::super::super::testing::life_of_blobs(open(&root).unwrap(), 9 << 20).await;
        let left: Vec<_> = fs::read_dir(root.join("blobs")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["owner"]);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn files_of_uploads_that_were_cut_short_go_once_they_are_old() {
        let root = folder("tidy");
        let name = "0006000000000000aaaaaaaaaaaaaaaa";
        let names = [name.to_owned(), format!("{name}#1"), format!("{name}#2"), "notes#3".to_owned()];
        fs::create_dir_all(root.join("00/x")).unwrap();
        for (name, age) in names.iter().zip([2, 2, 0, 2]) {
            let file = File::create(root.join("00/x").join(name)).unwrap();
            file.set_modified(SystemTime::now() - STALE * age).unwrap();
        }
        tidy(root.clone());
        let left = names.map(|name| root.join("00/x").join(name).exists());
        assert_eq!(left, [true, false, true, true]);
        fs::remove_dir_all(root).unwrap();
    }
}
