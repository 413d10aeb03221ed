//! `arobase repo verify`.

use arobase::{
    crypto::{Curve, Signature, Signer, SigningKey},
    data::Cid,
    repo::{
        Commit, Write,
        commit::Unsigned,
        mst::{Block, Builder, Tree},
    },
};
use serde_json::Value;

use crate::{
    run::Dir,
    sample::{DID, Sample, block, car, did_key, key, note, path},
};

#[test]
fn a_good_repository_is_valid_but_for_its_signature() {
    let sample = Sample::new(300);
    let dir = Dir::new().with("a.car", sample.car());
    let ran = dir.repo("verify a.car");
    let text = ran.ok();
    assert!(text.starts_with("a.car: valid\n"), "{text}");
    assert!(text.contains("  301 records, ") && text.contains("the signature was NOT checked: no --key"), "{text}");
    let json = dir.repo("verify a.car --json").json();
    assert_eq!((json["valid"].as_bool(), json["signatureChecked"].as_bool()), (Some(true), Some(false)));
    assert_eq!((json["fault"].clone(), json["records"].as_u64()), (Value::Null, Some(301)));
    assert_eq!((json["did"].as_str(), json["bytes"].as_u64()), (Some(DID), Some(sample.car().len() as u64)));
    assert_eq!(json["commit"], sample.repo.commit().cid().to_string());
}

#[test]
fn the_signature_is_checked_with_the_key() {
    let dir = Dir::new().with("a.car", Sample::new(3).car());
    let ran = dir.repo(&format!("verify a.car --key {}", did_key()));
    assert!(ran.ok().ends_with("  the signature is valid\n"));
    let other = SigningKey::generate(Curve::P256).public_key().to_did_key();
    let ran = dir.repo(&format!("verify a.car --key {other} --json"));
    assert_eq!(ran.code, 1);
    let json = ran.json();
    assert_eq!((json["valid"].as_bool(), json["signatureChecked"].as_bool()), (Some(false), Some(false)));
    assert_eq!(json["fault"]["kind"], "commit");
    assert_eq!(dir.repo("verify a.car --key did:key:z6Mk").code, 2);
}

#[test]
fn the_account_is_checked() {
    let dir = Dir::new().with("a.car", Sample::new(3).car());
    assert_eq!(dir.repo(&format!("verify a.car --did {DID}")).code, 0);
    let ran = dir.repo("verify a.car --did did:web:example.com");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(ran.text().starts_with(&format!("a.car: INVALID: the commit belongs to {DID}\n")), "{ran:?}");
}

#[test]
fn any_order_and_standard_input_are_verified() {
    let mut sample = Sample::new(300);
    sample.write(&[Write::create(path("com.example.note/zz"), note("number 0"))]);
    let mut blocks = sample.blocks();
    let mut files = vec![sample.car_of(&blocks)];
    blocks.reverse();
    files.push(sample.car_of(&blocks));
    blocks.sort_by_key(|block| block.cid.to_string());
    blocks.extend(blocks[..20].to_vec());
    blocks.push(block(note("nobody wants this")));
    files.push(sample.car_of(&blocks));
    for (number, file) in files.iter().enumerate() {
        let dir = Dir::new().with("a.car", file);
        for ran in [dir.repo("verify a.car --json"), dir.run("repo verify - --json", file)] {
            assert_eq!(ran.code, 0, "{number}: {ran:?}");
            assert_eq!(ran.json()["records"], 302, "{number}");
        }
    }
}

#[test]
fn a_gap_is_named() {
    let sample = Sample::new(300);
    let blocks = sample.blocks();
    let is_node = |index: &usize| blocks[*index].bytes.starts_with(b"\xa2\x61e");
    let node = (2..blocks.len()).find(is_node).unwrap();
    let record = (2..blocks.len()).find(|index| !is_node(index)).unwrap();
    for (gone, place) in [(node, "cid"), (record, "path")] {
        let mut blocks = blocks.clone();
        let cid = blocks.remove(gone).cid.to_string();
        let dir = Dir::new().with("a.car", sample.car_of(&blocks));
        let ran = dir.repo("verify a.car --json");
        assert_eq!(ran.code, 1);
        let fault = &ran.json()["fault"];
        assert_eq!(fault["kind"], "missing", "{fault}");
        assert!(fault["message"].as_str().unwrap().contains(&cid) && fault[place].is_string(), "{fault}");
        assert!(dir.repo("verify a.car").text().contains("  before the fault: "));
    }
}

#[test]
fn a_proof_and_a_part_are_not_valid_repositories() {
    let old = Sample::new(300);
    let mut new = old.clone();
    new.write(&[Write::create(path("com.example.note/z"), note("z"))]);
    let dir = Dir::new().with("proof.car", new.proof("com.example.note/n00001")).with("since.car", new.since(&old));
    for file in ["proof.car", "since.car"] {
        let ran = dir.repo(&format!("verify {file} --json"));
        assert_eq!((ran.code, ran.json()["fault"]["kind"].as_str()), (1, Some("missing")));
    }
}

/// A repository without records, whose commit is signed in some way at some time.
fn signed(rev: &str, sign: impl FnOnce(Unsigned) -> Commit) -> Vec<u8> {
    let (did, data) = (DID.parse().unwrap(), Tree::empty_root());
    let commit = sign(Unsigned { did, rev: rev.parse().unwrap(), data, prev: None });
    let empty = Sample::new(0).blocks().remove(1);
    car(&[commit.cid()], &[block(commit.bytes().to_vec()), empty])
}

#[test]
fn a_signature_that_no_key_makes_is_a_fault_without_key() {
    for (bytes, reason) in [([0; 64], "out of range"), ([0xee; 64], "high-S")] {
        let file = signed("3jzfcijpj2z2b", |unsigned| unsigned.with_signature(&Signature::from_bytes(bytes)));
        let dir = Dir::new().with("a.car", file);
        let ran = dir.repo("verify a.car --json");
        assert_eq!((ran.code, ran.json()["fault"]["kind"].as_str()), (1, Some("commit")));
        assert!(dir.repo("verify a.car").text().lines().next().unwrap().contains(reason), "{ran:?}");
    }
    let good = signed("3jzfcijpj2z2b", |unsigned| unsigned.sign(&key()).unwrap());
    assert!(Dir::new().with("a.car", good).repo("verify a.car").ok().starts_with("a.car: valid\n"));
}

#[test]
fn another_key_is_said_to_be_the_given_one() {
    let dir = Dir::new().with("a.car", Sample::new(0).car());
    let other = SigningKey::generate(Curve::K256).public_key().to_did_key();
    let ran = dir.repo(&format!("verify a.car --key {other}"));
    assert!(ran.text().starts_with("a.car: INVALID: the commit was not signed by the given key\n"), "{ran:?}");
}

#[test]
fn a_revision_in_the_future_is_a_warning() {
    let file = signed("bbbbbbbbbbbbb", |unsigned| unsigned.sign(&key()).unwrap());
    let dir = Dir::new().with("a.car", file);
    assert!(dir.repo("verify a.car").ok().contains("\n  warning: the revision bbbbbbbbbbbbb ("));
    let json = dir.repo("verify a.car --json").json();
    assert_eq!((json["valid"].as_bool(), json["warnings"].as_array().unwrap().len()), (Some(true), 1));
    let now = Dir::new().with("a.car", Sample::new(3).car()).repo("verify a.car --json").json();
    assert_eq!(now["warnings"], serde_json::json!([]));
}

#[test]
fn a_record_that_is_too_large_is_a_warning() {
    let record = block(note(&"x".repeat(1_200_000)));
    let mut blocks = Vec::new();
    let mut finished = |cid: Cid, bytes: &[u8]| blocks.push(Block { cid, bytes: bytes.to_vec().into() });
    let mut builder = Builder::new();
    builder.push(b"com.example.note/big", &record.cid.into(), &mut finished).unwrap();
    let data = builder.finish(&mut finished).unwrap();
    let (did, rev) = (DID.parse().unwrap(), "3jzfcijpj2z2b".parse().unwrap());
    let commit = Unsigned { did, rev, data, prev: None }.sign(&key()).unwrap();
    let all = [vec![block(commit.bytes().to_vec())], blocks, vec![record]].concat();
    let ran = Dir::new().with("a.car", car(&[commit.cid()], &all)).repo("verify a.car");
    let warning = "  warning: 1 record of more than 1000000 bytes, first com.example.note/big of 1200";
    assert!(ran.ok().contains(warning), "{ran:?}");
}
