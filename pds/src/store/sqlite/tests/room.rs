//! Disks that are full, and stores that cannot go on.

use super::{
    super::super::{
        StoreErrorKind,
        testing::{Folder, HandClock, NOW, quick, run},
    },
    Opened, SqliteOptions, look,
};

/// A store that can have no more than so many bytes, with an account.
fn small(folder: &Folder) -> Opened {
    let options = SqliteOptions { max_bytes: Some(400_000), ..quick(HandClock::new()) };
    let store = Opened::with(&folder.join("pds.sqlite"), options);
    store.account("alice");
    store
}

fn put_bulk(store: &Opened, number: u32) -> Result<(), StoreErrorKind> {
    let put = store.write(move |unit| unit.put_setting(&format!("bulk {number}"), &[7; 20_000]));
    put.map_err(|error| error.kind())
}

#[test]
fn a_full_store_keeps_what_it_has_and_works_again_when_there_is_room() {
    let folder = Folder::new();
    let store = small(&folder);
    let id = store.read(|view| view.accounts(None, 1))[0].id;
    store.emit(id);
    let kept = (0..99).take_while(|number| put_bulk(&store, *number).is_ok()).count();
    assert!((5..50).contains(&kept), "{kept}");
    for _ in 0..3 {
        assert_eq!(put_bulk(&store, 99), Err(StoreErrorKind::Full));
    }
    assert!(store.read(|view| view.setting("bulk 0")).is_some());
    assert!(store.read(|view| view.setting("bulk 99")).is_none());
    // What takes no room can be written.
    store.put(|unit| unit.put_setting("bulk 0", b"small"));
    store.put(|unit| unit.put_setting("bulk 1", b"small"));
    assert_eq!(put_bulk(&store, 99), Ok(()));
    store.emit(id);
    assert_eq!(store.seqs(), [NOW, NOW + 1]);
    assert_eq!(store.store.check(&mut |_, _| {}).unwrap(), Vec::<String>::new());
}

#[test]
fn units_that_fail_beside_one_for_which_there_is_no_room_leave_nothing() {
    let folder = Folder::new();
    let store = small(&folder);
    let id = store.read(|view| view.accounts(None, 1))[0].id;
    let units = (0..60u32).map(|number| {
        store.db.write::<_, super::StoreError, _>(move |unit| {
            let bytes = vec![7; if number % 20 == 15 { 500_000 } else { 10 }];
            unit.put_setting(&format!("setting {number}"), &bytes)?;
            unit.emit(id, super::event("alice"))
        })
    });
    let results = run(futures_util::future::join_all(units.collect::<Vec<_>>()));
    let mut kept = 0;
    for (number, result) in results.into_iter().enumerate() {
        let is_there = store.read(|view| view.setting(&format!("setting {number}"))).is_some();
        kept += i64::from(is_there);
        match result {
            Ok(()) => assert!(is_there && number % 20 != 15, "{number}"),
            Err(error) => assert!(!is_there && error.kind() == StoreErrorKind::Full, "{number}: {error}"),
        }
    }
    // At least those that came after the last one that was too much.
    assert!(kept >= 4, "{kept}");
    assert_eq!(store.seqs(), (NOW..NOW + kept).collect::<Vec<_>>());
}

#[test]
fn a_store_whose_last_units_nobody_knows_of_writes_no_more_until_it_is_opened_anew() {
    let folder = Folder::new();
    let file = folder.join("pds.sqlite");
    let store = Opened::new(&file);
    store.put(|unit| unit.put_setting("before", b"1"));
    // The end of a transaction can be made to fail only by what it checks last.
    let other = look(&file);
    other
        .execute_batch(
            "CREATE TABLE trap (x REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER trapped AFTER INSERT ON doomed BEGIN INSERT INTO trap VALUES (77); END",
        )
        .unwrap();
    let failed = store.write(|unit| unit.doom("key", 1)).unwrap_err();
    assert_eq!(failed.kind(), StoreErrorKind::Broken);
    let after = store.write(|unit| unit.put_setting("after", b"1")).unwrap_err();
    assert_eq!(after.kind(), StoreErrorKind::Broken);
    assert!(store.read(|view| view.setting("before")).is_some());
    drop(store);
    other.execute_batch("DROP TRIGGER trapped; DROP TABLE trap").unwrap();
    drop(other);
    let store = Opened::new(&file);
    store.put(|unit| unit.put_setting("after", b"1"));
    assert!(store.read(|view| view.doomed(1)).is_empty());
}
