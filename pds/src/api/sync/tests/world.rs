//! A server with accounts, and somebody who asks it.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use arobase::{
    data::{Cid, Value},
    repo::{MemoryBlocks, car::CarSlice},
    server,
    syntax::Did,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::{
    auth::StaticToken,
    builder::Builder,
    firehose::testing::Author,
    pds::Pds,
    store::{MemoryStore, SqliteOptions, SqliteStore, Store},
    testing,
};

/// A time that is not reached unless something is wrong.
pub(super) const LONG: Duration = Duration::from_secs(30);
/// The header of an operator.
pub(super) const OPERATOR: &str = "authorization: Bearer operator";

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) struct World {
    pub(super) pds: Pds,
    pub(super) address: SocketAddr,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings.
    pub(super) async fn with(change: impl FnOnce(&mut Builder)) -> Self {
        Self::over(MemoryStore::new(), change).await
    }

    pub(super) async fn over(store: impl Store, change: impl FnOnce(&mut Builder)) -> Self {
        let mut builder = testing::builder(store).authenticate(StaticToken::new("operator"));
        change(&mut builder);
        let pds = builder.build().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server::serve(listener, pds.xrpc().into_axum()).into_future());
        Self { pds, address }
    }

    pub(super) async fn author(&self, name: &str) -> Author {
        Author::new(self.pds.database(), name).await
    }

    /// Asks for a method below `com.atproto.sync`.
    pub(super) async fn get(&self, call: &str) -> Reply {
        self.ask("GET", call, &[]).await
    }

    pub(super) async fn ask(&self, verb: &str, call: &str, headers: &[&str]) -> Reply {
        let mut request = format!("{verb} /xrpc/com.atproto.sync.{call} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n");
        headers.iter().for_each(|header| request.extend([header, "\r\n"]));
        request.push_str("\r\n");
        let asking = async {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.write_all(request.as_bytes()).await?;
            let mut answer = Vec::new();
            // An answer that breaks off is what it is.
            drop(stream.read_to_end(&mut answer).await);
            Ok::<_, std::io::Error>(answer)
        };
        Reply::parse(&timeout(LONG, asking).await.expect("an answer comes").unwrap())
    }

    /// Subscribes, with a query if there is one.
    pub(super) async fn subscribe(&self, query: &str) -> Socket {
        let url = format!("ws://{}/xrpc/com.atproto.sync.subscribeRepos{query}", self.address);
        connect_async(url).await.unwrap().0
    }
}

impl Reply {
    fn parse(answer: &[u8]) -> Self {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Self { status, head, body: answer[end + 4..].to_vec() };
        if reply.header("transfer-encoding") == Some("chunked") {
            reply.body = unchunk(&reply.body).unwrap_or_default();
        }
        reply
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(super) fn json(&self) -> Value {
        Value::from_json(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The text in a field.
    pub(super) fn text(&self, key: &str) -> String {
        self.json().get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{key} in {:?}", self.json())).to_owned()
    }

    /// The values in a list.
    pub(super) fn list(&self, key: &str) -> Vec<Value> {
        self.json().get(key).and_then(Value::as_list).unwrap_or_else(|| panic!("{:?}", self.json())).to_vec()
    }

    #[track_caller]
    pub(super) fn is_error(&self, status: u16, name: &str) {
        assert_eq!((self.status, &*self.text("error")), (status, name));
    }

    /// The roots and blocks of a CAR file.
    #[track_caller]
    pub(super) fn car(&self) -> (Vec<Cid>, MemoryBlocks) {
        assert_eq!((self.status, self.header("content-type")), (200, Some("application/vnd.ipld.car")));
        let (roots, cids) = car(&self.body);
        let mut blocks = MemoryBlocks::new();
        for (cid, bytes) in cids {
            assert!(blocks.insert(cid, bytes), "{cid} comes once and is right");
        }
        (roots, blocks)
    }

    /// The CIDs in a CAR file, in their order.
    pub(super) fn cids(&self) -> Vec<Cid> {
        car(&self.body).1.into_iter().map(|(cid, _)| cid).collect()
    }
}

fn car(bytes: &[u8]) -> (Vec<Cid>, Vec<(Cid, Vec<u8>)>) {
    let car = CarSlice::new(bytes, arobase::repo::car::CarLimits::DEFAULT).unwrap();
    let roots = car.roots().iter().map(|root| root.as_cid().unwrap()).collect();
    let blocks = car.blocks().map(|block| block.unwrap());
    (roots, blocks.map(|block| (block.cid.as_cid().unwrap(), block.bytes.to_vec())).collect())
}

/// Nothing if it is not complete.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let len = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if len == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + len)?);
        rest = rest.get(end + 4 + len..)?;
    }
}

/// A store on disk, and the folder that it is in.
pub(super) fn on_disk(name: &str) -> (SqliteStore, PathBuf) {
    let folder = std::env::temp_dir().join(format!("arobase-pds-sync-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    (SqliteStore::open(&folder.join("pds.sqlite"), SqliteOptions::default()).unwrap(), folder)
}

/// A DID that nobody has here.
pub(super) fn nobody() -> Did {
    "did:web:nobody.example.com".parse().unwrap()
}
