//! What a server does under load, measured from outside: `cargo bench -p arobase-pds --bench load`.
//!
//! It starts the program of this package with durable writes in a temporary folder, or takes one that runs already,
//! ours or another: `AROBASE_LOAD_URL=http://localhost:2583 AROBASE_LOAD_PID=4711`, so that peers are measured by the
//! same means. It prints a line for each figure; CPU time is that of the server's process.
//!
//! | setting | default | |
//! |---|---|---|
//! | `AROBASE_LOAD_ACCOUNTS` | 64 | accounts, and connections that write |
//! | `AROBASE_LOAD_SECONDS` | 10 | how long to write |
//! | `AROBASE_LOAD_IDLE` | 100000 | accounts that do nothing; 0 to leave that out |
//! | `AROBASE_LOAD_RECORDS` | 10000 | records of the repository that is exported |
//!
//! Without `--bench` it runs once with next to nothing, to see that it works.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

mod http;
mod idle;
mod process;
mod stream;

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::task::JoinSet;

use http::{Account, Connection};
use process::Server;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How much of everything.
struct Size {
    accounts: usize,
    seconds: u64,
    idle: usize,
    records: usize,
}

impl Size {
    fn given() -> Self {
        let number = |name: &str, usual, least| {
            let given = std::env::var(format!("AROBASE_LOAD_{name}")).ok().and_then(|text| text.parse().ok());
            given.unwrap_or(if std::env::args().any(|argument| argument == "--bench") { usual } else { least })
        };
        Self {
            accounts: number("ACCOUNTS", 64, 2),
            seconds: number("SECONDS", 10, 1) as u64,
            idle: number("IDLE", 100_000, 20),
            records: number("RECORDS", 10_000, 200),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    let size = Size::given();
    let server = Server::given_or_started()?;
    println!("memory at rest: {}", server.memory());
    let accounts = sign_up(&server, size.accounts).await?;
    let start = stream::newest(&server.url).await?;
    let written = write(&server, &accounts, Duration::from_secs(size.seconds)).await?;
    write_one_by_one(&server, &accounts, size.seconds.min(3)).await?;
    stream::latency(&server, accounts.first().ok_or("no account")?, if size.seconds > 1 { 300 } else { 5 }).await?;
    stream::replay(&server, start, written).await?;
    export(&server, accounts.last().ok_or("no account")?, size.records).await?;
    println!("memory after that: {}", server.memory());
    drop(server);
    if size.idle > 0 && std::env::var_os("AROBASE_LOAD_URL").is_none() {
        idle::measure(size.idle).await?;
    }
    Ok(())
}

async fn sign_up(server: &Server, count: usize) -> Fallible<Vec<Account>> {
    let (begin, cpu) = (Instant::now(), server.cpu());
    let mut accounts = Vec::new();
    let mut connection = Connection::open(&server.url).await?;
    for number in 0..count {
        let handle = format!("l{number}-{}.test", std::process::id());
        let body = json!({ "handle": handle, "email": format!("{handle}@example.com"), "password": "correct horse" });
        let answer = connection.post("com.atproto.server.createAccount", None, &body).await?;
        accounts.push(Account::of(&answer)?);
    }
    let each = |time: Duration| time.as_secs_f64() * 1e3 / count as f64;
    println!("accounts: {:.1} ms each, {:.1} ms of CPU", each(begin.elapsed()), each(server.cpu() - cpu));
    Ok(accounts)
}

/// A post, as people write them.
fn post(number: usize) -> serde_json::Value {
    let text = format!("number {number}: the quick brown fox jumps over the lazy dog, and then over another one");
    let created = "2026-11-22T12:00:00.000Z";
    json!({ "$type": "app.bsky.feed.post", "text": text, "createdAt": created, "langs": ["en"] })
}

/// Every account writes as fast as it gets answers.
async fn write(server: &Server, accounts: &[Account], time: Duration) -> Fallible<usize> {
    let over = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    let (begin, cpu) = (Instant::now(), server.cpu());
    for account in accounts {
        let (over, url, account) = (Arc::clone(&over), server.url.clone(), account.clone());
        writers.spawn(async move {
            let mut connection = Connection::open(&url).await?;
            let mut times = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let sent = Instant::now();
                create(&mut connection, &account, times.len()).await?;
                times.push(sent.elapsed());
            }
            Ok::<_, Box<dyn Error + Send + Sync>>(times)
        });
    }
    tokio::time::sleep(time).await;
    over.store(true, Ordering::Relaxed);
    let mut times = Vec::new();
    while let Some(done) = writers.join_next().await {
        times.extend(done??);
    }
    report("createRecord, many accounts", &mut times, begin.elapsed(), server.cpu() - cpu);
    Ok(times.len())
}

/// One account writes, the next record only after the answer to the one before.
async fn write_one_by_one(server: &Server, accounts: &[Account], seconds: u64) -> Fallible<()> {
    let account = accounts.first().ok_or("no account")?;
    let mut connection = Connection::open(&server.url).await?;
    let (begin, cpu, mut times) = (Instant::now(), server.cpu(), Vec::new());
    while begin.elapsed() < Duration::from_secs(seconds) {
        let sent = Instant::now();
        create(&mut connection, account, times.len()).await?;
        times.push(sent.elapsed());
    }
    report("createRecord, one after the other", &mut times, begin.elapsed(), server.cpu() - cpu);
    Ok(())
}

async fn create(connection: &mut Connection, account: &Account, number: usize) -> Fallible<()> {
    let body = json!({ "repo": &account.did, "collection": "app.bsky.feed.post", "record": post(number) });
    connection.post("com.atproto.repo.createRecord", Some(account), &body).await.map(drop)
}

fn report(what: &str, times: &mut [Duration], took: Duration, cpu: Duration) {
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "{what}: {:.0}/s; {:.3} ms of CPU each; median {:.1} ms, 99 % {:.1} ms",
        times.len() as f64 / took.as_secs_f64(),
        cpu.as_secs_f64() * 1e3 / times.len().max(1) as f64,
        at(0.5),
        at(0.99),
    );
}

/// The repository of an account, made as large as asked, and exported several times.
async fn export(server: &Server, account: &Account, records: usize) -> Fallible<()> {
    let mut connection = Connection::open(&server.url).await?;
    for batch in 0..records / 200 {
        let create = |number| {
            let name = "com.atproto.repo.applyWrites#create";
            json!({ "$type": name, "collection": "app.bsky.feed.post", "value": post(batch * 200 + number) })
        };
        let writes: Vec<_> = (0..200).map(create).collect();
        let body = json!({ "repo": &account.did, "writes": writes });
        connection.post("com.atproto.repo.applyWrites", Some(account), &body).await?;
    }
    let path = format!("/xrpc/com.atproto.sync.getRepo?did={}", account.did);
    let (mut best, mut bytes, cpu) = (Duration::MAX, 0, server.cpu());
    for _ in 0..10 {
        let begin = Instant::now();
        bytes = connection.get(&path).await?;
        best = best.min(begin.elapsed());
    }
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    let cpu = (server.cpu() - cpu) / 10;
    println!(
        "getRepo of {records} records: {:.2} MB, best of 10 {:.0} MB/s; {:.1} ms of CPU each, {:.0} MB/s of that",
        bytes as f64 / 1e6,
        rate(best),
        cpu.as_secs_f64() * 1e3,
        rate(cpu),
    );
    Ok(())
}
