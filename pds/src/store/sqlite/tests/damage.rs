//! Files that are damaged.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    super::super::{
        StoreErrorKind,
        testing::{Folder, block, record, rev},
    },
    Opened, look, refusal,
};

/// Overwrites some pages in the middle.
fn damage(file: &Path) {
    let mut file = File::options().read(true).write(true).open(file).unwrap();
    let middle = file.metadata().unwrap().len() / 2;
    file.seek(SeekFrom::Start(middle)).unwrap();
    let mut bytes = vec![0; 16 * 4096];
    file.read_exact(&mut bytes).unwrap();
    bytes.iter_mut().for_each(|byte| *byte = !*byte);
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.write_all(&bytes).unwrap();
}

#[test]
fn a_damaged_page_is_found_and_fails_only_what_needs_it() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    let id = store.account("alice");
    store.put(move |unit| {
        for number in 0..4000 {
            let (cid, bytes) = block(&format!("{number} {}", "x".repeat(300)));
            unit.put_node(id, &cid, &rev(1), &bytes)?;
        }
        unit.put_record(id, &record("com.example.a/1", "a", 1))
    });
    assert_eq!(store.store.check(&mut |_, _| {}).unwrap(), Vec::<String>::new());
    drop(store);
    damage(&file);
    let store = Opened::new(&file);
    assert!(!store.store.check(&mut |_, _| {}).unwrap().is_empty());
    let nodes = store.db.read_long(|view| view.nodes(id, None, usize::MAX));
    assert_eq!(nodes.unwrap_err().kind(), StoreErrorKind::Corrupt);
    assert!(store.read(|view| view.account(id)).is_some());
    store.account("bob");
}

#[test]
fn a_unit_that_meets_damage_is_not_kept() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    let id = store.account("alice");
    drop(store);
    look(&file).execute("UPDATE accounts SET did = 'nobody'", ()).unwrap();
    let store = Opened::new(&file);
    let unit = store.write(move |unit| {
        unit.put_setting("name", b"1")?;
        // Whoever passes over the error does not get away with it.
        assert_eq!(unit.account(id).unwrap_err().kind(), StoreErrorKind::Corrupt);
        Ok(())
    });
    assert_eq!(unit.unwrap_err().kind(), StoreErrorKind::Corrupt);
    assert_eq!(store.read(|view| view.setting("name")), None);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    fs::write(&file, "not at all ".repeat(1000)).unwrap();
    assert_eq!(refusal(&file).kind(), StoreErrorKind::Corrupt);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let file = folder.join("theirs.sqlite");
    look(&file).execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = fs::read(&file).unwrap();
    assert_eq!(refusal(&file).kind(), StoreErrorKind::Other);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn a_file_cut_short_is_found_to_be_damaged() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    let id = store.account("alice");
    store.put(move |unit| {
        (0..500).try_for_each(|number| {
            let (cid, bytes) = block(&format!("{number} {}", "x".repeat(300)));
            unit.put_node(id, &cid, &rev(1), &bytes)
        })
    });
    drop(store);
    let length = fs::metadata(&file).unwrap().len();
    File::options().write(true).open(&file).unwrap().set_len(length / 4096 / 2 * 4096).unwrap();
    match super::SqliteStore::open(&file, super::quick(super::HandClock::new())) {
        Ok(store) => assert!(!store.check(&mut |_, _| {}).unwrap().is_empty()),
        Err(error) => assert_eq!(error.kind(), StoreErrorKind::Corrupt),
    }
}
