use std::sync::Barrier;

use proptest::prelude::*;

use super::*;
use crate::testing::{new_record, with_every_store};

fn did(letter: char) -> Did {
    format!("did:plc:{}", letter.to_string().repeat(24)).parse().unwrap()
}

fn seqs(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.seq).collect()
}

#[test]
fn an_empty_store_has_nothing() {
    with_every_store(|store| {
        assert_eq!(store.latest().unwrap(), 0);
        assert_eq!(store.of(&did('a')).unwrap(), []);
        assert_eq!(store.last(&did('a')).unwrap(), None);
        assert_eq!(store.after(0, 10).unwrap(), []);
        assert_eq!(store.later(i64::MIN, 10).unwrap(), []);
    });
}

#[test]
fn what_was_added_is_told_as_it_was_added() {
    with_every_store(|store| {
        let new = new_record(&did('a'), "é \\u0000 \"", 1_700_000_000_123, None);
        assert_eq!(store.append(&new).unwrap(), 1);
        let record = Record {
            seq: 1,
            did: new.did,
            operation: new.operation,
            cid: new.cid,
            millis: new.millis,
            nullified: false,
        };
        let record = [record];
        assert_eq!(store.of(&did('a')).unwrap(), record);
        assert_eq!(store.last(&did('a')).unwrap().as_slice(), record);
        assert_eq!(store.after(0, 1).unwrap(), record);
    });
}

#[test]
fn numbers_have_no_gaps_over_all_dids() {
    with_every_store(|store| {
        for (letter, name, base) in [('a', "1", None), ('b', "2", None), ('a', "3", Some(1)), ('b', "4", Some(2))] {
            assert_eq!(store.append(&new_record(&did(letter), name, 7, base)).unwrap().to_string(), name);
        }
        assert_eq!(store.latest().unwrap(), 4);
        assert_eq!(seqs(&store.of(&did('b')).unwrap()), [2, 4]);
    });
}

#[test]
fn what_follows_something_that_is_not_the_latest_is_a_conflict_and_leaves_no_trace() {
    with_every_store(|store| {
        store.append(&new_record(&did('a'), "1", 1, None)).unwrap();
        store.append(&new_record(&did('a'), "2", 2, Some(1))).unwrap();
        let before = store.after(0, 10).unwrap();
        for base in [None, Some(1), Some(3), Some(u64::MAX)] {
            let mut new = new_record(&did('a'), "x", 3, base);
            new.nullifies = vec![before[0].cid];
            assert!(matches!(store.append(&new), Err(AppendError::Conflict)), "{base:?}");
        }
        assert!(matches!(store.append(&new_record(&did('b'), "x", 3, Some(2))), Err(AppendError::Conflict)));
        assert_eq!(store.after(0, 10).unwrap(), before);
        assert_eq!(store.append(&new_record(&did('b'), "3", 3, None)).unwrap(), 3);
    });
}

#[test]
fn an_operation_undoes_others_of_its_did_only() {
    with_every_store(|store| {
        // The same CIDs, in two logs.
        for (letter, base) in [('a', None), ('b', None)] {
            store.append(&new_record(&did(letter), "first", 1, base)).unwrap();
        }
        store.append(&new_record(&did('a'), "second", 2, Some(1))).unwrap();
        store.append(&new_record(&did('b'), "second", 2, Some(2))).unwrap();
        let mut third = new_record(&did('a'), "third", 3, Some(3));
        third.nullifies = vec![new_record(&did('a'), "second", 2, None).cid];
        store.append(&third).unwrap();

        let undone: Vec<_> = store.after(0, 10).unwrap().iter().map(|record| record.nullified).collect();
        assert_eq!(undone, [false, false, true, false, false]);
        assert_eq!(store.last(&did('a')).unwrap().unwrap().seq, 5);
        assert_eq!(store.last(&did('b')).unwrap().unwrap().seq, 4);
        // What was undone is still what the next one follows.
        assert!(matches!(store.append(&new_record(&did('a'), "x", 4, Some(1))), Err(AppendError::Conflict)));
    });
}

#[test]
fn the_last_that_holds_may_be_an_early_one() {
    with_every_store(|store| {
        store.append(&new_record(&did('a'), "1", 1, None)).unwrap();
        let second = new_record(&did('a'), "2", 2, Some(1));
        store.append(&second).unwrap();
        let mut other = new_record(&did('b'), "3", 2, None);
        other.nullifies = vec![second.cid];
        store.append(&other).unwrap();
        assert_eq!(store.last(&did('a')).unwrap().unwrap().seq, 2);
    });
}

#[test]
fn pages_by_number_begin_behind_it() {
    with_every_store(|store| {
        for (index, letter) in ('a'..='g').enumerate() {
            store.append(&new_record(&did(letter), "x", 10 - i64::try_from(index).unwrap(), None)).unwrap();
        }
        assert_eq!(seqs(&store.after(0, 3).unwrap()), [1, 2, 3]);
        assert_eq!(seqs(&store.after(3, 100).unwrap()), [4, 5, 6, 7]);
        assert!(store.after(7, 100).unwrap().is_empty());
        assert!(store.after(u64::MAX, 100).unwrap().is_empty());
        assert!(store.after(0, 0).unwrap().is_empty());
    });
}

#[test]
fn pages_by_time_are_in_its_order_then_by_cid() {
    with_every_store(|store| {
        for (letter, millis) in [('a', 30), ('b', 10), ('c', 20), ('d', 20), ('e', 20)] {
            store.append(&new_record(&did(letter), &letter.to_string(), millis, None)).unwrap();
        }
        let page = store.later(i64::MIN, 100).unwrap();
        assert_eq!(page.iter().map(|record| record.millis).collect::<Vec<_>>(), [10, 20, 20, 20, 30]);
        assert!(page[1..4].is_sorted_by_key(|record| record.cid.to_string()));
        assert_eq!(store.later(i64::MIN, 2).unwrap(), page[..2]);
        assert_eq!(store.later(10, 100).unwrap(), page[1..]);
        assert_eq!(store.later(20, 100).unwrap(), page[4..]);
        assert_eq!(store.later(i64::MAX, 100).unwrap(), []);
    });
}

#[test]
fn of_those_who_add_at_the_same_time_one_wins() {
    with_every_store(|store| {
        store.append(&new_record(&did('a'), "0", 0, None)).unwrap();
        let start = Barrier::new(8);
        let (store, start) = (&*store, &start);
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|number: i64| {
                    scope.spawn(move || {
                        start.wait();
                        store.append(&new_record(&did('a'), &number.to_string(), number, Some(1)))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(results.iter().filter(|result| matches!(result, Ok(2))).count(), 1, "{results:?}");
        assert_eq!(results.iter().filter(|result| matches!(result, Err(AppendError::Conflict))).count(), 7);
        assert_eq!(store.latest().unwrap(), 2);
    });
}

/// Adds to all stores alike, and compares what they tell.
fn compare(steps: &[(u8, i64, Option<u64>, u8)]) {
    let told = std::cell::RefCell::new(Vec::new());
    with_every_store(|store| {
        let mut said = Vec::new();
        for (index, (letter, millis, base, undo)) in steps.iter().enumerate() {
            let did = did(char::from(b'a' + letter % 3));
            let latest = store.of(&did).unwrap();
            let mut new = new_record(&did, &index.to_string(), *millis, base.or(latest.last().map(|last| last.seq)));
            new.nullifies = latest.iter().rev().take(usize::from(*undo)).map(|record| record.cid).collect();
            said.push(format!("{:?} {:?}", store.append(&new).ok(), store.last(&did).unwrap()));
        }
        said.push(format!("{:?}", store.after(2, 20).unwrap()));
        said.push(format!("{:?}", store.later(5, 20).unwrap()));
        told.borrow_mut().push(said);
    });
    assert!(told.borrow().windows(2).all(|pair| pair[0] == pair[1]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn all_stores_tell_the_same(
        steps in prop::collection::vec((0..3u8, 0..10i64, prop::option::weighted(0.2, 0..6u64), 0..3u8), 0..12),
    ) {
        compare(&steps);
    }
}

#[cfg(feature = "sqlite")]
mod files {
    use super::*;
    use crate::{SqliteStore, testing::File};

    #[test]
    fn a_file_keeps_what_was_added() {
        let file = File::new("kept");
        let store = SqliteStore::open(&file.0).unwrap();
        store.append(&new_record(&did('a'), "1", 1, None)).unwrap();
        let before = store.of(&did('a')).unwrap();
        drop(store);
        let store = SqliteStore::open(&file.0).unwrap();
        assert_eq!(store.of(&did('a')).unwrap(), before);
        assert_eq!(store.append(&new_record(&did('a'), "2", 2, Some(1))).unwrap(), 2);
    }

    #[test]
    fn two_programs_on_one_file_see_each_other() {
        let file = File::new("shared");
        let (one, other) = (SqliteStore::open(&file.0).unwrap(), SqliteStore::open(&file.0).unwrap());
        one.append(&new_record(&did('a'), "1", 1, None)).unwrap();
        assert!(matches!(other.append(&new_record(&did('a'), "2", 2, None)), Err(AppendError::Conflict)));
        assert_eq!(other.append(&new_record(&did('a'), "2", 2, Some(1))).unwrap(), 2);
        assert_eq!(one.latest().unwrap(), 2);
    }

    #[test]
    fn a_commit_reaches_the_disk_before_it_is_told() {
        let file = File::new("durable");
        let store = SqliteStore::open(&file.0).unwrap();
        assert_eq!(store.durability(), ("wal".to_owned(), 2));
    }

    #[test]
    fn files_of_something_else_are_refused() {
        let file = File::new("text");
        std::fs::write(&file.0, "something else, long enough that it could be the head of a database ".repeat(9))
            .unwrap();
        assert!(SqliteStore::open(&file.0).is_err());

        let file = File::new("foreign");
        let foreign = rusqlite::Connection::open(&file.0).unwrap();
        foreign.execute_batch("CREATE TABLE operations (x)").unwrap();
        let error = SqliteStore::open(&file.0).unwrap_err();
        assert!(error.to_string().contains("something else"), "{error}");
    }

    #[test]
    fn files_of_later_versions_are_refused() {
        let file = File::new("later");
        drop(SqliteStore::open(&file.0).unwrap());
        rusqlite::Connection::open(&file.0).unwrap().pragma_update(None, "user_version", 2).unwrap();
        let error = SqliteStore::open(&file.0).unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        assert!(SqliteStore::open("/no/such/folder/plc.sqlite").is_err());
    }
}
