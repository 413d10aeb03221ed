//! Opening, and what is in a file.

use std::fs;

use super::{
    super::super::{
        NewAccount, Store, StoreErrorKind,
        testing::{Folder, HandClock, NOW, blob, block, commit, new_account, path, quick, record, rev, run, session},
    },
    Opened, look, refusal,
};

#[test]
fn a_store_that_is_opened_again_holds_what_it_held() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let id = Opened::new(&file).account("alice");
    assert_eq!(Opened::new(&file).read(|view| view.account(id)).unwrap().id, id);
}

#[test]
fn a_store_that_is_opened_again_continues_its_numbers() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let first = Opened::new(&file);
    let id = first.account("alice");
    first.emit(id);
    first.put(|unit| unit.skip_to_seq(NOW + 10));
    drop(first);
    let second = Opened::new(&file);
    assert_eq!(second.read(|view| view.head_seq()), NOW + 10);
    second.emit(id);
    second.put(|unit| unit.trim_events(i64::MAX, 99));
    drop(second);
    let third = Opened::new(&file);
    third.emit(id);
    assert_eq!(third.seqs(), [NOW + 12]);
}

#[test]
fn times_do_not_go_back_with_the_clock_between_two_openings() {
    let folder = Folder::new();
    for time in [NOW, NOW - 3_600_000_000] {
        let clock = HandClock::new();
        clock.set(time);
        let store = Opened::with(&folder.join("pds.sqlite"), quick(clock));
        let id = if time == NOW { store.account("alice") } else { store.read(|view| view.accounts(None, 1))[0].id };
        store.emit(id);
        let events = store.read(|view| view.events(0, 9, usize::MAX));
        assert!(events.iter().all(|event| event.time == NOW), "{events:?}");
    }
}

#[test]
fn nothing_is_beside_a_file_that_was_closed() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    store.account("alice");
    run(store.store.close());
    assert!(!fs::exists(folder.join("pds.sqlite-wal")).unwrap());
    assert_eq!(Opened::new(&file).read(|view| view.count_accounts()), 1);
}

#[test]
fn a_newer_file_is_refused() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    drop(Opened::new(&file));
    look(&file).pragma_update(None, "user_version", 1000).unwrap();
    assert_eq!(refusal(&file).kind(), StoreErrorKind::TooNew);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = Folder::new();
    assert_eq!(refusal(&folder.join("nowhere/pds.sqlite")).kind(), StoreErrorKind::Other);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_to_is_refused() {
    let folder = Folder::new();
    let mut place = folder.join("locked");
    fs::create_dir(&place).unwrap();
    let mut permissions = fs::metadata(&place).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&place, permissions).unwrap();
    if fs::write(place.join("file"), "").is_ok() {
        // This user may do anything; but there is a place where nobody can write.
        place = "/sys".into();
    }
    assert_eq!(refusal(&place.join("pds.sqlite")).kind(), StoreErrorKind::ReadOnly);
}

#[test]
fn an_account_that_was_purged_has_left_no_row() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    let id = store.account("alice");
    store.put(move |unit| {
        let (cid, bytes) = block("node");
        unit.put_commit(id, &commit("alice", 1))?;
        unit.put_node(id, &cid, &rev(1), &bytes)?;
        unit.put_record(id, &record("com.example.a/1", "a", 1))?;
        unit.note_collection(id, "com.example.a", true)?;
        unit.put_blob(&blob(id, "a"))?;
        unit.link_blob(id, &cid, &path("com.example.a/1"), &rev(1))?;
        unit.put_session(&session(id, "token", NOW))
    });
    store.emit(id);
    store.put(move |unit| unit.delete_account(id));
    while store.put(|unit| unit.purge(2)) {}
    drop(store);
    let (connection, mut left) = (look(&file), Vec::new());
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    for table in tables.query_map((), |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap) {
        let rows = connection.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get::<_, i64>(0));
        if rows.unwrap() > 0 {
            left.push(table);
        }
    }
    left.sort();
    // The object is still to be deleted, and numbers are not given again.
    assert_eq!(left, ["doomed", "log", "sqlite_sequence"]);
}

#[test]
fn an_account_without_records_takes_less_than_two_kilobytes() {
    const ACCOUNTS: u64 = 1000;
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    store.put(|_| Ok(()));
    run(store.store.close());
    let before = fs::metadata(&file).unwrap().len();
    let store = Opened::new(&file);
    store.put(|unit| {
        (0..ACCOUNTS).try_for_each(|number| {
            let name = format!("someone-with-a-name-{number}");
            let account = NewAccount {
                password: Some("$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$".repeat(2).into()),
                key: crate::keys::SealedKey::from_bytes([7; 64]),
                ..new_account(&name)
            };
            let id = unit.create_account(&account)?;
            unit.put_node(id, &block(&name).0, &rev(number), &bytes::Bytes::from_static(&[0; 30]))?;
            unit.put_commit(id, &commit(&name, number))
        })
    });
    run(store.store.close());
    let each = (fs::metadata(&file).unwrap().len() - before) / ACCOUNTS;
    assert!((500..2000).contains(&each), "{each}");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::MetadataExt;

    let folder = Folder::new();
    let store = Opened::new(&folder.join("pds.sqlite"));
    store.account("alice");
    store.store.backup(&folder.join("copy"), &mut |_, _| {}).unwrap();
    for name in ["pds.sqlite", "pds.sqlite-wal", "copy"] {
        assert_eq!(fs::metadata(folder.join(name)).unwrap().mode() & 0o777, 0o600, "{name}");
    }
}
