//! Over real sockets, with requests written byte by byte.

mod answers;
mod bodies;
#[cfg(feature = "compression")]
mod compression;
mod connections;
mod logs;
mod routers;
mod table;
mod typed;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use arobase_lexicon::{document::Document, schema::Shared};
use http::HeaderMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    Context, Failure, Route, Router,
    query::as_map,
    refusal::Refusal,
    route::{Frames, Handler, taken},
    serve,
};
use crate::{
    Catalog,
    data::{Map, Value, json},
    xrpc::{Body, BoxFuture, Raw},
};

/// Longer than anything should take.
const LONG: Duration = Duration::from_secs(10);

const LEXICONS: [&str; 9] = [
    r#"{ "lexicon": 1, "id": "com.example.get", "defs": { "main": { "type": "query",
        "parameters": { "type": "params", "required": ["id"], "properties": {
            "id": { "type": "string" },
            "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 50 },
            "deep": { "type": "boolean" },
            "tags": { "type": "array", "items": { "type": "string" } } } },
        "output": { "encoding": "application/json" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.list", "defs": { "main": { "type": "query",
        "output": { "encoding": "application/json" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.export", "defs": { "main": { "type": "query",
        "output": { "encoding": "application/vnd.ipld.car" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.blob", "defs": { "main": { "type": "query",
        "output": { "encoding": "*/*" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.put", "defs": { "main": { "type": "procedure",
        "input": { "encoding": "application/json" }, "output": { "encoding": "application/json" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.upload", "defs": { "main": { "type": "procedure",
        "input": { "encoding": "*/*" }, "output": { "encoding": "application/json" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.film", "defs": { "main": { "type": "procedure",
        "input": { "encoding": "video/*" }, "output": { "encoding": "application/json" } } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.act", "defs": { "main": { "type": "procedure" } } }"#,
    r#"{ "lexicon": 1, "id": "com.example.watch", "defs": { "main": { "type": "subscription",
        "message": { "schema": { "type": "union", "refs": [] } } } } }"#,
];

fn catalog() -> Catalog {
    let documents = LEXICONS.iter().map(|lexicon| Document::parse(lexicon).expect("a lexicon"));
    Catalog::from_documents(documents).expect("a catalog")
}

/// The route of a method of [`LEXICONS`].
fn method<F, R>(nsid: &str, handler: F) -> Route
where
    F: Fn(Context, Map, Raw) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Raw, Failure>> + Send + 'static,
{
    let handler = Arc::new(move |cx, params, body| -> BoxFuture<'static, Result<Raw, Refusal>> {
        let answering = taken(params).map(|params| handler(cx, params, body));
        Box::pin(async { answering?.await.map_err(Refusal::from) })
    });
    let handler = Handler::Method(as_map, handler);
    route(nsid, handler)
}

fn route(nsid: &str, handler: Handler) -> Route {
    let catalog = catalog();
    let endpoint = catalog.endpoint(nsid).expect("an endpoint").clone();
    Route { endpoint: Shared::Owned(Arc::new(endpoint)), catalog, handler }
}

/// A route that always answers the same.
fn constant(nsid: &str, body: impl Fn() -> Raw + Send + Sync + 'static) -> Route {
    method(nsid, move |_, _, _| {
        let answer = body();
        async { Ok(answer) }
    })
}

fn json_of(map: Map) -> Raw {
    Raw::Json(json::to_vec(&Value::Map(map)).expect("JSON").into())
}

/// Answers what came.
async fn echo(_: Context, params: Map, body: Raw) -> Result<Raw, Failure> {
    let body = match body {
        Raw::Empty => json_of(params),
        Raw::Json(json) => Raw::Json(json),
        Raw::Stream(body) => json_of(describe(body).await?),
    };
    Ok(body)
}

async fn describe(body: Body) -> Result<Map, Failure> {
    let content_type = Value::from(body.mime_type().unwrap_or_default());
    let size = body.size().map_or(Value::Null, |size| Value::Int(size as i64));
    let bytes = body.collect(100_000_000).await?;
    Ok(Map::from_iter([("type", content_type), ("size", size), ("bytes", Value::Int(bytes.len() as i64))]))
}

/// Every method of [`LEXICONS`], echoing.
fn echoing() -> Router {
    let queries = ["com.example.get", "com.example.list"].map(|nsid| method(nsid, echo));
    let procedures = ["com.example.put", "com.example.upload", "com.example.film"].map(|nsid| method(nsid, echo));
    let router = queries.into_iter().chain(procedures).fold(Router::new(), Router::route);
    router
        .route(constant("com.example.act", || Raw::Empty))
        .route(constant("com.example.export", || Raw::Stream(Body::new("car"))))
        .route(constant("com.example.blob", || Raw::Stream(Body::new("blob").content_type("image/png"))))
        .route(route(
            "com.example.watch",
            Handler::Subscription(as_map, Arc::new(|_, _| Box::pin(async { Ok(no_frames()) }))),
        ))
}

fn no_frames() -> Frames {
    Box::pin(futures_util::stream::empty())
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

async fn start(router: Router) -> SocketAddr {
    start_axum(router.into_axum()).await
}

async fn start_axum(app: axum::Router) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(serve(listener, app).into_future());
    address
}

/// An answer as it stood on the wire.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the end of the headers");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("headers");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        let mut reply = Self { status, head, body: bytes[end + 4..].to_vec() };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = dechunk(&reply.body);
        }
        reply
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// The name in the envelope of an error.
    fn error(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        let Ok(Value::Map(map)) = json::parse(&self.body) else { panic!("no envelope: {self:?}") };
        assert!(map.keys().all(|key| ["error", "message"].contains(&key)), "{self:?}");
        match map.get("error") {
            Some(Value::String(name)) => name.clone(),
            _ => panic!("no name: {self:?}"),
        }
    }

    fn is_error(&self, status: u16, name: &str) {
        assert_eq!((self.status, self.error().as_str()), (status, name), "{self:?}");
    }
}

fn dechunk(mut chunks: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n").expect("a chunk");
        let size = std::str::from_utf8(&chunks[..end]).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let size = size.expect("a size");
        if size == 0 {
            return all;
        }
        all.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = &chunks[end + 4 + size..];
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("a connection")
}

async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("in time").expect("readable");
    bytes
}

/// Sends bytes, and reads the answer to the end of the connection.
async fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> Reply {
    let mut stream = connect(address).await;
    stream.write_all(request.as_ref()).await.expect("writable");
    Reply::parse(&read_all(&mut stream).await)
}

/// A request without a body; headers are lines without their ends.
async fn ask(address: SocketAddr, line: &str, headers: &[&str]) -> Reply {
    send(address, request(line, headers, b"")).await
}

/// A request with a body of JSON and a declared length.
async fn post(address: SocketAddr, target: &str, content_type: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let headers = [&*format!("content-type: {content_type}"), &*format!("content-length: {}", body.len())];
    send(address, request(&format!("POST {target}"), &headers, body)).await
}

fn request(line: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut all = format!("{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        all.extend_from_slice(header.as_bytes());
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(b"\r\n");
    all.extend_from_slice(body);
    all
}

fn chunked(parts: &[&[u8]]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        all.extend_from_slice(part);
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(b"0\r\n\r\n");
    all
}
