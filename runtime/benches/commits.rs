//! Whole commits of a repository of 100,000 records: written, signed, made an event, and verified:
//! `cargo bench -p arobase-runtime --features sync,crypto-native --bench commits`.
//!
//! The bound is the signature alone. Of the rounds the fastest and the middle one are reported.
#![allow(clippy::print_stdout)]

use std::{hint::black_box, time::Instant};

use arobase_runtime::{
    crypto::{Curve, Signer, SigningKey},
    data::{Cid, CidLink, Value},
    repo::{MemoryBlocks, Repo, RepoPath, Write, Written, commit::Unsigned, mst::Tree},
    sync::{CommitEvent, verify},
    syntax::TidGenerator,
};

const ROUNDS: usize = 15;
const COMMITS: usize = 200;

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (rounds, records) = if measured { (ROUNDS, 100_000) } else { (1, 1_000) };
    let (key, clock) = (SigningKey::generate(Curve::K256), TidGenerator::new(1));
    let (repo, blocks) = repository(records, &key);
    let written = commits(&repo, &blocks, records, &key, &clock);
    let events: Vec<_> = written.iter().map(|written| CommitEvent::of(written).unwrap()).collect();
    let public = key.public_key();

    report("signature alone (the bound)", rounds, &mut || {
        written.iter().for_each(|written| drop(black_box(key.sign(written.commit.bytes()))));
    });
    report("verifying it alone (the bound)", rounds, &mut || {
        written.iter().for_each(|written| written.commit.verify(&public).unwrap());
    });
    report("Repo::write of one record", rounds, &mut || drop(commits(&repo, &blocks, records, &key, &clock)));
    report("the event of it, with its frame's CAR", rounds, &mut || {
        written.iter().for_each(|written| drop(black_box(CommitEvent::of(written))));
    });
    report("event verified, without signature", rounds, &mut || {
        events.iter().for_each(|event| verify::open(event).and_then(|event| event.check_ops()).unwrap());
    });
    report("event verified", rounds, &mut || {
        events.iter().for_each(|event| drop(black_box(verify::commit(event, &public).unwrap())));
    });
}

/// Runs a case on all commits; the time of one.
fn report(name: &str, rounds: usize, case: &mut dyn FnMut()) {
    let mut times: Vec<_> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            case();
            start.elapsed().as_secs_f64() / COMMITS as f64 * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<40} {:>8.1} us, median {:>8.1}", times[0], times[times.len() / 2]);
}

fn note(number: usize) -> Vec<u8> {
    let text = "a note of the usual length ".repeat(8);
    Value::from_json(format!(r#"{{"$type":"com.example.note","text":"{text}{number}"}}"#).as_bytes())
        .and_then(|note| note.to_cbor())
        .unwrap()
}

/// Every tenth number is free, for the commits.
fn path(number: usize) -> RepoPath {
    format!("com.example.note/{number:08}").parse().unwrap()
}

/// A loaded repository with its nodes.
fn repository(records: usize, key: &SigningKey) -> (Repo, MemoryBlocks) {
    let paths: Vec<_> = (0..records).map(|number| path(number * 10)).collect();
    let value: CidLink = Cid::of_cbor(&note(0)).into();
    let tree = Tree::from_sorted(paths.iter().map(|path| (path.as_key(), value.clone()))).unwrap();
    let mut blocks = MemoryBlocks::new();
    for block in Tree::new().diff(&tree, &(), &()).unwrap().created() {
        blocks.insert(block.cid, block.bytes);
    }
    let did = "did:plc:abcdefghijklmnopqrstuvwx".parse().unwrap();
    let commit = Unsigned { did, rev: "3jzfcijpj2z2a".parse().unwrap(), data: tree.root(), prev: None };
    let repo = Repo::open(commit.sign(key).unwrap());
    paths.iter().for_each(|path| drop(repo.get(path, &blocks).unwrap()));
    (repo, blocks)
}

/// Commits of one new record each, one after the other.
fn commits(repo: &Repo, blocks: &MemoryBlocks, records: usize, key: &SigningKey, clock: &TidGenerator) -> Vec<Written> {
    let mut repo = repo.clone();
    (0..COMMITS)
        .map(|number| {
            let create = Write::create(path((number * 7919 % records) * 10 + 3), note(number));
            repo.write(&[create], clock, key, blocks).unwrap().unwrap()
        })
        .collect()
}
