use arobase_lexicon::json::{Json, Segment};

use super::*;

const THING: &str = "{\n  \"id\": \"com.example.thing\",\n  \"nullable\": [\"bar\"]\n}\n";

fn key(name: &str) -> Segment {
    Segment::Key(name.into())
}

fn nullable() -> Path {
    [key("nullable"), Segment::Index(0)].into_iter().collect()
}

fn id() -> Path {
    [key("id")].into_iter().collect()
}

fn undeclared(dx: &mut Diagnostics) -> Diagnostic {
    let file = dx.sources_mut().add("lexicons/thing.json", THING);
    Diagnostic::error("nullable-undeclared", "`nullable` names a property that is not declared")
        .at(file, nullable())
        .expected("names out of `properties`: foo, baz")
        .help("did you mean `baz`?")
}

#[test]
fn a_diagnostic_shows_its_line_with_a_caret() {
    let mut dx = Diagnostics::new();
    let diagnostic = undeclared(&mut dx);
    dx.push(diagnostic);
    assert_eq!(
        dx.to_text(Style::Plain),
        "\
error[nullable-undeclared]: `nullable` names a property that is not declared
 --> lexicons/thing.json:3:16
  |
3 |   \"nullable\": [\"bar\"]
  |                ^^^^^
  |
  = expected: names out of `properties`: foo, baz
  = help: did you mean `baz`?

1 error in 1 file
"
    );
}

#[test]
fn every_line_becomes_a_cargo_directive() {
    let mut dx = Diagnostics::new();
    let diagnostic = undeclared(&mut dx);
    dx.push(diagnostic);
    let lines = dx.to_cargo();
    assert_eq!(lines.lines().count(), 8);
    assert!(lines.lines().all(|line| line.starts_with("cargo::error=")));
}

#[test]
fn diagnostics_are_sorted_by_file_and_position() {
    let mut dx = Diagnostics::new();
    let b = dx.sources_mut().add("b.json", THING);
    let a = dx.sources_mut().add("a.json", THING);
    dx.push(Diagnostic::error("third", "").at(b, id()));
    dx.push(Diagnostic::warning("second", "").at(a, nullable()));
    dx.push(Diagnostic::error("first", "").at_key(a, id()));
    dx.push(Diagnostic::note("zeroth", ""));
    let codes: Vec<_> = dx.sorted().iter().map(|(_, diagnostic)| diagnostic.code).collect();
    assert_eq!(codes, ["zeroth", "first", "second", "third"]);
    assert_eq!(dx.summary().as_deref(), Some("2 errors in 2 files, 1 warning in 1 file"));
}

#[test]
fn a_long_line_is_cut_around_the_caret() {
    let mut dx = Diagnostics::new();
    let text = format!("[{}\"here\"{}]", "0, ".repeat(500), ", 0".repeat(500));
    let file = dx.sources_mut().add("a.json", text);
    dx.push(Diagnostic::error("long", "too long").at(file, [Segment::Index(500)].into_iter().collect()));
    let shown = dx.to_text(Style::Plain);
    let mut lines = shown.lines().skip(3);
    let (line, carets) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(line.len() < 140 && line.ends_with("..."));
    let column = carets.find('^').unwrap();
    assert_eq!((&line[column..column + 6], carets.matches('^').count()), ("\"here\"", 6));
}

#[test]
fn escape_codes_in_a_lexicon_do_not_reach_the_terminal() {
    let mut dx = Diagnostics::new();
    let file = dx.sources_mut().add("a\u{1b}.json", "\"\u{1b}[31m\u{202e}\"");
    dx.push(Diagnostic::error("control", "bad \u{7} text").at(file, Path::default()).help("\u{9b}2J"));
    let shown = dx.to_text(Style::Plain);
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{shown:?}");
}

#[test]
fn a_flood_of_errors_is_counted_but_not_kept() {
    let mut dx = Diagnostics::new();
    let file = dx.sources_mut().add("a.json", "{}");
    for _ in 0..1000 {
        dx.push(Diagnostic::error("flood", "again").in_file(file));
    }
    assert_eq!((dx.iter().count(), dx.counts().errors), (100, 1000));
    assert_eq!(dx.summary().as_deref(), Some("1000 errors in 1 file, 900 of them not shown"));
}

#[test]
fn json_names_the_place() {
    let mut dx = Diagnostics::new();
    let diagnostic = undeclared(&mut dx);
    dx.push(diagnostic);
    let json = Json::parse(&dx.to_json()).unwrap();
    assert_eq!(json.get("errors"), Some(&Json::Int(1)));
    let item = json.get("diagnostics").and_then(Json::as_array).unwrap().first().unwrap();
    assert_eq!(item.get("path"), Some(&Json::from("$.nullable[0]")));
    assert_eq!((item.get("line"), item.get("column")), (Some(&Json::Int(3)), Some(&Json::Int(16))));
}

#[cfg(debug_assertions)]
#[test]
fn dropping_an_unread_collector_panics() {
    let dropped = std::panic::catch_unwind(|| {
        let mut dx = Diagnostics::new();
        dx.push(Diagnostic::error("unread", ""));
    });
    assert!(dropped.is_err());
}
