mod fetching;
mod host;
mod knowing;

use std::{sync::Arc, time::Duration};

use arobase::{
    client::{Transport, TransportError},
    data::Blob,
    identity::{AddressPolicy, Dns, DnsError, PublicTransport},
    xrpc::{Body, BoxFuture},
};
use http::{Request, Response};

use self::host::Host;
use super::{super::testing::World, Media, RemoteLimits, get};
use crate::{blobs::testing::world_with, error::Error, store::BlobRow};

const NOTE: &str = "com.example.note/a";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";

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

/// A transport under the public policy, to which one host answers with a redirect.
struct Lure {
    public: PublicTransport,
    to: String,
}

impl Transport for Lure {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        if request.uri().host() != Some("lure.example") {
            return self.public.send(request);
        }
        let answer = Response::builder().status(302).header("location", &self.to).body(Body::default()).unwrap();
        Box::pin(std::future::ready(Ok(answer)))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.public.sleep(duration)
    }
}

/// A server in development, and a host.
async fn development() -> (World, Host) {
    let world = world_with(|settings| settings.development = true).await;
    let transport = PublicTransport::new(Arc::new(NoDns), AddressPolicy::Any).unwrap();
    world.depot.blobs.remotes.set_transport(Arc::new(transport));
    (world, Host::start().await)
}

/// A server that is none for development, and that is lured.
async fn public(to: String) -> World {
    let world = world_with(|_| ()).await;
    let public = PublicTransport::new(Arc::new(NoDns), AddressPolicy::Public).unwrap();
    world.depot.blobs.remotes.set_transport(Arc::new(Lure { public, to }));
    world
}

async fn remote(world: &World, url: &str, limits: &RemoteLimits) -> Result<Media, Error> {
    get(&world.depot, &world.alice.did, url, limits).await
}

async fn fetched(world: &World, url: &str) -> Media {
    remote(world, url, &RemoteLimits::default()).await.unwrap()
}

async fn reason(world: &World, url: &str, limits: &RemoteLimits) -> String {
    remote(world, url, limits).await.unwrap_err().name().to_owned()
}

async fn row(world: &World, blob: &Blob) -> Option<BlobRow> {
    world.row(&super::super::testing::cid(blob)).await
}
