//! One process for one file, and processes that die.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{
    super::super::{
        StoreErrorKind,
        testing::{Folder, HandClock, NOW},
    },
    Opened, SqliteOptions, SqliteStore, refusal,
};

const FILE: &str = "AROBASE_TEST_STORE";

/// Another process that writes into a file, and says which numbers are durable.
fn writes(file: &Path) -> Child {
    let test = "store::sqlite::tests::processes::what_the_other_process_does";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture"]).env(FILE, file);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
#[ignore = "other tests start it in a process of its own"]
fn what_the_other_process_does() {
    let file = env::var_os(FILE).unwrap();
    let options = SqliteOptions { clock: HandClock::new(), ..SqliteOptions::default() };
    let store = Opened::with(Path::new(&file), options);
    let id = store.account("alice");
    for number in 0u32..100_000 {
        store.put(move |unit| {
            unit.put_setting("number", &number.to_be_bytes())?;
            unit.emit(id, super::event("alice"))
        });
        writeln!(std::io::stdout(), "\nnumber {number}").unwrap();
    }
}

/// The numbers that it says.
fn numbers(child: &mut Child) -> impl Iterator<Item = u32> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    lines.filter_map(|line| line.strip_prefix("number ")?.parse().ok())
}

#[test]
fn a_file_that_another_process_has_open_is_refused() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let mut child = writes(&file);
    let mut numbers = numbers(&mut child);
    numbers.next().unwrap();
    let refusal = refusal(&file);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(refusal.kind(), StoreErrorKind::InUse);
    Opened::new(&file);
}

#[test]
fn a_file_that_is_open_here_is_refused() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let first = Opened::new(&file);
    assert_eq!(refusal(&file).kind(), StoreErrorKind::InUse);
    assert_eq!(refusal(&file).to_string(), "the store is in use by another process");
    drop(first);
    SqliteStore::open(&file, SqliteOptions::default()).unwrap();
}

#[test]
fn a_process_that_is_killed_loses_nothing_that_was_durable() {
    let folder = Folder::new();
    for round in 0..3 {
        let file = folder.join(format!("{round}.sqlite"));
        let mut child = writes(&file);
        let last = numbers(&mut child).nth(10 + 17 * round).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Opened::new(&file);
        let number = store.read(|view| view.setting("number")).unwrap();
        let number = u32::from_be_bytes((*number).try_into().unwrap());
        assert!(number >= last, "{number} {last}");
        // There is an event if and only if its unit was kept.
        assert_eq!(store.seqs(), (NOW..=NOW + i64::from(number)).collect::<Vec<_>>());
        assert_eq!(store.store.check(&mut |_, _| {}).unwrap(), Vec::<String>::new());
    }
}
