//! Repositories of other engines verified by ours, and ours by them.

use std::{collections::BTreeMap, fs, path::Path};

use arobase::{
    crypto::{Curve, PublicKey, Signer, SigningKey},
    data::{Cid, CidLink, Value},
    repo::{Export, MemoryStore, Repo, RepoOp, RepoPath, Write, import},
    sync::{CommitEvent, verify},
    syntax::{Did, TidGenerator},
};
use arobase_interop::{Folder, node, python};
use serde::Deserialize;

const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";

/// What another engine says of the repository that it made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    did: Did,
    key: String,
    commits: Vec<Made>,
}

/// A commit of another engine.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    step: usize,
    cid: String,
    rev: String,
    since: Option<String>,
    prev_data: String,
    data: String,
    ops: Vec<MadeOp>,
}

#[derive(Deserialize)]
struct MadeOp {
    path: String,
    cid: Option<String>,
    prev: Option<String>,
}

fn history(folder: &Path) -> History {
    serde_json::from_slice(&fs::read(folder.join("history.json")).unwrap()).unwrap()
}

fn cid(text: &str) -> CidLink {
    text.parse().unwrap()
}

/// The event that the other engine would have sent.
fn event(history: &History, made: &Made, folder: &Path) -> CommitEvent {
    let op = |op: &MadeOp| RepoOp {
        path: op.path.parse().unwrap(),
        cid: op.cid.as_deref().map(cid),
        prev: op.prev.as_deref().map(cid),
    };
    CommitEvent {
        did: history.did.clone(),
        rev: made.rev.parse().unwrap(),
        since: made.since.as_ref().map(|since| since.parse().unwrap()),
        commit: made.cid.parse().unwrap(),
        prev_data: Some(made.prev_data.parse().unwrap()),
        ops: made.ops.iter().map(op).collect(),
        blocks: fs::read(folder.join(format!("{}.event.car", made.step))).unwrap().into(),
    }
}

/// The records of a whole export, which is verified as it is read.
fn records(car: &[u8], key: &PublicKey) -> BTreeMap<String, String> {
    let mut records = BTreeMap::new();
    let commit = import::from_slice(car, Default::default(), &(), &mut |item| {
        if let import::Item::Record { key, cid, .. } = item {
            records.insert(String::from_utf8(key.to_vec()).unwrap(), cid.to_string());
        }
    });
    commit.unwrap().verify(key).unwrap();
    records
}

fn verify_all(folder: &Path) -> History {
    let history = history(folder);
    let key = PublicKey::from_did_key(&history.key).unwrap();
    for made in &history.commits {
        let verified = verify::commit(&event(&history, made, folder), &key).unwrap();
        assert_eq!(verified.commit().data(), made.data.parse::<Cid>().unwrap(), "{}", made.step);
    }
    history
}

#[test]
fn histories_of_the_official_engine_are_verified() {
    let Some(node) = node() else { return };
    let folder = Folder::new("official");
    node.run("repo_make.js", folder.path());
    for curve in ["k256", "p256"] {
        let folder = folder.path().join(curve);
        let history = verify_all(&folder);
        let key = PublicKey::from_did_key(&history.key).unwrap();
        let mut wholes = 0;
        for made in &history.commits {
            let Ok(car) = fs::read(folder.join(format!("{}.car", made.step))) else { continue };
            let expected = fs::read(folder.join(format!("{}.json", made.step))).unwrap();
            let expected: BTreeMap<String, String> = serde_json::from_slice(&expected).unwrap();
            assert_eq!(records(&car, &key), expected, "{curve} {}", made.step);
            wholes += 1;
        }
        assert!(history.commits.len() > 40 && wholes > 3, "{} commits, {wholes} exports", history.commits.len());
    }
}

#[test]
fn a_history_of_arroba_is_verified() {
    let Some(python) = python() else { return };
    let folder = Folder::new("arroba");
    python.run("repo_make.py", folder.path());
    let history = verify_all(folder.path());
    let key = PublicKey::from_did_key(&history.key).unwrap();
    let whole = records(&fs::read(folder.path().join("whole.car")).unwrap(), &key);
    let mut expected = BTreeMap::new();
    for op in history.commits.iter().flat_map(|made| &made.ops) {
        match &op.cid {
            Some(cid) => drop(expected.insert(op.path.clone(), cid.clone())),
            None => drop(expected.remove(&op.path)),
        }
    }
    assert_eq!(whole, expected);
}

fn note(number: u64) -> Vec<u8> {
    let record = format!(r#"{{"$type":"com.example.note","text":"nota {number}","n":{number}}}"#);
    Value::from_json(record.as_bytes()).unwrap().to_cbor().unwrap()
}

fn path(number: u64) -> RepoPath {
    format!("com.example.note/n{number:05}").parse().unwrap()
}

fn collect(export: Export<'_>) -> Vec<u8> {
    export.into_car().map(Result::unwrap).collect::<Vec<_>>().concat()
}

/// Writes what the official engine is to verify: a repository, its older state, an export since then, and proofs.
fn write_case(folder: &Path, curve: Curve) {
    fs::create_dir_all(folder).unwrap();
    let (signer, clock, mut store) = (SigningKey::generate(curve), TidGenerator::new(1), MemoryStore::new());
    let first: Vec<_> = (0..150).map(|number| Write::create(path(number), note(number))).collect();
    let (mut repo, written) = Repo::create(DID.parse().unwrap(), &first, &clock, &signer).unwrap();
    store.apply(&written);
    fs::write(folder.join("older.car"), collect(repo.export(&store))).unwrap();
    let older = repo.commit().rev().clone();

    let second = (100..120).map(|number| Write::update(path(number), note(number + 1000)));
    let second: Vec<_> = second
        .chain((120..140).map(|number| Write::delete(path(number))))
        .chain([Write::create(path(999), note(7))])
        .collect();
    for batch in second.chunks(9) {
        store.apply(&repo.write(batch, &clock, &signer, &store).unwrap().unwrap());
    }
    fs::write(folder.join("whole.car"), collect(repo.export(&store))).unwrap();
    fs::write(folder.join("since.car"), collect(repo.export_since(&older, &store, &store))).unwrap();

    let records: BTreeMap<String, String> = repo
        .tree()
        .walk(&store)
        .map(|entry| entry.map(|(key, cid)| (String::from_utf8(key).unwrap(), cid.to_string())).unwrap())
        .collect();
    let absent = path(500);
    let proved = records.keys().take(5).map(|path| path.parse().unwrap()).chain([absent.clone()]);
    for (index, path) in proved.enumerate() {
        fs::write(folder.join(format!("proof{index}.car")), repo.proof_car(&path, &store).unwrap()).unwrap();
    }
    let mut changed: Vec<_> = (100..120).map(|number| format!("update {}", path(number))).collect();
    changed.extend((120..140).map(|number| format!("delete {}", path(number))));
    changed.push(format!("create {}", path(999)));
    changed.sort();
    let case = serde_json::json!({
        "did": DID, "key": signer.public_key().to_did_key(), "records": records, "older": older.as_str(),
        "changed": changed, "absent": absent.as_str(),
    });
    fs::write(folder.join("case.json"), case.to_string()).unwrap();
}

#[test]
fn the_official_engine_verifies_our_repositories() {
    let Some(node) = node() else { return };
    let folder = Folder::new("ours");
    write_case(&folder.path().join("k256"), Curve::K256);
    write_case(&folder.path().join("p256"), Curve::P256);
    node.run("repo_verify.js", folder.path());
}
