//! What the store on SQLite does in a second, beside what the disk does: `cargo bench -p arobase-pds --bench store`.
//!
//! Commits are like those of posts: five nodes come and five go, with a record of 300 bytes and an event of 3 kB. The
//! bound is a program that does nothing but append the same bytes to a file and call fdatasync after each group.

#![allow(clippy::print_stdout, reason = "what it measures is its output")]

use std::{
    env, error, fs,
    fs::File,
    io::Write,
    ops::Bound,
    path::{Path, PathBuf},
    process,
    sync::Arc,
    time::{Duration, Instant},
};

use arobase::{
    crypto::Signature,
    data::{Cid, CidLink},
    repo::{Commit, RepoPath, commit::Unsigned, mst::Direction},
    sync::CommitEvent,
    syntax::{Did, Tid},
};
use arobase_pds::{
    keys::SealedKey,
    store::{AccountId, Database, NewAccount, Range, Record, SqliteOptions, SqliteStore, StoreError, Unit, Usage},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream::FuturesUnordered};

type Failure = Box<dyn error::Error>;

/// How many accounts there are, and what each has when it begins.
const ACCOUNTS: u64 = 1000;
const RECORDS: u64 = 100;
const NODES: u64 = 25;

const NODE_BYTES: usize = 500;
const RECORD_BYTES: usize = 300;
const EVENT_BYTES: usize = 2700;

/// What the account has from which whole repositories are read.
const LARGE: u64 = 10_000;

/// How often it is read.
const READINGS: usize = 50;

/// How long each case takes.
const TIME: Duration = Duration::from_secs(4);

fn main() -> Result<(), Failure> {
    let folder = env::temp_dir().join(format!("arobase-bench-store-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let result = tokio::runtime::Builder::new_current_thread().build()?.block_on(measure(&folder));
    fs::remove_dir_all(&folder)?;
    result
}

async fn measure(folder: &Path) -> Result<(), Failure> {
    let path = folder.join("pds.sqlite");
    let store = Arc::new(SqliteStore::open(&path, SqliteOptions::default())?);
    let db = Database::new(store);
    let mut people = fill(&db).await?;
    println!("{ACCOUNTS} accounts with {RECORDS} records each: {} MB", megabytes(&path)?);
    for queued in [1, 8, 32, 128] {
        let bound = append(&folder.join("bound"), queued)?;
        measure_writing(&db, &mut people, queued, bound).await?;
    }
    let large = people.len() as u64;
    let (id, nodes) = fill_large(&db, large).await?;
    measure_reading(&db, id, &nodes)?;
    db.store().close().await;
    println!("in the end: {} MB", megabytes(&path)?);
    Ok(())
}

fn megabytes(path: &Path) -> Result<u64, Failure> {
    Ok(fs::metadata(path)?.len() / 1_000_000)
}

/// Somebody who writes.
struct Person {
    id: AccountId,
    did: Did,
    /// The nodes that the next commit replaces.
    nodes: Vec<Cid>,
    commits: u64,
}

async fn fill(db: &Database) -> Result<Vec<Person>, Failure> {
    let mut people = Vec::new();
    for number in 0..ACCOUNTS {
        people.push(db.write(move |unit| create(unit, number, RECORDS, NODES)).await?);
    }
    Ok(people)
}

async fn fill_large(db: &Database, number: u64) -> Result<(AccountId, Vec<Cid>), Failure> {
    let person = db.write(move |unit| create(unit, number, LARGE, LARGE)).await?;
    let nodes = db.read_long(|view| view.nodes(person.id, None, usize::MAX))?;
    Ok((person.id, nodes))
}

fn create(unit: &mut dyn Unit, number: u64, records: u64, nodes: u64) -> Result<Person, StoreError> {
    let account = NewAccount {
        did: format!("did:web:user{number}.example.com").parse().map_err(StoreError::other)?,
        handle: Some(format!("user{number}.example.com").parse().map_err(StoreError::other)?),
        email: Some(format!("user{number}@example.com").into()),
        password: Some("$scrypt$ln=14,r=8,p=1$".repeat(4).into()),
        key: SealedKey::from_bytes([7; 61]),
        created_at: 1,
        deactivated_at: None,
    };
    let id = unit.create_account(&account)?;
    for record in 0..records {
        unit.put_record(id, &a_record(number, record)?)?;
    }
    let nodes = (0..nodes).map(|node| put_node(unit, id, number, node)).collect::<Result<Vec<_>, _>>()?;
    unit.put_commit(id, &a_commit(&account.did, 1))?;
    let nodes = nodes.into_iter().take(5).collect();
    Ok(Person { id, did: account.did, nodes, commits: 1 })
}

fn put_node(unit: &mut dyn Unit, id: AccountId, who: u64, number: u64) -> Result<Cid, StoreError> {
    let block = filled("node", who, number, NODE_BYTES);
    let cid = Cid::of_cbor(&block);
    unit.put_node(id, &cid, &rev(number), &block)?;
    Ok(cid)
}

fn a_record(who: u64, number: u64) -> Result<Record, StoreError> {
    let block = filled("record", who, number, RECORD_BYTES);
    let path = format!("app.bsky.feed.post/{}", rev(number)).parse::<RepoPath>().map_err(StoreError::other)?;
    Ok(Record { path, cid: CidLink::from(Cid::of_cbor(&block)), rev: rev(number), block })
}

/// Bytes that nobody else has.
fn filled(what: &str, who: u64, number: u64, length: usize) -> Bytes {
    let mut bytes = format!("{what} {who} {number} ").into_bytes();
    bytes.resize(length, b'.');
    bytes.into()
}

fn rev(number: u64) -> Tid {
    Tid::from_parts(1_700_000_000_000_000 + number * 1_000_003, 7)
}

fn a_commit(did: &Did, number: u64) -> Commit {
    let unsigned = Unsigned { did: did.clone(), rev: rev(number), data: Cid::of_cbor(b"tree"), prev: None };
    unsigned.with_signature(&Signature::from_bytes([1; 64]))
}

/// A commit as a handler makes it, without the work on the tree.
fn write(unit: &mut dyn Unit, person: &mut Person, who: u64) -> Result<(), StoreError> {
    let Person { id, did, nodes, commits } = person;
    let number = *commits;
    *commits += 1;
    let found = unit.account_of_did(did)?.map(|account| account.id);
    if found != Some(*id) || unit.commit(*id)?.is_none() {
        return Err(StoreError::other("nobody is there"));
    }
    for cid in &*nodes {
        if unit.node(*id, cid)?.is_none() {
            return Err(StoreError::other("no node is there"));
        }
    }
    for cid in std::mem::take(nodes) {
        unit.delete_node(*id, &cid)?;
    }
    for node in 0..5 {
        nodes.push(put_node(unit, *id, who, 1_000_000 + number * 5 + node)?);
    }
    let record = a_record(who, 1_000_000 + number)?;
    let commit = a_commit(did, number);
    unit.put_record(*id, &record)?;
    unit.put_commit(*id, &commit)?;
    unit.add_usage(*id, Usage { records: 1, record_bytes: RECORD_BYTES as i64, ..Usage::default() })?;
    unit.emit(*id, an_event(did, &commit, number).into())
}

fn an_event(did: &Did, commit: &Commit, number: u64) -> CommitEvent {
    CommitEvent {
        did: did.clone(),
        rev: rev(number),
        since: Some(rev(number - 1)),
        commit: commit.cid(),
        prev_data: Some(Cid::of_cbor(b"tree")),
        ops: Vec::new(),
        blocks: filled("car", 0, number, EVENT_BYTES),
    }
}

/// What a number of units took.
struct Taken {
    units: u32,
    time: Duration,
    cpu: Duration,
}

async fn measure_writing(db: &Database, people: &mut Vec<Person>, queued: usize, bound: f64) -> Result<(), Failure> {
    let taken = write_for(db, people, queued).await?;
    let rate = f64::from(taken.units) / taken.time.as_secs_f64();
    let cpu = taken.cpu.as_secs_f64() * 1e3 / f64::from(taken.units);
    println!(
        "{queued:>4} queued: {rate:>7.0} units/s, {cpu:.3} ms of CPU each; the disk alone {bound:>7.0} units/s, {:.0} %",
        100.0 * rate / bound
    );
    Ok(())
}

/// Writes with so many units under way at any time.
async fn write_for(db: &Database, people: &mut Vec<Person>, queued: usize) -> Result<Taken, Failure> {
    let mut free = std::mem::take(people);
    let mut units = FuturesUnordered::new();
    // Everybody has the next turn after all others.
    free.reverse();
    let (began, cpu) = (Instant::now(), cpu_time()?);
    let mut count = 0;
    while began.elapsed() < TIME || !units.is_empty() {
        while units.len() < queued && began.elapsed() < TIME {
            let Some(mut person) = free.pop() else { break };
            units.push(db.write(move |unit| {
                let who = person.id.0.unsigned_abs();
                write(unit, &mut person, who).map(|()| person)
            }));
        }
        if let Some(person) = units.next().await {
            people.push(person?);
            count += 1;
        }
        if free.is_empty() {
            free.append(people);
            free.reverse();
        }
    }
    let taken = Taken { units: count, time: began.elapsed(), cpu: cpu_time()? - cpu };
    people.append(&mut free);
    Ok(taken)
}

/// Appends what groups of units hold to a file, and makes each durable; units in a second.
fn append(path: &PathBuf, queued: usize) -> Result<f64, Failure> {
    let bytes = vec![7; queued * (5 * NODE_BYTES + RECORD_BYTES + EVENT_BYTES + 500)];
    let mut file = File::create(path)?;
    let (began, mut units) = (Instant::now(), 0);
    while began.elapsed() < TIME / 2 {
        file.write_all(&bytes)?;
        file.sync_data()?;
        units += queued;
    }
    let rate = units as f64 / began.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}

/// What this process has had of the processors, where the system says so.
fn cpu_time() -> Result<Duration, Failure> {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else { return Ok(Duration::ZERO) };
    // Behind the name in brackets, fields 14 and 15 of the whole line are in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(10 * ticks))
}

fn measure_reading(db: &Database, id: AccountId, nodes: &[Cid]) -> Result<(), Failure> {
    let everything = Range {
        from: Bound::Unbounded,
        to: Bound::Unbounded,
        direction: Direction::Up,
        limit: usize::MAX,
        bytes: usize::MAX,
    };
    measure_reading_of("records in order", || {
        let records = db.read_long::<_, StoreError>(|view| view.records(id, everything))?;
        Ok(records.iter().map(|record| record.block.len()).sum())
    })?;
    measure_reading_of("nodes by CID", || {
        db.read_long(|view| nodes.iter().map(|cid| Ok(view.node(id, cid)?.map_or(0, |node| node.block.len()))).sum())
    })
}

/// Says how long the first time took, and the shortest.
fn measure_reading_of(what: &str, mut read: impl FnMut() -> Result<usize, StoreError>) -> Result<(), Failure> {
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..READINGS {
        let began = Instant::now();
        bytes = read()?;
        times.push(began.elapsed().as_secs_f64());
    }
    let (first, best) = (times[0], times.iter().copied().fold(f64::INFINITY, f64::min));
    let rate = bytes as f64 / best / 1e6;
    println!("{LARGE} {what}: {:.1} ms the first time, {:.1} ms at best, {rate:.0} MB/s", first * 1e3, best * 1e3);
    Ok(())
}
