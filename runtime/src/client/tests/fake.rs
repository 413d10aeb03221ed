//! A service in memory: it notes what it is sent and answers as the test says.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri, header};

use crate::{
    client::{Client, Session, Transport, TransportError},
    xrpc::{Body, BoxFuture},
};

pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// A request that came in.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: Method,
    pub(super) url: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: Result<Bytes, String>,
}

pub(super) enum Reply {
    Answer(Response<Body>),
    Fault(TransportError),
    Never,
}

type Script = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

#[derive(Clone)]
pub(super) struct Fake(Arc<Inner>);

struct Inner {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    slept: Mutex<Vec<Duration>>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn nsid(&self) -> &str {
        self.url.path().rsplit('/').next().unwrap()
    }
}

impl Fake {
    /// Answers by a function of the request and of how many came before it.
    pub(super) fn new(script: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { script: Box::new(script), seen: Mutex::default(), slept: Mutex::default() }))
    }

    /// Answers in this order.
    pub(super) fn script(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Mutex<Vec<Option<Reply>>> = Mutex::new(replies.into_iter().map(Some).collect());
        Self::new(move |_, index| replies.lock().unwrap().get_mut(index).and_then(Option::take).expect("no more"))
    }

    pub(super) fn client(&self) -> Client {
        Client::with_transport("https://pds.example", self.clone()).unwrap().with_timeout(HOUR)
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.0.seen.lock().unwrap().clone()
    }

    pub(super) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }

    pub(super) fn count(&self, nsid: &str) -> usize {
        self.seen().iter().filter(|seen| seen.nsid() == nsid).count()
    }

    /// The waits of less than an hour; longer ones are deadlines and do not come.
    pub(super) fn slept(&self) -> Vec<Duration> {
        self.0.slept.lock().unwrap().clone()
    }
}

impl Transport for Fake {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect(1 << 20).await.map_err(|error| error.to_string());
            let seen = Seen { method: head.method, url: head.uri, headers: head.headers, body };
            let index = {
                let mut all = self.0.seen.lock().unwrap();
                all.push(seen.clone());
                all.len() - 1
            };
            tokio::task::yield_now().await;
            match (self.0.script)(&seen, index) {
                Reply::Answer(response) => Ok(response),
                Reply::Fault(error) => Err(error),
                Reply::Never => std::future::pending().await,
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration >= HOUR {
            return Box::pin(std::future::pending());
        }
        self.0.slept.lock().unwrap().push(duration);
        Box::pin(tokio::task::yield_now())
    }
}

pub(super) fn answer(status: u16, content_type: &str, body: impl Into<Body>) -> Reply {
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, content_type);
    Reply::Answer(response.body(body.into()).unwrap())
}

pub(super) fn json(body: impl Into<String>) -> Reply {
    answer(200, "application/json", body.into())
}

pub(super) fn error(status: u16, name: &str) -> Reply {
    answer(status, "application/json", format!(r#"{{"error":"{name}","message":"about it"}}"#))
}

pub(super) fn with_header(reply: Reply, name: &'static str, value: &'static str) -> Reply {
    reply.map(|mut response| {
        response.headers_mut().append(name, value.parse().unwrap());
        response
    })
}

pub(super) fn no_connection() -> Reply {
    Reply::Fault(TransportError::new("no connection").connecting())
}

/// The JSON of a session whose tokens have a number.
pub(super) fn session_json(number: usize) -> String {
    format!(
        r#"{{"did":"did:web:a.example","handle":"a.example","accessJwt":"access-{number}","refreshJwt":"refresh-{number}"}}"#
    )
}

pub(super) fn session(number: usize) -> Session {
    Session::from_json(session_json(number).as_bytes()).unwrap()
}

impl Reply {
    /// Changes an answer.
    pub(super) fn map(self, change: impl FnOnce(Response<Body>) -> Response<Body>) -> Self {
        match self {
            Self::Answer(response) => Self::Answer(change(response)),
            other => other,
        }
    }
}

/// Goes on with something a little.
pub(super) async fn is_pending(work: &mut (impl Future + Unpin)) -> bool {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *work).poll(cx).is_pending())).await
}
