//! Copies.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::{
    super::super::{
        StoreErrorKind,
        testing::{Folder, HandClock, NOW, quick},
    },
    Opened,
};

#[test]
fn a_copy_is_a_consistent_store_though_writing_goes_on() {
    let folder = Folder::new();
    let store = Opened::new(&folder.join("pds.sqlite"));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0u32.. {
                store.put(move |unit| {
                    unit.put_setting("first", &number.to_be_bytes())?;
                    unit.put_setting(&format!("bulk {number}"), &[7; 2000])?;
                    unit.put_setting("second", &number.to_be_bytes())
                });
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        for number in 0..5 {
            let file = folder.join(format!("copy-{number}"));
            let mut pages = (0, 0);
            store.store.backup(&file, &mut |done, all| pages = (done, all)).unwrap();
            assert!(pages.0 == pages.1 && pages.1 > 10, "{pages:?}");
            // As one file, with nothing beside it.
            let beside = ["-wal", "-journal", ".partial"].map(|end| folder.join(format!("copy-{number}{end}")));
            assert!(beside.iter().all(|beside| !fs::exists(beside).unwrap()));
            let copy = Opened::new(&file);
            assert_eq!(copy.store.check(&mut |_, _| {}).unwrap(), Vec::<String>::new());
            let [first, second] = ["first", "second"].map(|name| copy.read(|view| view.setting(name)));
            assert_eq!(first, second);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_copy_gives_no_number_that_the_store_may_have_given() {
    let folder = Folder::new();
    let store = Opened::new(&folder.join("pds.sqlite"));
    let id = store.account("alice");
    store.emit(id);
    let file = folder.join("copy");
    store.store.backup(&file, &mut |_, _| {}).unwrap();
    store.emit(id);
    let clock = HandClock::new();
    clock.set(NOW + 500);
    let copy = Opened::with(&file, quick(clock));
    copy.emit(id);
    assert_eq!(copy.seqs(), [NOW, NOW + 500]);
    drop(copy);
    // From now on it is a store as any other.
    let copy = Opened::new(&file);
    copy.emit(id);
    assert_eq!(copy.seqs(), [NOW, NOW + 500, NOW + 501]);
}

#[test]
fn a_copy_replaces_no_file() {
    let folder = Folder::new();
    let store = Opened::new(&folder.join("pds.sqlite"));
    let file = folder.join("copy");
    fs::write(&file, "precious").unwrap();
    assert_eq!(store.store.backup(&file, &mut |_, _| {}).unwrap_err().kind(), StoreErrorKind::Other);
    assert_eq!(fs::read(&file).unwrap(), b"precious");
}

#[test]
fn what_an_interrupted_copy_left_is_in_nobodys_way() {
    let folder = Folder::new();
    let store = Opened::new(&folder.join("pds.sqlite"));
    fs::write(folder.join("copy.partial"), "half").unwrap();
    store.store.backup(&folder.join("copy"), &mut |_, _| {}).unwrap();
    assert!(!fs::exists(folder.join("copy.partial")).unwrap());
    Opened::new(&folder.join("copy"));
}

#[test]
fn a_copy_that_fails_leaves_nothing_behind() {
    let folder = Folder::new();
    let store = Opened::new(&folder.join("pds.sqlite"));
    store.store.backup(&folder.join("nowhere/copy"), &mut |_, _| {}).unwrap_err();
    assert!(!fs::exists(folder.join("nowhere")).unwrap());
}
