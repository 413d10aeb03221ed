//! A PLC directory, hosts, DNS and time, all in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use arobase_lexicon::syntax::{AtIdentifier, Did, Handle};
use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::watch;

use super::super::{Freshness, Resolved, Resolver, ResolverBuilder};
use crate::{
    client::{Transport, TransportError},
    clock::Clock,
    identity::{DidDocument, Dns, DnsError, IdentityError},
    xrpc::{Body, BoxFuture},
};

pub(super) const KEY: &str = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
pub(super) const OTHER_KEY: &str = "did:key:zDnaekRdY3wfzYvenxhyzoqWrf8mmvxTR5e1iV32Xtc5FyTL5";

pub(super) fn alice() -> Did {
    "did:plc:aliceaaaaaaaaaaaaaaaaaaa".parse().unwrap()
}

pub(super) fn bob() -> Did {
    "did:plc:bobaaaaaaaaaaaaaaaaaaaaa".parse().unwrap()
}

pub(super) fn alice_handle() -> Handle {
    "alice.example.com".parse().unwrap()
}

/// What is said to a request.
#[derive(Clone, Debug)]
pub(super) enum Said {
    Body(Vec<u8>),
    Status(u16),
    Reset,
    NoSuchHost,
    Panic,
}

/// Everything around a resolver. What nobody put there does not exist.
#[derive(Clone)]
pub(super) struct World(Arc<State>);

struct State {
    time: Mutex<SystemTime>,
    answers: Mutex<HashMap<String, Said>>,
    texts: Mutex<HashMap<String, Result<Vec<String>, DnsError>>>,
    asked: Mutex<Vec<String>>,
    /// What requests that come now wait for.
    gate: Mutex<Option<watch::Receiver<bool>>>,
    /// Sleepers wait for the next change.
    alarm: watch::Sender<()>,
    background: Mutex<Vec<BoxFuture<'static, ()>>>,
}

/// Holds requests back until it is opened.
pub(super) struct Gate(watch::Sender<bool>);

impl World {
    /// With Alice in it.
    pub(super) fn new() -> Self {
        let world = Self::empty();
        world.names(&alice_handle(), &alice());
        world.register(&alice(), "alice.example.com", KEY);
        world
    }

    pub(super) fn empty() -> Self {
        Self(Arc::new(State {
            time: Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)),
            answers: Mutex::default(),
            texts: Mutex::default(),
            asked: Mutex::default(),
            gate: Mutex::default(),
            alarm: watch::Sender::new(()),
            background: Mutex::default(),
        }))
    }

    /// A builder over this world, without background.
    pub(super) fn builder(&self) -> ResolverBuilder {
        let world = || Arc::new(self.clone());
        Resolver::builder(world(), world(), world()).plc_url("https://plc.example.com").clock(world())
    }

    pub(super) fn resolver(&self) -> Resolver {
        self.builder().build().unwrap()
    }

    /// A resolver whose background runs when [`World::run_background`] is called.
    pub(super) fn with_background(&self) -> Resolver {
        let world = self.clone();
        self.builder().spawn(move |future| world.0.background.lock().unwrap().push(future)).build().unwrap()
    }

    /// Runs what waits in the background, and tells how much it was.
    pub(super) async fn run_background(&self) -> usize {
        let waiting = std::mem::take(&mut *self.0.background.lock().unwrap());
        let count = waiting.len();
        futures_util::future::join_all(waiting).await;
        count
    }

    /// How much waits in the background.
    pub(super) fn background(&self) -> usize {
        self.0.background.lock().unwrap().len()
    }

    /// Puts a DID into the directory.
    pub(super) fn register(&self, did: &Did, handle: &str, key: &str) {
        self.says(did, Said::Body(document(did, handle, key).to_json()));
    }

    /// What the directory, or the host of a did:web, says of a DID.
    pub(super) fn says(&self, did: &Did, said: Said) {
        let url = match did.as_str().strip_prefix("did:web:") {
            Some(host) => format!("https://{host}/.well-known/did.json"),
            None => format!("https://plc.example.com/{did}"),
        };
        self.0.answers.lock().unwrap().insert(url, said);
    }

    /// What DNS says of a handle.
    pub(super) fn names(&self, handle: &Handle, did: &Did) {
        self.dns(handle, Ok(vec![format!("did={did}")]));
    }

    pub(super) fn dns(&self, handle: &Handle, said: Result<Vec<String>, DnsError>) {
        self.0.texts.lock().unwrap().insert(format!("_atproto.{handle}"), said);
    }

    /// DNS and the host of a handle fail.
    pub(super) fn lose(&self, handle: &Handle) {
        self.dns(handle, Err(DnsError::Timeout));
        let url = format!("https://{handle}/.well-known/atproto-did");
        self.0.answers.lock().unwrap().insert(url, Said::Reset);
    }

    /// Holds back all requests from now on.
    pub(super) fn hold(&self) -> Gate {
        let (sender, receiver) = watch::channel(false);
        *self.0.gate.lock().unwrap() = Some(receiver);
        Gate(sender)
    }

    /// Lets requests from now on pass; those that are held back stay so.
    pub(super) fn flow(&self) {
        *self.0.gate.lock().unwrap() = None;
    }

    pub(super) fn pass(&self, time: Duration) {
        *self.0.time.lock().unwrap() += time;
    }

    pub(super) fn set_back(&self, time: Duration) {
        *self.0.time.lock().unwrap() -= time;
    }

    /// Everything that waits with a limit has waited long enough.
    pub(super) fn ring(&self) {
        self.0.alarm.send_replace(());
    }

    /// How many requests there were for something whose address has this in it.
    pub(super) fn asked(&self, part: &str) -> usize {
        self.0.asked.lock().unwrap().iter().filter(|asked| asked.contains(part)).count()
    }

    /// Waits until there were so many requests.
    pub(super) async fn until_asked(&self, part: &str, count: usize) {
        while self.asked(part) < count {
            tokio::task::yield_now().await;
        }
    }

    fn say(&self, url: &str) -> Result<Response<Body>, TransportError> {
        let said = self.0.answers.lock().unwrap().get(url).cloned();
        let answer = |status: u16, body: Vec<u8>| {
            Ok(Response::builder().status(status).body(Body::from(Bytes::from(body))).unwrap())
        };
        match said {
            Some(Said::Body(body)) => answer(200, body),
            Some(Said::Status(status)) => answer(status, Vec::new()),
            Some(Said::Reset) => Err(TransportError::new("the connection was reset")),
            Some(Said::NoSuchHost) => Err(TransportError::new("no such host").no_such_host()),
            Some(Said::Panic) => panic!("a transport that panics"),
            None => answer(404, Vec::new()),
        }
    }
}

impl Gate {
    pub(super) fn open(self) {
        self.0.send_replace(true);
    }
}

impl Resolver {
    /// The handle of a DID, whatever is remembered good enough.
    pub(super) async fn handle_of(&self, did: &Did) -> String {
        self.resolved(did, Freshness::Cached).await.unwrap().handle.as_str().to_owned()
    }

    pub(super) async fn resolved(&self, did: &Did, freshness: Freshness) -> Result<Resolved, IdentityError> {
        self.identity(&AtIdentifier::from(did.clone()), freshness).await
    }

    /// The key of a DID, as text.
    pub(super) async fn key_of(&self, did: &Did, freshness: Freshness) -> Result<String, IdentityError> {
        self.key(did, "atproto", freshness).await.map(|key| key.to_string())
    }
}

pub(super) fn document(did: &Did, handle: &str, key: &str) -> DidDocument {
    DidDocument::new(did.clone()).with_also_known_as(format!("at://{handle}")).with_key("atproto", key).with_service(
        "atproto_pds",
        "AtprotoPersonalDataServer",
        "https://pds.example.com",
    )
}

impl Transport for World {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let url = request.uri().to_string();
        self.0.asked.lock().unwrap().push(url.clone());
        let gate = self.0.gate.lock().unwrap().clone();
        // It is settled now what will be said.
        let said = if matches!(self.0.answers.lock().unwrap().get(&url), Some(Said::Panic)) {
            None
        } else {
            Some(self.say(&url))
        };
        Box::pin(async move {
            if let Some(mut gate) = gate {
                let _ = gate.wait_for(|open| *open).await;
            }
            said.unwrap_or_else(|| self.say(&url))
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        let mut alarm = self.0.alarm.subscribe();
        Box::pin(async move {
            let _ = alarm.changed().await;
        })
    }
}

impl Dns for World {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        self.0.asked.lock().unwrap().push(name.to_owned());
        let said = self.0.texts.lock().unwrap().get(name).cloned().unwrap_or(Err(DnsError::NotFound));
        let gate = self.0.gate.lock().unwrap().clone();
        Box::pin(async move {
            if let Some(mut gate) = gate {
                let _ = gate.wait_for(|open| *open).await;
            }
            said
        })
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<std::net::SocketAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }
}

impl Clock for World {
    fn now(&self) -> SystemTime {
        *self.0.time.lock().unwrap()
    }
}
