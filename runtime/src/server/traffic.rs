use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use axum::body::Body;
use bytes::Bytes;
use http::Version;
use http_body::{Frame, SizeHint};

/// What goes on at one connection.
#[derive(Default)]
pub(super) struct Traffic {
    begun: AtomicU64,
    ended: AtomicU64,
    http_2: AtomicBool,
}

impl Traffic {
    /// Counts a request. HTTP/1 knows by itself when one ends, so only those of HTTP/2 are followed.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Option<Exchange> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        if version != Version::HTTP_2 {
            return None;
        }
        self.http_2.store(true, Ordering::Relaxed);
        Some(Exchange(Arc::clone(self)))
    }

    /// Whether any request came.
    pub(super) fn is_some(&self) -> bool {
        self.begun.load(Ordering::Relaxed) > 0
    }

    pub(super) fn is_http_2(&self) -> bool {
        self.http_2.load(Ordering::Relaxed)
    }

    /// How many beginnings and ends there were, where no request of HTTP/2 is under way: between two
    /// looks with the same outcome nothing happened.
    pub(super) fn at_rest(&self) -> Option<u64> {
        let (begun, ended) = (self.begun.load(Ordering::Relaxed), self.ended.load(Ordering::Relaxed));
        (begun == ended).then_some(begun)
    }
}

/// One request and its answer; dropped when both are over.
pub(super) struct Exchange(Arc<Traffic>);

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// The body of an answer, which ends its exchange.
pub(super) struct Followed {
    pub(super) body: Body,
    pub(super) exchange: Option<Exchange>,
}

impl http_body::Body for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) {
            self.exchange = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
