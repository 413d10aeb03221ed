//! What the compiler says to code that does not fit: it is refused, and the message says why.
//!
//! Each file of `refused` is a program that must not compile; the lines of the file `.expected`
//! beside it must all be in what the compiler says, the first one in the first line.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The directory that cargo put this test and what it stands on into.
fn built() -> PathBuf {
    let test = env::current_exe().expect("this test is a file");
    test.parent().expect("a directory").to_path_buf()
}

/// The library of this package. Other features may have left another one; the newest is as new as
/// this test.
fn library() -> PathBuf {
    let entries = fs::read_dir(built()).expect("a directory").flatten().map(|entry| entry.path());
    let ours = entries.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("liblexgen_compile_tests-") && name.ends_with(".rlib")
    });
    let changed = |path: &PathBuf| fs::metadata(path).and_then(|it| it.modified()).expect("a time");
    ours.max_by_key(changed).expect("cargo builds the library before its tests")
}

/// What the compiler says, and whether it was content.
fn compiled(program: &Path, library: &Path) -> (bool, String) {
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--color=never", "-Aunused"])
        .arg("--out-dir")
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .arg(format!("--extern=lexgen_compile_tests={}", library.display()))
        .arg(format!("-Ldependency={}", built().display()))
        .arg(program)
        .output()
        .expect("a compiler");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What is wrong with the message for a program; nothing if all is well.
fn fault(program: &Path, library: &Path) -> Option<String> {
    let (accepted, message) = compiled(program, library);
    let expected = fs::read_to_string(program.with_extension("expected")).expect("what the compiler should say");
    let first = message.lines().next().unwrap_or_default();
    let missing = expected.lines().enumerate().find(|(index, line)| {
        let place = if *index == 0 { first } else { &message };
        !place.contains(line)
    });
    match missing {
        _ if accepted => Some(format!("{} compiles", program.display())),
        Some((_, line)) => Some(format!("{}: `{line}` is missing in\n{message}", program.display())),
        None => None,
    }
}

#[test]
fn what_does_not_fit_is_refused_in_words_that_help() {
    let library = library();
    let entries = fs::read_dir("tests/refused").expect("the programs").flatten().map(|entry| entry.path());
    let mut programs: Vec<_> = entries.filter(|path| path.extension().is_some_and(|ending| ending == "rs")).collect();
    programs.sort();
    assert!(programs.len() > 8, "the programs are gone");
    let faults: Vec<_> = programs.iter().filter_map(|program| fault(program, &library)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
