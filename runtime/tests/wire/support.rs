use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use arobase_runtime::{
    Catalog, Client,
    client::{Session, Transport, TransportError, dynamic::Dynamic},
    data::Value,
    server::{self, Route, Router, dynamic::Request},
    xrpc::{Body, BoxFuture, Content, XrpcError},
};
use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri, header::CONTENT_TYPE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const LEXICONS: [&str; 7] = [
    r#"{ "lexicon": 1, "id": "com.example.getThing", "defs": { "main": { "type": "query",
        "parameters": { "type": "params", "required": ["id"], "properties": {
            "id": { "type": "string" },
            "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 50 } } },
        "output": { "encoding": "application/json", "schema": { "type": "object", "properties": {
            "limit": { "type": "integer", "maximum": 100 }, "word": { "type": "string", "enum": ["a"] } } } } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.putThing", "defs": { "main": { "type": "procedure",
        "input": { "encoding": "application/json", "schema": { "type": "object", "required": ["word"], "properties": {
            "word": { "type": "string", "enum": ["a"] }, "any": { "type": "unknown" } } } },
        "output": { "encoding": "application/json", "schema": { "type": "object", "properties": {} } } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.touch", "defs": { "main": { "type": "procedure" } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.upload", "defs": { "main": { "type": "procedure",
        "input": { "encoding": "*/*" }, "output": { "encoding": "application/json" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.getCar", "defs": { "main": { "type": "query",
        "output": { "encoding": "application/vnd.ipld.car" } } } }"#,
    r##"{ "lexicon": 1, "id": "com.example.subscribe", "defs": {
        "main": { "type": "subscription",
            "parameters": { "type": "params", "properties": { "cursor": { "type": "integer" } } },
            "message": { "schema": { "type": "union", "refs": ["#tick"] } } },
        "tick": { "type": "object", "required": ["seq"], "properties": {
            "seq": { "type": "integer" }, "note": { "type": "string" } } } } }"##,
    r#"{ "lexicon": 1, "id": "com.example.watch", "defs": {
        "main": { "type": "subscription", "message": { "schema": { "type": "union", "refs": [] } } } } }"#,
];

pub(crate) const STREAM: &str = "com.example.subscribe";

pub(crate) fn catalog() -> Catalog {
    let lexicons = LEXICONS.map(|text| Catalog::from_json(text).unwrap());
    lexicons.iter().fold(Catalog::official(), |all, one| all.with(one).unwrap())
}

pub(crate) fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes()).unwrap()
}

/// Answers a method with what the closure makes of its request.
pub(crate) fn on<O: Into<Content> + Send + 'static>(
    nsid: &str,
    answer: impl Fn(Request) -> Result<O, XrpcError> + Send + Sync + 'static,
) -> Route {
    let route = Route::dynamic(&catalog(), nsid, move |_, request| {
        let output = answer(request);
        async move { Ok(output?) }
    });
    route.unwrap()
}

/// Serves on a port of this machine.
pub(crate) async fn start(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, router.into_axum()).into_future());
    address
}

pub(crate) fn client(address: SocketAddr) -> Client {
    Client::new(format!("http://{address}")).unwrap()
}

pub(crate) fn session(access: &str, refresh: &str) -> Session {
    Session {
        did: "did:web:a.example".parse().unwrap(),
        handle: "a.example".parse().unwrap(),
        access_jwt: access.to_owned(),
        refresh_jwt: refresh.to_owned(),
    }
}

/// The JSON of a session.
pub(crate) fn session_json(access: &str, refresh: &str) -> String {
    format!(
        r#"{{ "did": "did:web:a.example", "handle": "a.example", "accessJwt": "{access}", "refreshJwt": "{refresh}" }}"#
    )
}

/// What came back for a request that was written by hand.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The status, and the name in the envelope of the error.
    pub(crate) fn error(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        let name = value(&self.body).get("error").and_then(Value::as_str).map(str::to_owned);
        (self.status, name.expect("a name"))
    }
}

/// Sends a request line, headers and a body over a connection of its own.
pub(crate) async fn ask(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> Reply {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let request = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n{body}");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut all = String::new();
    tcp.read_to_string(&mut all).await.unwrap();
    let (head, body) = all.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

/// A request that a [`Stub`] was sent.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) url: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn nsid(&self) -> &str {
        self.url.path().rsplit('/').next().unwrap()
    }
}

type Script = dyn Fn(&Seen) -> Response<Body> + Send + Sync;

/// A service in memory, which notes what it is sent.
#[derive(Clone)]
pub(crate) struct Stub {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    pub(crate) fn new(script: impl Fn(&Seen) -> Response<Body> + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), seen: Arc::default() }
    }

    pub(crate) fn client(&self) -> Client {
        Client::with_transport("https://pds.example", self.clone()).unwrap()
    }

    pub(crate) fn dynamic(&self) -> Dynamic {
        self.client().dynamic(&catalog())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Transport for Stub {
    fn send(&self, request: http::Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = body.collect(1 << 20).await.unwrap();
            let seen = Seen { method: head.method, url: head.uri, headers: head.headers, body };
            self.seen.lock().unwrap().push(seen.clone());
            Ok((self.script)(&seen))
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

pub(crate) fn answer(status: u16, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).header(CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

pub(crate) fn json(body: impl Into<String>) -> Response<Body> {
    answer(200, "application/json", body.into())
}

pub(crate) fn error(status: u16, name: &str) -> Response<Body> {
    answer(status, "application/json", format!(r#"{{ "error": "{name}" }}"#))
}
