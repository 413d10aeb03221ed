//! The Merkle search tree:
//! `cargo bench -p arobase-runtime --no-default-features --features repo --bench mst`.
//!
//! One repository as people have them: posts, likes and reposts in the order in which they were made.
//! Each case runs in several rounds, of which the fastest and the median are printed: time on the
//! processor where the system tells it (which Linux does in steps of some milliseconds, hence the
//! long rounds), so that other programs matter less. An argument sets the number of records. Without
//! `--bench`, as tests run it, the repository is small.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use arobase_runtime::data::{Cid, CidLink};
use arobase_runtime::repo::MemoryBlocks;
use arobase_runtime::repo::mst::{Block, Builder, Error, Inverse, Op, Tree, invert};

/// The operations of a round.
const OPS: usize = 4000;
/// The operations of a round that are short.
const MANY: usize = 40_000;
const BATCH: usize = 200;

fn main() -> Result<(), Error> {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let number = std::env::args().find_map(|argument| argument.parse().ok());
    let (records, rounds) = if measured { (number.unwrap_or(100_000), 15) } else { (2_000, 1) };
    let bench = Bench { content: Feed::sorted(records), rounds };
    println!("{records} records{:>25}{:>12}", "fastest", "median");
    bench.memory()?;
    bench.building()?;
    bench.commits()?;
    bench.appends()?;
    bench.lookups()?;
    bench.inversions()
}

type Record = (Vec<u8>, CidLink);

struct Bench {
    /// Sorted.
    content: Vec<Record>,
    rounds: usize,
}

impl Bench {
    fn tree(&self) -> Result<Tree, Error> {
        Tree::from_sorted(self.content.iter().map(|(key, value)| (key.as_slice(), value.clone())))
    }

    /// Records that are not there, at random places.
    fn strangers(&self, round: usize) -> Vec<Record> {
        let mut random = Random(round as u64 + 1);
        let stranger = |_| {
            let (near, value) = &self.content[random.below(self.content.len())];
            // A record key of 13 characters goes on between two others.
            ([&near[..near.len() - 3], random.text(3).as_bytes()].concat(), value.clone())
        };
        let mut strangers: Vec<_> = (0..4 * OPS).map(stranger).collect();
        strangers.sort();
        strangers.dedup_by(|(a, _), (b, _)| a == b);
        strangers.retain(|(key, _)| self.content.binary_search_by(|(other, _)| other.cmp(key)).is_err());
        random.shuffle(&mut strangers);
        strangers.truncate(OPS);
        strangers
    }

    fn memory(&self) -> Result<(), Error> {
        let before = resident();
        let tree = self.tree()?;
        if let (Some(before), Some(after)) = (before, resident()) {
            println!("{:<32}{:>10} B", "memory a record", after.saturating_sub(before) / self.content.len());
        }
        drop(black_box(tree));
        Ok(())
    }

    fn building(&self) -> Result<(), Error> {
        let keys = self.content.len();
        let mut loaded = Times::new("from_sorted, a key", keys);
        let mut streamed = Times::new("Builder, a key", keys);
        for _ in 0..self.rounds.min(7) {
            black_box(loaded.time(|| self.tree())?);
            let root = streamed.time(|| {
                let mut builder = Builder::new();
                let mut finished = |cid, bytes: &[u8]| _ = black_box::<(Cid, &[u8])>((cid, bytes));
                for (key, value) in &self.content {
                    builder.push(key, value, &mut finished)?;
                }
                builder.finish(&mut finished)
            })?;
            black_box(root);
        }
        loaded.print();
        streamed.print();
        Ok(())
    }

    /// Commits of one operation at random places, with the blocks that a store gets.
    fn commits(&self) -> Result<(), Error> {
        let mut tree = self.tree()?;
        let mut bound = Times::new("bound: copy, patch, hash", OPS);
        let mut create = Times::new("create, a commit", OPS);
        let mut update = Times::new("update, a commit", OPS);
        let mut delete = Times::new("delete, a commit", OPS);
        let mut shared = Times::new("create under a snapshot", OPS);
        let mut size = (0, 0);
        for round in 0..self.rounds {
            let strangers = self.strangers(round);
            let mut blocks = Vec::new();
            shared.time(|| {
                strangers.iter().try_for_each(|(key, value)| {
                    let snapshot = tree.clone();
                    blocks.push(commit(&mut tree, Op::create(key, value.clone()))?);
                    drop(snapshot);
                    Ok::<_, Error>(())
                })
            })?;
            size.0 += blocks.iter().map(Vec::len).sum::<usize>();
            size.1 += blocks.iter().flatten().map(bytes::Bytes::len).sum::<usize>();
            bound.time(|| blocks.iter().for_each(|blocks| rehash(blocks)));
            drop(blocks);
            self.remove(&mut tree, &strangers)?;
            create.time(|| self.each(&mut tree, &strangers, Op::create))?;
            update.time(|| self.each(&mut tree, &strangers, |key, _| Op::update(key, Cid::of_cbor(key))))?;
            delete.time(|| self.each(&mut tree, &strangers, |key, _| Op::delete(key)))?;
        }
        let commits = (self.rounds * OPS) as f64;
        println!("{:<32}{:>10.1} of {:.0} B", "nodes a commit", size.0 as f64 / commits, size.1 as f64 / commits);
        bound.print();
        create.print_to(&bound);
        update.print_to(&bound);
        delete.print_to(&bound);
        shared.print_to(&bound);
        Ok(())
    }

    fn each<'a>(
        &self,
        tree: &mut Tree,
        records: &'a [Record],
        op: impl Fn(&'a [u8], CidLink) -> Op<'a>,
    ) -> Result<(), Error> {
        for (key, value) in records {
            black_box(commit(tree, op(key, value.clone()))?);
        }
        Ok(())
    }

    fn remove(&self, tree: &mut Tree, records: &[Record]) -> Result<(), Error> {
        self.each(tree, records, |key, _| Op::delete(key))
    }

    fn appends(&self) -> Result<(), Error> {
        let mut single = Times::new("append, a commit", OPS);
        let mut batched = Times::new("append by 200, a record", MANY);
        for round in 0..self.rounds {
            let mut feed = Feed { number: self.content.len() as u64, random: Random(round as u64 + 99) };
            let records: Vec<_> = (&mut feed).take(MANY).collect();
            let mut tree = self.tree()?;
            single.time(|| self.each(&mut tree, &records[..OPS], Op::create))?;
            let mut tree = self.tree()?;
            batched.time(|| records.chunks(BATCH).try_for_each(|part| batch(&mut tree, part)))?;
        }
        single.print();
        batched.print();
        Ok(())
    }

    fn lookups(&self) -> Result<(), Error> {
        let tree = self.tree()?;
        let mut times = Times::new("get", MANY);
        let mut random = Random(5);
        for _ in 0..self.rounds {
            let keys: Vec<_> = (0..MANY).map(|_| &self.content[random.below(self.content.len())].0).collect();
            times.time(|| keys.iter().try_for_each(|key| tree.get(key, &()).map(|value| drop(black_box(value)))))?;
        }
        times.print();
        Ok(())
    }

    /// Undoing one created record, with the blocks of the way to it as they come in an event.
    fn inversions(&self) -> Result<(), Error> {
        let mut hashing = Times::new("hashing the blocks of a commit", OPS);
        let mut inverting = Times::new("that and inverting it", OPS);
        let mut tree = self.tree()?;
        for round in 0..self.rounds {
            let mut events = Vec::new();
            for (key, value) in &self.strangers(round) {
                let before = tree.root();
                let op = Op::create(key, value.clone());
                let blocks = tree.apply(&[op], &())?.created().collect();
                events.push(Event { before, after: tree.root(), key: key.clone(), value: value.clone(), blocks });
            }
            hashing.time(|| events.iter().for_each(|event| drop(black_box(event.received()))));
            inverting.time(|| events.iter().try_for_each(Event::invert))?;
            events.iter().try_for_each(|event| tree.apply(&[Op::delete(&event.key)], &()).map(drop))?;
        }
        hashing.print();
        inverting.print();
        Ok(())
    }
}

/// A commit of one created record.
struct Event {
    before: Cid,
    after: Cid,
    key: Vec<u8>,
    value: CidLink,
    blocks: Vec<Block>,
}

impl Event {
    fn received(&self) -> MemoryBlocks {
        let mut received = MemoryBlocks::new();
        for block in &self.blocks {
            assert!(received.insert(block.cid, block.bytes.clone()));
        }
        received
    }

    fn invert(&self) -> Result<(), Error> {
        let op = Inverse { key: &self.key, before: None, after: Some(self.value.clone()) };
        // The nodes of the neighbours are not there, which a few of the events would need.
        match invert(self.after, &[op], &self.received()) {
            Ok(found) => assert_eq!(found, self.before),
            Err(Error::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Carries out one operation. The new blocks.
fn commit(tree: &mut Tree, op: Op<'_>) -> Result<Vec<bytes::Bytes>, Error> {
    let change = tree.apply(&[op], &())?;
    Ok(change.created().map(|block| block.bytes).collect())
}

fn batch(tree: &mut Tree, records: &[Record]) -> Result<(), Error> {
    let mut ops: Vec<_> = records.iter().map(|(key, value)| Op::create(key, value.clone())).collect();
    ops.sort_unstable_by_key(|op| op.key);
    let change = tree.apply(&ops, &())?;
    change.created().for_each(|block| drop(black_box(block)));
    Ok(())
}

/// The least that a commit costs: its blocks copied, one link overwritten in each, and hashed.
fn rehash(blocks: &[bytes::Bytes]) {
    let mut last = [0; 32];
    for block in blocks {
        let mut copy: Box<[u8]> = block[..].into();
        if let Some(link) = copy.last_chunk_mut() {
            *link = last;
        }
        last = *Cid::of_cbor(&copy).digest();
        black_box(copy);
    }
    black_box(last);
}

/// The records of a person, made one after the other: 70 % likes, 20 % posts, 10 % reposts.
struct Feed {
    number: u64,
    random: Random,
}

impl Feed {
    fn sorted(records: usize) -> Vec<Record> {
        let mut records: Vec<_> = Self { number: 0, random: Random(42) }.take(records).collect();
        records.sort();
        records
    }
}

impl Iterator for Feed {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let collection = match self.random.below(10) {
            0..7 => "like",
            7..9 => "post",
            _ => "repost",
        };
        // One about every twenty minutes.
        let time = 1_700_000_000_000_000 + self.number * 1_200_000_000 + self.random.below(1_000_000_000) as u64;
        let key = format!("app.bsky.feed.{collection}/{}", base32(time << 10 | self.random.below(1024) as u64, 13));
        self.number += 1;
        Some((key.into_bytes(), Cid::of_cbor(&self.number.to_be_bytes()).into()))
    }
}

fn base32(number: u64, chars: u32) -> String {
    let digit = |place| char::from(b"234567abcdefghijklmnopqrstuvwxyz"[(number >> (5 * place) & 31) as usize]);
    (0..chars).rev().map(digit).collect()
}

/// Numbers that look random (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % end as u64) as usize
    }

    fn text(&mut self, chars: u32) -> String {
        base32(self.below(1 << (5 * chars)) as u64, chars)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// The times of the rounds of one case.
struct Times {
    name: &'static str,
    calls: usize,
    rounds: Vec<Duration>,
}

impl Times {
    fn new(name: &'static str, calls: usize) -> Self {
        Self { name, calls, rounds: Vec::new() }
    }

    fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let start = now();
        let result = run();
        self.rounds.push(now().saturating_sub(start));
        result
    }

    /// The fastest round and the median, in nanoseconds a call.
    fn figures(&self) -> (f64, f64) {
        let mut rounds = self.rounds.clone();
        rounds.sort();
        let nanos = |round: Duration| round.as_secs_f64() * 1e9 / self.calls as f64;
        (nanos(rounds[0]), nanos(rounds[rounds.len() / 2]))
    }

    fn print(&self) {
        let (fastest, median) = self.figures();
        println!("{:<32}{fastest:>10.0}{median:>12.0} ns", self.name);
    }

    fn print_to(&self, bound: &Self) {
        let (fastest, median) = self.figures();
        let times = median / bound.figures().1;
        println!("{:<32}{fastest:>10.0}{median:>12.0} ns  {times:.2} x", self.name);
    }
}

/// The time that this thread has been on the processor, or the time if the system does not say.
fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = stat.and_then(|stat| stat.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// The bytes of memory that the process has, if the system says.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<usize>().ok()? * 1024)
}
