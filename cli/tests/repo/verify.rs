//! `arobase repo verify`.

use arobase::{
    crypto::{Curve, Signer, SigningKey},
    repo::Write,
};
use serde_json::Value;

use crate::{
    run::Dir,
    sample::{DID, Sample, block, did_key, note, path},
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
