//! What a typed server costs beside the same handlers written for bare axum, and beside lexrpc on
//! gunicorn where that can be had (`AROBASE_INTEROP=1`).
//!
//! Servers run as processes of their own with one worker thread, so that their processor time can
//! be told apart; the load comes from here, over connections that are kept open. Rounds alternate,
//! and the medians are printed.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "support/bare.rs"]
mod bare;
#[path = "support/load.rs"]
mod load;
#[path = "support/mod.rs"]
mod support;

use std::{sync::Arc, time::Duration};

use arobase::server::Router;
use arobase_interop::{Interop, lexicons::com::example::interop, python};
use load::{Round, gunicorn, load, median};
use support::Server;

const CONNECTIONS: usize = 32;
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

const QUERY: &[u8] =
    b"GET /xrpc/com.example.interop.listNumbers?below=100&limit=20&tags=a+b HTTP/1.1\r\nHost: localhost\r\n\r\n";
const PROCEDURE: &[u8] = b"POST /xrpc/com.example.interop.greet HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"name\":\"Ana\"}";

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("serve-typed") => support::serve(|| Router::new().merge(interop::router(Arc::new(Interop))).into_axum()),
        Some("serve-bare") => support::serve(bare::router),
        _ => compare(),
    }
}

fn compare() {
    let mut servers = vec![("arobase", Server::start("serve-typed")), ("bare axum", Server::start("serve-bare"))];
    if let Some(python) = python() {
        servers.push(("lexrpc on gunicorn, 2 workers", gunicorn(python)));
    }
    println!("{CONNECTIONS} connections, medians of {ROUNDS} rounds of {ROUND:?}\n");
    println!("| request | server | answers/s | processor time of the server, us a request |\n|---|---|---|---|");
    for (what, request) in [("query", QUERY), ("procedure", PROCEDURE)] {
        let mut rounds: Vec<Vec<Round>> = servers.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for ((_, server), rounds) in servers.iter().zip(&mut rounds) {
                rounds.push(load(server, request, CONNECTIONS, ROUND));
            }
        }
        for ((name, _), rounds) in servers.iter().zip(&rounds) {
            let rate = median(rounds.iter().map(Round::rate));
            let cost = median(rounds.iter().map(Round::cost));
            println!("| {what} | {name} | {rate:.0} | {cost:.1} |");
        }
    }
}
