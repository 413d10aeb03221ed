//! What a call costs between the HTTP library and the handler and back: no sockets, one thread, the
//! same requests to a typed router and to the same handlers in bare axum.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "support/bare.rs"]
mod bare;

use std::{sync::Arc, time::Instant};

use arobase::server::Router;
use arobase_interop::{Interop, lexicons::com::example::interop};
use axum::{body::Body, http::Request};
use futures_util::StreamExt;
use tower::ServiceExt;

const CALLS: u32 = 20_000;
const ROUNDS: usize = 9;

fn main() {
    let calls = std::env::args().nth(1).and_then(|calls| calls.parse().ok()).unwrap_or(CALLS);
    let only = std::env::args().nth(2);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let typed = Router::new().merge(interop::router(Arc::new(Interop))).into_axum();
    let servers = [("arobase", typed), ("bare axum", bare::router())];
    println!("| request | server | us a call |\n|---|---|---|");
    for (what, request) in [("query", query as fn() -> Request<Body>), ("procedure", procedure)] {
        let mut best = [f64::MAX; 2];
        for _ in 0..ROUNDS {
            for ((name, server), best) in servers.iter().zip(&mut best) {
                if only.as_deref().is_none_or(|only| *name == only) {
                    *best = best.min(runtime.block_on(round(server, request, calls)));
                }
            }
        }
        for ((name, _), best) in servers.iter().zip(best) {
            println!("| {what} | {name} | {best:.2} |");
        }
    }
}

/// Microseconds a call.
async fn round(server: &axum::Router, request: fn() -> Request<Body>, calls: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        let answer = server.clone().oneshot(request()).await.expect("an answer");
        assert!(answer.status().is_success());
        let mut body = answer.into_body().into_data_stream();
        while let Some(chunk) = body.next().await {
            chunk.expect("a body");
        }
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

fn query() -> Request<Body> {
    let uri = "/xrpc/com.example.interop.listNumbers?below=100&limit=20&tags=a+b";
    Request::get(uri).header("host", "localhost").body(Body::empty()).expect("a request")
}

fn procedure() -> Request<Body> {
    let request = Request::post("/xrpc/com.example.interop.greet").header("host", "localhost");
    let request = request.header("content-type", "application/json").header("content-length", 14);
    request.body(Body::from("{\"name\":\"Ana\"}")).expect("a request")
}
