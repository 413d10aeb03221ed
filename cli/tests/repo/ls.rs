//! `arobase repo ls`.

use arobase::repo::Write;

use crate::{
    run::Dir,
    sample::{Sample, note, note_path, path},
};

#[test]
fn paths_are_listed_in_order() {
    let dir = Dir::new().with("a.car", Sample::new(3).car());
    let all =
        ["com.example.note/n00000", "com.example.note/n00001", "com.example.note/n00002", "com.example.picture/p:1"];
    assert_eq!(dir.repo("ls a.car").ok().lines().collect::<Vec<_>>(), all);
    let mut reversed = all;
    reversed.reverse();
    assert_eq!(dir.repo("ls a.car --reverse").lines(), reversed);
    assert_eq!(dir.repo("ls a.car --limit 2").lines(), all[..2]);
    assert_eq!(dir.repo("ls a.car --limit 0").ok(), "");
    assert_eq!(dir.repo("ls a.car com.example.note").lines(), all[..3]);
    assert_eq!(dir.repo("ls a.car com.example.note --reverse --limit 1").lines(), [all[2]]);
    assert!(dir.repo("ls a.car note").failed(2).contains("\"note\" is no collection"));
    assert_eq!(dir.repo("ls a.car com.example.nothing").ok(), "");
}

#[test]
fn the_long_form_has_cid_and_size() {
    let sample = Sample::new(1);
    let dir = Dir::new().with("a.car", sample.car());
    let cid = sample.repo.get(&path("com.example.note/n00000"), &sample.store).unwrap().unwrap();
    let size = note("number 0").len();
    let line = format!("{cid}  {size:>7}  com.example.note/n00000");
    assert_eq!(dir.repo("ls a.car com.example.note --long").lines(), [line]);
    let json = dir.repo("ls a.car com.example.note --long --json").json();
    assert_eq!(json, serde_json::json!({"path": "com.example.note/n00000", "cid": cid.to_string(), "bytes": size}));
    let json = dir.repo("ls a.car com.example.note --json").json();
    assert_eq!(json, serde_json::json!({"path": "com.example.note/n00000", "cid": cid.to_string()}));
}

#[test]
fn standard_input_is_listed_as_it_comes() {
    let sample = Sample::new(300);
    let dir = Dir::new().with("a.car", sample.car());
    for options in ["", "--long", "--json", "--limit 7", "com.example.picture", "com.example.note --limit 299"] {
        let file = dir.repo(&format!("ls a.car {options}"));
        let stdin = dir.run(&format!("repo ls - {options}"), &sample.car());
        assert_eq!(stdin.ok(), file.ok(), "{options}");
    }
}

#[test]
fn standard_input_may_be_out_of_order_and_hold_equal_records_once() {
    let mut sample = Sample::new(300);
    sample.write(&[Write::create(path("com.example.note/zz"), note("number 0"))]);
    let dir = Dir::new().with("a.car", sample.car());
    let mut blocks = sample.blocks();
    let in_order = dir.run("repo ls -", &sample.car_of(&blocks));
    blocks.reverse();
    let reversed = dir.run("repo ls -", &sample.car_of(&blocks));
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let expected = sorted(dir.repo("ls a.car").ok());
    assert_eq!(expected.len(), 302);
    assert_eq!(sorted(in_order.ok()), expected);
    assert_eq!(sorted(reversed.ok()), expected);
}

#[test]
fn what_comes_before_a_gap_is_listed() {
    let sample = Sample::new(300);
    let mut blocks = sample.blocks();
    let left = blocks.len() - 1;
    // The last node but those above it: what is missing is the end of the tree.
    let last = (0..left).rev().find(|index| blocks[*index].bytes.starts_with(b"\xa2\x61e")).unwrap();
    let missing = blocks.remove(last).cid;
    let dir = Dir::new().with("a.car", sample.car_of(&blocks));
    let ran = dir.repo("ls a.car");
    assert_eq!(ran.failed(1), format!("arobase: a.car: the block {missing} is missing"));
    assert!(ran.lines().len() > 100 && ran.lines()[0] == note_path(0));
}
