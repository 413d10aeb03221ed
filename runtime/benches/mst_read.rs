//! Reading trees: `cargo bench -p arobase-runtime --features repo --bench mst_read`.
//!
//! A tree of 100,000 records, as an account of many years has them. Each case runs in many short
//! batches and the fastest is reported, since noise only ever adds. An argument keeps the cases whose
//! name contains it. Without `--bench`, as tests run it, each case runs once.
#![allow(clippy::print_stdout)]

mod support;

use std::{hint::black_box, ops::Bound};

use arobase_runtime::{
    data::{Cid, CidLink},
    repo::{
        MemoryBlocks,
        mst::{Difference, Direction, Error, Op, Tree},
    },
};

const RECORDS: u64 = 100_000;

fn main() -> Result<(), Error> {
    let entries = entries();
    let keys: Vec<_> = entries.iter().map(|(key, _)| key.as_slice()).collect();
    let tree = Tree::from_sorted(entries.iter().map(|(key, value)| (key.as_slice(), value.clone())))?;
    let store = store(&tree)?;
    let cold = Tree::at(tree.root());
    let mut random = Random(1);
    let mut any_key = || keys[random.next() as usize % keys.len()];

    case("walk up, per key", RECORDS, || walk(&tree, Direction::Up, &store));
    case("walk down, per key", RECORDS, || walk(&tree, Direction::Down, &store));
    case("walk from a store, per key", RECORDS, || walk(&cold, Direction::Up, &store));
    case("walk as an iterator, per key", RECORDS, || tree.walk(&()).count());
    case("seek and 1 key", 1, || page(&tree, any_key(), 1));
    case("seek and 50 keys down", 1, || page(&tree, any_key(), 50));
    case("look-up", 1, || tree.get(any_key(), &()));
    case("proof", 1, || tree.proof(&[any_key()], &()));
    case("covering proof", 1, || tree.covering_proof(&[any_key()], &()));
    for changes in [1, 100] {
        let other = changed(&tree, &keys, changes)?;
        case(&format!("diff, {changes} changes"), 1, || tree.diff(&other, &(), &()));
        let each = &mut |difference: Difference<'_>| drop(black_box(difference));
        case(&format!("streaming diff, {changes} changes"), 1, || tree.diff_with(&other, &(), &(), each));
    }
    Ok(())
}

/// Keys of three collections in the shape of an account's, in their order, with random values.
fn entries() -> Vec<(Vec<u8>, CidLink)> {
    let mut random = Random(7);
    let mut entries: Vec<_> = (0..RECORDS)
        .map(|number| {
            let collection = match random.next() % 10 {
                0..2 => "post",
                2..9 => "like",
                _ => "repost",
            };
            let micros = 1_700_000_000_000_000 + number * 60_000_000 + random.next() % 50_000_000;
            let key = format!("app.bsky.feed.{collection}/{}", tid((micros << 10) | (random.next() % 1024)));
            (key.into_bytes(), CidLink::from(Cid::of_cbor(&number.to_be_bytes())))
        })
        .collect();
    entries.sort_unstable();
    entries
}

/// A timestamp as record keys have it.
fn tid(number: u64) -> String {
    let digit = |place: u32| b"234567abcdefghijklmnopqrstuvwxyz"[((number >> (5 * place)) & 31) as usize];
    (0..13).rev().map(|place| char::from(digit(place))).collect()
}

/// All blocks of a loaded tree.
fn store(tree: &Tree) -> Result<MemoryBlocks, Error> {
    let mut blocks = MemoryBlocks::new();
    for block in Tree::new().diff(tree, &(), &())?.created() {
        blocks.insert(block.cid, block.bytes);
    }
    Ok(blocks)
}

fn walk(tree: &Tree, direction: Direction, store: &MemoryBlocks) -> Result<usize, Error> {
    let mut walk = tree.range(Bound::Unbounded, Bound::Unbounded, direction, store);
    let mut bytes = 0;
    while let Some((key, value)) = walk.advance()? {
        bytes += key.len() + value.len();
    }
    Ok(bytes)
}

fn page(tree: &Tree, key: &[u8], keys: usize) -> usize {
    tree.range(Bound::Unbounded, Bound::Excluded(key), Direction::Down, &()).take(keys).count()
}

/// The tree with some records updated, deleted and added.
fn changed(tree: &Tree, keys: &[&[u8]], changes: usize) -> Result<Tree, Error> {
    let mut random = Random(9);
    let value = Cid::of_cbor(b"changed");
    let mut changed: Vec<_> = (0..changes).map(|_| keys[random.next() as usize % keys.len()].to_vec()).collect();
    changed.iter_mut().step_by(3).for_each(|key| key.push(b'x'));
    changed.sort_unstable();
    changed.dedup();
    let ops = changed.iter().enumerate().map(|(index, key)| match index % 3 {
        0 if !key.ends_with(b"x") => Op::remove(key),
        _ => Op::put(key, value),
    });
    let mut other = tree.clone();
    other.apply(&ops.collect::<Vec<_>>(), &())?;
    Ok(other)
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

/// Prints the time per item in nanoseconds.
fn case<T>(name: &str, items: u64, run: impl FnMut() -> T) {
    if let Some(nanos) = support::nanos(name, run) {
        println!("{name:<30} {:>12.1} ns", nanos / items as f64);
    }
}
