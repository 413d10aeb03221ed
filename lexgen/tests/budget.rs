//! How much code the official lexicons become, and what is never in it.
//!
//! Every line of a generated file counts: docs, descriptors and empty lines too. The limits are
//! about 15 % above what there was when they were set (53,700 lines for 323 methods in 485 files).

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Item;

/// The most lines of all files together.
const TOTAL: usize = 61_000;

/// The most lines of all files together, for each method.
const TOTAL_PER_METHOD: usize = 189;

/// The most lines of the module of a method, on average.
const MODULE_OF_METHOD: usize = 103;

/// The most lines of one file.
const FILE: usize = 3_450;

/// A generated file.
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn lines(&self) -> usize {
        self.text.lines().count()
    }

    fn is_method(&self) -> bool {
        ["query", "procedure", "subscription"].iter().any(|kind| self.text.contains(&format!("\nrt::{kind}! {{")))
    }

    fn is_root(&self) -> bool {
        self.path.ends_with("lib.rs")
    }
}

fn files() -> Vec<File> {
    let mut files = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("the generated code").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(File { text: fs::read_to_string(&path).expect("a text"), path });
            }
        }
    }
    assert!(files.len() > 400, "the generated code is gone");
    files
}

#[test]
fn the_official_lexicons_stay_within_their_budget_of_lines() {
    let files = files();
    let total: usize = files.iter().map(File::lines).sum();
    let methods: Vec<_> = files.iter().filter(|file| file.is_method()).collect();
    let modules: usize = methods.iter().map(|file| file.lines()).sum();
    let (per_method, module) = (total / methods.len(), modules / methods.len());
    assert!(total <= TOTAL, "{total} lines");
    assert!(per_method <= TOTAL_PER_METHOD, "{per_method} lines for each method");
    assert!(module <= MODULE_OF_METHOD, "{module} lines in the module of a method");
    for file in &files {
        assert!(file.lines() <= FILE, "{} has {} lines", file.path.display(), file.lines());
    }
}

#[test]
fn generated_code_has_no_panics_no_lint_switches_and_nothing_unsafe() {
    for file in files() {
        let tokens: TokenStream = file.text.parse().expect("tokens");
        scan(&tokens, &mut |words| {
            let found = forbidden(words);
            assert!(found.is_none(), "{} has `{}`", file.path.display(), found.unwrap_or_default());
        });
    }
}

#[test]
fn only_modules_depend_on_features() {
    for file in files().iter().filter(|file| !file.is_root()) {
        let parsed = syn::parse_file(&file.text).expect("Rust");
        for item in parsed.items {
            if !matches!(&item, Item::Mod(module) if module.content.is_none()) {
                scan(&quote::ToTokens::to_token_stream(&item), &mut |words| {
                    assert!(!starts(words, &["cfg", "("]), "{} has `cfg`", file.path.display());
                    assert!(!starts(words, &["cfg_attr", "("]), "{} has `cfg_attr`", file.path.display());
                });
            }
        }
    }
}

/// Shows each place of a stream with the words that follow, at every depth.
fn scan(tokens: &TokenStream, see: &mut impl FnMut(&[String])) {
    let trees: Vec<_> = tokens.clone().into_iter().collect();
    let words: Vec<_> = trees.iter().map(word).collect();
    for start in 0..words.len() {
        see(&words[start..]);
    }
    for tree in trees {
        if let TokenTree::Group(group) = tree {
            scan(&group.stream(), see);
        }
    }
}

fn word(tree: &TokenTree) -> String {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => "(".to_owned(),
        TokenTree::Group(_) => "{".to_owned(),
        // Not a word, whatever it says.
        TokenTree::Literal(_) => "\"".to_owned(),
        tree => tree.to_string(),
    }
}

fn starts(words: &[String], pattern: &[&str]) -> bool {
    words.len() >= pattern.len() && words.iter().zip(pattern).all(|(word, expected)| word == expected)
}

/// What stands here and should not.
fn forbidden(words: &[String]) -> Option<String> {
    let patterns: &[&[&str]] = &[
        &["unsafe"],
        &[".", "unwrap", "("],
        &[".", "expect", "("],
        &["panic", "!"],
        &["todo", "!"],
        &["unimplemented", "!"],
        &["unreachable", "!"],
        &["allow", "("],
        &["expect", "("],
    ];
    patterns.iter().find(|pattern| starts(words, pattern)).map(|pattern| pattern.concat())
}

#[test]
fn the_scan_finds_what_it_looks_for() {
    let found = |code: &str| {
        let mut found = Vec::new();
        scan(&code.parse().expect("tokens"), &mut |words| found.extend(forbidden(words)));
        found
    };
    assert_eq!(found("fn a() { b(c.unwrap()) }"), [".unwrap("]);
    assert_eq!(found("#[allow(dead_code)] mod a { unsafe {} }"), ["allow(", "unsafe"]);
    assert_eq!(found("panic!(\"unsafe\")"), ["panic!"]);
    assert!(found("struct A { allow: bool, todo: u8 } // panic!").is_empty());
}
