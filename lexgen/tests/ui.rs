//! What people read when they make a mistake.
//!
//! Each folder of `ui` holds lexicons with one kind of mistake, and in `stderr` what is said
//! about it. The variable `LEXGEN_BLESS=1` rewrites these texts: read them before you keep them.
//! Folders that begin with `lint-` are linted too.

use std::{
    fs,
    path::{Path, PathBuf},
};

use arobase_lexicon::load::Rule;
use lexgen::{
    check,
    diagnostic::{Diagnostics, Style},
    lint::{self, LINTS},
    resolve::{self, OtherJson},
    source::Input,
};

/// What is said about the lexicons of a folder.
fn said(folder: &Path) -> String {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut dx = Diagnostics::new();
    let corpus = resolve::open(&[Input::Path(folder.to_owned())], &[], OtherJson::Refuse, &mut dx);
    if !dx.has_errors() {
        let options = check::Options { missing_as_unknown: name == "missing-as-unknown" };
        check::check(&corpus, options, &mut dx);
    }
    if name.starts_with("lint-") && !dx.has_errors() {
        lint::lint(&corpus, &mut dx);
    }
    dx.to_text(Style::Plain)
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<_> = fs::read_dir("tests/ui").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn expected(folder: &Path) -> String {
    fs::read_to_string(folder.join("stderr")).unwrap_or_default()
}

#[test]
fn each_mistake_gets_its_message() {
    let bless = std::env::var_os("LEXGEN_BLESS").is_some();
    let mut different = Vec::new();
    for folder in folders() {
        let said = said(&folder);
        if bless {
            fs::write(folder.join("stderr"), &said).unwrap();
        } else if said != expected(&folder) {
            different.push(format!("{}:\n{said}", folder.display()));
        }
    }
    assert!(different.is_empty(), "other messages than expected\n\n{}", different.join("\n"));
}

#[test]
fn each_folder_is_about_the_code_that_it_is_named_for() {
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        if let Some(lint) = name.strip_prefix("lint-") {
            assert!(said(&folder).contains(&format!("[{lint}]")), "{name}");
        }
        assert!(!said(&folder).is_empty(), "{name}");
    }
}

#[test]
fn each_rule_and_each_lint_has_a_folder() {
    let texts: String = folders().iter().map(|folder| said(folder)).collect();
    let rules = Rule::ALL.iter().map(|rule| rule.code());
    for code in rules.chain(LINTS.iter().map(|lint| lint.name)) {
        assert!(texts.contains(&format!("[{code}]")), "no folder shows [{code}]");
    }
}

#[test]
fn no_line_of_a_message_is_very_long() {
    for folder in folders() {
        for line in said(&folder).lines() {
            assert!(line.chars().count() <= 200, "{}: {line}", folder.display());
        }
    }
}
