//! `arobase identity resolve`.

use arobase::identity::DidDocument;

use crate::{
    run::{Dir, Ran},
    servers::{Names, Web},
};

const ALICE: &str = "did:plc:aliceaaaaaaaaaaaaaaaaaaa";
const BOB: &str = "did:plc:bobaaaaaaaaaaaaaaaaaaaaa";
const KEY: &str = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";

fn document(did: &str, handle: &str, pds: &str) -> (String, (u16, Vec<u8>)) {
    let document = DidDocument::new(did.parse().unwrap())
        .with_also_known_as(format!("at://{handle}"))
        .with_also_known_as("https://alice.example.com")
        .with_key("atproto", KEY)
        .with_service("atproto_pds", "AtprotoPersonalDataServer", pds)
        .with_service("bsky_fg", "BskyFeedGenerator", "https://feed.example.com");
    (format!("/{did}"), (200, document.to_json()))
}

/// Alice, whose handle holds, and Bob, who claims it too.
fn resolve(arguments: &str) -> Ran {
    let pds = "https://pds.example.com";
    let web = Web::new([
        document(ALICE, "alice.example.com", pds),
        document(BOB, "alice.example.com", pds),
        document("did:plc:carolaaaaaaaaaaaaaaaaaaa", "carol.example.com", "http://localhost:2583"),
        ("/did:plc:goneaaaaaaaaaaaaaaaaaaaa".to_owned(), (410, Vec::new())),
        ("/did:plc:fullaaaaaaaaaaaaaaaaaaaa".to_owned(), (500, Vec::new())),
    ]);
    let names = Names::new(&[
        ("_atproto.alice.example.com", &format!("did={ALICE}")),
        ("_atproto.other.example.com", &format!("did={ALICE}")),
    ]);
    Dir::new().run(&format!("identity resolve {arguments} {} {}", web.option(), names.option()), b"")
}

#[test]
fn everything_about_an_identity_is_printed() {
    for who in [ALICE, "alice.example.com", "ALICE.example.com"] {
        let ran = resolve(who);
        let expected = format!(
            "{ALICE}
  handle       alice.example.com (verified)
  signing key  {KEY}
  pds          https://pds.example.com
  known as     at://alice.example.com
  known as     https://alice.example.com
  key          {ALICE}#atproto Multikey {KEY}
  service      #atproto_pds AtprotoPersonalDataServer https://pds.example.com
  service      #bsky_fg BskyFeedGenerator https://feed.example.com
"
        );
        assert_eq!(ran.ok(), expected, "{who}");
    }
}

#[test]
fn everything_about_an_identity_is_printed_as_json() {
    let json = resolve(&format!("{ALICE} --json")).json();
    assert_eq!((json["did"].as_str(), json["signingKey"].as_str()), (Some(ALICE), Some(KEY)));
    assert_eq!(json["handle"]["name"], "alice.example.com");
    assert_eq!((&json["handle"]["verified"], json["handle"]["reason"].is_null()), (&true.into(), true));
    assert_eq!(json["pds"], "https://pds.example.com");
    assert_eq!(json["keys"][0]["key"], KEY);
    assert_eq!(json["services"][1]["type"], "BskyFeedGenerator");
}

#[test]
fn a_handle_that_does_not_hold_is_shown_with_the_reason() {
    let ran = resolve(BOB);
    let expected = format!("  handle       alice.example.com (does not hold: it leads to {ALICE})");
    assert_eq!(ran.ok().lines().nth(1), Some(expected.as_str()));
    let json = resolve("did:plc:carolaaaaaaaaaaaaaaaaaaa --json").json();
    assert_eq!(json["handle"]["verified"], false);
    assert!(json["handle"]["reason"].is_string());
}

#[test]
fn a_handle_that_nobody_claims_is_code_1() {
    for handle in ["other.example.com", "nobody.example.com", "handle.invalid", "alice.test"] {
        let error = resolve(&format!("{handle} --json")).json_error(1);
        assert_eq!((error["kind"].as_str(), error["identity"].as_str()), (Some("identity"), Some(handle)));
    }
}

#[test]
fn what_does_not_exist_is_code_1_and_what_nobody_could_say_is_code_2() {
    for (did, code, kind) in [
        ("did:plc:noneaaaaaaaaaaaaaaaaaaaa", 1, "identity"),
        ("did:plc:goneaaaaaaaaaaaaaaaaaaaa", 1, "identity"),
        ("did:key:z1", 1, "identity"),
        ("did:plc:short", 1, "identity"),
        ("did:plc:fullaaaaaaaaaaaaaaaaaaaa", 2, "network"),
    ] {
        let error = resolve(&format!("{did} --json")).json_error(code);
        assert_eq!((error["kind"].as_str(), error["identity"].as_str()), (Some(kind), Some(did)), "{error}");
    }
}

#[test]
fn a_pds_without_tls_can_be_used_in_development_only() {
    let carol = "did:plc:carolaaaaaaaaaaaaaaaaaaa";
    assert!(resolve(carol).ok().contains("  pds          none that can be used\n"));
    assert!(resolve(&format!("{carol} --development")).ok().contains("  pds          http://localhost:2583\n"));
}

#[test]
fn this_machine_is_not_asked_for_strangers_but_in_development() {
    let did = |port: u16| format!("did:web:localhost%3A{port}");
    let web = Web::with_port(|port| {
        let document = DidDocument::new(did(port).parse().unwrap()).with_key("atproto", KEY);
        [("/.well-known/did.json".to_owned(), (200, document.to_json()))]
    });
    let did = did(web.port());
    assert_eq!(resolve(&format!("{did} --json")).json_error(1)["kind"], "identity");
    let json = resolve(&format!("{did} --development --json")).json();
    assert_eq!((json["did"].as_str(), json["signingKey"].as_str()), (Some(did.as_str()), Some(KEY)));
    assert!(json["handle"].is_null() && json["pds"].is_null());
}

#[test]
fn options_that_cannot_be_used_are_code_2() {
    let dir = Dir::new();
    for (options, word) in
        [("--plc nothing", "nothing"), ("--plc ftp://plc.example.com", "ftp"), ("--dns localhost", "--dns")]
    {
        let ran = dir.run(&format!("identity resolve {ALICE} {options}"), b"");
        assert!(ran.code == 2 && ran.err.lines().count() == 1, "{word}: {ran:?}");
    }
}
