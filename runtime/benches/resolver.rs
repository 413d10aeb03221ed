//! Warm answers of the resolver: `cargo bench -p arobase-runtime --features identity,crypto-native --bench resolver`.
//!
//! 10,000 accounts are remembered and asked for in any order. Each case runs in many short batches and the fastest is
//! reported, since noise only ever adds. An argument keeps the cases whose name contains it. Without `--bench`, as
//! tests run it, each case runs once.
#![allow(clippy::print_stdout)]

mod support;

use std::{
    future::{pending, ready},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use arobase_runtime::{
    client::{Transport, TransportError},
    identity::{DidDocument, Dns, DnsError, Freshness, Resolver},
    sync::Directory,
    syntax::{AtIdentifier, Did, Handle},
    xrpc::{Body, BoxFuture},
};
use http::{Request, Response};

const ACCOUNTS: usize = 10_000;
const KEY: &str = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";

fn main() {
    let world = Arc::new(World);
    let resolver = Resolver::builder(world.clone(), world.clone(), world).build().expect("an address");
    let dids: Vec<_> = (0..ACCOUNTS).map(did).collect();
    let handles: Vec<_> = (0..ACCOUNTS).map(handle).collect();
    for handle in &handles {
        now(resolver.did(handle, Freshness::Cached)).expect("a DID");
    }
    let mut random = Random(1);
    let mut any = || random.next() as usize % ACCOUNTS;
    let cached = Freshness::Cached;

    case("document", || now(resolver.document(&dids[any()], cached)).is_ok());
    case("key", || now(resolver.key(&dids[any()], "atproto", cached)).is_ok());
    case("pds", || now(resolver.pds(&dids[any()], cached)).is_ok());
    case("did(handle)", || now(resolver.did(&handles[any()], cached)).is_ok());
    case("directory", || now(resolver.resolve(&dids[any()], false)).is_ok());
    let accounts: Vec<_> = dids.iter().cloned().map(AtIdentifier::from).collect();
    case("identity", || now(resolver.identity(&accounts[any()], cached)).is_ok());
}

/// The DID of a number.
fn did(number: usize) -> Did {
    let digits: String = format!("{number:05}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    Did::from_unchecked(&format!("did:plc:{digits}aaaaaaaaaaaaaaaaaaa"))
}

fn handle(number: usize) -> Handle {
    Handle::from_unchecked(&format!("user{number:05}.example.com"))
}

/// What is remembered is there at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("an answer that has to be waited for"),
    }
}

/// A directory and DNS that know all accounts.
struct World;

impl Transport for World {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        let path = request.uri().path().trim_start_matches('/');
        let digits = path.strip_prefix("did:plc:").and_then(|rest| rest.get(..5)).unwrap_or_default();
        let number: String = digits.bytes().map(|digit| char::from(digit - b'a' + b'0')).collect();
        let answer = match number.parse() {
            Ok(number) => Response::new(Body::from(document(number))),
            Err(_) => Response::builder().status(404).body(Body::default()).expect("an answer"),
        };
        Box::pin(ready(Ok(answer)))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

fn document(number: usize) -> Vec<u8> {
    DidDocument::new(did(number))
        .with_also_known_as(format!("at://{}", handle(number)))
        .with_key("atproto", KEY)
        .with_service("atproto_pds", "AtprotoPersonalDataServer", "https://pds.example.com")
        .to_json()
}

impl Dns for World {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        let digits = name.strip_prefix("_atproto.user").and_then(|rest| rest.get(..5)).unwrap_or_default();
        let said = digits.parse().map(|number| vec![format!("did={}", did(number))]);
        Box::pin(ready(said.map_err(|_| DnsError::NotFound)))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<std::net::SocketAddr>, DnsError>> {
        Box::pin(ready(Err(DnsError::NotFound)))
    }
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Prints the time per answer in nanoseconds.
fn case<T>(name: &str, run: impl FnMut() -> T) {
    if let Some(nanos) = support::nanos(name, run) {
        println!("{name:<30} {nanos:>12.1} ns");
    }
}
