use std::{
    collections::{HashMap, hash_map},
    fmt,
    sync::Arc,
    time::Duration,
};

use arobase_lexicon::syntax::Nsid;
use axum::{extract::Request, response::Response};
use bytes::Bytes;

use super::{
    Context, Failure, Route, SocketSettings, Subscribers,
    authenticate::Authenticator,
    dispatch::{Dispatch, Entry, Fallback, Table},
    refusal::Refusal,
    settings::Settings,
};
use crate::{
    data::{Map, Value, json},
    xrpc::params::UnknownParams,
};

/// Methods with their handlers, on the way to an axum router.
///
/// Settings hold for all methods of the router, whether they are made before the methods are added
/// or after. Those of a router that is merged in stay with its methods; what it leaves open follows
/// the router into which it goes.
#[must_use]
#[derive(Default)]
pub struct Router {
    /// By NSID, its authority in lower case.
    methods: HashMap<String, Placed>,
    fallback: Option<Arc<Fallback>>,
    health: Option<Bytes>,
    cors: Option<bool>,
    settings: Settings,
}

/// A method, with the settings that it brought from another router.
struct Placed {
    route: Route,
    brought: Settings,
}

impl Router {
    /// Without methods.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a method.
    ///
    /// # Panics
    /// If the router has a handler for this NSID already.
    #[track_caller]
    pub fn route(mut self, route: Route) -> Self {
        self.add(Placed { route, brought: Settings::default() });
        self
    }

    /// Keeps only the methods of these NSIDs; calls of the others reach the fallback.
    ///
    /// # Panics
    /// If the router has no handler for one of them.
    #[track_caller]
    pub fn only<'a>(mut self, nsids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut kept = HashMap::new();
        for nsid in nsids {
            match self.methods.remove_entry(&key(nsid)) {
                Some((key, placed)) => drop(kept.insert(key, placed)),
                None if kept.contains_key(&key(nsid)) => {}
                None => panic!("no handler for the method {nsid}, which is to be kept"),
            }
        }
        let gone = std::mem::replace(&mut self.methods, kept);
        let settings = self.methods.values_mut().map(|placed| &mut placed.brought).chain([&mut self.settings]);
        settings.for_each(|settings| settings.body_limits.retain(|nsid, _| !gone.contains_key(nsid)));
        self
    }

    /// Adds the methods of another router. Its fallback, its health check and its word on CORS count
    /// where this router has none.
    ///
    /// # Panics
    /// If both have a handler for one NSID; [`Router::only`] and [`Router::replace`] are for that.
    #[track_caller]
    pub fn merge(mut self, mut other: Self) -> Self {
        for placed in other.take_methods() {
            self.add(placed);
        }
        self.fallback = self.fallback.or(other.fallback);
        self.health = self.health.or(other.health);
        self.cors = self.cors.or(other.cors);
        self
    }

    /// Adds the methods of another router, which take the place of those that are there, as do its
    /// fallback, its health check and its word on CORS.
    pub fn replace(mut self, mut other: Self) -> Self {
        for placed in other.take_methods() {
            self.methods.insert(key(placed.route.nsid()), placed);
        }
        self.fallback = other.fallback.or(self.fallback);
        self.health = other.health.or(self.health);
        self.cors = other.cors.or(self.cors);
        self
    }

    /// Serves calls of methods that have no handler, to hand them on to another server, for
    /// example. The NSID of the context is well formed, its authority in lower case; neither the
    /// parameters nor the body were looked at, and the hook of [`Router::authenticate`] was not
    /// asked. Without a fallback such calls are answered with 501 `MethodNotImplemented`.
    pub fn fallback<F, R>(mut self, handler: F) -> Self
    where
        F: Fn(Context, Request) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        self.fallback = Some(Arc::new(move |cx, request| {
            let answering = handler(cx, request);
            Box::pin(async { answering.await.map_err(Refusal::from) })
        }));
        self
    }

    /// Answers `/xrpc/_health` with this version, which hosts use to see whether a server is up.
    pub fn health(mut self, version: &str) -> Self {
        let health: Map = [("version", version)].into_iter().collect();
        // A text always has a form in JSON.
        self.health = json::to_vec(&Value::Map(health)).ok().map(Bytes::from);
        self
    }

    /// The most bytes of a JSON body, counted after decompression; more is answered with 413.
    /// Default: 1,000,000, which is what writes to repositories take.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.settings.body_limit = Some(bytes);
        self
    }

    /// The most bytes of the body of one method, whether it is JSON or not. A method that has no
    /// handler in the end makes [`Router::into_axum`] panic.
    pub fn body_limit_for(mut self, nsid: &str, bytes: u64) -> Self {
        self.settings.body_limits.insert(key(nsid), bytes);
        self
    }

    /// The most bytes of a body that is not JSON, counted after decompression; `None` for no limit.
    /// Default: none, since such a body comes as a stream and takes no memory until its handler
    /// collects it, for which [`Body::collect`](crate::xrpc::Body::collect) wants a limit.
    pub fn stream_limit(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.settings.stream_limit = Some(bytes.into());
        self
    }

    /// How long a body may take to arrive: a JSON body as a whole, of any other body the next chunk
    /// once the handler waits for it. Then the answer is 408. Default: 30 s.
    pub fn body_timeout(mut self, wait: Duration) -> Self {
        self.settings.body_timeout = Some(wait);
        self
    }

    /// Whether the answers of handlers are checked. If they are, an answer that breaks the schema of
    /// its method is logged, and 500 sent in its place; if not, it is sent. Default: only in builds
    /// with debug assertions.
    pub fn validate_output(mut self, validates: bool) -> Self {
        self.settings.validates_output = Some(validates);
        self
    }

    /// What becomes of parameters that a method does not know. Default: they are ignored.
    pub fn unknown_params(mut self, unknown: UnknownParams) -> Self {
        self.settings.unknown_params = Some(unknown);
        self
    }

    /// Whether pages of all origins may call the server (XRPC, CORS): then preflights are answered,
    /// and every answer carries the headers. Default: they may.
    pub fn cors(mut self, cors: bool) -> Self {
        self.cors = Some(cors);
        self
    }

    /// Finds out who is calling, after the parameters were read and before the body is. What the
    /// hook gives is what handlers get from [`Context::get`] under that type; a failure is the
    /// answer. The hook is asked for every method, and may look at [`Context::nsid`] and let callers
    /// pass without credentials. Every answer says to caches that it depends on `Authorization`.
    pub fn authenticate<F, R, T>(mut self, hook: F) -> Self
    where
        F: Fn(Context) -> R + Send + Sync + 'static,
        R: Future<Output = Result<T, Failure>> + Send + 'static,
        T: Send + Sync + 'static,
    {
        self.settings.authenticator = Some(Authenticator::new(hook));
        self
    }

    /// Takes the address of a client ([`Context::client_ip`], [`Subscriber::ip`](super::Subscriber))
    /// from `X-Forwarded-For`, of which this many proxies in front of the server write one entry
    /// each; whoever reaches the server past them could claim any address. Default: 0, which does
    /// not look at the header and takes the peer of the connection.
    pub fn trust_forwarded(mut self, proxies: usize) -> Self {
        self.settings.proxies = Some(proxies);
        self
    }

    /// How the sockets of subscriptions are treated.
    pub fn sockets(mut self, settings: SocketSettings) -> Self {
        self.settings.sockets = Some(settings);
        self
    }

    /// Where subscribers are listed, so that others can look at them too, and
    /// [`Serve::subscribers`](super::Serve::subscribers) can end their subscriptions.
    pub fn subscribers(mut self, subscribers: Subscribers) -> Self {
        self.settings.subscribers = Some(subscribers);
        self
    }

    /// An axum router that serves `/xrpc/` and nothing else; layers, nesting and merging with other
    /// axum routers work as usual. Two of these cannot be merged in axum, only before, with
    /// [`Router::merge`].
    ///
    /// # Panics
    /// If [`Router::body_limit_for`] named a method that has no handler.
    #[track_caller]
    pub fn into_axum(self) -> axum::Router {
        let service = Dispatch(Arc::new(self.into_table()));
        axum::Router::new().route_service("/xrpc/", service.clone()).route_service("/xrpc/{*nsid}", service)
    }

    #[track_caller]
    fn into_table(mut self) -> Table {
        self.check_limits();
        self.settings.subscribers.get_or_insert_default();
        let methods: HashMap<_, _> =
            self.take_methods().map(|Placed { route, brought }| entry(route, &brought)).collect();
        Table {
            private: self.fallback.is_some() || methods.values().any(|entry| entry.rules.authenticator.is_some()),
            proxies: self.settings.proxies.unwrap_or_default(),
            methods,
            fallback: self.fallback,
            health: self.health,
            cors: self.cors.unwrap_or(true),
        }
    }

    /// The methods, with their settings.
    fn take_methods(&mut self) -> impl Iterator<Item = Placed> + use<> {
        let settings = self.settings.clone();
        std::mem::take(&mut self.methods)
            .into_values()
            .map(move |Placed { route, brought }| Placed { route, brought: brought.within(&settings) })
    }

    #[track_caller]
    fn check_limits(&self) {
        let settings = self.methods.values().map(|placed| &placed.brought).chain([&self.settings]);
        for nsid in settings.flat_map(|settings| settings.body_limits.keys()) {
            assert!(self.methods.contains_key(nsid), "a body limit for {nsid}, which has no handler");
        }
    }

    #[track_caller]
    fn add(&mut self, placed: Placed) {
        match self.methods.entry(key(placed.route.nsid())) {
            hash_map::Entry::Vacant(free) => {
                free.insert(placed);
            }
            hash_map::Entry::Occupied(taken) => panic!("two handlers for the method {}", taken.key()),
        }
    }
}

/// Under which name a method is found.
fn key(nsid: &str) -> String {
    nsid.parse().map_or_else(|_| nsid.to_owned(), |nsid: Nsid| nsid.normalize().into_string())
}

fn entry(route: Route, settings: &Settings) -> (String, Arc<Entry>) {
    let key = key(route.nsid());
    let rules = settings.rules(&key);
    (key, Arc::new(Entry { route, rules }))
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut nsids: Vec<_> = self.methods.keys().collect();
        nsids.sort_unstable();
        f.debug_struct("Router").field("methods", &nsids).finish_non_exhaustive()
    }
}
