//! Files that are there for the time of an import.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use arobase::xrpc::{Body, BodyError, XrpcError};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures_util::StreamExt;
use http::StatusCode;
use tokio::task::spawn_blocking;

use crate::error::Error;

/// How many bytes are collected before they are written.
const BUFFER: usize = 1 << 20;

/// A file that goes when nobody needs it any more.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
}

impl Spool {
    /// A new file in the system's folder for temporary files, for nobody else to read.
    pub(super) fn create() -> io::Result<(Self, File)> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(io::Error::other)?;
        let path = std::env::temp_dir().join(format!("arobase-import-{}", HEXLOWER.encode(&name)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok((Self { path }, file))
    }

    /// A file with what a body has, up to so many bytes.
    pub(super) async fn fill(mut body: Body, limit: u64) -> Result<Self, Error> {
        if body.size().is_some_and(|size| size > limit) {
            return Err(too_long(limit));
        }
        let (spool, mut file) = in_background(Self::create).await?;
        let (mut buffer, mut buffered, mut total) = (Vec::new(), 0, 0_u64);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(broken)?;
            buffered += chunk.len();
            total = total.saturating_add(chunk.len() as u64);
            if total > limit {
                return Err(too_long(limit));
            }
            buffer.push(chunk);
            if buffered >= BUFFER {
                (file, buffered) = (write(file, std::mem::take(&mut buffer)).await?, 0);
            }
        }
        write(file, buffer).await?;
        Ok(spool)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "a temporary file stays");
        }
    }
}

async fn write(mut file: File, chunks: Vec<Bytes>) -> Result<File, Error> {
    in_background(move || {
        chunks.iter().try_for_each(|chunk| file.write_all(chunk))?;
        Ok(file)
    })
    .await
}

async fn in_background<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Error> {
    match spawn_blocking(work).await {
        Ok(result) => result.map_err(Error::internal),
        Err(panic) => Err(Error::internal(panic)),
    }
}

fn too_long(limit: u64) -> Error {
    Error::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", format!("a repository has at most {limit} bytes here"))
}

/// What a body says that does not come to its end.
fn broken(error: BodyError) -> Error {
    match error {
        BodyError::TooLarge { limit } => too_long(limit),
        BodyError::Source(source) => match source.downcast::<XrpcError>() {
            Ok(error) => {
                let message = error.message().unwrap_or("the body breaks off").to_owned();
                Error::new(error.status(), error.name().to_owned(), message)
            }
            Err(_) => Error::invalid_request("the body breaks off"),
        },
        _ => Error::invalid_request("the body breaks off"),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn chunks(chunks: impl IntoIterator<Item = Result<Bytes, BodyError>>) -> Body {
        Body::from_stream(stream::iter(chunks.into_iter().collect::<Vec<_>>()))
    }

    #[tokio::test]
    async fn a_body_is_on_disk_as_it_came_and_gone_afterwards() {
        let parts = (0..20_u8).map(|n| Bytes::from(vec![n; 100_000]));
        let whole: Vec<u8> = parts.clone().flatten().collect();
        let spool = Spool::fill(chunks(parts.map(Ok)), 2_000_000).await.unwrap();
        assert!(std::fs::read(spool.path()).unwrap() == whole);
        let path = spool.path().to_owned();
        drop(spool);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() {
        let announced = Body::new(vec![0; 11]);
        let quiet = chunks([Ok(Bytes::from_static(b"123456")), Ok(Bytes::from_static(b"78901"))]);
        for body in [announced, quiet] {
            assert_eq!(Spool::fill(body, 10).await.unwrap_err().status(), StatusCode::PAYLOAD_TOO_LARGE);
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_the_fault_of_the_caller() {
        let body = chunks([Ok(Bytes::from_static(b"1")), Err(BodyError::source("connection reset"))]);
        assert_eq!(Spool::fill(body, 10).await.unwrap_err().status(), StatusCode::BAD_REQUEST);
    }
}
