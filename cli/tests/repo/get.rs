//! `arobase repo get`.

use arobase::repo::Write;

use crate::{
    run::Dir,
    sample::{DID, Sample, note, path, picture},
};

#[test]
fn a_record_is_printed_as_json_cbor_or_cid() {
    let sample = Sample::new(50);
    let dir = Dir::new().with("a.car", sample.car());
    let pretty = "{\n  \"$type\": \"com.example.note\",\n  \"text\": \"number 7\"\n}\n";
    assert_eq!(dir.repo("get a.car com.example.note/n00007").ok(), pretty);
    assert_eq!(dir.repo("get a.car com.example.note/n00007 --json").ok(), pretty);
    assert_eq!(dir.repo("get a.car com.example.note/n00007 --cbor").out, note("number 7"));
    let cid = sample.repo.get(&path("com.example.note/n00007"), &sample.store).unwrap().unwrap();
    assert_eq!(dir.repo("get a.car com.example.note/n00007 --cid").ok(), format!("{cid}\n"));
    assert_eq!(dir.repo("get a.car com.example.picture/p:1 --cbor").out, picture(b"one", 1000));
}

#[test]
fn an_address_must_be_of_the_same_account() {
    let dir = Dir::new().with("a.car", Sample::new(3).car());
    let ran = dir.repo(&format!("get a.car at://{DID}/com.example.note/n00001"));
    assert_eq!(ran.json()["text"], "number 1");
    let ran = dir.repo("get a.car at://did:web:example.com/com.example.note/n00001");
    let message = "no at://did:web:example.com/com.example.note/n00001: the repository is that of";
    assert_eq!(ran.failed(1), format!("arobase: a.car: {message} {DID}"));
    assert_eq!(dir.repo("get a.car at://alice.example.com/com.example.note/n00001").code, 2);
}

#[test]
fn one_that_is_not_there_does_not_hide_the_others() {
    let dir = Dir::new().with("a.car", Sample::new(3).car());
    let ran = dir.repo("get a.car com.example.note/n00000 com.example.note/none com.example.note/n00002");
    assert_eq!(ran.failed(1), "arobase: a.car: there is no record com.example.note/none");
    assert!(ran.text().contains("number 0") && ran.text().contains("number 2"));
    let error = dir.repo("get a.car com.example.note/none --json").json_error(1);
    assert_eq!((error["kind"].as_str(), error["file"].as_str()), (Some("absent"), Some("a.car")));
}

#[test]
fn a_proof_is_enough_for_its_record() {
    let sample = Sample::new(300);
    let dir = Dir::new()
        .with("there.car", sample.proof("com.example.note/n00123"))
        .with("gone.car", sample.proof("com.example.note/gone"));
    assert_eq!(dir.repo("get there.car com.example.note/n00123").json()["text"], "number 123");
    let gone = dir.repo("get gone.car com.example.note/gone");
    assert_eq!(gone.failed(1), "arobase: gone.car: there is no record com.example.note/gone");
    let other = dir.repo("get there.car com.example.picture/p:1");
    assert!(other.failed(1).contains(" is missing"), "{other:?}");
}

#[test]
fn controls_do_not_reach_the_terminal() {
    let mut sample = Sample::new(0);
    let text = "\u{7f}\u{9b}31m red";
    sample.write(&[Write::create(path("com.example.note/red"), note(text))]);
    let dir = Dir::new().with("a.car", sample.car());
    for command in ["get a.car com.example.note/red", "export-records a.car"] {
        let ran = dir.repo(command);
        assert!(ran.ok().contains(r"\u007f\u009b31m red") && !ran.text().contains(['\u{7f}', '\u{9b}']), "{ran:?}");
    }
    assert_eq!(dir.repo("get a.car com.example.note/red").json()["text"], text);
}
