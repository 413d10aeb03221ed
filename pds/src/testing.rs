//! What tests need.

use std::sync::Arc;

use arobase::{
    identity::{Dns, DnsError, Resolver, plc::PlcClient},
    syntax::Did,
    xrpc::BoxFuture,
};
use arobase_plc::{Directory, DirectoryTransport};

use crate::{
    accounts::SignUp,
    auth::Passwords,
    builder::Builder,
    pds::Pds,
    settings::{Settings, SignUps},
    store::{Account, MemoryStore, Store},
};

/// Where servers of tests say that they are.
pub(crate) const URL: &str = "http://localhost:2583";

/// No name is known.
struct NoDns;

impl Dns for NoDns {
    fn txt<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<std::net::SocketAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }
}

/// Settings of a server for development.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::new(URL).unwrap();
    settings.development = true;
    settings.sign_ups = SignUps::Open;
    settings.handle_domains = vec![".test".into()];
    settings
}

/// A server over a store that is being put together, with a PLC directory of its own and no network.
pub(crate) fn builder(store: impl Store) -> Builder {
    let directory = Directory::new(arobase_plc::MemoryStore::new()).unwrap();
    let plc = Arc::new(DirectoryTransport::new(&directory));
    let resolver = Resolver::builder(Arc::new(NoDns), plc.clone(), plc.clone()).plc_url("http://plc.test");
    let mut builder = Pds::builder(store, settings())
        .resolver(resolver.development(true).build().unwrap())
        .plc(PlcClient::new("http://plc.test", plc).unwrap());
    builder.passwords = Passwords::with_cost(4);
    builder
}

/// A server in memory.
pub(crate) async fn pds() -> Pds {
    builder(MemoryStore::new()).build().await.unwrap()
}

/// A server in memory with an account of the handle `alice.test`.
pub(crate) async fn with_alice() -> (Pds, Did) {
    let pds = pds().await;
    let alice = account(&pds, "alice.test").await;
    (pds, alice.did)
}

/// A new account.
pub(crate) async fn account(pds: &Pds, handle: &str) -> Account {
    pds.create_account(SignUp::new(handle.parse().unwrap())).await.unwrap()
}
