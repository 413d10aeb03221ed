//! Bringing the objects of blobs from one place to another.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
};

use arobase::data::Cid;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    error::{At, BackupError},
    files,
    inventory::{self, Item},
};
use crate::progress::Progress;

/// How many objects are under way at a time.
const AT_ONCE: usize = 8;
/// How many lines of the inventory are read ahead.
const AHEAD: usize = 256;
/// How many parts of an object wait to be taken by a store.
const PARTS: usize = 4;

/// Where objects are.
#[derive(Clone)]
pub(super) enum Place {
    /// In a folder, under their keys.
    Folder(PathBuf),
    /// In an object store.
    Store(Arc<dyn ObjectStore>),
}

/// Copies what is in an inventory; how many objects were missing.
pub(super) async fn copy(
    list: &Path,
    from: &Place,
    to: &Place,
    total: u64,
    progress: &Progress,
) -> Result<u64, BackupError> {
    let (send, receive) = mpsc::channel(AHEAD);
    let list = list.to_owned();
    let reading = spawn_blocking(move || {
        inventory::read(&list, |item| send.blocking_send(item).map_err(|_| BackupError::new("nobody copies any more")))
    });
    let items = stream::unfold(receive, |mut receive| async { receive.recv().await.map(|item| (item, receive)) });
    let mut copies = pin!(items.map(|item| copy_one(item, from, to)).buffer_unordered(AT_ONCE));
    let (mut done, mut missing) = (0, 0);
    while let Some(found) = copies.next().await {
        if !found? {
            missing += 1;
        }
        done += 1;
        progress.tell("copying blobs", done, total);
    }
    reading.await??;
    if let Place::Folder(folder) = to
        && folder.exists()
    {
        files::sync(folder)?;
    }
    Ok(missing)
}

/// Copies an object; whether it is there.
async fn copy_one(item: Item, from: &Place, to: &Place) -> Result<bool, BackupError> {
    match (from, to) {
        (Place::Folder(from), Place::Folder(to)) => {
            let (from, to) = (from.join(&*item.key), to.join(&*item.key));
            spawn_blocking(move || link(&from, &to, item.size)).await?
        }
        (Place::Store(store), Place::Folder(to)) => fetch(&**store, &item, &to.join(&*item.key)).await,
        (Place::Folder(from), Place::Store(store)) => send(&from.join(&*item.key), &**store, &item).await,
        (Place::Store(_), Place::Store(_)) => Err(BackupError::new("objects go from a store into a folder or back")),
    }
}

fn link(from: &Path, to: &Path, size: u64) -> Result<bool, BackupError> {
    if !from.exists() {
        return Ok(false);
    }
    make_folder_of(to)?;
    // It may be there from an attempt that was broken off, and not all of it.
    match fs::metadata(to) {
        Ok(there) if there.len() == size => return Ok(true),
        Ok(_) => fs::remove_file(to).at(to)?,
        Err(_) => {}
    }
    files::link(from, to)?;
    Ok(true)
}

async fn fetch(store: &dyn ObjectStore, item: &Item, to: &Path) -> Result<bool, BackupError> {
    let path = object_store::path::Path::parse(&*item.key).map_err(object_store::Error::from)?;
    let mut chunks = match store.get(&path).await {
        Ok(found) => found.into_stream(),
        Err(object_store::Error::NotFound { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    make_folder_of(to)?;
    let mut file = File::create(to).at(to)?;
    while let Some(chunk) = chunks.try_next().await? {
        let mut writer = file.try_clone().at(to)?;
        spawn_blocking(move || writer.write_all(&chunk)).await?.at(to)?;
    }
    file.flush().at(to)?;
    spawn_blocking(move || file.sync_all()).await?.at(to)?;
    Ok(true)
}

async fn send(from: &Path, store: &dyn ObjectStore, item: &Item) -> Result<bool, BackupError> {
    const PIECE: usize = 5 << 20;
    let mut file = match File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.at(from)?,
    };
    let path = object_store::path::Path::parse(&*item.key).map_err(object_store::Error::from)?;
    let mut upload = WriteMultipart::new(store.put_multipart(&path).await?);
    loop {
        let (piece, back) = spawn_blocking(move || read_piece(file, PIECE)).await?.at(from)?;
        file = back;
        if piece.is_empty() {
            break;
        }
        upload.wait_for_capacity(PARTS).await?;
        upload.put(piece);
    }
    upload.finish().await?;
    Ok(true)
}

pub(super) fn read_piece(file: File, most: usize) -> io::Result<(Bytes, File)> {
    let mut piece = Vec::with_capacity(most);
    let mut part = file.take(most as u64);
    part.read_to_end(&mut piece)?;
    Ok((piece.into(), part.into_inner()))
}

/// Whether the file of an object is what its CID says.
pub(super) fn verify(path: &Path, cid: &Cid) -> Result<bool, BackupError> {
    let mut file = File::open(path).at(path)?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece).at(path)? {
            0 => break,
            read => hash.update(piece.get(..read).unwrap_or_default()),
        }
    }
    Ok(hash.finalize()[..] == cid.digest()[..])
}

fn make_folder_of(path: &Path) -> Result<(), BackupError> {
    path.parent().map_or(Ok(()), |folder| files::make_private(folder).at(folder))
}
