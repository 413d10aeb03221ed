//! Files that are to be there after a loss of power too.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{
    error::{At, BackupError},
    manifest::FileEntry,
};

/// A buffer's worth.
const PIECE: usize = 1 << 20;

/// Makes a folder that only its owner can look into; one that is there must be empty.
pub(super) fn make_empty(folder: &Path) -> Result<(), BackupError> {
    make_private(folder).at(folder)?;
    match fs::read_dir(folder).at(folder)?.next() {
        None => Ok(()),
        Some(_) => Err(BackupError::at(folder, &"the folder is not empty")),
    }
}

/// Makes a folder that only its owner can look into, if it is not there.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The length and the hash of a file.
pub(super) fn entry(path: &Path) -> Result<FileEntry, BackupError> {
    let mut file = File::open(path).at(path)?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let read = file.read(&mut piece).at(path)?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    Ok(FileEntry { bytes, sha256: HEXLOWER.encode(&hash.finalize()) })
}

/// Copies a file, which is then on the disk. It has its name once it is whole.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    fs::copy(from, part)
        .map_err(|error| BackupError::new(format!("{} to {}: {error}", from.display(), to.display())))?;
    sync(part)?;
    fs::rename(part, to).at(to)
}

/// A second name for a file that never changes; a copy where that is not to be had.
pub(super) fn link(from: &Path, to: &Path) -> Result<(), BackupError> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BackupError::at(from, &error)),
        Err(_) => copy(from, to),
    }
}

/// Writes a whole file under its name at once, or not at all.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let part = path.with_extension("part");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&part).at(&part)?;
    file.write_all(content).and_then(|()| file.sync_all()).at(&part)?;
    fs::rename(&part, path).at(path)?;
    path.parent().map_or(Ok(()), sync)
}

/// Waits until a file or the names in a folder are on the disk.
pub(super) fn sync(path: &Path) -> Result<(), BackupError> {
    // Elsewhere folders cannot be opened.
    if cfg!(not(unix)) && path.is_dir() {
        return Ok(());
    }
    File::open(path).and_then(|file| file.sync_all()).at(path)
}

/// Removes what a store leaves beside its file, which is of no use in a backup.
pub(super) fn remove_beside(database: &Path) -> Result<(), BackupError> {
    for suffix in ["-wal", "-shm", ".lock"] {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(BackupError::at(Path::new(&name), &error));
            }
            _ => {}
        }
    }
    Ok(())
}
