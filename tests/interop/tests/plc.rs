//! PLC directories, clients and operations of others against ours.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use arobase::{
    client::Transport,
    crypto::{Curve, Signer, SigningKey},
    identity::{
        AddressPolicy, Dns, DnsError, IdentityError, PublicTransport,
        plc::{Content, Log, LogError, Operation, PlcClient, PlcData, PlcError},
    },
    server::serve,
    syntax::{Datetime, Did},
    xrpc::BoxFuture,
};
use arobase_interop::node;
use arobase_plc::{Directory, MemoryStore, SqliteStore, Store, router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("arobase-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Serves a directory on a port of its own.
async fn serve_directory(store: impl Store) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = router(Directory::new(store).unwrap());
    tokio::spawn(async move { serve(listener, app).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_uses_our_directory() {
    let Some(node) = node() else { return };
    let folder = Folder::new("plc");
    let memory = serve_directory(MemoryStore::new()).await;
    let file = serve_directory(SqliteStore::open(folder.0.join("plc.sqlite")).unwrap()).await;
    for url in [memory, file] {
        node.run("plc.js", url);
    }
}

/// The DNS of a test that knows addresses only.
struct NoDns;

impl Dns for NoDns {
    fn txt<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(async { Err(DnsError::NotFound) })
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        Box::pin(async { Err(DnsError::NotFound) })
    }
}

fn transport() -> Arc<dyn Transport> {
    Arc::new(PublicTransport::new(Arc::new(NoDns), AddressPolicy::Any).unwrap())
}

/// The keys of an account: a strong one and a weak one.
struct Keys {
    strong: SigningKey,
    weak: SigningKey,
}

impl Keys {
    fn new(curve: Curve) -> Self {
        Self { strong: SigningKey::generate(curve), weak: SigningKey::generate(curve) }
    }

    fn data(&self) -> PlcData {
        let keys = [&self.strong, &self.weak].map(|key| key.public_key().to_did_key()).to_vec();
        let signing = self.weak.public_key().to_did_key();
        let mut data = PlcData::account(keys, signing.clone(), "alice.example.com", "https://pds.example.com");
        data.verification_methods.insert("atproto_label".to_owned(), signing);
        data.also_known_as.push("https://alice.example.com".to_owned());
        data
    }
}

fn renamed(name: &str) -> impl Fn(&mut PlcData) {
    move |data| data.also_known_as[0] = format!("at://{name}.example.com")
}

#[tokio::test(flavor = "multi_thread")]
async fn our_client_uses_the_official_directory() {
    let Some(node) = node() else { return };
    let server = node.start("plc_server.js");
    let client = PlcClient::new(&server.address, transport()).unwrap();
    for curve in [Curve::K256, Curve::P256] {
        let keys = Keys::new(curve);
        let did = client.create(keys.data(), &keys.weak).await.unwrap();
        assert_eq!(client.data(&did).await.unwrap(), keys.data());
        let document = client.document(&did).await.unwrap();
        assert_eq!(document.signing_key(), Some(keys.weak.public_key()));
        assert_eq!(document.pds(), Some("https://pds.example.com"));
        assert_eq!(document.handle().unwrap().as_str(), "alice.example.com");

        let bob = client.update(&did, &keys.weak, renamed("bob")).await.unwrap();
        let mut expected = keys.data();
        renamed("bob")(&mut expected);
        assert_eq!(client.data(&did).await.unwrap(), expected);
        client.update(&did, &keys.weak, renamed("mallory")).await.unwrap();
        client.tombstone(&did, &keys.weak).await.unwrap();
        assert!(matches!(client.document(&did).await, Err(IdentityError::NotFound)));
        assert!(matches!(client.update(&did, &keys.weak, renamed("x")).await, Err(PlcError::Tombstoned)));

        let weak = client.recover(&did, bob.cid(), &keys.weak, |_| ()).await;
        assert!(matches!(weak, Err(PlcError::Log(LogError::WeakRecovery))), "{weak:?}");
        let carol = client.recover(&did, bob.cid(), &keys.strong, renamed("carol")).await.unwrap();
        let log = client.log(&did).await.unwrap();
        let undone: Vec<_> = log.entries().iter().map(|entry| entry.nullified).collect();
        assert_eq!(undone, [false, false, true, true, false]);
        assert_eq!(log.last().unwrap().operation, carol);
        assert_eq!(client.last(&did).await.unwrap(), carol);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_official_directory_says_when_it_refuses_arrives() {
    let Some(node) = node() else { return };
    let server = node.start("plc_server.js");
    let client = PlcClient::new(&server.address, transport()).unwrap();
    let keys = Keys::new(Curve::K256);
    let did = client.create(keys.data(), &keys.weak).await.unwrap();
    let genesis = client.last(&did).await.unwrap();
    let twice = client.submit(&did, &genesis).await;
    let told = matches!(&twice, Err(PlcError::Refused(400, said)) if &**said == "Operations not correctly ordered");
    assert!(told, "{twice:?}");
    let stranger = SigningKey::generate(Curve::K256);
    let foreign = Content::Tombstone { prev: genesis.cid() }.sign(&stranger).unwrap();
    let foreign = client.submit(&did, &foreign).await;
    let told = matches!(&foreign, Err(PlcError::Refused(400, said)) if said.starts_with("Invalid signature on op"));
    assert!(told, "{foreign:?}");
    let nobody = "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap();
    assert!(matches!(client.document(&nobody).await, Err(IdentityError::NotFound)));
    assert!(matches!(client.log(&nobody).await, Err(PlcError::NotFound)));
}

/// A log of ours: a genesis, updates by both keys, a tombstone.
fn made(curve: Curve) -> Value {
    let keys = Keys::new(curve);
    let mut data = keys.data();
    data.services.get_mut("atproto_pds").unwrap().endpoint = "https://é.example.com/\u{1F98B}\"\n".to_owned();
    let mut operations = vec![Content::genesis(data.clone()).sign(&keys.weak).unwrap()];
    let did = operations[0].did().unwrap();
    for number in 0..20 {
        renamed(&format!("alice{number}"))(&mut data);
        let prev = operations.last().map(Operation::cid);
        let key = if number % 2 == 0 { &keys.weak } else { &keys.strong };
        operations.push(Content::Update { data: data.clone(), prev }.sign(key).unwrap());
    }
    let prev = operations.last().unwrap().cid();
    operations.push(Content::Tombstone { prev }.sign(&keys.weak).unwrap());
    let json = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
    let mut state = json(data.to_json(&did));
    state.as_object_mut().unwrap().remove("did");
    let operations: Vec<_> = operations.iter().map(|operation| json(operation.to_json())).collect();
    json!({ "did": did.as_str(), "data": state, "operations": operations })
}

#[test]
fn operations_are_the_same_on_both_sides() {
    let Some(node) = node() else { return };
    let folder = Folder::new("plc-operations");
    let ours = json!([made(Curve::K256), made(Curve::P256)]);
    fs::write(folder.0.join("ours.json"), ours.to_string()).unwrap();
    node.run("plc_verify.js", &folder.0);

    let theirs: Value = serde_json::from_slice(&fs::read(folder.0.join("theirs.json")).unwrap()).unwrap();
    let theirs = theirs.as_array().unwrap();
    assert_eq!(theirs.len(), 4);
    for case in theirs {
        let did: Did = case["did"].as_str().unwrap().parse().unwrap();
        let mut log = Log::new(did.clone());
        let all = case["operations"].as_array().unwrap().iter().zip(case["cids"].as_array().unwrap());
        for (index, (operation, cid)) in all.enumerate() {
            let time = Datetime::from_unix_micros(i64::try_from(index).unwrap()).unwrap();
            let operation = Operation::from_json(operation.to_string().as_bytes()).unwrap();
            assert_eq!(log.append(operation, time).unwrap().cid.to_string(), cid.as_str().unwrap());
        }
        let data = match &case["data"] {
            Value::Null => None,
            data => Some(PlcData::from_json(&did, data.to_string().as_bytes()).unwrap()),
        };
        assert_eq!((log.data(), log.is_tombstoned()), (data.clone(), data.is_none()));
    }
}
