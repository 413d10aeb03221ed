//! `arobase repo export-records`.

use std::fs;

use arobase::repo::Write;

use crate::{
    run::Dir,
    sample::{DID, Sample, note, path},
};

#[test]
fn records_are_lines_of_json() {
    let sample = Sample::new(3);
    let dir = Dir::new().with("a.car", sample.car());
    let ran = dir.repo("export-records a.car");
    ran.ok();
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[1]["uri"], format!("at://{DID}/com.example.note/n00001"));
    let cid = sample.repo.get(&path("com.example.note/n00001"), &sample.store).unwrap().unwrap();
    assert_eq!(lines[1]["cid"], cid.to_string());
    assert_eq!(lines[1]["value"], serde_json::json!({"$type": "com.example.note", "text": "number 1"}));
    assert_eq!(lines[3]["value"]["image"]["size"], 1000);
}

#[test]
fn a_collection_alone_and_standard_input_give_the_same_lines() {
    let car = Sample::new(30).car();
    let dir = Dir::new().with("a.car", &car);
    for options in ["", "--collection com.example.note", "--collection com.example.picture", "--collection com.none.at"]
    {
        let file = dir.repo(&format!("export-records a.car {options}"));
        let stdin = dir.run(&format!("repo export-records - {options}"), &car);
        assert_eq!(stdin.ok(), file.ok(), "{options}");
    }
    assert_eq!(dir.repo("export-records a.car --collection com.example.picture").lines().len(), 1);
}

#[test]
fn records_are_files_with_safe_names() {
    let dir = Dir::new().with("a.car", Sample::new(2).car());
    assert_eq!(dir.repo("export-records a.car --out some/dir").ok(), "3 records written to some/dir\n");
    let pretty = "{\n  \"$type\": \"com.example.note\",\n  \"text\": \"number 1\"\n}\n";
    assert_eq!(dir.read("some/dir/com.example.note/n00001.json"), pretty);
    assert!(dir.read("some/dir/com.example.picture/p%3A1.json").contains("com.example.picture"));
    let json = dir.repo("export-records a.car --out other --json").json();
    assert_eq!(json, serde_json::json!({"out": "other", "written": 3, "failed": 0}));
}

#[test]
fn files_that_are_there_stay_unless_force_is_given() {
    let dir = Dir::new().with("a.car", Sample::new(2).car());
    dir.repo("export-records a.car --out out").ok();
    fs::write(dir.path().join("out/com.example.note/n00000.json"), "mine").unwrap();
    let ran = dir.repo("export-records a.car --out out");
    assert_eq!(ran.failed(2), "arobase: out/com.example.note/n00000.json: is there already (see --force)");
    assert_eq!(dir.read("out/com.example.note/n00000.json"), "mine");
    dir.repo("export-records a.car --out out --force").ok();
    assert!(dir.read("out/com.example.note/n00000.json").contains("number 0"));
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_outside() {
    let dir = Dir::new().with("a.car", Sample::new(2).car()).with("precious", "precious");
    fs::create_dir_all(dir.path().join("out/com.example.note")).unwrap();
    fs::create_dir(dir.path().join("elsewhere")).unwrap();
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(dir.path().join(to), dir.path().join(at)).unwrap();
    link("precious", "out/com.example.note/n00000.json");
    link("elsewhere", "out/com.example.picture");
    let ran = dir.repo("export-records a.car --out out --force");
    assert!(ran.failed(2).contains("the place of its directory is taken"), "{ran:?}");
    assert_eq!(dir.read("precious"), "precious");
    assert_eq!(fs::read_dir(dir.path().join("elsewhere")).unwrap().count(), 0);
}

#[test]
fn a_record_that_is_missing_does_not_hide_the_others() {
    let mut sample = Sample::new(3);
    sample.write(&[Write::create(path("com.example.note/zz"), note("last"))]);
    let blocks: Vec<_> = sample.blocks().into_iter().filter(|block| block.bytes != note("number 1")).collect();
    let dir = Dir::new().with("a.car", sample.car_of(&blocks));
    let ran = dir.repo("export-records a.car");
    assert!(ran.failed(1).starts_with("arobase: a.car: com.example.note/n00001: the block bafy"), "{ran:?}");
    assert_eq!(ran.json_lines().len(), 4);
    let ran = dir.repo("export-records a.car --out out --json");
    assert_eq!((ran.json_error(1)["kind"].as_str(), ran.json()["failed"].as_u64()), (Some("faulty"), Some(1)));
}

/// Where the file system ignores case, the second is refused instead.
#[cfg(target_os = "linux")]
#[test]
fn names_that_differ_in_case_alone_are_two_files() {
    let mut sample = Sample::new(0);
    let writes = ["AB0", "ab0"].map(|name| Write::create(path(&format!("com.example.note/{name}")), note(name)));
    sample.write(&writes);
    let dir = Dir::new().with("a.car", sample.car());
    for options in ["--out out", "--out out --force", "--out new --force"] {
        dir.repo(&format!("export-records a.car {options}")).ok();
    }
    for name in ["AB0", "ab0"] {
        assert!(dir.read(&format!("out/com.example.note/{name}.json")).contains(name));
        assert!(dir.read(&format!("new/com.example.note/{name}.json")).contains(name));
    }
}
