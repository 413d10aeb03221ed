//! What tests of accounts and sessions need.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arobase::{
    client::Transport,
    clock::Clock,
    identity::{Dns, DnsError, Resolver, plc::PlcClient},
    sync::Event,
    syntax::Did,
    xrpc::BoxFuture,
};
use arobase_plc::{Directory, DirectoryTransport};
use http::{Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    accounts::{Password, SignUp},
    builder::Builder,
    pds::Pds,
    store::{Account, Store, StoreError},
    testing::builder,
};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse";

/// A clock that stands still until it is set forward.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_800_000_000)))
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// Names with their records.
#[derive(Clone, Default)]
pub(crate) struct Names(Arc<Mutex<HashMap<String, String>>>);

impl Names {
    /// Makes a handle lead to a DID.
    pub(crate) fn set(&self, handle: &str, did: &Did) {
        self.0.lock().unwrap().insert(format!("_atproto.{handle}"), format!("did={did}"));
    }
}

impl Dns for Names {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        let found = self.0.lock().unwrap().get(name.trim_end_matches('.')).cloned();
        Box::pin(std::future::ready(found.map(|text| vec![text]).ok_or(DnsError::NotFound)))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }
}

/// A PLC directory.
pub(crate) fn directory() -> Arc<DirectoryTransport> {
    Arc::new(DirectoryTransport::new(&Directory::new(arobase_plc::MemoryStore::new()).unwrap()))
}

/// A server with this directory and these names.
pub(crate) fn with_network(store: impl Store, plc: Arc<dyn Transport>, names: Names) -> Builder {
    let resolver = Resolver::builder(Arc::new(names), plc.clone(), plc.clone()).plc_url("http://plc.test");
    builder(store)
        .resolver(resolver.development(true).build().unwrap())
        .plc(PlcClient::new("http://plc.test", plc).unwrap())
}

/// A new account with a password and an address.
pub(crate) async fn owner(pds: &Pds, name: &str) -> Account {
    let mut wanted = SignUp::new(format!("{name}.test").parse().unwrap());
    wanted.email = Some(format!("{name}@example.com").into());
    wanted.password = Some(Password::new(PASSWORD));
    pds.create_account(wanted).await.unwrap()
}

/// All events that the log has.
pub(crate) async fn events(pds: &Pds) -> Vec<Event> {
    let reading = pds.database().read(|view| view.events(0, usize::MAX, usize::MAX));
    let logged: Result<_, StoreError> = reading.await;
    logged.unwrap().iter().map(|event| event.message().unwrap().event).collect()
}

/// What events are, in a word each.
pub(crate) fn kinds(events: &[Event]) -> Vec<String> {
    let kind = |event: &Event| match event {
        Event::Commit(_) => "commit".to_owned(),
        Event::Sync(_) => "sync".to_owned(),
        Event::Identity(_) => "identity".to_owned(),
        Event::Account(event) if event.active => "active".to_owned(),
        Event::Account(event) => event.status.as_ref().unwrap().to_string(),
        _ => "other".to_owned(),
    };
    events.iter().map(kind).collect()
}

/// An answer: its status, and its body as JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The status, and the name of the error.
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"].as_str().unwrap_or_default())
    }

    /// A text of the body.
    pub(crate) fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.body)).to_owned()
    }

    /// The same, which has to be a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self
    }
}

/// Calls a method: a procedure if there is a body, else a query.
pub(crate) async fn call(pds: &Pds, path: &str, authorization: Option<&str>, body: Option<&Value>) -> Answer {
    let request = Request::builder().uri(format!("/xrpc/{path}"));
    let request = match authorization {
        Some(authorization) => request.header(header::AUTHORIZATION, authorization),
        None => request,
    };
    let request = match body {
        Some(Value::Null) => request.method("POST").body(axum::body::Body::empty()),
        Some(body) => request
            .method("POST")
            .header(header::CONTENT_TYPE, "application/json")
            .body(axum::body::Body::from(body.to_string())),
        None => request.body(axum::body::Body::empty()),
    };
    let answer = pds.xrpc().into_axum().oneshot(request.unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status: head.status, headers: head.headers, body }
}

/// A query.
pub(crate) async fn get(pds: &Pds, path: &str, token: &str) -> Answer {
    call(pds, path, Some(&format!("Bearer {token}")), None).await
}

/// A procedure; without input, null.
pub(crate) async fn post(pds: &Pds, method: &str, token: &str, body: Value) -> Answer {
    call(pds, method, Some(&format!("Bearer {token}")), Some(&body)).await
}

/// Logs in.
pub(crate) async fn log_in(pds: &Pds, identifier: &str, password: &str) -> Answer {
    let body = serde_json::json!({ "identifier": identifier, "password": password });
    call(pds, "com.atproto.server.createSession", None, Some(&body)).await
}
