//! Many connections for some time: nothing is lost, and nothing is mixed up.
//!
//! Takes three seconds; `AROBASE_LOAD_SECONDS` says otherwise.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arobase::{Client, Error};
use arobase_interop::{
    lexicons::com::example::{
        interop,
        interop::{Client as _, Greet, ListNumbers, greet},
    },
    start,
};

const CONNECTIONS: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_connections_lose_nothing() {
    let seconds = std::env::var("AROBASE_LOAD_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3);
    let address = format!("http://{}", start().await);
    let (end, answers) = (Instant::now() + Duration::from_secs(seconds), Arc::new(AtomicU64::new(0)));
    let tasks = (0..CONNECTIONS).map(|number| {
        let (client, answers) = (Client::new(&address).expect("an address"), Arc::clone(&answers));
        tokio::spawn(async move {
            let mut count = 0;
            while Instant::now() < end {
                ask(&client, number * 1_000_000 + count).await;
                count += 1;
                answers.fetch_add(1, Ordering::Relaxed);
            }
            assert!(count > 0, "a connection was never served");
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("every answer is the one that was asked for");
    }
    eprintln!("{} calls in {seconds} s, none lost", answers.load(Ordering::Relaxed));
}

/// A success, a declared error and a page, each with its own number in it.
async fn ask(client: &Client, number: u64) {
    let greeting = client.greet(Greet::new(number.to_string())).await.expect("an answer").greeting;
    assert_eq!(greeting, format!("Hello, {number}!"));
    let declared = client.greet(Greet::new("nobody")).await;
    assert!(matches!(declared, Err(Error::Declared(greet::Error::Stranger(_)))), "{declared:?}");
    let from = i64::try_from(number).expect("a small number");
    let query = ListNumbers::new(from + 5).cursor(from.to_string());
    let page = interop::Client::list_numbers(client, query).await.expect("a page");
    assert_eq!(page.numbers, (from..from + 5).collect::<Vec<_>>());
}
