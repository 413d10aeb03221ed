//! One repository in a file, as operators bring them from here to there.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

use arobase::{
    syntax::Did,
    xrpc::{Body, BodyError},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::task::spawn_blocking;

use super::error::{At, BackupError};
use crate::{error::Error, pds::Pds, repos};

/// How much of a file is read at a time.
const PIECE: usize = 1 << 20;

impl Pds {
    /// Writes a repository into a file, as a CAR file; how many bytes it has. The state of the account does not matter.
    ///
    /// # Errors
    /// There is no such account; the file is there already or cannot be written.
    pub async fn export_repo(&self, did: &Did, path: &Path) -> Result<u64, BackupError> {
        let (inner, did, path) = (Arc::clone(&self.inner), did.clone(), path.to_owned());
        let work = move || {
            let mut out = BufWriter::new(File::create_new(&path).at(&path)?);
            let written = inner.db.read_long(|view| {
                let account = view.account_of_did(&did)?.ok_or_else(|| Error::repo_not_found(&did))?;
                let repo = repos::open(view, &account)?;
                let blocks = repos::RepoBlocks { view, id: account.id };
                let mut bytes = 0;
                for piece in repo.export(&blocks).into_car() {
                    let piece = piece.map_err(|error| BackupError::new(error.to_string()))?;
                    out.write_all(&piece).at(&path)?;
                    bytes += piece.len() as u64;
                }
                Ok::<_, BackupError>(bytes)
            })?;
            let file = out.into_inner().map_err(|error| BackupError::at(&path, &error))?;
            file.sync_all().at(&path)?;
            Ok(written)
        };
        spawn_blocking(work).await?
    }

    /// Replaces a repository by one from a CAR file ([`Pds::import_repo`]).
    ///
    /// # Errors
    /// There is no such account; the file cannot be read, or is not a whole repository of it.
    pub async fn import_repo_file(&self, did: &Did, path: &Path) -> Result<(), BackupError> {
        let file = File::open(path).at(path)?;
        let length = file.metadata().at(path)?.len();
        let pieces = stream::try_unfold(file, |file| async move {
            let read = spawn_blocking(move || super::objects::read_piece(file, PIECE)).await;
            let (piece, file): (Bytes, File) = read.map_err(source)?.map_err(source)?;
            Ok((!piece.is_empty()).then_some((piece, file)))
        });
        Ok(self.import_repo(did, Body::from_stream(pieces).sized(length)).await?)
    }
}

fn source(error: impl std::error::Error + Send + Sync + 'static) -> BodyError {
    BodyError::Source(error.into())
}
