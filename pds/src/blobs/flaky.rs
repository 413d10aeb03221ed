//! An object store for tests.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result, UploadPart, memory::InMemory, path::Path,
};

/// Objects in memory, with failures.
#[derive(Debug, Default)]
pub(super) struct Flaky {
    inner: InMemory,
    /// How many calls go well before one fails; none if all go well.
    fuse: Mutex<Option<u32>>,
    /// Whether what fails happens all the same.
    pub(super) fails_late: Mutex<bool>,
    /// Keys that cannot be deleted.
    pub(super) stuck: Mutex<Vec<String>>,
    /// Uploads of several parts that were neither finished nor given up.
    open: Arc<AtomicU32>,
}

impl Flaky {
    /// Makes one call fail, after so many.
    pub(super) fn fail_after(&self, calls: u32) {
        *self.fuse.lock().unwrap() = Some(calls);
    }

    pub(super) fn heal(&self) {
        *self.fuse.lock().unwrap() = None;
    }

    pub(super) async fn keys(&self) -> Vec<String> {
        let keys = self.inner.list(Some(&Path::from("blobs"))).map_ok(|object| object.location.to_string());
        let mut keys: Vec<_> = keys.try_collect().await.unwrap();
        keys.retain(|key| key != "blobs/owner");
        keys
    }

    pub(super) fn open_uploads(&self) -> u32 {
        self.open.load(Ordering::Relaxed)
    }

    fn burn(&self) -> bool {
        let mut fuse = self.fuse.lock().unwrap();
        match &mut *fuse {
            Some(0) => {
                *fuse = None;
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    /// Does something, or fails: before it or after it.
    async fn attempt<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        if !self.burn() {
            return work.await;
        }
        if *self.fails_late.lock().unwrap() {
            work.await?;
        }
        Err(failure())
    }
}

fn failure() -> object_store::Error {
    object_store::Error::Generic { store: "flaky", source: "it was to fail".into() }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl ObjectStore for Flaky {
    fn put_opts<'a, 'b, 'c>(&'a self, path: &'b Path, bytes: PutPayload, options: PutOptions) -> Answer<'c, PutResult>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move { self.attempt(self.inner.put_opts(path, bytes, options)).await })
    }

    fn put_multipart_opts<'a, 'b, 'c>(
        &'a self,
        path: &'b Path,
        options: PutMultipartOptions,
    ) -> Answer<'c, Box<dyn MultipartUpload>>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move {
            let inner = self.attempt(self.inner.put_multipart_opts(path, options)).await?;
            self.open.fetch_add(1, Ordering::Relaxed);
            let fails = self.burn();
            Ok(Box::new(FlakyUpload { inner, fails, open: self.open.clone() }) as Box<dyn MultipartUpload>)
        })
    }

    fn get_opts<'a, 'b, 'c>(&'a self, path: &'b Path, options: GetOptions) -> Answer<'c, GetResult>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move { self.attempt(self.inner.get_opts(path, options)).await })
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let fails = self.burn();
        let stuck = self.stuck.lock().unwrap().clone();
        let (allowed, denied): (BoxStream<'static, _>, BoxStream<'static, _>) = if fails {
            (stream::empty().boxed(), stream::iter([Err(failure())]).boxed())
        } else {
            let paths = paths.map(move |path| match path {
                Ok(path) if stuck.iter().any(|key| key == path.as_ref()) => Err(failure()),
                path => path,
            });
            (paths.boxed(), stream::empty().boxed())
        };
        self.inner.delete_stream(allowed).chain(denied).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.burn() {
            return stream::iter([Err(failure())]).boxed();
        }
        self.inner.list(prefix)
    }

    fn list_with_delimiter<'a, 'b, 'c>(&'a self, prefix: Option<&'b Path>) -> Answer<'c, ListResult>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move { self.attempt(self.inner.list_with_delimiter(prefix)).await })
    }

    fn copy_opts<'a, 'b, 'd, 'c>(&'a self, from: &'b Path, to: &'d Path, options: CopyOptions) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
    {
        self.inner.copy_opts(from, to, options)
    }
}

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flaky")
    }
}

#[derive(Debug)]
struct FlakyUpload {
    inner: Box<dyn MultipartUpload>,
    fails: bool,
    open: Arc<AtomicU32>,
}

impl MultipartUpload for FlakyUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        if self.fails {
            return Box::pin(std::future::ready(Err(failure())));
        }
        self.inner.put_part(part)
    }

    fn complete<'a, 'c>(&'a mut self) -> Answer<'c, PutResult>
    where
        'a: 'c,
    {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.inner.complete()
    }

    fn abort<'a, 'c>(&'a mut self) -> Answer<'c, ()>
    where
        'a: 'c,
    {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.inner.abort()
    }
}
