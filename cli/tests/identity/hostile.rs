//! What strangers say, and what is no log at all.

use serde_json::json;

use crate::{
    run::{Dir, Ran},
    sample::Sample,
    servers::{Names, Web},
};

const DID: &str = "did:plc:aliceaaaaaaaaaaaaaaaaaaa";

fn resolve(body: Vec<u8>, options: &str) -> Ran {
    let web = Web::new([(format!("/{DID}"), (200, body))]);
    let names = Names::new(&[]);
    let ran = Dir::new().run(&format!("identity resolve {DID} {options} {} {}", web.option(), names.option()), b"");
    assert!(!ran.err.contains("panicked") && (0..=2).contains(&ran.code), "{ran:?}");
    ran
}

#[test]
fn nothing_in_a_document_reaches_the_terminal_raw() {
    let evil = "\u{1b}[31m\u{9b}31m\n\u{202e}evil";
    let document = json!({
        "id": DID,
        "alsoKnownAs": [evil],
        "verificationMethod": [{"id": evil, "type": evil, "controller": evil, "publicKeyMultibase": evil}],
        "service": [{"id": evil, "type": evil, "serviceEndpoint": evil}],
    });
    let text = resolve(document.to_string().into_bytes(), "");
    assert!(!text.ok().contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
    assert_eq!(text.lines().len(), 7);
    let json = resolve(document.to_string().into_bytes(), "--json");
    assert!(!json.ok().contains(['\u{1b}', '\u{9b}']), "{json:?}");
    assert_eq!(json.json()["alsoKnownAs"][0], evil);
}

#[test]
fn what_is_no_document_is_trouble() {
    let deep = "[".repeat(100_000).into_bytes();
    let other = json!({"id": "did:plc:bobaaaaaaaaaaaaaaaaaaaaa"}).to_string().into_bytes();
    let large = vec![b' '; 1 << 20];
    for body in [Vec::new(), b"<html>".to_vec(), b"{}".to_vec(), b"[]".to_vec(), vec![0xff; 100], deep, other, large] {
        let ran = resolve(body, "");
        assert!(ran.failed(2).starts_with(&format!("arobase: {DID}: ")), "{ran:?}");
    }
}

#[test]
fn a_log_may_be_cut_anywhere() {
    let log = Sample::new().log().to_string();
    let dir = Dir::new();
    for len in (0..log.len()).step_by(97) {
        let ran = dir.run("identity plc log -", &log.as_bytes()[..len]);
        assert!(ran.failed(1).starts_with("arobase: standard input: "), "{len}: {ran:?}");
    }
}

#[test]
fn what_is_no_log_is_said_to_be_none() {
    let dir = Dir::new();
    let deep = format!("[{}", "{\"did\":".repeat(100_000)).into_bytes();
    for file in
        [Vec::new(), b"\0".to_vec(), b"[1]".to_vec(), b"[[]]".to_vec(), vec![0xff; 1000], deep, vec![b'['; 1 << 25]]
    {
        let ran = dir.run("identity plc log -", &file);
        assert!(ran.failed(1).starts_with("arobase: standard input: "), "{ran:?}");
        assert!(ran.err.len() < 1000, "{}", ran.err.len());
    }
}

#[test]
fn controls_in_a_log_do_not_reach_the_terminal() {
    let mut log = Sample::new().log();
    log[0]["operation"]["\u{1b}[31m"] = json!("\u{1b}[31m");
    log[0]["cid"] = json!("\u{1b}[31m");
    let ran = Dir::new().run("identity plc log -", log.to_string().as_bytes());
    assert!(!ran.failed(1).contains('\u{1b}'), "{ran:?}");
}
