//! Clients and consumers of others against our PDS, over real sockets and a database on disk.

use std::{path::Path, sync::Arc};

use arobase::{
    identity::{AddressPolicy, PublicTransport, Resolver, SystemDns, plc::PlcClient},
    server::serve,
};
use arobase_interop::{Folder, Peer, node, python};
use arobase_pds::{
    Pds, Settings, SignUps,
    store::{SqliteOptions, SqliteStore},
};
use arobase_plc::{Directory, MemoryStore, router};
use object_store::local::LocalFileSystem;
use tokio::net::TcpListener;

/// Serves something on a port of its own; its address.
async fn listen(app: impl FnOnce(&str) -> axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let app = app(&url);
    tokio::spawn(async move { serve(listener, app).await });
    url
}

/// A PDS and a directory; their addresses.
async fn serve_pds(folder: &Path) -> [String; 2] {
    let directory = Directory::new(MemoryStore::new()).unwrap();
    let plc = listen(|_| router(directory)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());

    let mut settings = Settings::new(&url).unwrap();
    settings.development = true;
    settings.sign_ups = SignUps::Open;
    settings.handle_domains = vec![".test".into()];
    let dns = Arc::new(SystemDns::new().unwrap());
    let transport = Arc::new(PublicTransport::new(dns, AddressPolicy::Any).unwrap());
    let store = SqliteStore::open(&folder.join("pds.sqlite"), SqliteOptions::default()).unwrap();
    let blobs = folder.join("blobs");
    std::fs::create_dir_all(&blobs).unwrap();
    let pds = Pds::builder(store, settings)
        .objects(Arc::new(LocalFileSystem::new_with_prefix(&blobs).unwrap()))
        .resolver(Resolver::development(&plc).unwrap())
        .plc(PlcClient::new(&plc, transport).unwrap())
        .build()
        .await
        .unwrap();
    pds.start();
    tokio::spawn(async move { serve(listener, pds.router()).await });
    [url, plc]
}

async fn agrees(peer: &Peer, script: &str) {
    let folder = Folder::new(script);
    let arguments = serve_pds(folder.path()).await;
    peer.run_with(script, arguments);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_finds_everything_as_it_expects_it() {
    let Some(node) = node() else { return };
    agrees(node, "pds_api.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_lexicon_client_finds_everything_as_it_expects_it() {
    let Some(node) = node() else { return };
    agrees(node, "pds_lex.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_consumer_verifies_every_event_and_every_export() {
    let Some(node) = node() else { return };
    agrees(node, "pds_sync.js").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lexrpc_and_arroba_find_everything_as_they_expect_it() {
    let Some(python) = python() else { return };
    agrees(python, "pds.py").await;
}
