//! The code that comes out, whole.
//!
//! Each folder of `fixtures` holds small lexicons around one feature, and in `expected.rs` the
//! code for them. The variable `LEXGEN_BLESS=1` rewrites these files: read them before you keep
//! them. The crate in `compile` shows that they compile, and what they do.

#[path = "fixtures/settings.rs"]
mod settings;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A directory that goes with the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden").join(name);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is generated for a folder. Several files follow each other, each behind its name.
fn generated(folder: &Path) -> String {
    let name = settings::name(folder);
    let scratch = Scratch::new(name);
    let config = settings::config(folder);
    let whole = name == "library";
    let config = if whole { config.out_dir(&scratch.0) } else { config.out_file(scratch.0.join("one.rs")) };
    let report = config.try_generate().unwrap_or_else(|dx| panic!("{name}: {}", dx.to_cargo()));
    let warned = !report.warnings.is_empty();
    assert_eq!(warned, name == "dangling", "{name}: {}", report.warnings);
    let text = |file: &PathBuf| {
        let text = fs::read_to_string(scratch.0.join(file)).expect("a file that the report lists");
        if whole { format!("// ---- {}\n{text}\n", file.display()) } else { text }
    };
    report.files.iter().map(text).collect()
}

/// The first line in which two texts differ, with both versions of it.
fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (expected, found))| expected != found) {
        Some((index, (expected, found))) => format!("line {}:\n  - {expected}\n  + {found}", index + 1),
        None => format!("{} lines became {}", expected.lines().count(), found.lines().count()),
    }
}

#[test]
fn each_feature_becomes_the_code_that_was_read_and_kept() {
    let bless = std::env::var_os("LEXGEN_BLESS").is_some();
    let folders = settings::folders(Path::new("tests/fixtures"));
    assert!(folders.len() > 30, "the fixtures are gone");
    let mut different = Vec::new();
    for folder in folders {
        let (found, path) = (generated(&folder), folder.join("expected.rs"));
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if found == expected {
            continue;
        }
        if bless {
            fs::write(&path, &found).expect("a writable fixture");
        } else {
            different.push(format!("{}, {}", path.display(), first_difference(&expected, &found)));
        }
    }
    assert!(different.is_empty(), "other code than expected\n\n{}\n", different.join("\n"));
}

#[test]
fn the_order_of_the_input_files_does_not_matter() {
    let folder = Path::new("tests/fixtures/union-same-names");
    let scratch = Scratch::new("order");
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let texts = [files.clone(), files.into_iter().rev().collect()].map(|files| {
        let path = scratch.0.join("one.rs");
        let config = files.into_iter().fold(lexgen::Config::new().official(false), lexgen::Config::lexicons);
        config.out_file(&path).try_generate().expect("sound lexicons");
        fs::read_to_string(path).expect("the output")
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_second_run_writes_nothing() {
    let folder = Path::new("tests/fixtures/library");
    let scratch = Scratch::new("twice");
    let run = || settings::config(folder).out_dir(&scratch.0).try_generate().expect("sound lexicons");
    assert!(!run().written.is_empty());
    assert!(run().written.is_empty());
}
