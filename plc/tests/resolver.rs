//! A resolver with a directory in the same program.

use std::{net::SocketAddr, sync::Arc};

use arobase_plc::{Directory, DirectoryTransport, MemoryStore};
use arobase_runtime::{
    crypto::{Curve, Signer, SigningKey},
    identity::{
        Dns, DnsError, Freshness, IdentityError, Resolver,
        plc::{PlcClient, PlcData},
    },
    xrpc::BoxFuture,
};

/// The DNS of a network without names.
struct NoDns;

impl Dns for NoDns {
    fn txt<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(async { Err(DnsError::NotFound) })
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        Box::pin(async { Err(DnsError::NotFound) })
    }
}

#[tokio::test]
async fn a_resolver_asks_it_without_a_port() {
    let transport = Arc::new(DirectoryTransport::new(&Directory::new(MemoryStore::new()).unwrap()));
    let client = PlcClient::new("http://plc.test", transport.clone()).unwrap();
    let resolver = Resolver::builder(Arc::new(NoDns), transport.clone(), transport).plc_url("http://plc.test");
    let resolver = resolver.development(true).build().unwrap();

    let (first, second) = (SigningKey::generate(Curve::K256), SigningKey::generate(Curve::P256));
    let did_key = first.public_key().to_did_key();
    let data = PlcData::account(vec![did_key.clone()], did_key, "alice.test", "https://pds.test");
    let did = client.create(data.clone(), &first).await.unwrap();
    assert_eq!(*resolver.document(&did, Freshness::Cached).await.unwrap(), data.document(&did));
    assert_eq!(resolver.key(&did, "atproto", Freshness::Cached).await.unwrap(), first.public_key());

    let edit =
        |data: &mut PlcData| drop(data.verification_methods.insert("atproto".into(), second.public_key().to_did_key()));
    client.update(&did, &first, edit).await.unwrap();
    resolver.forget(&did);
    assert_eq!(resolver.key(&did, "atproto", Freshness::Cached).await.unwrap(), second.public_key());

    let nobody = "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap();
    assert!(matches!(resolver.document(&nobody, Freshness::Cached).await, Err(IdentityError::NotFound)));
}
