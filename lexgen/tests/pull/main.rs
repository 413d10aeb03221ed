//! `lexgen pull`, as people run it, in a network on this machine.

mod dns;
mod world;

use std::process::Output;

use world::{World, did, sha256};

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A lexicon of a record with a text of so many bytes, and fields that refer to others.
fn record(id: &str, length: u32, references: &[&str]) -> String {
    let fields = references.iter().enumerate();
    let fields: String = fields.map(|(n, to)| format!(r#", "r{n}": {{ "type": "ref", "ref": "{to}" }}"#)).collect();
    format!(
        r#"{{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": "{id}", "description": "Prose.",
            "defs": {{ "main": {{ "type": "record", "key": "tid", "description": "More prose.", "record": {{
                "type": "object", "properties": {{ "text": {{ "type": "string", "maxLength": {length} }}{fields} }}
            }} }} }} }}"#
    )
}

/// A world in which `example.com` published `com.example.thing`.
fn world() -> World {
    let world = World::new();
    world.authority("example.com", 0, &[record("com.example.thing", 10, &[])]);
    world
}

#[test]
fn a_lexicon_is_pulled_with_its_references_and_code_can_be_made_of_them() {
    let world = world();
    let references = ["com.example.part", "org.example.other", "com.atproto.repo.strongRef"];
    world.publish(0, &[record("com.example.all", 10, &references), record("com.example.part", 10, &[])]);
    world.authority("example.org", 1, &[record("org.example.other", 10, &["com.example.all"])]);

    let output = world.pull(&["com.example.all"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "3 lexicons pulled: 3 added, 0 changed\n"));
    let thing = world.read("lexicons/com/example/all.json");
    assert!(thing.contains("maxLength") && !thing.contains("rose") && !thing.contains("$type"));
    assert!(world.has("lexicons/com/example/part.json") && world.has("lexicons/org/example/other.json"));
    assert!(!world.has("lexicons/com/atproto/repo/strongRef.json"));

    assert_eq!(world.entry("com.example.all", "source"), did(0).as_str());
    assert_eq!(world.entry("com.example.all", "version"), world.rev(0));
    let published = sha256(&record("com.example.all", 10, &references));
    assert_eq!(world.entry("com.example.all", "sourceSha256"), published);
    assert_eq!(world.entry("org.example.other", "source"), did(1).as_str());

    assert_eq!(code(&world.run(&["import", "--check"])), 0);
    assert_eq!(code(&world.run(&["check", "lexicons"])), 0);
    assert_eq!(code(&world.run(&["generate"])), 0);
    assert!(world.has("generated/mod.rs"));
}

#[test]
fn without_references_only_what_was_asked_for_is_pulled() {
    let world = world();
    world.publish(0, &[record("com.example.all", 10, &["com.example.thing"])]);
    assert_eq!(code(&world.pull(&["com.example.all", "--no-refs"])), 0);
    assert!(!world.has("lexicons/com/example/thing.json"));
}

#[test]
fn what_is_there_is_not_pulled_for_a_reference() {
    let world = world();
    let own = r#"{ "lexicon": 1, "id": "com.example.thing", "defs": { "main": { "type": "token" } } }"#;
    world.file("lexicons/own/thing.json", own);
    world.publish(0, &[record("com.example.all", 10, &["com.example.thing"])]);
    assert_eq!(code(&world.pull(&["com.example.all"])), 0);
    assert!(!world.has("lexicons/com/example/thing.json"));
    assert_eq!(world.read("lexicons/own/thing.json"), own);
}

#[test]
fn a_file_that_nobody_pulled_is_not_replaced() {
    let world = world();
    let own = r#"{ "lexicon": 1, "id": "com.example.thing", "defs": { "main": { "type": "token" } } }"#;
    world.file("lexicons/com/example/thing.json", own);
    let output = world.pull(&["com.example.thing"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[own-lexicon]"), "{}", stderr(&output));
    assert_eq!(world.read("lexicons/com/example/thing.json"), own);
    assert!(!world.has("lexicons/manifest.json"));
}

#[test]
fn a_group_in_which_nothing_is_listed_is_told_from_one_without_an_authority() {
    let world = world();
    world.authority("empty.example.com", 1, &[record("com.example.thing", 10, &[])]);
    for (group, has_authority) in [("com.example.empty.*", true), ("org.example.*", false)] {
        let output = world.pull(&[group]);
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("error[lexicon-not-found]"), "{}", stderr(&output));
        assert_eq!(stderr(&output).contains("DNS names no authority"), !has_authority, "{}", stderr(&output));
    }
}

#[test]
fn a_lexicon_that_did_not_change_keeps_its_entry_though_the_repository_did() {
    let world = world();
    world.pull(&["com.example.thing"]);
    let manifest = world.read("lexicons/manifest.json");
    world.publish(0, &[record("com.example.other", 10, &[])]);
    let output = world.pull(&["com.example.thing"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "1 lexicon pulled: 0 added, 0 changed\n"));
    assert_eq!(world.read("lexicons/manifest.json"), manifest);
}

#[test]
fn a_lexicon_that_changed_is_written_anew() {
    let world = world();
    world.pull(&["com.example.thing"]);
    world.publish(0, &[record("com.example.thing", 20, &[])]);
    let output = world.pull(&["com.example.thing"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "1 lexicon pulled: 0 added, 1 changed\n"));
    assert!(world.read("lexicons/com/example/thing.json").contains("20"));
    assert_eq!(world.entry("com.example.thing", "version"), world.rev(0));
}

#[test]
fn check_says_what_would_change_and_writes_nothing() {
    let world = world();
    let check = || world.pull(&["com.example.thing", "--check"]);
    let output = check();
    assert_eq!(code(&output), 1);
    assert!(
        stderr(&output).contains("error[stale-lexicon]") && stderr(&output).contains("lexicons/com/example/thing.json")
    );
    assert!(!world.has("lexicons"));
    world.pull(&["com.example.thing"]);
    let output = check();
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "1 lexicon up to date\n"));
    world.publish(0, &[record("com.example.thing", 20, &[])]);
    assert_eq!(code(&check()), 1);
    assert!(world.read("lexicons/com/example/thing.json").contains("10"));
}

#[test]
fn a_group_is_all_that_its_authority_published_in_it() {
    let world = world();
    world.publish(0, &[record("com.example.more", 10, &[]), record("com.example.below.thing", 10, &[])]);
    assert_eq!(code(&world.pull(&["com.example.*"])), 0);
    assert!(world.has("lexicons/com/example/thing.json") && world.has("lexicons/com/example/more.json"));
    assert!(!world.has("lexicons/com/example/below/thing.json"));
}

#[test]
fn an_older_state_is_refused_unless_it_is_wanted() {
    let world = world();
    let old = world.proof(0, "com.example.thing");
    world.publish(0, &[record("com.example.thing", 20, &[])]);
    world.pull(&["com.example.thing"]);
    world.lie(0, Some(old));
    let output = world.pull(&["com.example.thing"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[lexicon-downgrade]"), "{}", stderr(&output));
    assert!(world.read("lexicons/com/example/thing.json").contains("20"));
    assert_eq!(code(&world.pull(&["com.example.thing", "--allow-downgrade"])), 0);
    assert!(world.read("lexicons/com/example/thing.json").contains("10"));
}

#[test]
fn another_authority_than_before_is_refused() {
    let world = world();
    world.pull(&["com.example.thing"]);
    world.authority("example.com", 1, &[record("com.example.thing", 20, &[])]);
    let output = world.pull(&["com.example.thing"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[source-conflict]"), "{}", stderr(&output));
    assert!(world.read("lexicons/com/example/thing.json").contains("10"));
}

#[test]
fn one_that_cannot_be_had_keeps_all_from_being_written() {
    let world = world();
    world.claim("two.example.com", &["did=did:web:a.example.com", "did=did:web:b.example.com"]);
    world.claim("broken.example.com", &[]);
    for (id, expected) in [
        ("com.example.absent", "error[lexicon-not-found]"),
        ("com.nobody.thing", "error[lexicon-not-found]"),
        ("com.example.two.thing", "error[no-authority]"),
        ("com.example.broken.thing", "error[network]"),
        ("org.example.*", "error[lexicon-not-found]"),
        ("com.*", "error[not-an-nsid]"),
    ] {
        let output = world.pull(&["com.example.thing", id]);
        assert_eq!(code(&output), 1, "{id}");
        assert!(stderr(&output).contains(expected), "{id}: {}", stderr(&output));
        assert!(stderr(&output).ends_with("nothing was written\n"));
    }
    assert!(!world.has("lexicons"));
}

#[test]
fn a_reference_that_does_not_exist_is_a_warning() {
    let world = world();
    world.publish(0, &[record("com.example.all", 10, &["com.example.absent"])]);
    let output = world.pull(&["com.example.all"]);
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).contains("warning[lexicon-not-found]"), "{}", stderr(&output));
    assert!(world.has("lexicons/com/example/all.json"));
}

#[test]
fn a_proof_of_somebody_else_is_not_believed() {
    let world = world();
    world.authority("example.org", 1, &[record("com.example.thing", 20, &[])]);
    world.lie(0, Some(world.proof(1, "com.example.thing")));
    let output = world.pull(&["com.example.thing"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[lexicon-unproven]"), "{}", stderr(&output));
}

#[test]
fn all_mistakes_of_a_lexicon_are_said() {
    let world = world();
    let wrong = r#"{ "$type": "com.atproto.lexicon.schema", "lexicon": 1, "id": "com.example.wrong",
        "defs": { "a": { "type": "nothing" }, "b": { "type": "ref" } } }"#;
    world.publish(0, &[wrong.to_owned()]);
    let output = world.pull(&["com.example.wrong", "--json"]);
    assert_eq!(code(&output), 1);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.matches("\"lexicon-invalid\"").count(), 2, "{said}");
}

#[test]
fn two_nsids_that_differ_by_case_alone_do_not_go_into_one_directory() {
    let world = world();
    world.publish(0, &[record("com.example.Thing", 10, &[])]);
    let output = world.pull(&["com.example.*"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[case-collision]"), "{}", stderr(&output));
    assert!(!world.has("lexicons"));
}

#[test]
fn the_public_rules_hold_without_development() {
    let world = world();
    let output = world.run(&["pull", "com.example.thing", "--plc", "http://127.0.0.1:1", "--dns", "127.0.0.1:1"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[network]"), "{}", stderr(&output));
}
