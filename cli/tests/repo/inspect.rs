//! `arobase repo inspect`.

use arobase::{
    crypto::Signature,
    data::Cid,
    repo::{Commit, Write, commit::Unsigned},
};
use serde_json::Value;

use crate::{
    run::Dir,
    sample::{self, DID, Sample, block, car, note, path, picture},
};

fn inspect(file: &[u8]) -> Value {
    let dir = Dir::new().with("a.car", file);
    let ran = dir.repo("inspect a.car --json");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    ran.json()
}

#[test]
fn a_full_export_is_described() {
    let sample = Sample::new(300);
    let json = inspect(&sample.car());
    let commit = sample.repo.commit();
    assert_eq!(json["kind"], "full");
    assert_eq!(json["bytes"], sample.car().len());
    assert_eq!(json["roots"], serde_json::json!([commit.cid().to_string()]));
    assert_eq!(json["blocks"], sample.blocks().len());
    assert_eq!((json["duplicates"].as_u64(), json["unreferenced"].as_u64()), (Some(0), Some(0)));
    assert_eq!(json["fault"], Value::Null);
    let found = &json["commit"];
    assert_eq!((found["did"].as_str(), found["rev"].as_str()), (Some(DID), Some(commit.rev().as_str())));
    assert!(found["time"].as_str().unwrap().starts_with("20"), "{found}");
    assert_eq!((found["version"].as_u64(), found["prev"].clone()), (Some(3), Value::Null));
    assert_eq!((found["signatureBytes"].as_u64(), found["signatureS"].as_str()), (Some(64), Some("low")));
    assert_eq!(found["data"], commit.data().to_string());
}

#[test]
fn its_tree_is_counted() {
    let sample = Sample::new(300);
    let json = inspect(&sample.car());
    let tree = &json["tree"];
    assert_eq!((tree["records"].as_u64(), tree["streamable"].as_bool()), (Some(301), Some(true)));
    let blocks = sample.blocks();
    let nodes: Vec<_> = blocks.iter().filter(|block| block.bytes.starts_with(b"\xa2\x61e")).collect();
    assert_eq!(tree["nodes"], nodes.len());
    assert_eq!(tree["nodeBytes"], nodes.iter().map(|node| node.bytes.len()).sum::<usize>());
    let bytes: usize = (0..300).map(|number| note(&format!("number {number}")).len()).sum();
    let large = picture(b"one", 1000).len();
    assert_eq!(tree["recordBytes"], bytes + large);
    assert_eq!(tree["largest"], serde_json::json!({"path": "com.example.picture/p:1", "bytes": large}));
    assert!(tree["layers"].as_u64() >= Some(3) && tree["widest"].as_u64() >= Some(4), "{tree}");
    assert_eq!(json["blobs"], serde_json::json!({"count": 1, "bytes": 1000}));
    let collections = serde_json::json!([
        {"collection": "com.example.note", "count": 300, "bytes": bytes, "first": "n00000", "last": "n00299"},
        {"collection": "com.example.picture", "count": 1, "bytes": large, "first": "p:1", "last": "p:1"},
    ]);
    assert_eq!(json["collections"], collections);
}

#[test]
fn the_text_says_the_same() {
    let sample = Sample::new(300);
    let dir = Dir::new().with("a.car", sample.car()).with("b.car", Sample::new(0).car());
    let ran = dir.repo("inspect a.car b.car");
    let text = ran.ok();
    for line in [
        "a.car: a full export\n",
        &format!("  did          {DID}\n"),
        "  order        streamable (pre-order)\n",
        "  records      301, 12.0 kB\n",
        "  largest      com.example.picture/p:1, ",
        "  blobs        1 referred to, 1.0 kB\n",
        "  signature    64 bytes, low-S; not checked\n",
        "  com.example.picture        1 record ",
        "b.car: a full export\n",
        "  records      0, 0 B\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    assert!(!text.contains("missing") && !text.contains("fault"), "{text}");
}

#[test]
fn order_duplicates_and_strangers_are_noticed() {
    let mut sample = Sample::new(300);
    sample.write(&[Write::create(path("com.example.note/zz"), note("number 0"))]);
    let in_order = inspect(&sample.car());
    assert_eq!((in_order["kind"].as_str(), in_order["tree"]["streamable"].as_bool()), (Some("full"), Some(true)));
    let mut blocks = sample.blocks();
    blocks.reverse();
    blocks.push(blocks[3].clone());
    blocks.push(blocks[3].clone());
    blocks.push(block(note("nobody wants this")));
    let json = inspect(&sample.car_of(&blocks));
    assert_eq!((json["kind"].as_str(), json["tree"]["streamable"].as_bool()), (Some("full"), Some(false)));
    assert_eq!((json["duplicates"].as_u64(), json["unreferenced"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn kinds_of_files_are_told_apart() {
    let old = Sample::new(300);
    let mut new = old.clone();
    new.write(&[
        Write::create(path("com.example.note/a"), note("a")),
        Write::create(path("com.example.note/z"), note("z")),
    ]);
    let kinds = [
        ("full", Sample::new(0).car()),
        ("full", Sample::new(1).car()),
        ("partial", new.since(&old)),
        ("proof", new.proof("com.example.note/n00123")),
        ("proof", new.proof("com.example.note/none")),
        ("commit", new.car_of(&new.blocks()[..1])),
        ("blocks", car(&[], &new.blocks())),
        ("blocks", car(&[new.repo.commit().cid()], &[])),
        ("blocks", car(&[Cid::of_cbor(&note("a"))], &[block(note("a"))])),
    ];
    for (kind, file) in kinds {
        let json = inspect(&file);
        assert_eq!(json["kind"], kind, "{json}");
    }
}

#[test]
fn what_is_missing_is_counted_and_named() {
    let old = Sample::new(300);
    let mut new = old.clone();
    new.write(&[
        Write::create(path("com.example.note/a"), note("a")),
        Write::create(path("com.example.note/z"), note("z")),
    ]);
    let json = inspect(&new.since(&old));
    let tree = &json["tree"];
    assert!(tree["missingNodes"]["count"].as_u64() > Some(0), "{tree}");
    assert_eq!(tree["missingNodes"]["first"][0].as_str().unwrap().len(), 59);
    let missing = tree["missingRecords"]["count"].as_u64().unwrap();
    assert_eq!(tree["records"], missing + 2);
    let dir = Dir::new().with("since.car", new.since(&old));
    let text = dir.repo("inspect since.car");
    assert!(text.ok().contains("since.car: a part of a repository"), "{text:?}");
    assert!(text.text().contains("  missing      "), "{text:?}");
}

#[test]
fn a_file_without_commit_says_why() {
    let root = Cid::of_cbor(&note("a"));
    let reasons = [
        (car(&[], &[]), "the file names no root"),
        (car(&[root], &[]), "is not in the file"),
        (car(&[root], &[block(note("a"))]), "invalid commit"),
    ];
    for (file, reason) in reasons {
        let json = inspect(&file);
        assert!(json["noCommit"].as_str().unwrap().contains(reason), "{json}");
        assert_eq!((json["commit"].clone(), json["tree"].clone()), (Value::Null, Value::Null));
    }
}

#[test]
fn a_bad_signature_is_described() {
    let sample = Sample::new(0);
    let commit = sample.repo.commit();
    let unsigned = Unsigned { did: commit.did().clone(), rev: commit.rev().clone(), data: commit.data(), prev: None };
    let high: Commit = unsigned.clone().with_signature(&Signature::from_bytes([0xee; 64]));
    let blocks = [block(high.bytes().to_vec()), sample.blocks()[1].clone()];
    let json = inspect(&car(&[high.cid()], &blocks));
    assert_eq!((json["kind"].as_str(), json["commit"]["signatureS"].as_str()), (Some("full"), Some("high")));
    let zero = unsigned.with_signature(&Signature::from_bytes([0; 64]));
    let json = inspect(&car(&[zero.cid()], &[block(zero.bytes().to_vec()), sample.blocks()[1].clone()]));
    assert_eq!(json["commit"]["signatureS"], "out-of-range");
}

#[test]
fn a_file_that_was_cut_is_described_up_to_there() {
    let file = Sample::new(300).car();
    let dir = Dir::new().with("cut.car", &file[..file.len() / 2]);
    let ran = dir.repo("inspect cut.car --json");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let json = ran.json();
    assert!(json["fault"]["message"].as_str().unwrap().contains("ends too early"), "{json}");
    assert!(json["fault"]["offset"].as_u64() > Some(0));
    assert_eq!((json["kind"].as_str(), json["commit"]["did"].as_str()), (Some("cut"), Some(DID)));
    let ran = dir.repo("inspect cut.car");
    assert!(ran.text().starts_with("cut.car: the beginning of a file that is cut or broken\n"), "{ran:?}");
    assert!(ran.text().contains("; the rest was not read\n"));
}

#[test]
fn a_file_that_is_faulty_does_not_hide_the_others() {
    let dir = Dir::new().with("text.car", "this is text").with("a.car", sample::Sample::new(3).car());
    let ran = dir.repo("inspect text.car a.car none.car --json");
    assert_eq!((ran.code, ran.err.lines().count(), ran.json_lines().len()), (2, 2, 1));
    assert_eq!(ran.json()["file"], "a.car");
}
