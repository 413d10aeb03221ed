//! Units of work and snapshots.

use std::panic::resume_unwind;

use futures_util::future::join_all;

use super::{
    super::{
        Reading, StoreError, StoreErrorKind, Verdict,
        testing::{did, new_account, run},
    },
    Fixture, count_up, statements,
};

fn number(store: &Fixture) -> Option<u8> {
    store.read(|view| view.setting("number")).map(|value| value[0])
}

statements! {
    fn a_unit_sees_what_it_did(store) {
        store.put(|unit| {
            let id = unit.create_account(&new_account("alice"))?;
            assert_eq!(unit.account_of_did(&did("alice"))?.unwrap().id, id);
            unit.put_setting("number", &[1])?;
            unit.put_setting("number", &[2])?;
            assert_eq!(unit.setting("number")?.unwrap()[0], 2);
            unit.delete_account(id)?;
            assert!(unit.account(id)?.is_none());
            Ok(())
        });
    }

    fn a_unit_sees_what_those_before_it_did(store) {
        let units = (0..9).map(|_| count_up(|| Verdict::Keep));
        store.together(units.collect()).into_iter().for_each(Result::unwrap);
        assert_eq!(number(store), Some(9));
    }

    fn no_update_is_lost_among_threads(store) {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        store.put(|unit| {
                            let before = unit.setting("number")?.map_or(0, |value| value[0]);
                            unit.put_setting("number", &[before + 1])
                        });
                    }
                });
            }
        });
        assert_eq!(number(store), Some(100));
    }

    fn a_unit_that_is_undone_leaves_nothing_behind(store) {
        store.put(|unit| unit.put_setting("number", &[1]));
        let undone = store.inner().write(Box::new(|unit| {
            unit.put_setting("number", &[2]).unwrap();
            unit.create_account(&new_account("alice")).unwrap();
            Verdict::Undo
        }));
        run(undone).unwrap();
        assert_eq!(number(store), Some(1));
        assert_eq!(store.read(|view| view.count_accounts()), 0);
    }

    fn units_beside_one_that_is_undone_are_kept(store) {
        let verdicts = [Verdict::Undo, Verdict::Keep, Verdict::Keep, Verdict::Undo, Verdict::Keep];
        let units = verdicts.map(|verdict| count_up(move || verdict));
        store.together(units.into()).into_iter().for_each(Result::unwrap);
        assert_eq!(number(store), Some(3));
    }

    fn a_unit_that_panics_is_undone_and_fails(store) {
        let units = [false, true, false].map(|panics| {
            count_up(move || {
                assert!(!panics, "as the test wants it");
                Verdict::Keep
            })
        });
        let results = store.together(units.into()).into_iter().map(|result| result.map_err(|error| error.kind()));
        assert_eq!(results.collect::<Vec<_>>(), [Ok(()), Err(StoreErrorKind::Work), Ok(())]);
        assert_eq!(number(store), Some(2));
    }

    fn a_lonely_unit_that_panics_is_undone_too(store) {
        let panics = store.inner().write(count_up(|| resume_unwind(Box::new("as the test wants it"))));
        assert_eq!(run(panics).unwrap_err().kind(), StoreErrorKind::Work);
        assert_eq!(number(store), None);
        run(store.inner().write(count_up(|| Verdict::Keep))).unwrap();
        assert_eq!(number(store), Some(1));
    }

    fn a_unit_in_which_something_failed_cannot_be_kept(store) {
        store.account("alice");
        let kept = store.inner().write(Box::new(|unit| {
            unit.put_setting("number", &[1]).unwrap();
            unit.create_account(&new_account("alice")).unwrap_err();
            Verdict::Keep
        }));
        run(kept).unwrap_err();
        assert_eq!(number(store), None);
    }

    fn a_unit_whose_future_was_dropped_happens_all_the_same(store) {
        drop(store.inner().write(Box::new(|unit| {
            unit.put_setting("number", &[1]).unwrap();
            Verdict::Keep
        })));
        store.put(|_| Ok(()));
        assert_eq!(number(store), Some(1));
    }

    fn more_units_than_there_is_room_for_wait(store) {
        let units = (0..3000u32).map(|_| {
            store.db.write::<_, StoreError, _>(|unit| {
                let before = unit.setting("count")?.map_or(0, |value| u32::from_be_bytes((*value).try_into().unwrap()));
                unit.put_setting("count", &(before + 1).to_be_bytes())
            })
        });
        run(join_all(units.collect::<Vec<_>>())).into_iter().for_each(Result::unwrap);
        assert_eq!(*store.read(|view| view.setting("count")).unwrap(), 3000u32.to_be_bytes());
    }

    fn a_snapshot_does_not_change(store) {
        for reading in [Reading::Short, Reading::Long] {
            store.put(|unit| unit.put_setting("number", &[1]));
            let mut seen = Vec::new();
            store.inner().read(reading, &mut |view| {
                seen.push(view.setting("number").unwrap().unwrap()[0]);
                store.put(|unit| unit.put_setting("number", &[2]));
                seen.push(view.setting("number").unwrap().unwrap()[0]);
            }).unwrap();
            assert_eq!((seen, number(store)), (vec![1, 1], Some(2)));
        }
    }

    fn what_was_written_can_be_read_at_once(store) {
        for value in 0..50 {
            store.put(move |unit| unit.put_setting("number", &[value]));
            let found = run(store.db.read::<_, StoreError, _>(|view| view.setting("number"))).unwrap();
            assert_eq!(found.unwrap()[0], value);
        }
    }

    fn long_readings_do_not_keep_short_ones_waiting(store) {
        let barrier = std::sync::Barrier::new(33);
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| store.inner().read(Reading::Long, &mut |_| {
                    barrier.wait();
                    barrier.wait();
                }).unwrap());
            }
            barrier.wait();
            store.inner().read(Reading::Short, &mut |view| assert_eq!(view.count_accounts().unwrap(), 0)).unwrap();
            barrier.wait();
        });
    }

    fn a_reading_that_panics_harms_nobody(store) {
        for _ in 0..40 {
            let reading = std::panic::AssertUnwindSafe(|| store.inner().read(Reading::Short, &mut |view| {
                view.count_accounts().unwrap();
                resume_unwind(Box::new("as the test wants it"));
            }));
            assert!(std::panic::catch_unwind(reading).is_err());
        }
        assert_eq!(store.read(|view| view.count_accounts()), 0);
        store.account("alice");
        assert_eq!(store.read(|view| view.count_accounts()), 1);
    }

    fn a_store_that_was_closed_refuses_everything(store) {
        let before = store.inner().write(count_up(|| Verdict::Keep));
        let closed = store.inner().close();
        run(before).unwrap();
        run(closed);
        let kind = |error: StoreError| error.kind();
        assert_eq!(store.write(|_| Ok(())).map_err(kind), Err(StoreErrorKind::Closed));
        let read = store.db.read_long(|view| view.count_accounts());
        assert_eq!(read.map_err(kind), Err(StoreErrorKind::Closed));
        run(store.inner().close());
    }
}
