//! The write-ahead log.

use std::{
    fs,
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use rusqlite::Connection;

use super::super::{
    super::testing::{Folder, HandClock, quick},
    connection::open_writer,
    log::Log,
    readers::Readers,
};

/// A file with a log that counts as large from 300 kB on, and as very large from 3 MB on.
struct Place {
    connection: Connection,
    readers: Readers,
    log: Log,
    path: PathBuf,
    _folder: Folder,
}

impl Place {
    fn new() -> Self {
        let folder = Folder::new();
        let file = folder.join("pds.sqlite");
        let connection = open_writer(&file, &quick(HandClock::new())).unwrap();
        let readers = Readers::new(file.clone(), 1 << 20, 4, 4);
        let mut log = Log::new(&file);
        (log.large, log.very_large) = (300_000, 100_000_000);
        Self { connection, readers, log, path: folder.join("pds.sqlite-wal"), _folder: folder }
    }

    /// Writes some groups of four kilobytes and more.
    fn write(&mut self, groups: u32) {
        for _ in 0..groups {
            let sql = "INSERT OR REPLACE INTO settings (name, value) VALUES (random(), zeroblob(5000))";
            self.connection.execute(sql, ()).unwrap();
            self.log.tidy(&self.connection, &self.readers, false);
        }
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.path).unwrap().len()
    }
}

#[test]
fn a_large_log_is_cut_when_nothing_happens() {
    let mut place = Place::new();
    place.write(40);
    assert!(place.length() > 300_000);
    place.log.tidy(&place.connection, &place.readers, true);
    assert_eq!(place.length(), 0);
}

#[test]
fn a_log_that_is_not_large_stays() {
    let mut place = Place::new();
    place.write(3);
    let length = place.length();
    place.log.tidy(&place.connection, &place.readers, true);
    assert_eq!(place.length(), length);
}

#[test]
fn nobody_is_waited_for_when_there_is_nothing_to_tidy_up() {
    let mut place = Place::new();
    place.write(40);
    let (sender, receiver) = mpsc::channel();
    // The log is large, so the wait ends without a message.
    assert!(place.log.wait(&receiver).unwrap().is_none());
    place.log.tidy(&place.connection, &place.readers, true);
    // Now it would last.
    drop(sender);
    assert!(place.log.wait(&receiver).is_err());
}

#[test]
fn with_a_very_large_log_long_readings_wait_for_those_that_have_begun() {
    let Place { connection, readers, mut log, path, _folder } = Place::new();
    log.very_large = 900_000;
    let begun = AtomicBool::new(false);
    thread::scope(|scope| {
        let first = readers.begin().unwrap();
        first.connection().unwrap().query_row("SELECT count(*) FROM settings", (), |_| Ok(())).unwrap();
        for _ in 0..300 {
            connection.execute("INSERT INTO settings (name, value) VALUES (random(), zeroblob(5000))", ()).unwrap();
            log.tidy(&connection, &readers, false);
        }
        assert!(fs::metadata(&path).unwrap().len() > 3_000_000);
        let second = scope.spawn(|| {
            let reader = readers.begin().unwrap();
            begun.store(true, Ordering::Release);
            drop(reader);
        });
        log.tidy(&connection, &readers, false);
        thread::yield_now();
        assert!(!begun.load(Ordering::Acquire));
        drop(first);
        assert!(!begun.load(Ordering::Acquire));
        log.tidy(&connection, &readers, false);
        second.join().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    });
}
