use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http::{Version, header, request::Parts};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::timeout;

/// What is read of a body that nobody wants, so that its sender gets to see the answer.
const MOST: usize = 4 << 20;
const LONGEST: Duration = Duration::from_secs(5);
/// How long its sender may be silent meanwhile.
const SILENCE: Duration = Duration::from_millis(500);

/// The body of a request. Whoever answers HTTP/1 before the body has come in whole and closes makes
/// the system of the sender throw the answer away; so what is left unread is read for a while, and
/// dropped.
pub(crate) struct Lingering {
    /// `None` once it has ended, and where nothing has to be read.
    body: Option<Body>,
    lingers: bool,
    /// The sender waits for a sign before it sends the body (`Expect: 100-continue`), and was given
    /// none yet.
    waits: bool,
}

impl Lingering {
    pub(crate) fn new(head: &Parts, body: Body) -> Self {
        let lingers = head.version < Version::HTTP_2;
        let waits = head.headers.contains_key(header::EXPECT);
        Self { body: Some(body), lingers, waits }
    }
}

impl http_body::Body for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.waits = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = std::task::ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(body) =
            self.body.take().filter(|body| self.lingers && !self.waits && !http_body::Body::is_end_stream(body))
        else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(timeout(LONGEST, drain(body)));
        }
    }
}

async fn drain(mut body: Body) {
    let mut read = 0;
    while let Ok(Some(Ok(frame))) = timeout(SILENCE, body.frame()).await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MOST {
            return;
        }
    }
}
