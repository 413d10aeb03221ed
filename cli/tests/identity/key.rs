//! `arobase identity key`.

use crate::run::Dir;

const SECRET: &str = "31f6b2673bc18bb1514a30f1f61fa7f95f98a437dee529d43f4bb9607acdafde";
const KEY: &str = "did:key:zQ3shebE621SGiD2rbZzjUyLeUmAauJ4ADgbHkCjPdZ7WcsqV";
const POINT: &str = "02ff432095f7d901561bde55f380d6ba25c30ed8d0956aab2458986cdd705d0c0c";

#[test]
fn a_key_is_made_in_a_file_and_its_public_half_is_printed() {
    for (curve, start) in [("k256", "did:key:zQ3s"), ("p256", "did:key:zDna")] {
        let dir = Dir::new();
        let made = dir.run(&format!("identity key generate --curve {curve} --out a.key"), b"");
        let key = made.ok().trim_end();
        assert!(key.starts_with(start) && !key.contains('\n'), "{key}");
        let secret = dir.read("a.key");
        assert_eq!((secret.len(), secret.trim_end().len()), (65, 64));
        let shown = dir.run(&format!("identity key show a.key --curve {curve}"), b"");
        assert_eq!(shown.lines()[0], key);
        assert!(!shown.text().contains(secret.trim_end()));
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_a_private_key() {
    use std::os::unix::fs::PermissionsExt;

    let dir = Dir::new();
    dir.run("identity key generate --out a.key", b"").ok();
    let mode = std::fs::metadata(dir.path().join("a.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_file_is_overwritten() {
    let dir = Dir::new().with("a.key", "precious");
    let ran = dir.run("identity key generate --out a.key", b"");
    assert_eq!(ran.failed(2), "arobase: a.key: file exists");
    assert_eq!(ran.text(), "");
    assert_eq!(dir.read("a.key"), "precious");
}

#[test]
fn a_private_key_is_printed_only_when_that_is_wanted() {
    let dir = Dir::new();
    assert!(dir.run("identity key generate", b"").failed(2).contains("--print-secret"));
    let printed = dir.run("identity key generate --print-secret", b"");
    let [key, secret] = printed.lines()[..] else { panic!("{printed:?}") };
    let shown = dir.run("identity key show - --curve k256", secret.as_bytes());
    assert_eq!(shown.lines()[0], key);
    let json = dir.run("identity key generate --out a.key --json", b"").json();
    assert!(json["secret"].is_null() && json["curve"] == "k256", "{json}");
    let json = dir.run("identity key generate --print-secret --out b.key --json", b"").json();
    assert_eq!(json["secret"].as_str(), Some(dir.read("b.key").trim_end()));
}

#[test]
fn a_key_is_shown_with_its_curve_and_point() {
    let dir = Dir::new().with("a.key", SECRET);
    let expected = format!("{KEY}\n  curve        k256\n  point        {POINT}\n");
    assert_eq!(dir.run(&format!("identity key show {KEY}"), b"").ok(), expected);
    assert_eq!(dir.run("identity key show a.key --curve k256", b"").ok(), expected);
    let both = dir.run("identity key show a.key --json", b"").json_lines();
    assert_eq!((both.len(), both[0]["key"].as_str(), both[0]["point"].as_str()), (2, Some(KEY), Some(POINT)));
    assert_eq!(both[1]["curve"], "p256");
}

#[test]
fn a_file_without_a_key_is_faulty_and_nothing_of_it_is_printed() {
    for text in ["", "precious", &SECRET[1..], &"f".repeat(64), "\u{ff}", &"1".repeat(5000)] {
        let dir = Dir::new().with("a.key", text);
        let ran = dir.run("identity key show a.key", b"");
        assert!(ran.failed(1).starts_with("arobase: a.key: no private key"), "{ran:?}");
        assert!(text.is_empty() || !ran.err.contains(text), "{ran:?}");
    }
    let dir = Dir::new().with("a.key", [0xff, 0xfe]);
    assert!(dir.run("identity key show a.key", b"").failed(1).contains("no private key"));
    assert_eq!(dir.run("identity key show none.key", b"").failed(2), "arobase: none.key: no such file or directory");
}
