//! Writing an object as its bytes come.

use std::sync::Arc;

use bytes::Bytes;
use object_store::{Error, MultipartUpload, ObjectStore, ObjectStoreExt, path::Path};
use tokio::runtime::Handle;

/// The bytes of a part. All but the last have as many: some stores want it so.
const PART: usize = 8 << 20;

/// An object that is being written. It holds at most a part in memory, and is there as a whole once it is
/// [finished](Writing::finish) or not at all.
pub(super) struct Writing {
    objects: Arc<dyn ObjectStore>,
    path: Path,
    part: Vec<u8>,
    /// What holds the parts before this one; an object of one part needs none.
    upload: Option<Box<dyn MultipartUpload>>,
}

impl Writing {
    pub(super) fn new(objects: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { objects, path, part: Vec::new(), upload: None }
    }

    pub(super) async fn push(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            if self.part.len() == PART {
                self.put_part().await?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PART - self.part.len()));
            self.part.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Ends it; the object is durable.
    pub(super) async fn finish(mut self) -> Result<(), Error> {
        if self.upload.is_none() {
            let bytes = Bytes::from(std::mem::take(&mut self.part));
            return self.objects.put(&self.path, bytes.into()).await.map(drop);
        }
        self.put_part().await?;
        if let Some(upload) = &mut self.upload {
            upload.complete().await?;
        }
        self.upload = None;
        Ok(())
    }

    async fn put_part(&mut self) -> Result<(), Error> {
        let part = Bytes::from(std::mem::take(&mut self.part));
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(self.objects.put_multipart(&self.path).await?),
        };
        upload.put_part(part.into()).await
    }
}

/// What was not finished leaves no parts behind, also where nobody waits for it any more.
impl Drop for Writing {
    fn drop(&mut self) {
        if let (Some(mut upload), Ok(runtime)) = (self.upload.take(), Handle::try_current()) {
            runtime.spawn(async move {
                if let Err(error) = upload.abort().await {
                    tracing::warn!("an upload that failed left parts in the object store: {error}");
                }
            });
        }
    }
}
