//! Imports of a repository of 100,000 records, beside what they cannot be faster than:
//! `cargo bench -p arobase-runtime --features repo --bench car`.
//!
//! The cases take turns, and of each the fastest run is reported. Without `--bench`, as tests run it, each
//! case runs once, on a small repository.
#![allow(clippy::print_stdout)]

#[path = "../tests/repo_hostile/support.rs"]
mod support;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use arobase_runtime::{
    data::Cid,
    repo::{
        CarIndex, Commit, Import, MemoryBlocks,
        car::{CarLimits, CarSlice, to_blocks},
        import::{self, ImportLimits, Item},
    },
    syntax::Tid,
};
use support::{Block, Repo, cbor, file, map};

const ROUNDS: usize = 25;
/// The time of the first key, in microseconds.
const START: u64 = 1_700_000_000_000_000;

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let repo = repository(if measured { 100_000 } else { 300 });
    let ordered = repo.file();
    let mut blocks = repo.blocks.clone();
    shuffle(&mut blocks);
    let shuffled = file(&[repo.root()], &blocks);
    println!("{} blocks, {} of them nodes, {} bytes", repo.blocks.len(), repo.nodes, ordered.len());

    let (opened, store) = open(&ordered);
    let cases: [(&str, &dyn Fn() -> usize); 9] = [
        ("SHA-256 of the blocks", &|| {
            repo.blocks.iter().map(|(_, block)| usize::from(Cid::of_cbor(block).digest()[0])).sum()
        }),
        ("memcpy", &|| black_box(black_box(&ordered[..]).to_vec()).len()),
        ("blocks of a slice", &|| CarSlice::new(&ordered, CarLimits::DEFAULT).map_or(0, |car| car.blocks().count())),
        ("ordered, slice", &|| from_slice(&ordered)),
        ("ordered, reader", &|| from_reader(&ordered)),
        ("shuffled, slice", &|| from_slice(&shuffled)),
        ("shuffled, reader", &|| from_reader(&shuffled)),
        ("shuffled, file", &|| from_file(&shuffled)),
        ("export", &|| opened.export(&store).into_car().map(|piece| piece.unwrap().len()).sum()),
    ];
    let mut wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let wanted = wanted.next().unwrap_or_default();
    let cases: Vec<_> = cases
        .into_iter()
        .enumerate()
        .filter(|(index, (name, _))| *index == 0 || name.contains(&wanted))
        .map(|(_, case)| case)
        .collect();
    let times = fastest(&cases, if measured { ROUNDS } else { 1 });
    let bound = times.first().map_or(0.0, Duration::as_secs_f64);
    for ((name, _), time) in cases.iter().zip(&times) {
        let seconds = time.as_secs_f64();
        let speed = ordered.len() as f64 / seconds / 1e6;
        println!("{name:<24} {:>8.1} ms {speed:>6.0} MB/s, {:.2} of SHA-256", seconds * 1e3, bound / seconds);
    }
}

/// The repository, loaded, with its blocks in memory.
fn open(file: &[u8]) -> (arobase_runtime::repo::Repo, MemoryBlocks) {
    let (roots, blocks) = to_blocks(file, CarLimits::DEFAULT).unwrap();
    let commit = blocks.block(&roots[0].as_cid().unwrap()).unwrap();
    let repo = arobase_runtime::repo::Repo::open(Commit::decode(commit.clone()).unwrap());
    let keys: Vec<_> = repo.tree().walk(&blocks).map(|entry| entry.unwrap().0).collect();
    for key in keys {
        repo.tree().get(&key, &blocks).unwrap();
    }
    (repo, blocks)
}

/// The shortest time of each case. The cases take turns, so that what else the machine does concerns them
/// alike.
fn fastest(cases: &[(&str, &dyn Fn() -> usize)], rounds: usize) -> Vec<Duration> {
    let mut times = vec![Duration::MAX; cases.len()];
    for _ in 0..rounds {
        for ((_, run), time) in cases.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(run());
            *time = start.elapsed().min(*time);
        }
    }
    times
}

/// A repository as an account makes it in years: posts, likes, reposts, under times that grow.
fn repository(records: u32) -> Repo {
    Repo::new((0..records).map(|number| {
        let time = START + u64::from(number) * 61_000_019;
        let tid = Tid::from_parts(time, 7);
        let (collection, record) = match number % 10 {
            0 | 1 => ("app.bsky.feed.post", post(number)),
            2 => ("app.bsky.feed.repost", subject("app.bsky.feed.repost", number)),
            _ => ("app.bsky.feed.like", subject("app.bsky.feed.like", number)),
        };
        (format!("{collection}/{tid}"), record)
    }))
}

fn post(number: u32) -> Block {
    let text = format!("Note {number}: the ferry left at noon, slowly, and nobody minded. ").repeat(4);
    cbor(&map([
        ("$type", "app.bsky.feed.post".into()),
        ("createdAt", "2026-03-01T10:00:00.000Z".into()),
        ("langs", arobase_runtime::data::Value::List(vec!["pt".into(), "en".into()])),
        ("text", (&*text).into()),
    ]))
}

fn subject(collection: &str, number: u32) -> Block {
    let cid = Cid::of_cbor(&number.to_be_bytes()).to_string();
    let uri = format!("at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3l{number:011}");
    cbor(&map([
        ("$type", collection.into()),
        ("createdAt", "2026-03-01T10:00:00.000Z".into()),
        ("subject", map([("cid", (&*cid).into()), ("uri", (&*uri).into())])),
    ]))
}

/// Puts blocks into an order that has nothing to do with that of the tree.
fn shuffle(blocks: &mut [Block]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for end in (1..blocks.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        blocks.swap(end, (state >> 33) as usize % (end + 1));
    }
}

/// Imports with a receiver that reads what it is given, and counts it.
fn counted(import: impl FnOnce(&mut dyn FnMut(Item<'_>)) -> Result<(), import::Error>) -> usize {
    let mut bytes = 0;
    let outcome = import(&mut |item| {
        if let Item::Record { key, bytes: record, .. } = item {
            bytes += key.len() + record.len();
        }
    });
    assert!(outcome.is_ok(), "{outcome:?}");
    bytes
}

fn from_slice(file: &[u8]) -> usize {
    counted(|found| import::from_slice(file, ImportLimits::DEFAULT, &(), found).map(drop))
}

fn from_reader(file: &[u8]) -> usize {
    counted(|found| import::from_reader(file, ImportLimits::DEFAULT, &(), found).map(drop))
}

fn from_file(file: &[u8]) -> usize {
    let path = std::env::temp_dir().join(format!("arobase-bench-{}.car", std::process::id()));
    std::fs::write(&path, file).expect("a file can be written");
    let index = CarIndex::open(&path, CarLimits::DEFAULT).expect("the file is sound");
    std::fs::remove_file(&path).expect("the file can be removed");
    counted(|found| Import::new(index.roots(), ImportLimits::DEFAULT)?.finish(&index, found).map(drop))
}
