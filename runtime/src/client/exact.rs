use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;

use crate::xrpc::{Body, BodyError};

/// Holds a stream to the size that it was announced with: cut short or cut off, it would be
/// another body than the one that was meant.
pub(super) fn exact(body: Body) -> Body {
    let Some(size) = body.size().filter(|_| body.as_bytes().is_none()) else { return body };
    Body::from_stream(Exact { body, left: size }).sized(size)
}

struct Exact {
    body: Body,
    left: u64,
}

impl Stream for Exact {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = std::task::ready!(Pin::new(&mut self.body).poll_next(cx));
        Poll::Ready(match item {
            Some(Ok(chunk)) => Some(self.count(chunk)),
            None if self.left > 0 => {
                self.left = 0;
                Some(Err(BodyError::source("the body ended before the size that it was announced with")))
            }
            other => other,
        })
    }
}

impl Exact {
    fn count(&mut self, chunk: Bytes) -> Result<Bytes, BodyError> {
        match self.left.checked_sub(chunk.len() as u64) {
            Some(left) => {
                self.left = left;
                Ok(chunk)
            }
            None => Err(BodyError::source("the body is longer than the size that it was announced with")),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{TryStreamExt, stream};

    use super::*;

    async fn read(chunks: &'static [&'static str], size: u64) -> Option<String> {
        let chunks = stream::iter(chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))));
        let read: Vec<Bytes> = exact(Body::from_stream(chunks).sized(size)).try_collect().await.ok()?;
        Some(String::from_utf8(read.concat()).unwrap())
    }

    #[tokio::test]
    async fn a_stream_has_to_have_the_size_that_it_was_announced_with() {
        assert_eq!(read(&["ab", "c"], 3).await.as_deref(), Some("abc"));
        assert_eq!(read(&[], 0).await.as_deref(), Some(""));
        assert_eq!(read(&["ab", "c"], 4).await, None);
        assert_eq!(read(&["ab", "c"], 2).await, None);
    }
}
