use std::{
    any::Any,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use arobase_lexicon::schema::Name;
use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Uri, request::Parts};

use super::{authenticate::Credentials, forwarded, request_id::RequestId};

/// What a handler sees of a request besides its parameters and its body. Clones are the same
/// context.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The other end of the connection.
    pub(crate) peer: Option<SocketAddr>,
    /// How many proxies of our own the request came through.
    pub(crate) proxies: usize,
}

impl Origin {
    pub(crate) fn of(head: &Parts, proxies: usize) -> Self {
        Self { peer: head.extensions.get().map(|ConnectInfo(peer)| *peer), proxies }
    }

    pub(crate) fn client_ip(self, headers: &HeaderMap) -> Option<IpAddr> {
        forwarded::client_ip(headers, self.peer, self.proxies)
    }
}

struct Inner {
    head: Parts,
    nsid: Name,
    request_id: RequestId,
    origin: Origin,
    validates_output: bool,
    /// What the authentication found out.
    credentials: OnceLock<Credentials>,
    /// Headers that the handler adds to the answer.
    answer: Mutex<HeaderMap>,
}

impl Context {
    pub(crate) fn new(
        head: Parts,
        nsid: impl Into<Name>,
        request_id: RequestId,
        origin: Origin,
        validates_output: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            head,
            nsid: nsid.into(),
            request_id,
            origin,
            validates_output,
            credentials: OnceLock::new(),
            answer: Mutex::default(),
        }))
    }

    /// The NSID of the method that was called.
    #[must_use]
    pub fn nsid(&self) -> &str {
        &self.0.nsid
    }

    /// The headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.0.head.headers
    }

    /// The HTTP method of the request: a query may come as GET or as HEAD.
    #[must_use]
    pub fn method(&self) -> &http::Method {
        &self.0.head.method
    }

    /// The address that was asked for, with its raw query string.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.0.head.uri
    }

    /// What tower layers attached to the request.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.0.head.extensions
    }

    /// What the hook of [`Router::authenticate`](super::Router::authenticate) gave for this request;
    /// where that is of another type, what a tower layer attached to it.
    #[must_use]
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<&T> {
        let credentials: Option<&(dyn Any + Send + Sync)> = self.0.credentials.get().map(|found| &*found.0);
        credentials.and_then(|found| found.downcast_ref()).or_else(|| self.extensions().get())
    }

    /// The address of the other end of the connection, where the server was told of it, as
    /// [`serve`](super::serve) and axum's `into_make_service_with_connect_info` do. Behind a proxy
    /// that is the proxy.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.0.origin.peer
    }

    /// The address of the client: that of [`Context::peer`], or behind proxies of which
    /// [`Router::trust_forwarded`](super::Router::trust_forwarded) tells, what the outermost one
    /// of them saw.
    #[must_use]
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.0.origin.client_ip(self.headers())
    }

    /// What names this request in logs and in the header `x-request-id` of its answer.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.0.request_id.as_str()
    }

    /// Sets a header of the answer, whether that is a success or an error, in place of what was set
    /// under its name before. Headers that say where the body ends are left out: they follow from
    /// the body. A success with a `Content-Range` is answered 206. It has no effect in a subscription, which is answered
    /// before its handler is asked.
    pub fn set_header(&self, name: HeaderName, value: HeaderValue) {
        self.answer().insert(name, value);
    }

    /// Adds a header of the answer beside those of its name: a `Set-Cookie`, for example. Otherwise
    /// like [`Context::set_header`].
    pub fn append_header(&self, name: HeaderName, value: HeaderValue) {
        self.answer().append(name, value);
    }

    pub(crate) fn take_headers(&self) -> HeaderMap {
        std::mem::take(&mut *self.answer())
    }

    fn answer(&self) -> MutexGuard<'_, HeaderMap> {
        self.0.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what the handler answers is checked against the schema before it is sent.
    pub(crate) fn validates_output(&self) -> bool {
        self.0.validates_output
    }

    /// Takes what the authentication found out; the first time only.
    pub(crate) fn set_credentials(&self, credentials: Credentials) {
        drop(self.0.credentials.set(credentials));
    }
}

/// Without headers and query, which may hold secrets.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { nsid, request_id, origin, .. } = &*self.0;
        f.debug_struct("Context")
            .field("nsid", &&**nsid)
            .field("request_id", &request_id.as_str())
            .field("peer", &origin.peer)
            .finish_non_exhaustive()
    }
}
