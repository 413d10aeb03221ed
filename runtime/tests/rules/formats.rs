//! The string formats, as fields of a lexicon have them, and the types of their own that programs
//! use.

use arobase_runtime::{
    data::{Cid, Value},
    syntax::{AtUri, Datetime, Did, GenericAtUri, Handle, Language, Nsid, RecordKey, TidGenerator},
};

use super::{NSID, object};

fn check(format: &str, text: &str) -> bool {
    let catalog = object(&format!(r#""text": {{ "type": "string", "format": "{format}" }}"#));
    let value = Value::Map([("text", text)].into_iter().collect());
    catalog.validate(NSID, &value).is_ok()
}

#[track_caller]
fn format(name: &str, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(check(name, text), "{name} {text:?}");
        for around in [format!(" {text}"), format!("{text} "), format!("{text}\n"), format!("{text}\0")] {
            assert!(!check(name, &around), "{name} {around:?}");
        }
    }
    for text in bad {
        assert!(!check(name, text), "{name} {text:?}");
    }
}

const FORMATS: [&str; 11] =
    ["at-identifier", "at-uri", "cid", "datetime", "did", "handle", "language", "nsid", "record-key", "tid", "uri"];

#[test]
fn no_format_takes_an_empty_text() {
    for name in FORMATS {
        assert!(!check(name, ""), "{name}");
    }
}

#[test]
fn a_format_has_exactly_its_name() {
    use arobase_runtime::Catalog;

    let load = |name: &str| {
        let main = format!(r#""main": {{ "type": "string", "format": "{name}" }}"#);
        Catalog::from_json(super::document(NSID, &main)).is_ok()
    };
    assert!(FORMATS.into_iter().all(load));
    for name in ["h", "hand", "andle", "Handle", "handles", "", "space-ref", "date-time"] {
        assert!(!load(name), "{name}");
    }
}

#[test]
fn dids_end_in_neither_percent_nor_colon() {
    let good = ["did:plc:z72i7hdynmk6r22z27h6tvur", "did:web:example.com%3A3000", "did:q:a:b._-", "did:method:val%20x"];
    let bad =
        ["did:method:val%", "did:method:val:", "did:METHOD:val", "DID:method:val", "did:m0:val", "did:m", "did:m:"];
    format("did", &good, &bad);
    format("at-identifier", &good, &bad);
    let [long, too_long] = [2048, 2049].map(|length| format!("did:a:{}", "x".repeat(length - 6)));
    format("did", &[&long], &[&too_long]);
}

#[test]
fn handles_are_domain_names_of_any_case() {
    let good = ["a.b", "A.Example.COM", "xn--ls8h.test", "1.example", "john-doe.bsky.social"];
    let bad = ["h", "handle", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a_b.c", "a.1", "@a.b", "jörg.example"];
    format("handle", &good, &bad);
    format("at-identifier", &good, &bad);
    let label = "a".repeat(63);
    let long = format!("{label}.{label}.{label}.{}.io", "a".repeat(58));
    assert_eq!(long.len(), 253);
    format("handle", &[&long], &[&format!("a{long}")]);
}

#[test]
fn at_uris_have_at_most_three_parts_and_nothing_else() {
    format(
        "at-uri",
        &["at://a.b", "at://did:plc:abc", "at://a.b/c.d.e", "at://A.B/c.d.e/self", "at://a.b/c.d.e/~:.-_"],
        &[
            "a.b",
            "at:/a.b",
            "at:///a.b",
            "AT://a.b",
            "at://a.b/",
            "at://a.b/c.d",
            "at://a.b/c.d.e/",
            "at://a.b/c.d.e/.",
            "at://a.b/c.d.e/..",
            "at://a.b/./x",
            "at://a.b/../x",
            "at://a.b/c.d.e/x/y",
            "at://a.b?q=1",
            "at://a.b#/x",
            "at://a.b/c.d.e/a%20b",
            "at://user:pass@a.b",
            "at://did:m:v%/c.d.e",
        ],
    );
    format("at-uri", &[], &[&format!("at://a.b/c.d.e/{}", "x".repeat(8200))]);
}

#[test]
fn cids_of_version_0_are_none() {
    format(
        "cid",
        &[
            "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
            "zdpuAyvkgEDQm9TenwGkd5eNaosSxjgEYd8QatfPetgB1CdEZ",
        ],
        &["QmZULkCELmmk5XNfCgTnCyFgAVxBRBXyDHGGMVoLFLiXEN", "1234567", "bafy/reia", "bafy reia", "cid:bafyreia"],
    );
    // The format is about characters; what is used as a CID has to be one.
    assert!("12345678".parse::<Cid>().is_err());
}

#[test]
fn datetimes_are_whole_and_have_a_zone() {
    format(
        "datetime",
        &[
            "1985-04-12T23:20:50Z",
            "1985-04-12T23:20:50.1Z",
            "1985-04-12T23:20:50.123456789012345678901234567890Z",
            "1985-04-12T23:20:50+00:00",
            "1985-04-12T23:20:50-07:30",
            "0000-01-01T00:00:00Z",
            "2024-02-29T00:00:00Z",
        ],
        &[
            "19850412T232050Z",
            "1985-W15-5T23:20:50Z",
            "1985-102T23:20:50Z",
            "1985-04-12T23:20Z",
            "1985-04-12T23Z",
            "1985-04-12T23:20:50-00:00",
            "1985-04-12T23:20:50",
            "1985-04-12",
            "1985-04-12 23:20:50Z",
            "1985-04-12t23:20:50z",
            "1985-04-12T23:20:50+0730",
            "1985-04-12T23:20:50,1Z",
            "1985-04-12T23:20:50.Z",
            "2023-02-29T00:00:00Z",
            "1985-04-12T24:00:00Z",
            "1985-04-12T23:20:60Z",
            "+1985-04-12T23:20:50Z",
            "0000-01-01T00:00:00+01:00",
        ],
    );
}

#[test]
fn languages_are_well_formed_and_repeat_nothing() {
    format(
        "language",
        &[
            "en",
            "fil",
            "pt-BR",
            "zh-Hans-CN",
            "x-private",
            "X-fr-CH",
            "en-x-a",
            "de-1996",
            "i-klingon",
            "sl-rozaj-biske",
        ],
        &[
            "x",
            "e",
            "EN",
            "en_US",
            "en-",
            "de-1996-1996",
            "sl-rozaj-ROZAJ",
            "en-a-bbb-a-ccc",
            "en-u",
            "english-language-x",
        ],
    );
}

#[test]
fn nsids_tids_and_record_keys_have_their_alphabets_and_lengths() {
    format(
        "nsid",
        &["com.example.fooBar", "net.users-of.99.name1", "a-0.b-1.c", "io.exa-mple.dashedName"],
        &[
            "com.example",
            "com.example.foo-bar",
            "com.example.3",
            "9com.example.x",
            "com..x",
            "com.example.*",
            "a.b.c#d",
        ],
    );
    let authority = format!("com.{}", vec!["a".repeat(61); 4].join("."));
    let long = format!("{authority}.{}", "n".repeat(317 - authority.len() - 1));
    format("nsid", &[], &[&format!("{long}n")]);

    format(
        "tid",
        &["3jzfcijpj2z2a", "2222222222222", "jzzzzzzzzzzzz"],
        &["3jzfcijpj2z2", "3jzfcijpj2z2aa", "kzzzzzzzzzzzz", "3jzf-cij-pj2z-2a", "3JZFCIJPJ2Z2A", "0000000000000"],
    );
    format(
        "record-key",
        &["self", "a", "...", ":", "~", "pre:fix", "-_"],
        &[".", "..", "a/b", "a%b", "a b", "é", "@a"],
    );
    format("record-key", &[&"x".repeat(512)], &[&"x".repeat(513)]);
}

#[test]
fn uris_have_a_scheme_and_no_blanks() {
    format(
        "uri",
        &["https://example.com/a?b=c#d", "https://example.com]", "urn:uuid:0", "did:plc:abc", "x:/", "git+ssh://h"],
        &["example.com", "://x", "1a:b", "https:", "https://a b", "https://a\tb", "-a:b"],
    );
    format("uri", &[&format!("a:{}", "b".repeat(8190))], &[&format!("a:{}", "b".repeat(8191))]);
}

#[test]
fn an_at_uri_comes_apart_and_together() {
    let uri: AtUri = "at://Alice.example/com.example.note/3jzfcijpj2z2a".parse().unwrap();
    assert_eq!(uri.authority(), "Alice.example");
    assert_eq!(uri.collection(), Some("com.example.note"));
    assert_eq!(uri.rkey(), Some("3jzfcijpj2z2a"));
    assert_eq!(uri.authority_did(), None);
    assert_eq!(uri.collection_nsid().unwrap(), "com.example.note".parse::<Nsid>().unwrap());
    assert_eq!(uri.normalize().as_str(), "at://alice.example/com.example.note/3jzfcijpj2z2a");
    let key: RecordKey = "3jzfcijpj2z2a".parse().unwrap();
    let again = AtUri::record(&"Alice.example".parse().unwrap(), &"com.example.note".parse().unwrap(), &key);
    assert_eq!(again, uri);
    let generic: GenericAtUri = "at://a.b/c.d.e/f?q=1#/x".parse().unwrap();
    assert_eq!((generic.query(), generic.fragment()), (Some("q=1"), Some("/x")));
    assert_eq!("at://a.b".parse::<AtUri>().unwrap().rkey(), None);
}

#[test]
fn each_kind_of_identifier_is_a_type_with_parts() {
    assert_eq!("did:web:example.com".parse::<Did>().unwrap().method(), "web");
    assert_eq!("Alice.Example".parse::<Handle>().unwrap().normalize().as_str(), "alice.example");
    assert_eq!("com.example.fooBar".parse::<Nsid>().unwrap().name(), "fooBar");
    assert_eq!("pt-BR".parse::<Language>().unwrap().primary(), Some("pt"));
    assert_eq!("1970-01-01T00:00:01Z".parse::<Datetime>().unwrap().unix_micros(), Some(1_000_000));
    assert!("did:web:example.com/path".parse::<Did>().is_err());
}

#[test]
fn the_clock_can_be_ones_own() {
    let tids = TidGenerator::new(7);
    let [first, second, third] = [1_700_000_000_000_000, 1_700_000_000_000_000, 5].map(|now| tids.next_at(now));
    assert_eq!((first.micros(), first.clock_id()), (Some(1_700_000_000_000_000), Some(7)));
    assert!(first < second && second < third, "also if the clock stands still or goes back");
    assert_eq!(Datetime::from_unix_micros(0).unwrap().as_str(), "1970-01-01T00:00:00.000Z");
}
