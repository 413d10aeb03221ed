use std::{
    any::Any,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use arobase_lexicon::schema::Name;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Uri, request::Parts};

use super::{authenticate::Credentials, request_id::RequestId};

/// What a handler sees of a request besides its parameters and its body. Clones are the same
/// context.
#[derive(Clone)]
pub struct Context(Arc<Inner>);

struct Inner {
    head: Parts,
    nsid: Name,
    request_id: RequestId,
    peer: Option<SocketAddr>,
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
        peer: Option<SocketAddr>,
        validates_output: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            head,
            nsid: nsid.into(),
            request_id,
            peer,
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
        self.0.peer
    }

    /// What names this request in logs and in the header `x-request-id` of its answer.
    #[must_use]
    pub fn request_id(&self) -> &str {
        self.0.request_id.as_str()
    }

    /// Sets a header of the answer, whether that is a success or an error. Headers that say where
    /// the body ends are left out: they follow from the body.
    pub fn set_header(&self, name: HeaderName, value: HeaderValue) {
        self.0.answer.lock().unwrap_or_else(PoisonError::into_inner).insert(name, value);
    }

    pub(crate) fn take_headers(&self) -> HeaderMap {
        std::mem::take(&mut *self.0.answer.lock().unwrap_or_else(PoisonError::into_inner))
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
        let Inner { nsid, request_id, peer, .. } = &*self.0;
        f.debug_struct("Context")
            .field("nsid", &&**nsid)
            .field("request_id", &request_id.as_str())
            .field("peer", peer)
            .finish_non_exhaustive()
    }
}
