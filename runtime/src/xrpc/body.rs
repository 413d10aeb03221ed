use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use super::{BoxStream, MaybeSend, MaybeSync};

/// A body that is not described by a schema: a CAR file, a video, a blob, JSON lines. It is in
/// memory or a stream; a stream is read once, unless it can be opened again ([`Body::replayable`]).
///
/// It is itself a stream of chunks.
pub struct Body {
    source: Source,
    content_type: Option<String>,
    size: Option<u64>,
}

type Open = dyn OpenStream;

/// Opens the stream of a body once more.
trait OpenStream: MaybeSend + MaybeSync {
    fn open(&self) -> Chunks;
}

impl<S, F> OpenStream for F
where
    F: Fn() -> S + MaybeSend + MaybeSync,
    S: Stream<Item = Result<Bytes, BodyError>> + MaybeSend + 'static,
{
    fn open(&self) -> Chunks {
        Box::pin(self())
    }
}

type Chunks = BoxStream<'static, Result<Bytes, BodyError>>;

enum Source {
    Bytes(Bytes),
    Stream(Chunks),
    Replay(Arc<Open>),
}

/// Why a body could not be read to its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum BodyError {
    /// It is longer than allowed.
    TooLarge {
        /// The most bytes.
        limit: u64,
    },
    /// The connection or the source failed.
    Source(Box<dyn Error + Send + Sync>),
}

impl Body {
    /// A body in memory, of the method's own encoding.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { size: Some(bytes.len() as u64), source: Source::Bytes(bytes), content_type: None }
    }

    /// A body that comes in chunks.
    #[must_use]
    pub fn from_stream(stream: impl Stream<Item = Result<Bytes, BodyError>> + MaybeSend + 'static) -> Self {
        Self { source: Source::Stream(Box::pin(stream)), content_type: None, size: None }
    }

    /// A body that comes in chunks, from a source that can be opened again: when a call has to be
    /// repeated, `open` is called once more.
    #[must_use]
    pub fn replayable<S>(open: impl Fn() -> S + MaybeSend + MaybeSync + 'static) -> Self
    where
        S: Stream<Item = Result<Bytes, BodyError>> + MaybeSend + 'static,
    {
        Self { source: Source::Replay(Arc::new(open)), content_type: None, size: None }
    }

    /// Says what it is, where the method leaves that open (`*/*`).
    #[must_use]
    pub fn content_type(mut self, mime_type: impl Into<String>) -> Self {
        self.content_type = Some(mime_type.into());
        self
    }

    /// Says how many bytes a stream will have; it becomes the `Content-Length`.
    #[must_use]
    pub fn sized(mut self, bytes: u64) -> Self {
        if !matches!(self.source, Source::Bytes(_)) {
            self.size = Some(bytes);
        }
        self
    }

    /// The MIME type, where it was given.
    #[must_use]
    pub fn mime_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The number of bytes that are left to read, where it is known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// The bytes, where they are in memory.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The same body once more; `None` for a stream that can be read only once.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        let source = match &self.source {
            Source::Bytes(bytes) => Source::Bytes(bytes.clone()),
            Source::Replay(open) => Source::Replay(Arc::clone(open)),
            Source::Stream(_) => return None,
        };
        Some(Self { source, content_type: self.content_type.clone(), size: self.size })
    }

    /// Reads it to its end.
    ///
    /// # Errors
    /// A body of more than `limit` bytes, or a source that failed. Memory grows with what arrives,
    /// never with what was announced.
    pub async fn collect(mut self, limit: u64) -> Result<Bytes, BodyError> {
        if self.size.is_some_and(|size| size > limit) {
            return Err(BodyError::TooLarge { limit });
        }
        if let Source::Bytes(bytes) = self.source {
            return Ok(bytes);
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = poll_fn(|cx| Pin::new(&mut self).poll_next(cx)).await {
            let chunk = chunk?;
            if (all.len() + chunk.len()) as u64 > limit {
                return Err(BodyError::TooLarge { limit });
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

impl Stream for Body {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.poll_chunk(cx);
        if let (Poll::Ready(Some(Ok(chunk))), Some(size)) = (&polled, &mut self.size) {
            *size = size.saturating_sub(chunk.len() as u64);
        }
        polled
    }
}

impl Body {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        loop {
            match &mut self.source {
                Source::Bytes(bytes) if bytes.is_empty() => return Poll::Ready(None),
                Source::Bytes(bytes) => return Poll::Ready(Some(Ok(std::mem::take(bytes)))),
                Source::Stream(stream) => return stream.as_mut().poll_next(cx),
                Source::Replay(open) => {
                    let stream = open.open();
                    self.source = Source::Stream(stream);
                }
            }
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::new(Bytes::new())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self::new(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mime_type = self.mime_type().unwrap_or("own encoding");
        match self.size {
            Some(size) => write!(f, "Body({size} bytes, {mime_type})"),
            None => write!(f, "Body(stream, {mime_type})"),
        }
    }
}

impl BodyError {
    /// A fault of the source.
    pub fn source(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Source(error.into())
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body has more than {limit} bytes"),
            Self::Source(_) => f.write_str("the body could not be read to its end"),
        }
    }
}

impl Error for BodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooLarge { .. } => None,
            Self::Source(error) => Some(&**error),
        }
    }
}

#[cfg(all(test, any(feature = "client", feature = "server")))]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};

    use super::*;

    #[test]
    fn the_size_shrinks_while_it_is_read() {
        let chunks = || stream::iter(["ab", "c"].map(|text| Ok(Bytes::from(text))));
        for (mut body, left) in [(Body::from_stream(chunks()).sized(3), 1), (Body::new("abc"), 0)] {
            assert_eq!(body.size(), Some(3));
            body.next().now_or_never().unwrap().unwrap().unwrap();
            assert_eq!(body.size(), Some(left));
        }
    }
}
