//! `arobase identity plc log`.

use serde_json::{Value, json};

use crate::{
    run::{Dir, Ran},
    sample::Sample,
    servers::Web,
};

fn check(log: &Value) -> Ran {
    Dir::new().with("log.json", log.to_string()).run("identity plc log log.json", b"")
}

#[test]
fn a_history_is_printed_with_what_each_operation_changed() {
    let sample = Sample::new();
    let ran = check(&sample.log());
    let lines = ran.ok().lines().collect::<Vec<_>>();
    assert_eq!(lines[0], format!("{}: valid, 3 operations", sample.did));
    let cid = |index: usize| sample.operations[index].0.cid();
    assert_eq!(lines[1], format!("2026-01-01T12:00:00.000Z {} genesis", cid(0)));
    for expected in [
        "  known as     at://alice.example.com".to_owned(),
        "  service      atproto_pds AtprotoPersonalDataServer https://pds.example.com".to_owned(),
        format!("2026-01-02T12:00:00.000Z {} update (nullified)", cid(1)),
        "  known as     at://thief.example.com".to_owned(),
        format!("2026-01-03T12:00:00.000Z {} update", cid(2)),
    ] {
        assert!(lines.contains(&expected.as_str()), "{expected}: {ran:?}");
    }
    // What is as it was before is not said again.
    assert_eq!(lines.last(), Some(&"  known as     at://bob.example.com"));
    assert_eq!(lines.iter().filter(|line| line.starts_with("  rotation")).count(), 2);
}

#[test]
fn a_history_is_printed_as_json() {
    let sample = Sample::given_up();
    let dir = Dir::new();
    let json = dir.run("identity plc log - --json", sample.log().to_string().as_bytes()).json();
    assert_eq!((json["did"].as_str(), json["tombstoned"].as_bool()), (Some(sample.did.as_str()), Some(true)));
    let kinds: Vec<_> = json["operations"].as_array().unwrap().iter().map(|operation| &operation["kind"]).collect();
    assert_eq!(kinds, ["genesis", "update", "update", "tombstone"]);
    assert_eq!(json["operations"][1]["nullified"], true);
    assert_eq!(json["operations"][0]["operation"], sample.log()[0]["operation"]);
}

#[test]
fn a_did_that_was_given_up_is_said_to_be() {
    let sample = Sample::given_up();
    assert_eq!(check(&sample.log()).lines()[0], format!("{}: valid, 4 operations, given up", sample.did));
}

#[test]
fn a_history_that_is_not_to_be_believed_is_code_1_with_the_reason() {
    let good = Sample::new().log();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut log = good.clone();
        change(&mut log);
        log
    };
    let wrong = [
        changed(&|log| log[1]["nullified"] = json!(false)),
        changed(&|log| log[2]["cid"] = log[1]["cid"].clone()),
        changed(&|log| log[2]["createdAt"] = json!("2026-02-01T12:00:00.000Z")),
        changed(&|log| log[0]["operation"]["sig"] = log[1]["operation"]["sig"].clone()),
        changed(&|log| log[0]["operation"]["alsoKnownAs"][0] = json!("at://mallory.example.com")),
        changed(&|log| log.as_array_mut().unwrap().swap(0, 1)),
        changed(&|log| drop(log.as_array_mut().unwrap().remove(0))),
        changed(&|log| log[1]["did"] = json!("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")),
        changed(&|log| log[0]["operation"]["extra"] = json!(1)),
        json!([]),
        json!({}),
    ];
    for log in wrong {
        let ran = check(&log);
        assert!(ran.failed(1).starts_with("arobase: log.json: "), "{log}: {ran:?}");
        assert_eq!(ran.text(), "", "{log}");
    }
}

#[test]
fn a_history_is_fetched_from_a_directory() {
    let sample = Sample::new();
    let path = format!("/{}/log/audit", sample.did);
    let dir = Dir::new();
    let log = |status: u16, body: &[u8]| {
        let web = Web::new([(path.clone(), (status, body.to_vec()))]);
        dir.run(&format!("identity plc log {} {} --json", sample.did, web.option()), b"")
    };
    let good = sample.log();
    assert_eq!(log(200, good.to_string().as_bytes()).json()["operations"].as_array().unwrap().len(), 3);
    let mut forged = good.clone();
    forged[2]["operation"]["alsoKnownAs"][0] = json!("at://mallory.example.com");
    for (status, body, code, kind) in [
        (200, forged.to_string(), 1, "identity"),
        (404, String::new(), 1, "identity"),
        (500, String::new(), 2, "network"),
    ] {
        let error = log(status, body.as_bytes()).json_error(code);
        assert_eq!((error["kind"].as_str(), error["identity"].as_str()), (Some(kind), Some(sample.did.as_str())));
    }
}

#[test]
fn a_directory_that_says_nothing_is_trouble() {
    let did = Sample::new().did;
    let ran = Dir::new().run(&format!("identity plc log {did} {}", Web::silent().option()), b"");
    assert!(ran.failed(2).starts_with(&format!("arobase: {did}: ")), "{ran:?}");
}

#[test]
fn a_did_of_another_method_has_no_history() {
    let ran = Dir::new().run(&format!("identity plc log did:web:example.com {}", Web::silent().option()), b"");
    assert_eq!(ran.failed(1), "arobase: did:web:example.com: no did:plc");
}
