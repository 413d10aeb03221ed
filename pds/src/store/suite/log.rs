//! The log of events.

use std::sync::Arc;

use arobase::sync::{Event, InfoEvent};

use super::{
    super::{
        AccountId, StoreErrorKind, Verdict,
        testing::{Ears, NOW, event, run},
    },
    Fixture, statements,
};

fn seqs(store: &Fixture) -> Vec<i64> {
    store.read(|view| view.events(0, 999, usize::MAX)).iter().map(|event| event.seq).collect()
}

fn emit(store: &Fixture, id: AccountId, count: usize) {
    store.put(move |unit| (0..count).try_for_each(|_| unit.emit(id, event("alice"))));
}

statements! {
    fn the_numbers_of_a_new_log_begin_at_the_time(store) {
        assert_eq!(store.read(|view| view.head_seq()), NOW - 1);
        let id = store.account("alice");
        emit(store, id, 1);
        assert_eq!(seqs(store), [NOW]);
        assert_eq!(store.read(|view| view.head_seq()), NOW);
        assert_eq!(store.read(|view| view.oldest_seq()), Some(NOW));
    }

    fn events_of_a_unit_follow_on_each_other(store) {
        let id = store.account("alice");
        emit(store, id, 2);
        store.put(|_| Ok(()));
        emit(store, id, 1);
        assert_eq!(seqs(store), [NOW, NOW + 1, NOW + 2]);
    }

    fn frames_say_their_numbers_and_times(store) {
        let id = store.account("alice");
        store.clock.set(NOW + 5);
        emit(store, id, 1);
        let logged = store.read(|view| view.events(0, 1, 0)).remove(0);
        let message = logged.message().unwrap();
        assert_eq!((logged.seq, logged.time, logged.account), (NOW, NOW + 5, id));
        assert_eq!(message.seq, Some(NOW));
        assert_eq!(message.time.unwrap().unix_micros(), Some(NOW + 5));
        assert_eq!(message.event, event("alice"));
    }

    fn a_unit_that_is_undone_takes_no_number(store) {
        let id = store.account("alice");
        let undone = store.write(move |unit| {
            unit.emit(id, event("alice"))?;
            unit.skip_to_seq(NOW + 500)?;
            Err::<(), _>(super::super::StoreError::other("no"))
        });
        undone.unwrap_err();
        emit(store, id, 1);
        assert_eq!(seqs(store), [NOW]);
    }

    fn the_listener_hears_of_events_in_order_before_the_unit_is_done(store) {
        let ears = Arc::new(Ears::default());
        store.inner().listen(Arc::clone(&ears) as _);
        let id = store.account("alice");
        for round in 1..4 {
            let units = [1, 0, 2].map(|count| -> super::super::WriteWork {
                Box::new(move |unit| {
                    (0..count).for_each(|_| unit.emit(id, event("alice")).unwrap());
                    Verdict::Keep
                })
            });
            store.together(units.into()).into_iter().for_each(Result::unwrap);
            assert_eq!(ears.heard(), (NOW..NOW + 3 * round).collect::<Vec<_>>());
        }
    }

    fn a_listener_finds_what_it_hears_of(store) {
        struct Looks(super::super::Database, std::sync::Mutex<Vec<bool>>);
        impl super::super::Listener for Looks {
            fn logged(&self, events: &[super::super::Logged]) {
                let found = self.0.read_long(|view| view.events(events[0].seq - 1, 9, usize::MAX)).unwrap_or_default();
                self.1.lock().unwrap().push(found == events);
            }
        }
        let looks = Arc::new(Looks(store.db.clone(), Default::default()));
        store.inner().listen(Arc::clone(&looks) as _);
        let id = store.account("alice");
        emit(store, id, 2);
        emit(store, id, 1);
        assert_eq!(*looks.1.lock().unwrap(), [true, true]);
        // It has the store, which has it.
        run(store.inner().close());
    }

    fn times_of_events_do_not_go_back_with_the_clock(store) {
        let id = store.account("alice");
        for time in [NOW + 5, NOW - 100, NOW + 6] {
            store.clock.set(time);
            emit(store, id, 1);
        }
        let times = store.read(|view| view.events(0, 99, usize::MAX)).iter().map(|event| event.time).collect::<Vec<_>>();
        assert_eq!(times, [NOW + 5, NOW + 5, NOW + 6]);
    }

    fn numbers_skip_forwards_only(store) {
        let id = store.account("alice");
        store.put(move |unit| {
            unit.skip_to_seq(NOW + 100)?;
            assert_eq!(unit.head_seq()?, NOW + 100);
            unit.emit(id, event("alice"))
        });
        store.put(|unit| unit.skip_to_seq(5));
        emit(store, id, 1);
        assert_eq!(seqs(store), [NOW + 101, NOW + 102]);
    }

    fn numbers_cannot_skip_to_where_there_are_none(store) {
        let error = store.write(|unit| unit.skip_to_seq(i64::MAX)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Work);
        assert_eq!(store.read(|view| view.head_seq()), NOW - 1);
    }

    fn a_list_of_events_ends_at_its_limits(store) {
        let id = store.account("alice");
        emit(store, id, 5);
        let length = store.read(|view| view.events(0, 1, 0))[0].frame.len();
        let count = |after, limit, bytes| store.read(|view| view.events(after, limit, bytes)).len();
        assert_eq!([count(NOW + 1, 99, usize::MAX), count(0, 2, usize::MAX), count(0, 0, usize::MAX)], [3, 2, 0]);
        assert_eq!([count(0, 99, 0), count(0, 99, length), count(0, 99, length + 1)], [1, 1, 2]);
    }

    fn old_events_are_trimmed(store) {
        let id = store.account("alice");
        for time in 1..=4 {
            store.clock.set(NOW + time);
            emit(store, id, 1);
        }
        assert_eq!(store.put(|unit| unit.trim_events(NOW + 3, 1)), 1);
        assert_eq!(store.read(|view| view.oldest_seq()), Some(NOW + 1));
        assert_eq!(store.put(|unit| unit.trim_events(NOW + 3, 99)), 1);
        assert_eq!(store.put(|unit| unit.trim_events(NOW + 3, 99)), 0);
        assert_eq!(seqs(store), [NOW + 2, NOW + 3]);
    }

    fn a_log_that_was_trimmed_empty_goes_on(store) {
        let id = store.account("alice");
        emit(store, id, 3);
        store.put(|unit| unit.trim_events(NOW + 1, 99));
        assert_eq!(store.read(|view| view.oldest_seq()), None);
        assert_eq!(store.read(|view| view.head_seq()), NOW + 2);
        emit(store, id, 1);
        assert_eq!(seqs(store), [NOW + 3]);
    }

    fn the_events_of_a_deleted_account_are_gone_but_for_its_farewell(store) {
        let (id, other) = (store.account("alice"), store.account("bob"));
        emit(store, id, 2);
        emit(store, other, 1);
        store.put(move |unit| {
            unit.delete_account(id)?;
            unit.emit(id, event("alice"))
        });
        assert_eq!(seqs(store), [NOW + 2, NOW + 3]);
        assert_eq!(store.read(|view| view.oldest_seq()), Some(NOW + 2));
        while store.put(|unit| unit.purge(1)) {}
        assert_eq!(seqs(store), [NOW + 2, NOW + 3]);
    }

    fn an_event_about_no_account_is_refused(store) {
        let id = store.account("alice");
        let info = InfoEvent { name: "OutdatedCursor".into(), message: None };
        let error = store.write(move |unit| unit.emit(id, Event::from(info))).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Work);
        assert!(seqs(store).is_empty());
    }

    fn an_event_that_cannot_be_written_fails_its_unit(store) {
        let id = store.account("alice");
        let bad = super::super::testing::unwritable();
        let error = store.write(move |unit| {
            unit.put_setting("name", b"1")?;
            unit.emit(id, event("alice"))?;
            unit.emit(id, bad)
        });
        assert_eq!(error.unwrap_err().kind(), StoreErrorKind::Work);
        assert_eq!(store.read(|view| view.setting("name")), None);
        emit(store, id, 1);
        assert_eq!(seqs(store), [NOW]);
    }
}
