//! `arobase repo diff`.

use arobase::repo::Write;

use crate::{
    run::{Dir, Ran},
    sample::{DID, Sample, note, path, rev},
};

/// A repository before and after a create, an update and a delete.
fn pair() -> (Sample, Sample) {
    let old = Sample::new(300);
    let mut new = old.clone();
    new.write(&[
        Write::create(path("com.example.note/new"), note("new")),
        Write::update(path("com.example.note/n00100"), note("other")),
        Write::delete(path("com.example.note/n00200")),
    ]);
    (old, new)
}

fn cid(sample: &Sample, text: &str) -> String {
    sample.repo.get(&path(text), &sample.store).unwrap().unwrap().to_string()
}

/// The lines between head and foot.
fn changes(ran: &Ran) -> Vec<&str> {
    ran.lines().into_iter().filter(|line| line.contains(" com.example.")).collect()
}

#[test]
fn what_was_created_updated_and_deleted_is_said() {
    let (old, new) = pair();
    let dir = Dir::new().with("old.car", old.car()).with("new.car", new.car());
    let ran = dir.repo("diff old.car new.car");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let lines = ran.lines();
    assert!(lines[0].starts_with(&format!("--- old.car  {DID} rev {} (", rev(&old))), "{}", lines[0]);
    assert!(lines[1].starts_with(&format!("+++ new.car  {DID} rev {} (", rev(&new))), "{}", lines[1]);
    let (before, after) = (cid(&old, "com.example.note/n00100"), cid(&new, "com.example.note/n00100"));
    let expected = [
        format!("~ com.example.note/n00100  {before} -> {after}"),
        format!("- com.example.note/n00200  {}", cid(&old, "com.example.note/n00200")),
        format!("+ com.example.note/new  {}", cid(&new, "com.example.note/new")),
    ];
    assert_eq!(changes(&ran), expected);
    assert!(lines.last().unwrap().starts_with("1 created, 1 updated, 1 deleted; "));
}

#[test]
fn the_same_as_json() {
    let (old, new) = pair();
    let dir = Dir::new().with("old.car", old.car()).with("new.car", new.car());
    let ran = dir.repo("diff old.car new.car --json");
    assert_eq!(ran.code, 1);
    let json = ran.json();
    assert_eq!(json["old"]["rev"], rev(&old).as_str());
    assert_eq!(json["new"]["data"], new.repo.tree().root().to_string());
    let actions: Vec<_> = json["changes"].as_array().unwrap().iter().map(|change| change["action"].as_str()).collect();
    assert_eq!(actions, [Some("update"), Some("delete"), Some("create")]);
    assert_eq!(json["changes"][1]["after"], serde_json::Value::Null);
    assert_eq!((json["created"].as_u64(), json["equal"].as_bool()), (Some(1), Some(false)));
    assert!(json["nodesCreated"].as_u64() > Some(0) && json["nodesRetired"].as_u64() > Some(0));
}

#[test]
fn equal_records_are_code_0_whatever_the_commits() {
    let old = Sample::new(50);
    let mut new = old.clone();
    new.write(&[Write::create(path("com.example.note/new"), note("new"))]);
    new.write(&[Write::delete(path("com.example.note/new"))]);
    let dir = Dir::new().with("old.car", old.car()).with("new.car", new.car());
    let ran = dir.repo("diff old.car new.car");
    assert_eq!(ran.ok().lines().last(), Some("the records are equal"));
    let json = dir.repo("diff old.car new.car --json").json();
    assert_eq!((json["equal"].as_bool(), json["changes"].as_array().unwrap().len()), (Some(true), 0));
    assert_ne!(json["old"]["rev"], json["new"]["rev"]);
}

#[test]
fn an_empty_repository_differs_in_everything() {
    let dir = Dir::new().with("none.car", Sample::new(0).car()).with("all.car", Sample::new(40).car());
    let ran = dir.repo("diff none.car all.car");
    assert_eq!((ran.code, changes(&ran).len()), (1, 41));
    assert!(ran.text().ends_with("gone\n") && ran.text().contains("\n41 created, 0 updated, 0 deleted; "));
    let back = dir.repo("diff all.car none.car");
    assert!(back.text().contains("\n0 created, 0 updated, 41 deleted; "));
}

#[test]
fn changes_alone_are_completed_by_the_old_file() {
    let (old, new) = pair();
    let dir = Dir::new().with("old.car", old.car()).with("new.car", new.car()).with("since.car", new.since(&old));
    let whole = dir.repo("diff old.car new.car");
    let part = dir.repo("diff old.car since.car");
    assert_eq!(part.code, 1);
    assert_eq!(part.lines()[2..], whole.lines()[2..]);
}

#[test]
fn trouble_is_code_2() {
    let sample = Sample::new(50);
    let car = sample.car();
    let dir = Dir::new().with("a.car", &car).with("cut.car", &car[..car.len() - 1]).with("text.car", "text");
    let proof = Dir::new().with("a.car", Sample::new(30).car()).with("proof.car", sample.proof("com.example.note/x"));
    assert_eq!(dir.repo("diff a.car cut.car").code, 2);
    assert_eq!(dir.repo("diff text.car a.car --json").json_error(2)["kind"], "faulty");
    let ran = proof.repo("diff proof.car a.car");
    assert!(ran.failed(2).contains(" is missing"), "{ran:?}");
}

#[test]
fn what_was_begun_as_json_stays_json_when_a_fault_comes_later() {
    let (old, new) = pair();
    let proof = new.proof("com.example.note/n00123");
    let dir = Dir::new().with("old.car", old.proof("com.example.note/n00150")).with("new.car", proof);
    let ran = dir.repo("diff old.car new.car --json");
    let error = ran.json_error(2);
    assert_eq!(error["kind"], "faulty");
    let json = ran.json();
    assert_eq!((json["error"].clone(), json["old"]["rev"].as_str()), (error, Some(rev(&old).as_str())));
    assert!(json["changes"].is_array() && json["equal"].is_null(), "{json}");
    assert!(!dir.repo("diff old.car new.car").text().contains("error"));
}
