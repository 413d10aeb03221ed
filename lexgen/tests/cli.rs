//! The command, as people run it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicU32, Ordering},
};

use arobase_lexicon::json::Json;

/// A directory that is removed at the end of the test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lexgen-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// All files by their path in the directory, sorted.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(&self.0, &self.0, &mut files);
        files.sort();
        files
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lexgen"));
        command.args(arguments).current_dir(&self.0).output().unwrap()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
        }
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn lexicon(id: &str, main: &str) -> String {
    format!(r#"{{"lexicon": 1, "id": "{id}", "description": "Prose.", "defs": {{"main": {main}}}}}"#)
}

fn object(properties: &str) -> String {
    format!(r#"{{"type": "object", "description": "Prose.", "properties": {{{properties}}}}}"#)
}

fn thing() -> String {
    lexicon("com.example.thing", &object(r#""text": {"type": "string", "maxLength": 9}"#))
}

fn other() -> String {
    lexicon("com.example.other", &object(r#""thing": {"type": "ref", "ref": "com.example.thing"}"#))
}

#[test]
fn help_and_version_are_printed() {
    let dir = Dir::new();
    for arguments in [&["--help"] as &[_], &["-h"], &["check", "--help"]] {
        let output = dir.run(arguments);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains("Usage: lexgen"));
    }
    assert_eq!(stdout(&dir.run(&["--version"])), format!("lexgen {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_explained_and_ends_with_2() {
    let dir = Dir::new();
    for (arguments, message) in [
        (&[] as &[_], "no command was given"),
        (&["frobnicate"], "there is no command `frobnicate`"),
        (&["check"], "name a directory or a file"),
        (&["check", "--prune", "."], "`check` has no option `--prune`"),
        (&["--out", "x"], "the option `--out` must follow a command"),
        (&["diff", "."], "`diff` takes two files or two directories"),
        (&["generate", "lexicons"], "did you mean `--lexicons lexicons`?"),
        (&["generate", "--out"], "missing argument for option '--out'"),
        (&["import", "a", "--into", "b", "--into", "c"], "`--into` was given more than once"),
    ] {
        let output = dir.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(message), "{arguments:?}: {}", stderr(&output));
    }
}

#[cfg(not(feature = "pull"))]
#[test]
fn without_its_feature_pull_says_how_to_get_it() {
    let output = Dir::new().run(&["pull", "com.example.thing"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("cargo install arobase-lexgen --features pull"));
}

#[cfg(feature = "pull")]
#[test]
fn pull_says_what_is_wrong_with_its_command_line() {
    for (arguments, message) in [
        (&["pull"] as &[_], "name an NSID"),
        (&["pull", "com.example.thing", "--dns", "ns.example.com"], "`ns.example.com` is not `IP:PORT`"),
        (&["pull", "com.example.thing", "--prune"], "`pull` has no option `--prune`"),
    ] {
        let output = Dir::new().run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(stderr(&output).contains(message), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn valid_lexicons_pass_the_check() {
    let dir = Dir::new();
    dir.file("lexicons/thing.json", &thing()).file("lexicons/sub/other.json", &other());
    let output = dir.run(&["check", "lexicons"]);
    assert_eq!((code(&output), stderr(&output).as_str()), (0, "2 lexicons valid\n"));
    assert_eq!(stderr(&dir.run(&["check", "lexicons", "--quiet"])), "");
}

#[test]
fn a_mistake_fails_the_check_and_shows_its_line() {
    let dir = Dir::new();
    dir.file("lexicons/thing.json", &lexicon("com.example.thing", r#"{"type": "sting"}"#));
    let output = dir.run(&["check", "lexicons"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("--> lexicons/thing.json:1:"), "{}", stderr(&output));
    assert!(!stderr(&output).contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn a_missing_directory_fails_the_check() {
    let output = Dir::new().run(&["check", "nowhere"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("there is no such file or directory"));
}

#[test]
fn references_are_followed_into_the_directories_of_with() {
    let dir = Dir::new();
    dir.file("own/other.json", &other()).file("foreign/thing.json", &thing());
    assert_eq!(code(&dir.run(&["check", "own"])), 1);
    assert_eq!(code(&dir.run(&["check", "own", "--with", "foreign"])), 0);
    assert_eq!(code(&dir.run(&["check", "own", "--missing-as-unknown"])), 0);
}

#[test]
fn findings_as_json_can_be_read_and_nothing_else_is_printed() {
    let dir = Dir::new();
    dir.file("lexicons/thing.json", &lexicon("com.example.thing", r#"{"type": "sting"}"#));
    let output = dir.run(&["check", "--json", "lexicons"]);
    let json = Json::parse(&stdout(&output)).unwrap();
    let first = json.get("diagnostics").and_then(Json::as_array).and_then(<[Json]>::first).unwrap();
    assert_eq!(first.get("code"), Some(&Json::from("type-unknown")));
    assert_eq!(first.get("path"), Some(&Json::from("$.defs.main.type")));
    assert_eq!((json.get("errors"), stderr(&output).as_str()), (Some(&Json::Int(1)), ""));
}

#[test]
fn lints_are_warnings_and_do_not_fail() {
    let dir = Dir::new();
    dir.file("lexicons/thing.json", &lexicon("com.example.thing", &object(r#""a_b": {"type": "integer"}"#)));
    let output = dir.run(&["lint", "lexicons"]);
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).contains("warning[field-name-syntax]"));
}

#[test]
fn generate_leaves_out_the_traits_that_nobody_wants() {
    let dir = Dir::new();
    dir.file("lexicons/ping.json", &lexicon("com.example.ping", r#"{"type": "query"}"#));
    for (flags, traits) in [
        (&[] as &[_], Some("[client, server(")),
        (&["--no-client"], Some("[server(")),
        (&["--no-server"], Some("[client],")),
        (&["--no-stubs"], Some("[client, complete_server(")),
        (&["--no-client", "--no-server"], None),
    ] {
        assert_eq!(code(&dir.run(&[&["generate", "--no-official"], flags].concat())), 0);
        let group = dir.read("generated/com/example.rs");
        let found = group.lines().find(|line| line.contains("\"com.example\""));
        assert_eq!(found.is_some(), traits.is_some(), "{flags:?}: {group}");
        assert!(found.unwrap_or_default().contains(traits.unwrap_or_default()), "{flags:?}: {group}");
    }
}

#[test]
fn diff_fails_on_a_breaking_change_only() {
    let dir = Dir::new();
    dir.file("old.json", &thing());
    dir.file("wider.json", &thing().replace("\"text\":", "\"more\": {\"type\": \"integer\"}, \"text\":"));
    dir.file("other.json", &thing().replace("string", "bytes"));
    let allowed = dir.run(&["diff", "old.json", "wider.json"]);
    assert_eq!((code(&allowed), stderr(&allowed).as_str()), (0, "1 change: 0 breaking, 0 to be careful about\n"));
    let breaking = dir.run(&["diff", "-q", "old.json", "other.json"]);
    assert_eq!(code(&breaking), 1);
    assert_eq!(
        stdout(&breaking),
        "com.example.thing\n  breaking  $.defs.main.properties.text: `type` was string and is bytes [type-changed]\n"
    );
}

#[test]
fn diff_of_invalid_input_ends_with_2() {
    let dir = Dir::new();
    dir.file("old.json", &thing()).file("new.json", "{");
    assert_eq!(code(&dir.run(&["diff", "old.json", "new.json"])), 2);
    assert_eq!(code(&dir.run(&["diff", "old.json", "nowhere.json"])), 2);
}

#[test]
fn diff_as_json_can_be_read() {
    let dir = Dir::new();
    dir.file("old/thing.json", &thing()).file("new/other.json", &other());
    let json = Json::parse(&stdout(&dir.run(&["diff", "--json", "old", "new"]))).unwrap();
    let changes = json.get("changes").and_then(Json::as_array).unwrap();
    let codes: Vec<_> = changes.iter().filter_map(|change| change.get("code")?.as_str()).collect();
    assert_eq!(codes, ["lexicon-added", "lexicon-removed"]);
}

#[test]
fn import_copies_facts_and_lists_them() {
    let dir = Dir::new();
    dir.file("package/package.json", r#"{"name": "things", "version": "1.2.3"}"#);
    dir.file("package/lexicons/thing.json", &thing()).file("package/lexicons/other.json", &other());
    let output = dir.run(&["import", "package", "--into", "facts"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("note[not-a-lexicon]"), "{}", stderr(&output));
    let facts = "facts/com/example/thing.json";
    assert!(dir.files().contains(&facts.to_owned()));
    assert!(!dir.read(facts).contains("Prose") && dir.read(facts).contains("maxLength"));
    let manifest = Json::parse(&dir.read("facts/manifest.json")).unwrap();
    let record = manifest.get("lexicons").and_then(|lexicons| lexicons.get("com.example.thing")).unwrap();
    assert_eq!(record.get("source"), Some(&Json::from("things")));
    assert_eq!(record.get("version"), Some(&Json::from("1.2.3")));
    assert_eq!(code(&dir.run(&["check", "facts"])), 0);
}

#[test]
fn an_import_with_a_mistake_writes_nothing() {
    let dir = Dir::new();
    dir.file("package/thing.json", &thing()).file("package/wrong.json", &lexicon("com.example.wrong", "{}"));
    let output = dir.run(&["import", "package", "--into", "facts", "--source", "s", "--version", "1"]);
    assert_eq!(code(&output), 1);
    assert_eq!(dir.files(), ["package/thing.json", "package/wrong.json"]);
}

#[test]
fn an_import_that_cannot_be_written_leaves_the_old_files() {
    let dir = Dir::new();
    dir.file("package/other.json", &other()).file("package/thing.json", &thing());
    dir.file("facts/com/example/thing.json/in-the-way", "");
    let output = dir.run(&["import", "package", "--into", "facts", "--source", "s", "--version", "1"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[unwritable]"), "{}", stderr(&output));
    assert!(!dir.files().iter().any(|file| file.ends_with(".tmp")), "{:?}", dir.files());
    assert!(!dir.files().contains(&"facts/manifest.json".to_owned()));
}

#[test]
fn an_import_needs_a_source() {
    let dir = Dir::new();
    dir.file("package/thing.json", &thing());
    let output = dir.run(&["import", "package"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[source-unknown]"));
}

#[test]
fn a_second_source_is_added_and_a_lexicon_of_both_is_refused() {
    let dir = Dir::new();
    dir.file("a/thing.json", &thing()).file("b/other.json", &other());
    let import = |from: &str| dir.run(&["import", from, "--source", from, "--version", "1"]);
    assert_eq!((code(&import("a")), code(&import("b"))), (0, 0));
    let manifest = dir.read("lexicons/manifest.json");
    assert!(manifest.contains("com.example.thing") && manifest.contains("com.example.other"));
    dir.file("b/thing.json", &thing());
    assert!(stderr(&import("b")).contains("error[source-conflict]"));
    assert_eq!(dir.read("lexicons/manifest.json"), manifest);
}

#[test]
fn only_prune_removes_what_the_source_does_not_have_any_more() {
    let dir = Dir::new();
    dir.file("a/thing.json", &thing()).file("a/sub.json", &thing().replace("com.example.thing", "org.example.sub"));
    let import = |more: &[&str]| dir.run(&[&["import", "a", "--source", "a", "--version", "1"], more].concat());
    import(&[]);
    fs::remove_file(dir.0.join("a/sub.json")).unwrap();
    import(&[]);
    assert!(dir.files().contains(&"lexicons/org/example/sub.json".to_owned()));
    import(&["--prune"]);
    assert!(!dir.0.join("lexicons/org").exists());
    assert!(!dir.read("lexicons/manifest.json").contains("org.example.sub"));
}

#[test]
fn import_check_finds_altered_missing_and_unlisted_files() {
    let dir = Dir::new();
    dir.file("a/thing.json", &thing()).file("a/other.json", &other());
    dir.run(&["import", "a", "--source", "a", "--version", "1"]);
    assert_eq!(code(&dir.run(&["import", "--check"])), 0);
    dir.file("lexicons/com/example/thing.json", "{}").file("lexicons/own.json", "{}");
    fs::remove_file(dir.0.join("lexicons/com/example/other.json")).unwrap();
    let output = dir.run(&["import", "--check"]);
    assert_eq!(code(&output), 1);
    for part in ["error[manifest-mismatch]", "error[manifest-missing]", "warning[manifest-unlisted]"] {
        assert!(stderr(&output).contains(part), "{}", stderr(&output));
    }
}

#[test]
fn a_manifest_that_leads_out_of_its_directory_is_refused() {
    let dir = Dir::new();
    let record = r#"{"source": "a", "version": "1", "sourceSha256": "", "factsSha256": ""}"#;
    dir.file("a/thing.json", &thing());
    dir.file("lexicons/manifest.json", &format!(r#"{{"lexicons": {{"../../victim": {record}}}}}"#));
    let output = dir.run(&["import", "a", "--source", "a", "--version", "1", "--prune"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("error[manifest-invalid]"));
}
